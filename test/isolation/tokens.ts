import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  sign,
} from "node:crypto";

/** A token that must open nothing. */
export interface Forged {
  readonly what: string;
  readonly token: string;
}

type Json = Readonly<Record<string, unknown>>;
const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const claimsOf = (token: string): Json =>
  JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8")) as Json;

const rs256 = (header: Json, claims: Json, key: KeyObject): string => {
  const text = `${part({ alg: "RS256", typ: "JWT", ...header })}.${part(claims)}`;
  return `${text}.${sign("sha256", Buffer.from(text), key).toString("base64url")}`;
};
const hs256 = (header: Json, claims: Json, secret: string | Buffer): string => {
  const text = `${part({ alg: "HS256", typ: "JWT", ...header })}.${part(claims)}`;
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
};

export interface ForgingParts {
  /** A good token of our side: what a forger has seen. */
  readonly token: string;
  /** Whose token it pretends to be. */
  readonly tenantId: string;
  /** The published key that verifies. */
  readonly jwk: JsonWebKey & { readonly kid: string };
  /** The private half, to make tokens that only say something wrong. */
  readonly privateKey: Buffer;
  /** System time in seconds. */
  readonly now: number;
}

/** Forged, confused and outlived tokens that pretend to be somebody of theirs (RFC 8725; Wycheproof's classes of confusion). */
export function forgedTokens({ token, tenantId, jwk, privateKey, now }: ForgingParts): readonly Forged[] {
  const { kid } = jwk;
  const claims = { ...claimsOf(token), tid: tenantId };
  const [head = "", , signature = ""] = token.split(".");
  const pem = createPublicKey({ key: jwk, format: "jwk" }).export({ type: "spki", format: "pem" }) as string;
  const foreign = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const own = createPrivateKey({ key: privateKey, format: "der", type: "pkcs8" });
  const foreignJwk = foreign.publicKey.export({ format: "jwk" });
  const unsigned = ["none", "None", "NONE", "nOnE"].flatMap((alg) => [
    { what: `algorithm ${alg}`, token: `${part({ alg, typ: "JWT", kid })}.${part(claims)}.` },
    {
      what: `algorithm ${alg} with a signature`,
      token: `${part({ alg, typ: "JWT", kid })}.${part(claims)}.${signature}`,
    },
  ]);
  const confused = [
    pem,
    ` ${pem}`,
    `\n${pem}`,
    pem.trim(),
    JSON.stringify(jwk),
    jwk.n ?? "",
    Buffer.from(jwk.n ?? "", "base64url"),
  ].map((secret, at) => ({
    what: `HS256 under the public key, spelling ${String(at + 1)}`,
    token: hs256({ kid }, claims, secret),
  }));
  const kids = [
    "unknown",
    "../../../dev/null",
    "' OR 1=1 --",
    "__proto__",
    "constructor",
    "x".repeat(10_000),
    ["a"],
    { $ne: null },
    null,
    1,
  ].map((other) => ({
    what: `a key of one's own under the name ${JSON.stringify(other).slice(0, 40)}`,
    token: rs256({ kid: other }, claims, foreign.privateKey),
  }));
  const headers = [
    { jku: "https://evil.example/jwks" },
    { x5u: "https://evil.example/cert" },
    { jwk: foreignJwk },
    { crit: ["b64"], b64: false },
  ].map((more) => ({
    what: `a key of one's own with ${Object.keys(more).join()}`,
    token: rs256({ kid, ...more }, claims, foreign.privateKey),
  }));
  const wrong: readonly (readonly [string, Json])[] = [
    ["expired a minute ago", { exp: now - 60, iat: now - 600 }],
    ["expired long ago", { exp: now - 86_400, iat: now - 90_000 }],
    ["of another audience", { aud: "greentick-services" }],
    ["without audience", { aud: undefined }],
    ["of another issuer", { iss: "greentick-sister" }],
    ["from tomorrow", { iat: now + 86_400, exp: now + 90_000 }],
    ["not yet good", { nbf: now + 86_400, exp: now + 90_000 }],
    ["without an end", { exp: undefined }],
    ["with an end that is a word", { exp: "never" }],
    ["of a kind that does not exist", { kind: "provider" }],
    ["a refresh token", { typ: "refresh", aud: "greentick-refresh" }],
  ];
  return [
    ...unsigned,
    ...confused,
    ...kids,
    ...headers,
    { what: "another's claims under a good signature", token: `${head}.${part(claims)}.${signature}` },
    { what: "an empty signature", token: `${head}.${part(claims)}.` },
    { what: "a critical header under our own key", token: rs256({ kid, crit: ["exp"] }, claims, own) },
    ...wrong.map(([what, more]) => ({ what, token: rs256({ kid }, { ...claims, ...more }, own) })),
    {
      what: "a token of ten kilobytes",
      token: rs256({ kid }, { ...claims, filler: "x".repeat(7_000) }, foreign.privateKey),
    },
    { what: "no token", token: "a.b.c" },
  ];
}
