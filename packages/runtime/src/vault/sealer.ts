import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";

/** Envelope for values that must not be readable in the database: AES-256-GCM, bound to what it belongs to. */
export interface Sealer {
  /** `about` names owner and field ("ten_…/meta_token"); a sealed value moved to another owner or field does not open. */
  readonly seal: (about: string, plain: Buffer | string) => Buffer;
  /** @throws Error naming `about` when key, place or bytes do not match. */
  readonly open: (about: string, sealed: Uint8Array) => Buffer;
  /** Keyed hash for look-ups by a value that must not be stored; the same input gives the same key for ever. */
  readonly blindKey: (purpose: string, value: string) => string;
}

const version = 1;
const nonceEnd = 13;
const tagLength = 16;

/** A sealer over one master key of 32 bytes; encryption and blind keys use separate keys derived from it (HKDF-SHA256). */
export function sealer(masterKey: Uint8Array): Sealer {
  if (masterKey.length !== 32) throw new RangeError("the master key must be 32 bytes");
  const derive = (purpose: string): Buffer => Buffer.from(hkdfSync("sha256", masterKey, "greentick", purpose, 32));
  const sealKey = derive("seal/1");
  const blind = derive("blind/1");
  return {
    seal: (about, plain) => {
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", sealKey, nonce).setAAD(Buffer.from(about));
      return Buffer.concat([Buffer.of(version), nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    },
    open: (about, sealed) => {
      try {
        const bytes = Buffer.from(sealed);
        if (bytes.length < nonceEnd + tagLength) throw new Error("shorter than an empty envelope");
        if (bytes[0] !== version) throw new Error(`unknown envelope version ${String(bytes[0])}`);
        const options = { authTagLength: tagLength };
        const decipher = createDecipheriv("aes-256-gcm", sealKey, bytes.subarray(1, nonceEnd), options);
        decipher.setAAD(Buffer.from(about)).setAuthTag(bytes.subarray(-tagLength));
        return Buffer.concat([decipher.update(bytes.subarray(nonceEnd, -tagLength)), decipher.final()]);
      } catch (cause) {
        throw new Error(
          `The sealed value of ${about} does not open: wrong master key, or the value was changed or moved.`,
          { cause },
        );
      }
    },
    blindKey: (purpose, value) =>
      createHmac("sha256", blind).update(purpose).update("\0").update(value).digest("base64url"),
  };
}
