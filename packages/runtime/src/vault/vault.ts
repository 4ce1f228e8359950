import { type KeyObject } from "node:crypto";
import { type PersonId, type TenantId } from "@greentick/kernel";
import { type DataKeys } from "./data-keys.js";
import { vaultErrors } from "./errors.js";
import { decrypt, encrypt } from "./gcm.js";
import { type KeyRows } from "./key-rows.js";
import { type Sealer } from "./sealer.js";

/** Whose key seals a value: a tenant's, or a person's own for what a person has in every tenant alike. */
type SealOwner = { readonly tenantId: TenantId } | { readonly personId: PersonId };

/** Where a sealed value stands. It opens nowhere else. */
export type SealPlace = SealOwner & {
  /** Id of the document that holds it, or of the account it belongs to. */
  readonly record: string;
  /** What it is: "business_token", "pin". */
  readonly field: string;
  /** The name under which the first kind of envelope sealed it, where such values are still about. */
  readonly formerly?: string;
};

/**
 * Secrets of tenants and of people: each has a data key of its own in each service, itself sealed by a key-encryption key. Destroying the data key
 * erases everything that was sealed with it, in backups of the documents as well.
 */
export interface Vault {
  /** @throws NOT_FOUND/shredded for an erased owner, PROVIDER_UNAVAILABLE/key_service_unavailable. */
  readonly seal: (place: SealPlace, plain: Buffer | string) => Promise<Buffer>;
  /** @throws as above; Error naming the place when a bit, the place or the key is another one. */
  readonly open: (place: SealPlace, sealed: Uint8Array) => Promise<Buffer>;
  /** Destroys the owner's key for ever and keeps another from being made: at once here, within five seconds in other processes. Safe to repeat. */
  readonly shred: (owner: TenantId | PersonId) => Promise<void>;
  /** After a new key-encryption key came: wraps keys again, a hundred at most; how many it did. Values are not touched. */
  readonly rewrap: () => Promise<number>;
}

export interface VaultParts {
  readonly rows: KeyRows;
  readonly keys: DataKeys;
  /** Opens values of the first kind of envelope. */
  readonly sealer: Sealer;
}

const firstVersion = 1;
const version = 2;
const rewrapAtOnce = 100;

const ownerOf = (place: SealPlace): TenantId | PersonId => ("personId" in place ? place.personId : place.tenantId);

/** A list as JSON: no two places give the same bytes. */
const boundTo = (place: SealPlace): Buffer =>
  Buffer.from(JSON.stringify(["greentick/vault/2", ownerOf(place), place.record, place.field]));

const doesNotOpen = (place: SealPlace, cause?: unknown): Error =>
  new Error(
    `The sealed ${place.field} of ${place.record} (key of ${ownerOf(place)}) does not open: another key, or the value was changed or moved.`,
    { cause },
  );

export function vault({ rows, keys, sealer }: VaultParts): Vault {
  const openFormer = async (place: SealPlace, sealed: Uint8Array): Promise<Buffer> => {
    if (place.formerly === undefined) throw doesNotOpen(place);
    if ((await rows.state(ownerOf(place))) === "shredded") throw vaultErrors.shredded(ownerOf(place));
    return sealer.open(place.formerly, sealed);
  };
  return {
    seal: async (place, plain) => {
      const key = await keys.forSealing(ownerOf(place));
      return Buffer.concat([Buffer.of(version), encrypt(key, boundTo(place), Buffer.from(plain))]);
    },
    open: async (place, sealed) => {
      if (sealed[0] === firstVersion) return openFormer(place, sealed);
      if (sealed[0] !== version) throw doesNotOpen(place);
      const key = await keys.forOpening(ownerOf(place));
      if (key === undefined) throw doesNotOpen(place);
      return openWith(key, place, Buffer.from(sealed));
    },
    shred: async (owner) => {
      await rows.shred(owner);
      keys.forget(owner);
    },
    rewrap: () => rows.rewrap(rewrapAtOnce),
  };
}

function openWith(key: KeyObject, place: SealPlace, sealed: Buffer): Buffer {
  try {
    return decrypt(key, boundTo(place), sealed.subarray(1));
  } catch (cause) {
    throw doesNotOpen(place, cause);
  }
}
