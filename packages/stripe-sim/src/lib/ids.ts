import { createHash } from "node:crypto";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Names new objects: `next("cus")` is `cus_` and 24 letters that follow from the seed, the scope and how often it was asked. */
export interface Ids {
  next: (prefix: string) => string;
}

/** Base 62 letters that follow from the text alone. */
export function lettersOf(text: string, length: number): string {
  const bytes = createHash("sha512").update(text).digest();
  return [...bytes.subarray(0, length)].map((byte) => alphabet[byte % alphabet.length]).join("");
}

/**
 * Ids of one request or one job. Its scope is the idempotency key and the time, or what the job is about: the same seed and the
 * same story give the same ids in whatever order requests arrive.
 */
export function createIds(seed: number, scope: string): Ids {
  let count = 0;
  return { next: (prefix) => `${prefix}_${lettersOf(`${seed}|${scope}|${prefix}|${count++}`, 24)}` };
}
