import {
  constants,
  createCipheriv,
  createDecipheriv,
  generateKeyPair,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
} from "node:crypto";
import { promisify } from "node:util";

/** Keys of one parcel service: who holds the public one can seal, only who holds the private one can open. PEM. */
export interface ParcelKeys {
  readonly publicKey: string;
  readonly privateKey: string;
}

const rsaPadding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" } as const;
const nonceBytes = 12;
const tagBytes = 16;

/** RSA 2048. Once the private key is thrown away, nothing sealed for it opens again, wherever copies of it lie. */
export async function newParcelKeys(): Promise<ParcelKeys> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
  return {
    publicKey: publicKey.export({ type: "spki", format: "pem" }).toString(),
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

/** AES-256-GCM under a key of its own, which is encrypted with RSA-OAEP; bound to `about`. Base64. */
export function sealParcel(publicKey: string, about: string, plain: string): string {
  const [key, nonce] = [randomBytes(32), randomBytes(nonceBytes)];
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(about));
  const body = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
  const lock = publicEncrypt({ key: publicKey, ...rsaPadding }, key);
  return [lock, nonce, cipher.getAuthTag(), body].map((part) => part.toString("base64")).join(".");
}

/** @throws Error for another key, another `about`, or changed bytes. */
export function openParcel(privateKey: string, about: string, sealed: string): string {
  const [lock, nonce, tag, body] = sealed.split(".").map((part) => Buffer.from(part, "base64"));
  if (lock === undefined || nonce === undefined || tag === undefined || body === undefined)
    throw new Error(`The parcel ${about} has not its four parts.`);
  const key = privateDecrypt({ key: privateKey, ...rsaPadding }, lock);
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(about)).setAuthTag(tag);
  return Buffer.concat([decipher.update(body), decipher.final()]).toString("utf8");
}
