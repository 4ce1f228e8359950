import { badInput, type Scope } from "@greentick/kernel";
import { isShredded, scopeFilter, type Vault } from "@greentick/runtime";
import { type ChainedRecord } from "../../domain/audit.js";
import { type AuditFilter, type AuditStore, type PageRequest } from "../../ports.js";
import { type Personal } from "../../domain/trail.js";
import { auditChain, auditCollection, type AuditRow, type ChainParts, linkOf, placeOf } from "./audit-chain.js";
import { adoptFormer } from "./former-trail.js";

async function fromRow(vault: Vault, row: AuditRow): Promise<ChainedRecord> {
  const { commitments, ...link } = linkOf(row);
  const personal = await personalOf(vault, row);
  const changes = (personal?.changes?.value ?? []) as ChainedRecord["changes"];
  const ip = personal?.ip?.value;
  const erased = personal === undefined && Object.keys(commitments).length > 0;
  return { ...link, hash: row.hash, changes, ...(typeof ip === "string" && { ip }), erased };
}

/** Undefined when there is nothing personal, or nothing any more. */
export async function personalOf(vault: Vault, { _id, tenantId, sealed }: AuditRow): Promise<Personal | undefined> {
  if (sealed === undefined) return undefined;
  try {
    return JSON.parse((await vault.open(placeOf(tenantId, _id), sealed.buffer)).toString()) as Personal;
  } catch (error) {
    if (isShredded(error)) return undefined;
    throw error;
  }
}

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

/** The audit trail: appended once per event, never changed, never deleted by this service. */
export function mongoAuditStore(parts: ChainParts): AuditStore & { readonly ensureIndexes: () => Promise<void> } {
  const { database, vault } = parts;
  const rows = database.db.collection<AuditRow>(auditCollection);
  const list = async (scope: Scope, page: PageRequest, filter: AuditFilter): ReturnType<AuditStore["list"]> => {
    if (!Number.isInteger(page.first) || page.first < 1 || page.first > 100)
      throw badInput("first", "must be a whole number from 1 to 100");
    const all = matching(scope, filter);
    const [found, totalCount] = await Promise.all([
      rows
        .find({ $and: [all, older(page.after)] })
        .sort({ recordedAt: -1, _id: -1 })
        .limit(page.first + 1)
        .toArray(),
      rows.countDocuments(all),
    ]);
    const shown = found.slice(0, page.first);
    const last = shown.at(-1);
    return {
      items: await Promise.all(shown.map((row) => fromRow(vault, row))),
      hasNextPage: found.length > page.first,
      totalCount,
      ...(last && { endCursor: cursorOf(last) }),
    };
  };
  const keep = auditChain(parts);
  const isKept = async (id: string): Promise<boolean> =>
    (await rows.countDocuments({ _id: id as AuditRow["_id"] }, { limit: 1 })) > 0;
  return {
    keep,
    list,
    ensureIndexes: async () => {
      await rows.createIndexes([
        { key: { tenantId: 1, sequence: -1 }, name: "tenant_sequence", unique: true },
        { key: { tenantId: 1, recordedAt: -1, _id: -1 }, name: "tenant_newest" },
        { key: { ancestorIds: 1, recordedAt: -1, _id: -1 }, name: "ancestors_newest" },
        { key: { aggregateId: 1, recordedAt: -1 }, name: "aggregate_newest" },
      ]);
      await adoptFormer(database, keep, isKept);
    },
  };
}
