import { createHmac, createSecretKey, hkdfSync, type KeyObject } from "node:crypto";
import { decrypt, encrypt } from "./gcm.js";

/**
 * Envelope for values of the deployment itself, which belong to no tenant or to one that is not known yet: signing keys, webhook bodies
 * before they are routed. What belongs to a tenant goes into the vault.
 */
export interface Sealer {
  /** `about` names owner and field ("signing_key/…"); a sealed value moved to another owner or field does not open. */
  readonly seal: (about: string, plain: Buffer | string) => Buffer;
  /** @throws Error naming `about` when key, place or bytes do not match. */
  readonly open: (about: string, sealed: Uint8Array) => Buffer;
  /** Keyed hash for look-ups by a value that must not be stored; the same input gives the same key for ever. */
  readonly blindKey: (purpose: string, value: string) => string;
}

/** The two keys of a deployment; 32 bytes each. */
export interface SealerKeys {
  readonly seal: Uint8Array;
  readonly blind: Uint8Array;
}

const version = 1;

/** The keys that follow from one master key of 32 bytes (HKDF-SHA256): always the same ones. */
export function keysFrom(masterKey: Uint8Array): SealerKeys {
  if (masterKey.length !== 32) throw new RangeError("the master key must be 32 bytes");
  const derive = (purpose: string): Buffer => Buffer.from(hkdfSync("sha256", masterKey, "greentick", purpose, 32));
  return { seal: derive("seal/1"), blind: derive("blind/1") };
}

/** A sealer whose keys follow from one master key. */
export const sealer = (masterKey: Uint8Array): Sealer => sealerOf(keysFrom(masterKey));

/** A sealer over keys as they are. Encryption and blind keys are separate. */
export function sealerOf(keys: SealerKeys): Sealer {
  const sealKey = createSecretKey(keys.seal);
  const blind = createSecretKey(keys.blind);
  return {
    seal: (about, plain) =>
      Buffer.concat([Buffer.of(version), encrypt(sealKey, Buffer.from(about), Buffer.from(plain))]),
    open: (about, sealed) => openFirst(sealKey, about, Buffer.from(sealed)),
    blindKey: (purpose, value) =>
      createHmac("sha256", blind).update(purpose).update("\0").update(value).digest("base64url"),
  };
}

function openFirst(key: KeyObject, about: string, sealed: Buffer): Buffer {
  try {
    if (sealed[0] !== version) throw new Error(`unknown envelope version ${String(sealed[0])}`);
    return decrypt(key, Buffer.from(about), sealed.subarray(1));
  } catch (cause) {
    throw new Error(
      `The sealed value of ${about} does not open: wrong master key, or the value was changed or moved.`,
      { cause },
    );
  }
}
