import { type Database, isDuplicateKey, scopeFilter } from "@greentick/runtime";
import { type Collection } from "mongodb";
import { type AnchorStore } from "../../ports/audit.js";

interface AnchorRow {
  /** `<tenant>/<day>`. */
  _id: string;
  tenantId: string;
  sequence: number;
  jws: string;
  schemaVersion: 1;
}

export function mongoAnchorStore(database: Database): AnchorStore & { readonly ensureIndexes: () => Promise<void> } {
  const rows: Collection<AnchorRow> = database.db.collection("audit_anchors");
  return {
    newestOf: async (scope, tenantId) => {
      const newest = rows.find({ ...scopeFilter(scope), tenantId: { $eq: tenantId } }).sort({ sequence: -1 });
      return (await newest.limit(1).toArray())[0]?.sequence;
    },
    tenants: async (scope) => new Set(await rows.distinct("tenantId", scopeFilter(scope))),
    add: async (_, { tenantId, day, sequence }, jws) => {
      try {
        await rows.insertOne({ _id: `${tenantId}/${day}`, tenantId, sequence, jws, schemaVersion: 1 });
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
    },
    of: async function* (scope, tenantId) {
      const all = rows.find({ ...scopeFilter(scope), tenantId: { $eq: tenantId } }).sort({ sequence: 1, _id: 1 });
      for await (const { jws } of all) yield jws;
    },
    ensureIndexes: async () => {
      await rows.createIndexes([{ key: { tenantId: 1, sequence: -1 }, name: "tenant_sequence" }]);
    },
  };
}
