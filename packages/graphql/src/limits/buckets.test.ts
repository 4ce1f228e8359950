import fc from "fast-check";
import { type BucketRule, buckets, type Withdrawal } from "./buckets.js";

const rule: BucketRule = { burst: 10, perSecond: 2 };
const from = (key: string, amount: number): Withdrawal => ({ key, rule, amount });
const start = Date.UTC(2026, 10, 1);

describe("token buckets", () => {
  it("give the burst at once, then as much as a second brings", () => {
    const { take } = buckets();
    expect(take([from("a", 10)], start)).toEqual([{ key: "a", remaining: 0, resetSeconds: 5, retryAfterSeconds: 0 }]);
    expect(take([from("a", 1)], start)).toMatchObject([{ retryAfterSeconds: 1 }]);
    expect(take([from("a", 1)], start + 500)).toMatchObject([{ remaining: 0, retryAfterSeconds: 0 }]);
    expect(take([from("a", 4)], start + 1_500)).toMatchObject([{ retryAfterSeconds: 1 }]);
    expect(take([from("a", 4)], start + 2_500)).toMatchObject([{ remaining: 0, retryAfterSeconds: 0 }]);
  });

  it("take from all or from none", () => {
    const { take } = buckets();
    take([from("a", 10)], start);
    expect(take([from("a", 1), from("b", 1)], start)).toMatchObject([{ retryAfterSeconds: 1 }, { remaining: 10 }]);
    expect(take([from("b", 10)], start)).toMatchObject([{ retryAfterSeconds: 0 }]);
  });

  it("let what is larger than the burst pass when they are full, and are in debt afterwards", () => {
    const { take } = buckets();
    expect(take([from("a", 20)], start)).toMatchObject([{ remaining: 0, resetSeconds: 10, retryAfterSeconds: 0 }]);
    expect(take([from("a", 1)], start)).toMatchObject([{ retryAfterSeconds: 6 }]);
  });

  it("take back what was not needed, and hold no more than their burst", () => {
    const { take, giveBack, size } = buckets();
    take([from("a", 10)], start);
    giveBack(from("a", 3), start);
    expect(take([from("a", 3)], start)).toMatchObject([{ remaining: 0, retryAfterSeconds: 0 }]);
    giveBack(from("a", 50), start);
    expect(take([from("a", 10)], start)).toMatchObject([{ remaining: 0, retryAfterSeconds: 0 }]);
    giveBack(from("never taken from", 5), start);
    expect(size()).toBe(1);
  });

  it("refill nothing when the clock jumps back, and as always from there on", () => {
    const { take } = buckets();
    const back = start - 3_600_000;
    take([from("a", 10)], start);
    expect(take([from("a", 1)], back)).toMatchObject([{ retryAfterSeconds: 1 }]);
    expect(take([from("a", 1)], back + 1_000)).toMatchObject([{ retryAfterSeconds: 0 }]);
  });

  it("forget the longest unused when there are too many, and those that are long full", () => {
    const kept = buckets(3);
    for (const key of ["a", "b", "c", "d"]) kept.take([from(key, 10)], start);
    expect(kept.size()).toBe(3);
    expect(kept.take([from("a", 1)], start)).toMatchObject([{ remaining: 9 }]);
    for (const key of ["e", "f", "g", "h"]) kept.take([from(key, 10)], start + 700_000);
    expect(kept.size()).toBeLessThanOrEqual(3);
  });

  it("never give out more than burst + rate × time, in whatever order and size it is asked for", () => {
    const asked = fc.array(fc.record({ afterMs: fc.nat(3_000), amount: fc.integer({ min: 1, max: 10 }) }), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(asked, (requests) => {
        const { take } = buckets();
        let now = start;
        let given = 0;
        for (const { afterMs, amount } of requests) {
          now += afterMs;
          const [level] = take([from("a", amount)], now);
          if (level?.retryAfterSeconds === 0) given += amount;
          expect(given).toBeLessThanOrEqual(rule.burst + ((now - start) / 1_000) * rule.perSecond + 1e-6);
        }
      }),
    );
  });

  it("have room again after the seconds they named", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 10 }), (first, second) => {
        const { take } = buckets();
        take([from("a", first)], start);
        const [refused] = take([from("a", second)], start);
        const wait = refused?.retryAfterSeconds ?? 0;
        fc.pre(wait > 0);
        expect(take([from("a", second)], start + wait * 1_000)).toMatchObject([{ retryAfterSeconds: 0 }]);
      }),
    );
  });
});
