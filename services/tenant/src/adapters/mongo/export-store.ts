import { aggregateStore, type Database } from "@greentick/runtime";
import { Schema } from "mongoose";
import { type AuditExport, exportErrors } from "../../domain/audit-export.js";
import { type ExportStore } from "../../ports/audit.js";

const text = { type: String, required: true } as const;
const asker = new Schema(
  { kind: text, id: text, sessionId: { type: String }, grantId: { type: String } },
  { _id: false, strict: "throw" },
);

export const exportCollection = "audit_exports";

export function mongoExportStore(database: Database): ExportStore & { readonly ensureIndexes: () => Promise<void> } {
  return aggregateStore<AuditExport>({
    database,
    collection: exportCollection,
    kind: "audit_export",
    schemaVersion: 1,
    state: {
      asker: { type: asker, required: true },
      firstSequence: { type: Number, required: true },
      expiresAt: { type: Date, required: true },
      usedAt: { type: Date },
    },
    notFound: exportErrors.over,
  });
}
