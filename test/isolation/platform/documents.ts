import { createHash } from "node:crypto";
import { serviceNames } from "@greentick/gateway";
import { type MongoClient } from "mongodb";

interface Owners {
  readonly mongo: MongoClient;
  readonly databasePrefix: string;
  readonly tenantIds: readonly string[];
}

const textOf = (document: unknown): string =>
  JSON.stringify(document, (_, value: unknown) => (typeof value === "bigint" ? `${String(value)}n` : value));

/** A hash of each document that belongs to one of the tenants, in every service's database, by where it is. */
export async function documentsOf({ mongo, databasePrefix, tenantIds }: Owners): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const service of serviceNames) {
    const db = mongo.db(`${databasePrefix}${service}`);
    for (const { name } of await db.listCollections({}, { nameOnly: true }).toArray()) {
      const owned = { $or: [{ tenantId: { $in: [...tenantIds] } }, { ancestorIds: { $in: [...tenantIds] } }] };
      for (const document of await db.collection(name).find(owned, { promoteValues: true }).toArray())
        found.set(
          `${service}.${name}/${String(document._id)}`,
          createHash("sha256").update(textOf(document)).digest("hex"),
        );
    }
  }
  return found;
}
