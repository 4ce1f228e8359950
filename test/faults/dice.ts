/** Numbers that the same seed gives again in the same order (mulberry32). */
export interface Dice {
  /** From 0 up to, without, `below`. */
  readonly upTo: (below: number) => number;
  readonly oneOf: <T>(some: readonly [T, ...T[]]) => T;
  readonly chance: (share: number) => boolean;
  readonly shuffled: <T>(some: readonly T[]) => readonly T[];
}

/** The same numbers give the same dice. */
export function diceOf(...seeds: readonly [number, ...number[]]): Dice {
  let state = seeds.reduce((sum, seed) => Math.imul((sum ^ (seed + 1)) + 0x7f4a7c15, 0x9e3779b1) >>> 0, 0);
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const upTo = (below: number): number => Math.floor(next() * below);
  return {
    upTo,
    oneOf: (some) => some[upTo(some.length)] ?? some[0],
    chance: (share) => next() < share,
    shuffled: (some) =>
      some
        .map((one) => ({ one, key: next() }))
        .toSorted((a, b) => a.key - b.key)
        .map(({ one }) => one),
  };
}
