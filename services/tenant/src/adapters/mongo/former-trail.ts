import { type Database } from "@greentick/runtime";
import { type AuditRecord } from "../../domain/audit.js";

/** Where records stood before they had places in chains. */
const formerCollection = "audit_trail";
const atOnce = 500;

interface FormerRow {
  readonly _id: string;
  readonly recordedAt: Date;
}

const notOfRecords = new Set(["_id", "schemaVersion"]);

const recordOf = (row: FormerRow): AuditRecord =>
  ({
    ...Object.fromEntries(Object.entries(row).filter(([name]) => !notOfRecords.has(name))),
    id: row._id,
    changes: [],
  }) as unknown as AuditRecord;

/**
 * Appends the records of an older version to their tenants' chains, oldest first; they stay where they were as well. Safe to repeat and to
 * break off: what is kept is not kept again, and nothing is read when the newest of them is.
 */
export async function adoptFormer(
  { db }: Database,
  keep: (records: readonly AuditRecord[]) => Promise<void>,
  isKept: (id: string) => Promise<boolean>,
): Promise<void> {
  const rows = db.collection<FormerRow>(formerCollection);
  const [newest] = await rows.find().sort({ recordedAt: -1, _id: -1 }).limit(1).toArray();
  if (newest === undefined || (await isKept(newest._id))) return;
  let batch: AuditRecord[] = [];
  for await (const row of rows.find({}, { allowDiskUse: true }).sort({ recordedAt: 1, _id: 1 })) {
    batch.push(recordOf(row));
    if (batch.length < atOnce) continue;
    await keep(batch);
    batch = [];
  }
  await keep(batch);
}
