import { divideHalfUp } from "@greentick/kernel";

/** Micros that are not rounded yet: a fraction of whole numbers. What is built on it is rounded once, at its end. */
export interface Exact {
  readonly numerator: bigint;
  /** Positive. */
  readonly denominator: bigint;
}

export const exactly = (micros: bigint): Exact => ({ numerator: micros, denominator: 1n });

export const times = (a: Exact, b: Exact): Exact => ({
  numerator: a.numerator * b.numerator,
  denominator: a.denominator * b.denominator,
});

export const plusMicros = ({ numerator, denominator }: Exact, micros: bigint): Exact => ({
  numerator: numerator + micros * denominator,
  denominator,
});

/** `(10000 + basisPoints) / 10000`. */
export const withBasisPoints = (basisPoints: number): Exact => ({
  numerator: BigInt(10_000 + basisPoints),
  denominator: 10_000n,
});

/** Whole micros by the one rounding rule. */
export const rounded = ({ numerator, denominator }: Exact): bigint =>
  denominator === 1n ? numerator : divideHalfUp(numerator, denominator);

/**
 * Parts of a whole in proportion to weights, none of which is negative: each is the whole number below its share, and what is left goes one by one to those with
 * the largest remainders, of equal ones to the first. The parts always add up to the whole, and a part with no weight is zero.
 */
export function splitBy(whole: bigint, weights: readonly bigint[]): readonly bigint[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0n);
  if (total === 0n) return weights.map(() => 0n);
  const [magnitude, sign] = whole < 0n ? [-whole, -1n] : [whole, 1n];
  const shares = weights.map((weight, at) => ({
    at,
    part: (magnitude * weight) / total,
    rest: (magnitude * weight) % total,
  }));
  const left = Number(magnitude - shares.reduce((sum, { part }) => sum + part, 0n));
  const more = new Set(
    [...shares]
      .sort((a, b) => (a.rest === b.rest ? a.at - b.at : a.rest > b.rest ? -1 : 1))
      .slice(0, left)
      .map(({ at }) => at),
  );
  return shares.map(({ at, part }) => (part + (more.has(at) ? 1n : 0n)) * sign);
}
