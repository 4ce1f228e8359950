import fc from "fast-check";
import { nextGeneration, publishedAt, type SigningKey, signingKeyAt } from "./signing-keys.js";

const rule = { leadMs: 600_000, overlapMs: 86_400_000 };
const start = Date.UTC(2026, 9, 1);

/** Keys made at the given moments, each by the rule. */
function madeAt(moments: readonly number[]): readonly SigningKey[] {
  return moments.reduce<readonly SigningKey[]>((keys, ms) => {
    const next = nextGeneration(keys, new Date(ms), rule);
    const kid = `kid${next.generation}`;
    const publicKey = { kty: "RSA", n: "", e: "", kid, use: "sig", alg: "RS256" } as const;
    return [...keys, { ...next, kid, publicKey, sealedPrivateKey: Buffer.alloc(0) }];
  }, []);
}

const moments = fc
  .array(fc.integer({ min: 0, max: 30 * 86_400_000 }), { minLength: 1, maxLength: 6 })
  .map((offsets) => [...offsets].sort((a, b) => a - b).map((offset) => start + offset));

describe("rotation of signing keys", () => {
  it("accepts every token until it expires: the key that signed it stays published for the longest life of a token", () => {
    fc.assert(
      fc.property(moments, fc.nat(40 * 86_400_000), fc.nat(rule.overlapMs - 1), (times, sinceFirst, age) => {
        const keys = madeAt(times);
        const signedAt = new Date((times[0] ?? start) + sinceFirst);
        const signer = signingKeyAt(keys, signedAt);
        const later = publishedAt(keys, new Date(signedAt.getTime() + age), rule);
        expect(later.map((key) => key.kid)).toContain(signer?.kid);
      }),
    );
  });

  it("publishes a new key before it signs, so that verifiers know it", () => {
    const keys = madeAt([start, start + 3_600_000]);
    const made = new Date(start + 3_600_000);
    expect(signingKeyAt(keys, made)?.generation).toBe(1);
    expect(publishedAt(keys, made, rule)).toHaveLength(2);
    expect(signingKeyAt(keys, new Date(made.getTime() + rule.leadMs))?.generation).toBe(2);
  });

  it("forgets a replaced key after the overlap", () => {
    const keys = madeAt([start, start + 3_600_000]);
    const long = new Date(start + 3_600_000 + rule.leadMs + rule.overlapMs);
    expect(publishedAt(keys, long, rule).map((key) => key.generation)).toEqual([2]);
  });
});
