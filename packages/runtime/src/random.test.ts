import { pooledRandomBytes } from "./random.js";

describe("random bytes from a pool", () => {
  it("are of the size that was asked for, and none of them is handed out twice", () => {
    const taken = Array.from({ length: 20_000 }, (_, n) => pooledRandomBytes(10 + (n % 100)));
    expect(taken.every((bytes, n) => bytes.length === 10 + (n % 100))).toBe(true);
    expect(new Set(taken.map((bytes) => bytes.subarray(0, 10).toString("hex"))).size).toBe(taken.length);
  });

  it("stay as they are when others are taken", () => {
    const first = pooledRandomBytes(12);
    const before = first.toString("hex");
    for (let n = 0; n < 2_000; n++) pooledRandomBytes(12);
    expect(first.toString("hex")).toBe(before);
  });
});
