import { type Clock } from "@greentick/kernel";
import { Binary, type Collection } from "mongodb";
import { type Database } from "../data/database.js";
import { isDuplicateKey } from "../data/errors.js";
import { upsertWhere } from "../data/upsert.js";
import { vaultErrors } from "./errors.js";
import { type KeyEncryption, UnknownKeyError, type WrappedKey, WrongKeyError } from "./key-encryption.js";

interface KeyRow {
  /** The tenant's or the person's id, or `deployment/<purpose>`. */
  _id: string;
  schemaVersion: 1;
  /** Absent in a tombstone. */
  keyId?: string;
  wrapped?: Binary;
  /** Which wrapping this is; it changes with every re-wrapping. */
  wrapping?: number;
  createdAt?: Date;
  /** The key is gone and no new one is made. */
  shreddedAt?: Date;
}

export const dataKeyCollection = "data_keys";

/** The wrapped data keys of one service's database, and the tombstones of those that were destroyed. */
export interface KeyRows {
  /** Undefined when there never was one. @throws NOT_FOUND/shredded. */
  readonly find: (id: string) => Promise<Uint8Array | undefined>;
  /** The one that is kept: of several that are added at once, the first. @throws NOT_FOUND/shredded. */
  readonly add: (id: string, fresh: Uint8Array) => Promise<Uint8Array>;
  readonly state: (id: string) => Promise<"alive" | "missing" | "shredded">;
  /** Destroys the key and leaves a tombstone, also where there was no key. Safe to repeat; the first time stays on record. */
  readonly shred: (id: string) => Promise<void>;
  /** Wraps up to `limit` keys again that stand under another than the current key-encryption key; how many it did. */
  readonly rewrap: (limit: number) => Promise<number>;
}

export interface KeyRowParts {
  readonly database: Database;
  readonly keys: KeyEncryption;
  readonly now: Clock;
}

const about = (id: string): string => `data-key/${id}`;
const wrappedOf = ({ keyId, wrapped }: KeyRow): WrappedKey | undefined =>
  keyId === undefined || wrapped === undefined ? undefined : { keyId, bytes: wrapped.buffer };

/** Wrong and unknown keys stay what they are; whatever else the keeper of the keys meets is "does not answer". */
async function asking<T>(keeper: Promise<T>): Promise<T> {
  try {
    return await keeper;
  } catch (error) {
    if (error instanceof UnknownKeyError || error instanceof WrongKeyError) throw error;
    throw vaultErrors.keyServiceDown(error);
  }
}

export function keyRows({ database, keys, now }: KeyRowParts): KeyRows {
  const rows: Collection<KeyRow> = database.db.collection(dataKeyCollection);
  const unwrapped = async (row: KeyRow): Promise<Uint8Array> => {
    const wrapped = wrappedOf(row);
    if (row.shreddedAt !== undefined || wrapped === undefined) throw vaultErrors.shredded(row._id);
    return asking(keys.unwrap(about(row._id), wrapped));
  };
  const find = async (id: string): Promise<Uint8Array | undefined> => {
    const row = await rows.findOne({ _id: id });
    return row === null ? undefined : unwrapped(row);
  };
  return {
    find,
    add: async (id, fresh) => {
      const { keyId, bytes } = await asking(keys.wrap(about(id), fresh));
      const wrapped = new Binary(Buffer.from(bytes));
      try {
        await rows.insertOne({ _id: id, schemaVersion: 1, keyId, wrapped, wrapping: 1, createdAt: now() });
        return fresh;
      } catch (error) {
        const first = isDuplicateKey(error) ? await find(id) : undefined;
        if (first === undefined) throw error;
        return first;
      }
    },
    state: async (id) => {
      const row = await rows.findOne({ _id: id }, { projection: { shreddedAt: 1 } });
      if (row === null) return "missing";
      return row.shreddedAt === undefined ? "alive" : "shredded";
    },
    shred: (id) => bury(rows, id, now()),
    rewrap: (limit) => rewrapSome(rows, keys, limit),
  };
}

/** A key that is added while the tombstone is written is buried too. */
async function bury(rows: Collection<KeyRow>, id: string, at: Date): Promise<void> {
  const alive = { _id: id, shreddedAt: { $exists: false } };
  const tombstone = {
    $set: { shreddedAt: at, schemaVersion: 1 as const },
    $unset: { keyId: 1 as const, wrapped: 1 as const, wrapping: 1 as const },
  };
  await upsertWhere((how) => rows.updateOne(alive, tombstone, how));
}

/** Each key by a write that fails when it was shredded or re-wrapped meanwhile: nothing destroyed comes back. */
async function rewrapSome(rows: Collection<KeyRow>, keys: KeyEncryption, limit: number): Promise<number> {
  const outdated = { shreddedAt: { $exists: false }, keyId: { $ne: keys.currentKeyId() } };
  const found = await rows.find(outdated).limit(limit).toArray();
  let done = 0;
  for (const row of found) {
    const wrapped = wrappedOf(row);
    if (wrapped === undefined) continue;
    const plain = await asking(keys.unwrap(about(row._id), wrapped));
    const { keyId, bytes } = await asking(keys.wrap(about(row._id), plain));
    const seen = { _id: row._id, keyId: wrapped.keyId, wrapping: row.wrapping ?? 1 };
    const next = { keyId, wrapped: new Binary(Buffer.from(bytes)), wrapping: (row.wrapping ?? 1) + 1 };
    done += (await rows.updateOne(seen, { $set: next })).modifiedCount;
  }
  return done;
}
