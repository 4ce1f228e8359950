import { rateOf } from "./rate.js";

describe("the rate of an endpoint", () => {
  it("lets a second's worth go at once and the rest as time passes", () => {
    const rate = rateOf(10);
    expect(rate.ready(0)).toBe(10);
    rate.spend(10);
    expect(rate.ready(0)).toBe(0);
    expect(rate.waitMs(0)).toBe(100);
    expect(rate.ready(250)).toBe(2);
    expect(rate.waitMs(250)).toBe(0);
  });

  it("saves up no more than a second's worth, and gives nothing back for a clock that steps back", () => {
    const rate = rateOf(5);
    rate.spend(5);
    expect(rate.ready(60_000)).toBe(0);
    expect(rate.ready(120_000)).toBe(5);
    rate.spend(5);
    expect(rate.ready(100_000)).toBe(0);
  });

  it("goes on from where a clock that was days ahead was set right", () => {
    const rate = rateOf(5);
    expect(rate.ready(172_800_000)).toBe(5);
    rate.spend(5);
    expect(rate.ready(1_000)).toBe(0);
    expect(rate.ready(1_200)).toBe(1);
    expect(rate.waitMs(1_200)).toBe(0);
  });
});
