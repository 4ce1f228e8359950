import { createSecretKey, generateKeyPairSync, type KeyObject } from "node:crypto";
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
    });
    await expect(verifier()(acting)).resolves.toMatchObject({
      actor: { kind: "staff", id: "per_01STAFF0000000000000000000" },
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
    ["no key id", spliced(0, '{"alg":"RS256"}')],
    ["a key id that is a path", token({}, { kid: "../../etc/passwd" })],
    ["a key id of 10 kB", token({}, { kid: "k".repeat(10_000) })],
    ["a key id that is __proto__", token({}, { kid: "__proto__" })],
    ["extensions that must be understood", token({}, { crit: ["b64"] })],
    ["a foreign type", token({}, { typ: "refresh+jwt" })],
    ["an expiry in the past", token({ exp: nowSeconds - 1 })],
    ["no expiry", token({ exp: undefined })],
    ["a start in the future", token({ nbf: nowSeconds + 61 })],
    ["an issue date in the future", token({ iat: nowSeconds + 61 })],
    ["another issuer", token({ iss: "greentick-gateway" })],
    ["another audience", token({ aud: "greentick-refresh" })],
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
    for (let at = 0; at < 200; at++) await expect(verify(token({}, { kid: `k${100 + at}` }))).rejects.toEqual(refused);
    expect(loads).toBe(1);
    now = new Date((nowSeconds + 30) * 1000);
    await expect(verify(token({}, { kid: "k999" }))).rejects.toEqual(refused);
    expect(loads).toBe(2);
  });

  it("forgets a key that was rotated out within five minutes", async () => {
    const keys = [published(pair.publicKey)];
    const verify = tokenVerifier(
      keyRing({ load: () => Promise.resolve({ keys: [...keys] }), now: () => now, log: silentLog }),
      () => now,
    );
    await verify(token());
    keys.length = 0;
    now = new Date((nowSeconds + 301) * 1000);
    await expect(verify(token())).rejects.toEqual(refused);
  });

  it("keeps verifying with the keys it knows while the publisher is away", async () => {
    let away = false;
    const load = (): Promise<KeySet> =>
      away ? Promise.reject(new Error("away")) : Promise.resolve({ keys: [published(pair.publicKey)] });
    const verify = tokenVerifier(keyRing({ load, now: () => now, log: silentLog }), () => now);
    await verify(token());
    away = true;
    now = new Date((nowSeconds + 301) * 1000);
    await expect(verify(token())).resolves.toMatchObject({ tenantId: claims.tid });
  });
});
