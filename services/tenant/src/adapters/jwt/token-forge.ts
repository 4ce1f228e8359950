import { createHash, createPrivateKey, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { type Sealer } from "@greentick/runtime";
import { sign } from "jsonwebtoken";
import { type PublicKey } from "../../domain/signing-keys.js";
import { type TokenForge } from "../../ports.js";

const generate = promisify(generateKeyPair);

/** SHA-256 over the required members in lexical order (RFC 7638 §3). */
const thumbprint = (key: Pick<PublicKey, "e" | "n" | "kty">): string =>
  createHash("sha256")
    .update(JSON.stringify({ e: key.e, kty: key.kty, n: key.n }))
    .digest("base64url");

const placeOf = (kid: string): string => `signing_key/${kid}`;

function publicKeyOf(key: KeyObject): PublicKey {
  const { n = "", e = "" } = key.export({ format: "jwk" });
  const members = { kty: "RSA", n, e } as const;
  return { ...members, kid: thumbprint(members), use: "sig", alg: "RS256" };
}

/** Private keys, opened once each. */
export function privateKeys(sealer: Sealer): (kid: string, sealed: Uint8Array) => KeyObject {
  const opened = new Map<string, KeyObject>();
  return (kid, sealed) => {
    const known = opened.get(kid);
    if (known !== undefined) return known;
    const key = createPrivateKey({ key: sealer.open(placeOf(kid), sealed), format: "der", type: "pkcs8" });
    opened.set(kid, key);
    return key;
  };
}

/** RSA keys whose private half is sealed as soon as it exists, and JWTs signed with them through jsonwebtoken. */
export function tokenForge(sealer: Sealer): TokenForge {
  const privateKeyOf = privateKeys(sealer);
  return {
    newKey: async () => {
      const pair = await generate("rsa", { modulusLength: 2048 });
      const publicKey = publicKeyOf(pair.publicKey);
      const der = pair.privateKey.export({ format: "der", type: "pkcs8" });
      return { publicKey, sealedPrivateKey: sealer.seal(placeOf(publicKey.kid), der) };
    },
    sign: (key, claims) =>
      sign({ ...claims }, privateKeyOf(key.kid, key.sealedPrivateKey), { algorithm: "RS256", keyid: key.kid }),
  };
}
