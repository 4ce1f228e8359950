import fc from "fast-check";
import { exactly, plusMicros, rounded, splitBy, times, withBasisPoints } from "./exact.js";

describe("an amount that is not rounded yet", () => {
  it("is multiplied and added to exactly, and rounded once, at its end", () => {
    const oneThird = { numerator: 1n, denominator: 3n };
    expect(rounded(times(times(exactly(2n), oneThird), { numerator: 3n, denominator: 1n }))).toBe(2n);
    expect(plusMicros(times(exactly(5n), oneThird), 7n)).toEqual({ numerator: 26n, denominator: 3n });
    expect([rounded(plusMicros(oneThird, 7n)), rounded(plusMicros(times(exactly(2n), oneThird), 7n))]).toEqual([
      7n,
      8n,
    ]);
  });
  it("takes basis points on top of the whole: 1500 is 15 %", () => {
    expect([1_500, 0, -2_000].map((points) => rounded(times(exactly(1_000n), withBasisPoints(points))))).toEqual([1_150n, 1_000n, 800n]); // prettier-ignore
  });
});

describe("a split", () => {
  it("adds up to the whole, gives nothing to what weighs nothing, and no part more than its share rounded up", () => {
    const weights = fc.array(fc.bigInt({ min: 0n, max: 10n ** 12n }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), weights, (whole, parts) => {
        const total = parts.reduce((sum, one) => sum + one, 0n);
        const split = splitBy(whole, parts);
        expect(split.reduce((sum, one) => sum + one, 0n)).toBe(total === 0n ? 0n : whole);
        for (const [at, part] of split.entries()) {
          const weight = parts[at] ?? 0n;
          const off = part * total - whole * weight;
          expect(weight === 0n ? part === 0n : off < total && off > -total).toBe(true);
        }
      }),
    );
  });
  it("gives what is left over to the largest remainders, of equal ones to the first", () => {
    expect(splitBy(10n, [1n, 1n, 1n])).toEqual([4n, 3n, 3n]);
    expect(splitBy(2n, [1n, 1n, 1n])).toEqual([1n, 1n, 0n]);
    expect(splitBy(1n, [1n, 3n, 2n])).toEqual([0n, 1n, 0n]);
    expect(splitBy(2n, [1n, 3n, 2n])).toEqual([0n, 1n, 1n]);
    expect(splitBy(100n, [1n, 2n, 3n, 1n])).toEqual([14n, 29n, 43n, 14n]);
  });
  it("of a credit is the mirror of that of a charge", () => {
    expect(splitBy(-10n, [1n, 1n, 1n])).toEqual([-4n, -3n, -3n]);
  });
  it("is nothing where nothing weighs", () => {
    expect(splitBy(5n, [0n, 0n])).toEqual([0n, 0n]);
    expect(splitBy(5n, [])).toEqual([]);
  });
});
