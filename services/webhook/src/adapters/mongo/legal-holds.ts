import { type Scope, type TenantId } from "@greentick/kernel";
import { type Database } from "@greentick/runtime";
import { type LegalHolds } from "../../ports.js";

interface Row {
  _id: TenantId;
  tenantId: TenantId;
  ancestorIds: readonly TenantId[];
  schemaVersion: 1;
}

const system = (scope: Scope): void => {
  if (!("system" in scope)) throw new RangeError("legal holds are kept with a system scope");
};

/** Tenants under a legal hold, as the tenant service announced them. */
export function mongoLegalHolds(database: Database): LegalHolds {
  const rows = database.db.collection<Row>("legal_holds");
  return {
    place: async (scope, { tenantId, ancestorIds }) => {
      system(scope);
      const row = { tenantId, ancestorIds, schemaVersion: 1 as const };
      await rows.updateOne({ _id: tenantId }, { $set: row }, { upsert: true });
    },
    lift: async (scope, tenantId) => {
      system(scope);
      await rows.deleteOne({ _id: tenantId });
    },
    all: async (scope) => {
      system(scope);
      return (await rows.find().toArray()).map(({ _id }) => _id);
    },
  };
}
