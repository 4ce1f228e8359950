import { createPublicKey, type KeyObject } from "node:crypto";
import { decode, verify } from "jsonwebtoken";
import { z } from "zod";
import { type Anchor, type Ending } from "../domain/trail.js";

/** The JWS type of what is signed about audit trails: never taken for an access token, nor the other way round. */
export const statementType = "audit-anchor+jwt";
export const statementIssuer = "greentick";
export const statementAudience = "greentick-audit";

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const head = { tenantId: z.string(), sequence: z.int().min(1), hash };

export const AnchorShape: z.ZodType<Anchor> = z.object({
  kind: z.literal("anchor"),
  ...head,
  day: z.iso.date(),
  at: z.iso.datetime(),
});
export const EndingShape: z.ZodType<Ending> = z.object({
  kind: z.literal("export"),
  ...head,
  sequence: z.int().min(0),
  records: z.int().min(0),
  anchors: z.object({ count: z.int().min(0), lastSha256: hash.optional() }),
  erasedAt: z.iso.datetime().optional(),
  sha256: hash,
  at: z.iso.datetime(),
});

/** A head that was kept elsewhere: a daily one, or the end of an earlier export, of either format. */
export type KeptHead = Anchor & { readonly anchorsThen?: number };

export const KeptHeadShape: z.ZodType<KeptHead> = z.union([
  AnchorShape,
  z
    .object({
      kind: z.literal("export"),
      ...head,
      sequence: z.int().min(0),
      at: z.iso.datetime(),
      anchors: z.object({ count: z.int().min(0) }).optional(),
    })
    .transform(({ tenantId, sequence, hash: at_, at, anchors }): KeptHead => ({
      ...{ kind: "anchor", tenantId, sequence, hash: at_, day: at.slice(0, 10), at },
      ...(anchors && { anchorsThen: anchors.count }),
    })),
]);

/** Public keys of the deployment (RFC 7517). */
export const KeySet = z.object({
  keys: z.array(z.looseObject({ kty: z.literal("RSA"), n: z.string(), e: z.string(), kid: z.string() })),
});
export type KeySet = z.infer<typeof KeySet>;

/** The keys by their id. @throws Error for a key that is none. */
export const keysById = (set: KeySet): ReadonlyMap<string, KeyObject> =>
  new Map(set.keys.map(({ kty, n, e, kid }) => [kid, createPublicKey({ key: { kty, n, e }, format: "jwk" })]));

/**
 * What a signature of the deployment says. RS256 and this type only, and in the one way in which base64url writes it.
 * @throws Error saying what is wrong.
 */
export function readStatement<T>(shape: z.ZodType<T>, jws: string, keys: ReadonlyMap<string, KeyObject>): T {
  const [, , signature = ""] = jws.split(".");
  if (Buffer.from(signature, "base64url").toString("base64url") !== signature)
    throw new Error("the signature is not written as base64url");
  const { header } = decode(jws, { complete: true }) ?? {};
  if (header?.typ !== statementType || header.kid === undefined) throw new Error(`it is no ${statementType}`);
  const key = keys.get(header.kid);
  if (key === undefined) throw new Error(`no key ${header.kid} is known`);
  const options = { algorithms: ["RS256" as const], issuer: statementIssuer, audience: statementAudience };
  const parsed = shape.safeParse(verify(jws, key, options));
  if (!parsed.success) throw new Error("what it says has another shape");
  return parsed.data;
}
