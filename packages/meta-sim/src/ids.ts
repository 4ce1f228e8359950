import { createHash } from "node:crypto";

/** Names things by what they are, not by when they were asked for: the same seed and words give the same id in any order of calls. */
export interface Names {
  /** A decimal id of fifteen digits, as Meta's are. */
  readonly id: (...words: readonly (string | number)[]) => string;
  /** A decimal id of seventeen digits above 2^53, as some template ids are. */
  readonly bigId: (...words: readonly (string | number)[]) => string;
  /** Hex digits of the given length. */
  readonly hex: (length: number, ...words: readonly (string | number)[]) => string;
  readonly digits: (length: number, ...words: readonly (string | number)[]) => string;
}

export function namesOf(seed: number): Names {
  const hash = (words: readonly (string | number)[]): Buffer =>
    createHash("sha256")
      .update(JSON.stringify([seed, ...words]))
      .digest();
  const decimal = (words: readonly (string | number)[], length: number): string =>
    (hash(words).readBigUInt64BE(0) % 10n ** BigInt(length)).toString().padStart(length, "0");
  return {
    id: (...words) => `1${decimal(words, 14)}`,
    bigId: (...words) => `9${decimal(words, 16)}`,
    digits: (length, ...words) => decimal(words, length),
    hex: (length, ...words) => hash(words).toString("hex").slice(0, length),
  };
}

/** A stream of pseudo-random numbers (sfc32, public domain) that depends on the seed words alone. */
export interface Random {
  /** At least 0, below 1. */
  readonly next: () => number;
  /** A whole number from `low` to `high`, both included. */
  readonly between: (low: number, high: number) => number;
  readonly pick: <T>(items: readonly T[]) => T;
  readonly chance: (probability: number) => boolean;
  /** Reorders a copy. */
  readonly shuffled: <T>(items: readonly T[]) => T[];
}

export function randomOf(...words: readonly (string | number)[]): Random {
  const next = stream(createHash("sha256").update(JSON.stringify(words)).digest());
  const between = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  const pick = <T>(items: readonly T[]): T => {
    const item = items[between(0, items.length - 1)];
    if (item === undefined) throw new RangeError("nothing to pick from");
    return item;
  };
  const shuffled = <T>(items: readonly T[]): T[] =>
    items
      .map((item) => ({ item, rank: next() }))
      .sort((one, other) => one.rank - other.rank)
      .map(({ item }) => item);
  return { next, between, pick, shuffled, chance: (probability) => next() < probability };
}

function stream(seed: Buffer): () => number {
  let [a, b, c, d] = [seed.readInt32LE(0), seed.readInt32LE(4), seed.readInt32LE(8), 1];
  const step = (): number => {
    const sum = (a + b + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return (sum >>> 0) / 4_294_967_296;
  };
  for (let turn = 0; turn < 15; turn++) step();
  return step;
}
