import { type Scope } from "@greentick/kernel";
import { type Database, scopeFilter, type Vault } from "@greentick/runtime";
import { type Collection } from "mongodb";
import { type ExportedRecord } from "../../domain/trail.js";
import { type ChainReader } from "../../ports/audit.js";
import { auditCollection, type AuditRow, linkOf } from "./audit-chain.js";
import { personalOf } from "./audit-store.js";

const atOnce = 500;

async function exportedOf(vault: Vault, row: AuditRow): Promise<ExportedRecord> {
  const personal = await personalOf(vault, row);
  return { link: linkOf(row), hash: row.hash, ...(personal && { personal }) };
}

/** The chains, read in pieces: nothing grows with their length. */
export function chainReader({ database, vault }: { readonly database: Database; readonly vault: Vault }): ChainReader {
  const rows: Collection<AuditRow> = database.db.collection(auditCollection);
  const within = (scope: Scope, more: object): object => ({ $and: [scopeFilter(scope), more] });
  const headOf: ChainReader["headOf"] = async (scope, tenantId) => {
    const [head] = await rows
      .find(within(scope, { tenantId: { $eq: tenantId } }), { projection: { sequence: 1, hash: 1 } })
      .sort({ sequence: -1 })
      .limit(1)
      .toArray();
    return head && { tenantId, sequence: head.sequence, hash: head.hash };
  };
  return {
    headOf,
    heads: async function* (scope) {
      const ends = rows.aggregate<{ _id: AuditRow["tenantId"]; sequence: number; hash: string }>([
        { $match: scopeFilter(scope) },
        { $sort: { tenantId: 1, sequence: -1 } },
        { $group: { _id: "$tenantId", sequence: { $first: "$sequence" }, hash: { $first: "$hash" } } },
      ]);
      for await (const { _id, sequence, hash } of ends) yield { tenantId: _id, sequence, hash };
    },
    hashAt: async (scope, tenantId, sequence) =>
      (await rows.findOne(within(scope, { tenantId: { $eq: tenantId }, sequence }), { projection: { hash: 1 } }))?.hash,
    records: async function* (scope, tenantId, firstSequence) {
      const last = (await headOf(scope, tenantId))?.sequence ?? 0;
      const range = { tenantId: { $eq: tenantId }, sequence: { $gte: firstSequence, $lte: last } };
      const found = rows.find(within(scope, range), { batchSize: atOnce }).sort({ sequence: 1 });
      for await (const row of found) yield exportedOf(vault, row);
    },
  };
}
