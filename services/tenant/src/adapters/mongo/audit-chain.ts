import { type RandomBytes } from "@greentick/kernel";
import { type Database, isDuplicateKey, isShredded, type Vault } from "@greentick/runtime";
import { Binary, type Collection } from "mongodb";
import { type AuditRecord } from "../../domain/audit.js";
import { type Link, type Personal, type Salted } from "../../domain/trail.js";
import { commitmentsOf, genesis, hashOfLink } from "../../trail/record.js";

/** What the hash covers: the record without its personal values, at its place. */
type Linked = Omit<AuditRecord, "ip" | "changes"> & Link;
export type AuditRow = Omit<Linked, "id" | "tenantId"> & {
  readonly _id: AuditRecord["id"];
  readonly tenantId: AuditRecord["tenantId"];
  readonly hash: string;
  /** The personal values under the tenant's key; absent when there are none, or the tenant was erased before the record came. */
  readonly sealed?: Binary;
  readonly schemaVersion: 2;
};

/** A record that is ready but for its place. */
interface Prepared {
  readonly record: Omit<AuditRecord, "ip" | "changes">;
  readonly commitments: Link["commitments"];
  readonly sealed: Binary | undefined;
}

export interface ChainParts {
  readonly database: Database;
  readonly vault: Vault;
  readonly randomBytes: RandomBytes;
}

export const auditCollection = "audit_records";
const saltLength = 16;
/** Each lost try is another writer's success, so this many in a row mean that something else is wrong. */
const mostTries = 500;
const longestPauseMs = 20;

export const placeOf = (tenantId: AuditRecord["tenantId"], id: string): Parameters<Vault["seal"]>[0] => ({
  tenantId,
  record: id,
  field: "audit_personal",
});

const besideTheLink = new Set(["_id", "hash", "sealed", "schemaVersion"]);

/** The part of a row that its hash covers. */
export const linkOf = (row: AuditRow): Linked =>
  ({ id: row._id, ...Object.fromEntries(Object.entries(row).filter(([name]) => !besideTheLink.has(name))) }) as Linked;

/**
 * Appends records to the chains of their tenants. Several processes may append to one chain at once: the place after the head is taken by a
 * unique key, and whoever loses it reads the head again. A batch is inserted in order, so what a crash leaves is a whole chain, and the rest
 * follows when the events come again.
 */
export function auditChain(parts: ChainParts): (records: readonly AuditRecord[]) => Promise<void> {
  const rows: Collection<AuditRow> = parts.database.db.collection(auditCollection);
  const inTurn = turns();
  return async (records) => {
    const byTenant = new Map<AuditRecord["tenantId"], AuditRecord[]>();
    for (const record of records) {
      const own = byTenant.get(record.tenantId);
      if (own === undefined) byTenant.set(record.tenantId, [record]);
      else own.push(record);
    }
    await Promise.all(
      [...byTenant].map(async ([tenantId, own]) => {
        const prepared = await Promise.all(own.map((record) => prepare(parts, record)));
        await inTurn(tenantId, () => append(rows, tenantId, prepared));
      }),
    );
  };
}

/** Work on one chain waits for its predecessor in this process, so that processes compete and not their own batches. */
function turns(): (key: string, work: () => Promise<void>) => Promise<void> {
  const tails = new Map<string, Promise<void>>();
  return (key, work) => {
    const mine = (tails.get(key) ?? Promise.resolve()).catch(() => undefined).then(work);
    tails.set(key, mine);
    return mine.finally(() => {
      if (tails.get(key) === mine) tails.delete(key);
    });
  };
}

async function prepare({ vault, randomBytes }: ChainParts, record: AuditRecord): Promise<Prepared> {
  const { ip, changes, ...rest } = record;
  const salted = (value: unknown): Salted => ({
    salt: Buffer.from(randomBytes(saltLength)).toString("base64url"),
    value,
  });
  const personal: Personal = {
    ...(ip !== undefined && { ip: salted(ip) }),
    ...(changes.length > 0 && { changes: salted(changes) }),
  };
  return { record: rest, commitments: commitmentsOf(personal), sealed: await sealedOf(vault, record, personal) };
}

async function sealedOf(vault: Vault, { tenantId, id }: AuditRecord, personal: Personal): Promise<Binary | undefined> {
  if (Object.keys(personal).length === 0) return undefined;
  try {
    return new Binary(await vault.seal(placeOf(tenantId, id), JSON.stringify(personal)));
  } catch (error) {
    if (isShredded(error)) return undefined;
    throw error;
  }
}

async function append(rows: Collection<AuditRow>, tenantId: string, prepared: readonly Prepared[]): Promise<void> {
  const once = [...new Map(prepared.map((one) => [one.record.id, one])).values()];
  for (let tries = 1; ; tries++) {
    const fresh = await unknown(rows, once);
    if (fresh.length === 0) return;
    try {
      await rows.insertMany(chained(await headOf(rows, tenantId), fresh), { ordered: true });
      return;
    } catch (error) {
      if (!isDuplicateKey(error) || tries >= mostTries) throw error;
      const most = Math.min(2 ** tries, longestPauseMs);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * most));
    }
  }
}

async function unknown(rows: Collection<AuditRow>, prepared: readonly Prepared[]): Promise<readonly Prepared[]> {
  const ids = prepared.map(({ record }) => record.id);
  const kept = await rows.find({ _id: { $in: ids } }, { projection: { _id: 1 } }).toArray();
  const known = new Set(kept.map(({ _id }) => _id));
  return prepared.filter(({ record }) => !known.has(record.id));
}

interface Head {
  readonly sequence: number;
  readonly hash: string;
}

/** The last record that a majority has: one that could still be rolled back must not be built upon. */
async function headOf(rows: Collection<AuditRow>, tenantId: string): Promise<Head> {
  const [head] = await rows
    .find({ tenantId } as object, { projection: { sequence: 1, hash: 1 }, readConcern: { level: "majority" } })
    .sort({ sequence: -1 })
    .limit(1)
    .toArray();
  return head ?? { sequence: 0, hash: genesis };
}

function chained(head: Head, prepared: readonly Prepared[]): AuditRow[] {
  let { sequence, hash: previousHash } = head;
  return prepared.map(({ record, commitments, sealed }) => {
    sequence += 1;
    const link = { ...record, commitments, sequence, previousHash };
    const hash = hashOfLink(link);
    previousHash = hash;
    const { id: _id, ...rest } = link;
    return { _id, ...rest, hash, ...(sealed && { sealed }), schemaVersion: 2 };
  });
}
