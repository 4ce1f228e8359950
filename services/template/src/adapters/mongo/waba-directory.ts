import { type Database, scopeFilter, upsertWhere } from "@greentick/runtime";
import { type LinkedWaba, type WabaDirectory } from "../../ports.js";

type WabaRow = Omit<LinkedWaba, "wabaId"> & { readonly _id: string; readonly schemaVersion: 1 };

/** The accounts of all tenants, one row per account: an account belongs to one tenant at a time. */
export function mongoWabaDirectory(
  database: Database,
): WabaDirectory & { readonly ensureIndexes: () => Promise<void> } {
  const rows = database.db.collection<WabaRow>("wabas");
  return {
    find: async (scope, wabaId) => {
      const row = await rows.findOne({ $and: [scopeFilter(scope), { _id: { $eq: wabaId } }] });
      if (row === null) return undefined;
      const { _id, recordId, tenantId, ancestorIds, livemode, since } = row;
      return { wabaId: _id, recordId, tenantId, ancestorIds, livemode, since };
    },
    keep: async (_, { wabaId, ...link }) => {
      const row = { ...link, schemaVersion: 1 as const };
      await upsertWhere((how) => rows.updateOne({ _id: wabaId, since: { $lte: link.since } }, { $set: row }, how));
    },
    ensureIndexes: async () => {
      await rows.createIndexes([{ key: { tenantId: 1 }, name: "tenant" }]);
    },
  };
}
