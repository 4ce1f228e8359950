import { createHash } from "node:crypto";
import { type RandomBytes } from "@greentick/kernel";
import { type Sealer } from "@greentick/runtime";
import { type RefreshTokens, type Secrets } from "../../ports/people.js";

/** Without letters and digits that look alike. */
const readable = "abcdefghjkmnpqrstuvwxyz23456789";
const recoveryCodes = { count: 10, length: 12 } as const;

const sha256 = (text: string): string => createHash("sha256").update(text).digest("base64url");

/** Random texts from the process's source of randomness, keyed hashes and sealing from the deployment's keys. */
export function secretsOf(randomBytes: RandomBytes, sealer: Sealer): Secrets {
  const newSecret = (): string => Buffer.from(randomBytes(32)).toString("base64url");
  return {
    newSecret,
    newRecoveryCodes: () => Array.from({ length: recoveryCodes.count }, () => recoveryCode(randomBytes)),
    keyed: (purpose, text) => sealer.blindKey(`people/${purpose}`, text),
    hashOf: sha256,
    seal: (about, text) => sealer.seal(about, text).toString("base64url"),
    open: (about, sealed) => sealer.open(about, Buffer.from(sealed, "base64url")).toString(),
  };
}

/** Twelve characters of 31: 59 bits. Bytes that would favour some characters are thrown away. */
function recoveryCode(randomBytes: RandomBytes): string {
  let code = "";
  while (code.length < recoveryCodes.length)
    for (const byte of randomBytes(16))
      if (byte < 248 && code.length < recoveryCodes.length) code += readable.charAt(byte % 31);
  return (code.match(/.{4}/g) ?? []).join("-");
}

const prefix = "gtr_";

/**
 * A refresh token is the session, its number in the family, 128 random bits, and a keyed hash over all three: so an old token of ours is told
 * from a guess without a list of old ones, and a guess can end nobody's session.
 */
export function refreshTokensOf(randomBytes: RandomBytes, sealer: Sealer): RefreshTokens {
  const keyed = (body: string): string => sealer.blindKey("people/refresh", body);
  return {
    make: (sessionId, number) => {
      const chance = Buffer.from(randomBytes(16)).toString("base64url");
      const body = Buffer.from(`${sessionId}.${number}.${chance}`).toString("base64url");
      const token = `${prefix}${body}.${keyed(body)}`;
      return { token, hash: sha256(token) };
    },
    read: (token) => {
      const [body = "", key = ""] = token.startsWith(prefix) ? token.slice(prefix.length).split(".") : [];
      if (token.length > 300 || body === "" || token !== `${prefix}${body}.${keyed(body)}` || key === "")
        return undefined;
      const [sessionId = "", number = ""] = Buffer.from(body, "base64url").toString().split(".");
      return { sessionId, number: Number(number), hash: sha256(token) };
    },
  };
}
