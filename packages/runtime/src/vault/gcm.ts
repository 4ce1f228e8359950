import { createCipheriv, createDecipheriv, type KeyObject } from "node:crypto";
import { pooledRandomBytes } from "../random.js";

const nonceLength = 12;
const tagLength = 16;

/** AES-256-GCM under a nonce of its own: nonce, ciphertext, tag. `bound` is not kept; the same bytes are needed to open. */
export function encrypt(key: KeyObject, bound: Uint8Array, plain: Uint8Array): Buffer {
  const nonce = pooledRandomBytes(nonceLength);
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: tagLength }).setAAD(bound);
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** @throws Error when the key, what it is bound to, or any bit is another one. */
export function decrypt(key: KeyObject, bound: Uint8Array, sealed: Buffer): Buffer {
  if (sealed.length < nonceLength + tagLength) throw new Error("shorter than an empty envelope");
  const nonce = sealed.subarray(0, nonceLength);
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: tagLength });
  decipher.setAAD(bound).setAuthTag(sealed.subarray(-tagLength));
  return Buffer.concat([decipher.update(sealed.subarray(nonceLength, -tagLength)), decipher.final()]);
}
