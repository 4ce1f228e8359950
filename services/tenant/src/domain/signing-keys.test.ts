import fc from "fast-check";
import { nextGeneration, publishedAt, type SigningKey, signingKeyAt } from "./signing-keys.js";

const rule = { leadMs: 600_000, overlapMs: 86_400_000 };
const start = Date.UTC(2026, 9, 1);

const made = (
  keys: readonly SigningKey[],
  now: Date,
  more: { readonly withdraw?: boolean } = {},
): readonly SigningKey[] => {
  const next = nextGeneration(keys, now, { ...rule, ...more });
  const kid = `kid${next.generation}`;
  const publicKey = { kty: "RSA", n: "", e: "", kid, use: "sig", alg: "RS256" } as const;
  return [...keys, { ...next, kid, publicKey, sealedPrivateKey: Buffer.alloc(0) }];
};

/** Keys made at the given moments, each by the rule. */
const madeAt = (moments: readonly number[]): readonly SigningKey[] =>
  moments.reduce<readonly SigningKey[]>((keys, ms) => made(keys, new Date(ms)), []);

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
    const announced = new Date(start + 3_600_000);
    expect(signingKeyAt(keys, announced)?.generation).toBe(1);
    expect(publishedAt(keys, announced, rule)).toHaveLength(2);
    expect(signingKeyAt(keys, new Date(announced.getTime() + rule.leadMs))?.generation).toBe(2);
  });

  it("accepts nothing but the new key once earlier ones are withdrawn, and later ones as usual", () => {
    const keys = madeAt([start, start + 3_600_000]);
    const now = new Date(start + 7_200_000);
    const withdrawing = made(keys, now, { withdraw: true });
    expect(signingKeyAt(withdrawing, now)?.generation).toBe(3);
    expect(publishedAt(withdrawing, now, rule).map((key) => key.generation)).toEqual([3]);
    const after = made(withdrawing, now);
    expect(publishedAt(after, now, rule).map((key) => key.generation)).toEqual([4, 3]);
    expect(signingKeyAt(after, now)?.generation).toBe(3);
  });

  it("forgets a replaced key after the overlap", () => {
    const keys = madeAt([start, start + 3_600_000]);
    const long = new Date(start + 3_600_000 + rule.leadMs + rule.overlapMs);
    expect(publishedAt(keys, long, rule).map((key) => key.generation)).toEqual([2]);
  });
});
