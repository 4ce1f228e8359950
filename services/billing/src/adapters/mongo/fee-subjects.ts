import { type TenantId } from "@greentick/kernel";
import { type Database, scopeFilter } from "@greentick/runtime";
import { type Collection, type Filter } from "mongodb";
import { type FeeSubject } from "../../domain/platform-fee.js";
import { type FeeSubjectStore } from "../../ports.js";

interface SubjectRow {
  _id: string;
  tenantId: TenantId;
  ancestorIds: readonly TenantId[];
  livemode: boolean;
  schemaVersion: 1;
  kind: FeeSubject["kind"];
  subjectId: string;
  since: Date;
}

/** What fees are owed for: our copy of what onboarding announced. */
export function mongoFeeSubjects(
  database: Database,
): FeeSubjectStore & { readonly ensureIndexes: () => Promise<void> } {
  const rows: Collection<SubjectRow> = database.db.collection("fee_subjects");
  return {
    keep: async (_, { tenantId, ancestorIds, livemode }, { kind, id, since }) => {
      const fixed = { tenantId, ancestorIds, livemode, kind, subjectId: id, schemaVersion: 1 as const };
      const _id = `${tenantId}:${kind}:${id}`;
      await rows.updateOne({ _id }, { $min: { since }, $set: fixed }, { upsert: true });
    },
    of: async (scope) => {
      const found = await rows
        .find(scopeFilter(scope) as Filter<SubjectRow>)
        .sort({ _id: 1 })
        .toArray();
      return found.map(({ kind, subjectId, since }) => ({ kind, id: subjectId, since }));
    },
    ensureIndexes: async () => {
      await rows.createIndexes([{ key: { tenantId: 1 }, name: "tenant" }]);
    },
  };
}
