import { badInput, type Scope } from "@greentick/kernel";
import { type Database, scopeFilter } from "@greentick/runtime";
import { type AuditRecord } from "../../domain/audit.js";
import { type AuditFilter, type AuditStore, type PageRequest } from "../../ports.js";

type WithId = Omit<AuditRecord, "id"> & { readonly _id: AuditRecord["id"] };
type AuditRow = WithId & { readonly schemaVersion: 1 };

const toRow = ({ id, ...record }: AuditRecord): AuditRow => ({ _id: id, ...record, schemaVersion: 1 });
const fromRow = (row: WithId): AuditRecord => {
  const { _id: id, ...record } = row;
  return { id, ...record };
};

const cursorOf = (row: AuditRow): string =>
  Buffer.from(`${row.recordedAt.toISOString()}|${row._id}`).toString("base64url");

function older(after: string | undefined): Record<string, unknown> {
  if (after === undefined) return {};
  const [at = "", id = ""] = Buffer.from(after, "base64url").toString().split("|");
  if (Number.isNaN(Date.parse(at)) || id === "") throw badInput("after", "is not a cursor of this list");
  const recordedAt = new Date(at);
  return { $or: [{ recordedAt: { $lt: recordedAt } }, { recordedAt, _id: { $lt: id } }] };
}

function matching(scope: Scope, filter: AuditFilter): Record<string, unknown> {
  const { tenantId, action, aggregateId, actorId } = filter;
  const wanted = { tenantId, action, aggregateId, "actor.id": actorId };
  const given = Object.entries(wanted).flatMap(([field, value]) =>
    value === undefined ? [] : [{ [field]: { $eq: value } }],
  );
  return { $and: [scopeFilter(scope), ...given] };
}

/** The audit trail: inserted once per event, never changed, never deleted by this service. */
export function mongoAuditStore(database: Database): AuditStore & { readonly ensureIndexes: () => Promise<void> } {
  const rows = database.db.collection<AuditRow>("audit_trail");
  const keep = async (records: readonly AuditRecord[]): Promise<void> => {
    if (records.length === 0) return;
    const once = records.map(toRow).map((row) => ({
      updateOne: { filter: { _id: row._id }, update: { $setOnInsert: row }, upsert: true },
    }));
    await rows.bulkWrite(once, { ordered: false });
  };
  const list = async (scope: Scope, page: PageRequest, filter: AuditFilter): ReturnType<AuditStore["list"]> => {
    if (!Number.isInteger(page.first) || page.first < 1 || page.first > 100)
      throw badInput("first", "must be a whole number from 1 to 100");
    const all = matching(scope, filter);
    const [found, totalCount] = await Promise.all([
      rows
        .find({ $and: [all, older(page.after)] }, { projection: { schemaVersion: 0 } })
        .sort({ recordedAt: -1, _id: -1 })
        .limit(page.first + 1)
        .toArray(),
      rows.countDocuments(all),
    ]);
    const shown = found.slice(0, page.first);
    const last = shown.at(-1);
    return {
      items: shown.map((row) => fromRow(row)),
      hasNextPage: found.length > page.first,
      totalCount,
      ...(last && { endCursor: cursorOf(last) }),
    };
  };
  return {
    keep,
    list,
    ensureIndexes: async () => {
      await rows.createIndexes([
        { key: { tenantId: 1, recordedAt: -1, _id: -1 }, name: "tenant_newest" },
        { key: { ancestorIds: 1, recordedAt: -1, _id: -1 }, name: "ancestors_newest" },
        { key: { aggregateId: 1, recordedAt: -1 }, name: "aggregate_newest" },
      ]);
    },
  };
}
