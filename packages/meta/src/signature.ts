import { createHmac, timingSafeEqual } from "node:crypto";

const prefix = "sha256=";

/** An app secret: Meta gives it as text, and its UTF-8 bytes are the key. */
type AppSecret = string | Uint8Array;

/** The value of `X-Hub-Signature-256` for these exact bytes: `sha256=` and the hex HMAC-SHA256 under the app secret (Meta: Graph API webhooks). */
export const signBody = (appSecret: AppSecret, bytes: Uint8Array): string =>
  prefix + createHmac("sha256", appSecret).update(bytes).digest("hex");

/**
 * Whether the header signs these bytes under one of the secrets: several while a secret is being rotated. Every secret is tried
 * and compared in constant time, so that neither a match nor its place shows in the time taken.
 */
export function verifySignature(secrets: readonly AppSecret[], header: string | undefined, bytes: Uint8Array): boolean {
  const claimed = digestOf(header);
  if (claimed === undefined) return false;
  let matches = false;
  for (const secret of secrets) {
    const expected = createHmac("sha256", secret).update(bytes).digest();
    matches = timingSafeEqual(expected, claimed) || matches;
  }
  return matches;
}

function digestOf(header: string | undefined): Buffer | undefined {
  const hex = header?.startsWith(prefix) === true ? header.slice(prefix.length) : "";
  return /^[0-9a-f]{64}$/i.test(hex) ? Buffer.from(hex, "hex") : undefined;
}

/** Proof that the caller of the Graph API knows the app secret: hex HMAC-SHA256 of the access token under it (Meta: securing requests). */
export const appSecretProof = (appSecret: string, token: string): string =>
  createHmac("sha256", appSecret).update(token).digest("hex");
