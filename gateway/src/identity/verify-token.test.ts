import { createHmac, createSecretKey, generateKeyPairSync, type KeyObject, sign as signBytes } from "node:crypto";
import { tokenRequired } from "@greentick/graphql";
import { silentLog } from "@greentick/runtime";
import fc from "fast-check";
import { type JwtHeader, sign } from "jsonwebtoken";
import { type KeySet, keyRing, type PublishedKey } from "./key-ring.js";
import { tokenVerifier, type VerifyToken } from "./verify-token.js";

const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
const other = generateKeyPairSync("rsa", { modulusLength: 2048 });
const published = (key: KeyObject, more: Partial<PublishedKey> = {}): PublishedKey => {
  const { n = "", e = "" } = key.export({ format: "jwk" });
  return { kty: "RSA", n, e, kid: "k1", use: "sig", alg: "RS256", ...more };
};

const nowSeconds = 1_793_534_400;
let now = new Date(nowSeconds * 1000);
let loads = 0;
const claims = {
  iss: "greentick",
  aud: "greentick-api",
  sub: "per_01TESTER000000000000000000",
  tid: "ten_01CASA00000000000000000000",
  anc: ["ten_01PR0V1DER0000000000000000"],
  live: true,
  stf: false,
  rol: ["developer"],
  kind: "member",
  iat: nowSeconds - 10,
  exp: nowSeconds + 600,
};
const token = (over: object = {}, header: Partial<JwtHeader> = {}, key: KeyObject = pair.privateKey): string => {
  const all: Record<string, unknown> = { ...claims, ...over };
  const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return sign(given, key, { algorithm: "RS256", header: { alg: "RS256", kid: "k1", ...header } });
};
const verifier = (keys: readonly PublishedKey[] = [published(pair.publicKey)]): VerifyToken => {
  const load = (): Promise<KeySet> => {
    loads++;
    return Promise.resolve({ keys });
  };
  return tokenVerifier(keyRing({ load, now: () => now, log: silentLog }), () => now);
};
const spliced = (part: 0 | 1, json: string): string => {
  const parts = token().split(".");
  parts[part] = Buffer.from(json).toString("base64url");
  return parts.join(".");
};
const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const pem = String(pair.publicKey.export({ format: "pem", type: "spki" }));
/** Signed with what everybody can read, as if it were a secret. */
const confused = (secret: string): string => {
  const signed = `${encoded({ alg: "HS256", kid: "k1" })}.${encoded(claims)}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
};
/** Brings the key that would verify it: a stranger's. */
const withOwnKey = (header: object): string => {
  const signed = `${encoded({ alg: "RS256", kid: "k1", ...header })}.${encoded(claims)}`;
  return `${signed}.${signBytes("sha256", Buffer.from(signed), other.privateKey).toString("base64url")}`;
};
/** The same signature in another spelling: the last character holds bits that decode to nothing. */
const trailingBit = (text: string): string => {
  const last = text.slice(-1);
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return text.slice(0, -1) + alphabet.charAt(alphabet.indexOf(last) + 1);
};
const refused = tokenRequired();
const otherCharacters = ["A", "B", "C", "x", "y", "z", "0", "1", "9", "-", "_", "."];

describe("verifying an access token", () => {
  beforeEach(() => {
    now = new Date(nowSeconds * 1000);
    loads = 0;
  });

  it("turns its claims into the caller's", async () => {
    await expect(verifier()(token())).resolves.toEqual({
      actor: { kind: "member", id: "per_01TESTER000000000000000000" },
      tenantId: "ten_01CASA00000000000000000000",
      ancestorIds: ["ten_01PR0V1DER0000000000000000"],
      livemode: true,
      staff: false,
      roles: ["developer"],
    });
  });

  it("takes the staff person as the actor of an act-as token", async () => {
    const acting = token({
      sub: claims.tid,
      kind: "staff",
      rol: ["template_reviewer"],
      act: { sub: "per_01STAFF0000000000000000000" },
      jti: "grt_01GRANT0000000000000000000",
    });
    await expect(verifier()(acting)).resolves.toMatchObject({
      actor: { kind: "staff", id: "per_01STAFF0000000000000000000" },
      onBehalfOf: { kind: "tenant", id: claims.tid },
      grantId: "grt_01GRANT0000000000000000000",
      tenantId: claims.tid,
      staff: false,
    });
  });

  it("never takes the role of our own services from a token", async () => {
    await expect(verifier()(token({ rol: ["service", "auditor"] }))).resolves.toMatchObject({ roles: ["auditor"] });
  });

  it.each<[string, string]>([
    ["another key's signature", token({}, {}, other.privateKey)],
    ["no signature", `${token().split(".").slice(0, 2).join(".")}.`],
    ["the algorithm none", spliced(0, '{"alg":"none","kid":"k1"}')],
    ["the algorithm None", spliced(0, '{"alg":"None","kid":"k1"}')],
    ["another algorithm's name", spliced(0, '{"alg":"RS512","kid":"k1"}')],
    [
      "a signature made with the public key as an HMAC secret",
      sign(claims, createSecretKey(Buffer.from(pair.publicKey.export({ format: "pem", type: "spki" }))), {
        algorithm: "HS256",
        header: { alg: "HS256", kid: "k1" },
      }),
    ],
    ["the algorithm NONE", spliced(0, '{"alg":"NONE","kid":"k1"}')],
    [
      "the algorithm nOnE, without a signature",
      `${spliced(0, '{"alg":"nOnE","kid":"k1"}').split(".").slice(0, 2).join(".")}.`,
    ],
    ["the algorithm none, signed with nothing", `${encoded({ alg: "none", kid: "k1" })}.${encoded(claims)}.`],
    ...[pem, ` ${pem}`, `\n${pem}`, `\t${pem}\n`, pem.trim()].map((secret, place): [string, string] => [
      `an HMAC over the public key as text, spelled in way ${place}`,
      confused(secret),
    ]),
    ["no algorithm", spliced(0, '{"kid":"k1"}')],
    ["a list of algorithms", spliced(0, '{"alg":["RS256","none"],"kid":"k1"}')],
    ["a type that is refresh", token({}, { typ: "refresh" })],
    ["no key id", spliced(0, '{"alg":"RS256"}')],
    ["a key id that is a path", token({}, { kid: "../../etc/passwd" })],
    ["a key id that is SQL", token({}, { kid: "k1' OR '1'='1" })],
    ["a key id that is a list", spliced(0, '{"alg":"RS256","kid":["k1"]}')],
    ["a key id that is an object", spliced(0, '{"alg":"RS256","kid":{"$ne":null}}')],
    ["a key id that is a number", spliced(0, '{"alg":"RS256","kid":1}')],
    ["a key id that is constructor", token({}, { kid: "constructor" })],
    ["a key id of 10 kB", token({}, { kid: "k".repeat(10_000) })],
    ["a key id that is __proto__", token({}, { kid: "__proto__" })],
    ["extensions that must be understood", token({}, { crit: ["b64"] })],
    ["an empty list of extensions", token({}, { crit: [] })],
    ["a key in its own header", withOwnKey({ jwk: published(other.publicKey) })],
    ["the address of a key in its header", withOwnKey({ jku: "http://127.0.0.1:1/jwks.json" })],
    ["a certificate in its header", withOwnKey({ x5u: "http://127.0.0.1:1/x5u.pem", x5c: ["AAAA"] })],
    ["a foreign type", token({}, { typ: "refresh+jwt" })],
    ["an expiry in the past", token({ exp: nowSeconds - 1 })],
    ["no expiry", token({ exp: undefined })],
    ["a start in the future", token({ nbf: nowSeconds + 61 })],
    ["an issue date in the future", token({ iat: nowSeconds + 61 })],
    ["an expiry of this second", token({ exp: nowSeconds })],
    ["an expiry that is text", spliced(1, JSON.stringify({ ...claims, exp: "never" }))],
    ["another issuer", token({ iss: "greentick-gateway" })],
    ["a list of issuers", spliced(1, JSON.stringify({ ...claims, iss: ["greentick", "other"] }))],
    ["no issuer", token({ iss: undefined })],
    ["another audience", token({ aud: "greentick-refresh" })],
    ["the audience of a sister service", token({ aud: "billing", iss: "greentick-gateway" })],
    ["no audience", token({ aud: undefined })],
    ["a refresh token's marks", token({ aud: "greentick-refresh", typ: "refresh" }, { typ: "refresh+jwt" })],
    [
      "a call signed by the gateway for a service",
      sign({ call: { claims } }, createSecretKey(Buffer.alloc(32, 7)), {
        issuer: "greentick-gateway",
        audience: "tenant",
      }),
    ],
    ["a grant without a person", token({ act: { sub: "ten_01CASA00000000000000000000" } })],
    ["a person acting without a grant", token({ act: { sub: "per_01STAFF0000000000000000000" } })],
    ["a grant that is no id", token({ jti: "1 OR 1" })],
    ["a session that is no id", token({ sid: "$ne" })],
    ["a trailing bit in its signature", trailingBit(token())],
    ["no tenant", token({ tid: undefined })],
    ["a tenant that is no id", token({ tid: "$ne" })],
    ["an unknown role", token({ rol: ["root"] })],
    ["an unknown kind of actor", token({ kind: "service" })],
    ["white space around it", ` ${token()} `],
    ["padding", `${token()}==`],
    ["four parts", `${token()}.x`],
    ["a payload that is no object", spliced(1, '"x"')],
    ["a megabyte", "a".repeat(1_000_000)],
    ["nothing", ""],
  ])("refuses %s with one fixed text", async (_what, bad) => {
    await expect(verifier()(bad)).rejects.toEqual(refused);
  });

  it.each<[string, object]>([
    ["issued up to a minute ahead of our clock", { iat: nowSeconds + 60 }],
    ["that begins up to a minute ahead of our clock", { nbf: nowSeconds + 60 }],
    ["with a second of life", { exp: nowSeconds + 1 }],
  ])("takes a token %s", async (_what, over) => {
    await expect(verifier()(token(over))).resolves.toMatchObject({ tenantId: claims.tid });
  });

  it("takes a token until it expires by our clock, also when it was verified before", async () => {
    const verify = verifier();
    const soon = token({ exp: nowSeconds + 30 });
    await verify(soon);
    now = new Date((nowSeconds + 30) * 1000);
    await expect(verify(soon)).rejects.toEqual(refused);
  });

  it("keeps tokens apart that differ only in what follows the same beginning", async () => {
    const verify = verifier();
    const [one, other] = ["1", "2"].map((n) => token({ sub: `per_0${n}TESTER000000000000000000` }));
    const subs = await Promise.all([one, other, one].map((text) => verify(text ?? "")));
    expect(subs.map(({ actor }) => actor.id.slice(4, 6))).toEqual(["01", "02", "01"]);
  });

  it("reads the last of two claims of one name, as the signature covers both", async () => {
    const twice = `{"tid":"ten_01TRA000000000000000000000",${JSON.stringify(claims).slice(1)}`;
    await expect(verifier()(spliced(1, twice))).rejects.toEqual(refused);
    const signed = `${encoded({ alg: "RS256", kid: "k1" })}.${Buffer.from(twice).toString("base64url")}`;
    const text = `${signed}.${signBytes("sha256", Buffer.from(signed), pair.privateKey).toString("base64url")}`;
    await expect(verifier()(text)).resolves.toMatchObject({ tenantId: claims.tid });
  });

  it("refuses a token after any change of one character", async () => {
    const verify = verifier();
    const good = token();
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.constantFrom(...otherCharacters), async (place, character) => {
        fc.pre(good[place] !== character);
        await expect(verify(good.slice(0, place) + character + good.slice(place + 1))).rejects.toEqual(refused);
      }),
    );
  });

  it.each<[string, Partial<PublishedKey>]>([
    ["encryption", { use: "enc" }],
    ["another algorithm", { alg: "PS256" }],
    ["signing only", { key_ops: ["sign"] }],
  ])("does not use a published key that is meant for %s", async (_what, meant) => {
    await expect(verifier([published(pair.publicKey, meant)])(token())).rejects.toEqual(refused);
  });

  it("looks for unknown keys at most once in 30 s, however many are named", async () => {
    const verify = verifier();
    await verify(token());
    const [, payload = "", signature = ""] = token().split(".");
    for (let at = 0; at < 10_000; at++) {
      const foreign = `${encoded({ alg: "RS256", kid: `k${100 + at}` })}.${payload}.${signature}`;
      const outcome = await verify(foreign).catch((error: unknown) => error);
      expect(outcome).toEqual(refused);
    }
    expect(loads).toBe(1);
    now = new Date((nowSeconds + 30) * 1000);
    await expect(verify(token({}, { kid: "k999" }))).rejects.toEqual(refused);
    expect(loads).toBe(2);
  });

  it("forgets a key that was withdrawn within half a minute", async () => {
    const keys = [published(pair.publicKey)];
    const verify = tokenVerifier(
      keyRing({ load: () => Promise.resolve({ keys: [...keys] }), now: () => now, log: silentLog }),
      () => now,
    );
    await verify(token());
    keys.length = 0;
    now = new Date((nowSeconds + 31) * 1000);
    await expect(verify(token())).rejects.toEqual(refused);
  });

  it("says that it cannot know, and not that a token is bad, until the first keys are read", async () => {
    let away = true;
    const load = (): Promise<KeySet> => {
      loads++;
      return away ? Promise.reject(new Error("away")) : Promise.resolve({ keys: [published(pair.publicKey)] });
    };
    const verify = tokenVerifier(keyRing({ load, now: () => now, log: silentLog }), () => now);
    const unknowable = { code: "PROVIDER_UNAVAILABLE", reason: "keys_unavailable", details: { retryAfterSeconds: 2 } };
    for (let at = 0; at < 100; at++) await expect(verify(token())).rejects.toMatchObject(unknowable);
    expect(loads).toBe(1);
    away = false;
    now = new Date(nowSeconds * 1000 + 1_000);
    await expect(verify(token())).resolves.toMatchObject({ tenantId: claims.tid });
  });

  it("keeps verifying with the keys it knows while the publisher is away", async () => {
    let away = false;
    const load = (): Promise<KeySet> =>
      away ? Promise.reject(new Error("away")) : Promise.resolve({ keys: [published(pair.publicKey)] });
    const verify = tokenVerifier(keyRing({ load, now: () => now, log: silentLog }), () => now);
    await verify(token());
    away = true;
    now = new Date((nowSeconds + 31) * 1000);
    await expect(verify(token())).resolves.toMatchObject({ tenantId: claims.tid });
  });
});
