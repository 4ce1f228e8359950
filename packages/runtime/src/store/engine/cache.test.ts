import { cacheMiB } from "./cache.js";

describe("the cache of the embedded engine", () => {
  it.each([
    [0.5, 256],
    [1.5, 256],
    [1.6, 307],
    [4, 1_536],
    [24, 11_776],
  ])("of %d GiB of memory takes %d MiB, as mongod does", (gib, mib) => {
    expect(cacheMiB(gib * 1_024 ** 3)).toBe(mib);
  });
});
