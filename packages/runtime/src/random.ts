import { randomBytes, randomFillSync } from "node:crypto";

const pool = Buffer.alloc(8_192);
const largest = 64;
let at = pool.length;

/**
 * As `randomBytes` of node:crypto, for nonces and ids of which every webhook needs several: small ones are taken from bytes that were made together, each
 * once, and are forgotten here.
 */
export function pooledRandomBytes(size: number): Buffer {
  if (size > largest) return randomBytes(size);
  if (at + size > pool.length) {
    randomFillSync(pool);
    at = 0;
  }
  const taken = Buffer.from(pool.subarray(at, at + size));
  pool.fill(0, at, at + size);
  at += size;
  return taken;
}
