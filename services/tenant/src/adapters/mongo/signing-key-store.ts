import { type Database, isDuplicateKey } from "@greentick/runtime";
import { type PublicKey, type SigningKey } from "../../domain/signing-keys.js";
import { type SigningKeyStore } from "../../ports.js";

interface KeyRow {
  /** The key's number: the primary key itself keeps two processes from adding the same generation. */
  _id: number;
  kid: string;
  publicKey: PublicKey;
  sealedPrivateKey: Buffer;
  signsFrom: Date;
  /** Only in keys that do. */
  withdrawsEarlier?: true;
  schemaVersion: 1;
}

/** Signing keys of the deployment. Few, and read often: the caller caches nothing, the store answers by primary key. */
export function mongoSigningKeyStore(database: Database): SigningKeyStore {
  const rows = database.db.collection<KeyRow>("signing_keys");
  return {
    all: async () => {
      const found = await rows.find({}, { promoteBuffers: true, sort: { _id: 1 } }).toArray();
      return found.map(({ _id, kid, publicKey, sealedPrivateKey, signsFrom, withdrawsEarlier = false }) => ({
        generation: _id,
        kid,
        publicKey,
        sealedPrivateKey,
        signsFrom,
        withdrawsEarlier,
      }));
    },
    add: async (key: SigningKey) => {
      const { generation, kid, publicKey, sealedPrivateKey, signsFrom, withdrawsEarlier } = key;
      const row = {
        _id: generation,
        kid,
        publicKey,
        sealedPrivateKey: Buffer.from(sealedPrivateKey),
        signsFrom,
        ...(withdrawsEarlier && { withdrawsEarlier }),
        schemaVersion: 1 as const,
      };
      try {
        await rows.insertOne(row);
        return true;
      } catch (error) {
        if (isDuplicateKey(error)) return false;
        throw error;
      }
    },
  };
}
