import { aggregateStore, type Database } from "@greentick/runtime";
import { type AuditExport, exportErrors } from "../../domain/audit-export.js";
import { type ExportStore } from "../../ports/audit.js";

export const exportCollection = "audit_exports";

export function mongoExportStore(database: Database): ExportStore & { readonly ensureIndexes: () => Promise<void> } {
  return aggregateStore<AuditExport>({
    database,
    collection: exportCollection,
    kind: "audit_export",
    schemaVersion: 1,
    state: {
      firstSequence: { type: Number, required: true },
      expiresAt: { type: Date, required: true },
      usedAt: { type: Date },
    },
    notFound: exportErrors.over,
  });
}
