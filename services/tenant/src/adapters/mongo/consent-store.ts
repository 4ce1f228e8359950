import { envelope, type Scope, type TenantId } from "@greentick/kernel";
import { aggregateStore, type Database, nudgeOutbox, scopeFilter } from "@greentick/runtime";
import { Schema } from "mongoose";
import { type Consent, consentErrors } from "../../domain/consent.js";
import { type ConsentStore } from "../../ports/consent.js";

const text = { type: String, required: true } as const;
const instant = { type: Date, required: true } as const;

/** Collections that carry events; the second holds nothing else. */
export const consentCollections = ["consents", "consent_imports"] as const;

interface ErasedRow {
  _id: string;
  tenantId: TenantId;
  ancestorIds: readonly TenantId[];
  schemaVersion: 1;
  key: string;
  erasedAt: Date;
}

const bytes = (value: unknown): Uint8Array | undefined => {
  if (value === undefined || value === null) return undefined;
  return value instanceof Uint8Array ? value : Buffer.from((value as { buffer: Uint8Array }).buffer);
};

/** Binary as the driver gives it back -> bytes. */
function fromRow(row: Record<string, unknown>): Consent {
  const { sealedIdentity, history, ...rest } = row as unknown as Consent;
  return {
    ...rest,
    sealedIdentity: bytes(sealedIdentity) ?? Buffer.alloc(0),
    history: history.map(({ proof, ...step }) => {
      const read = bytes(proof);
      return { ...step, ...(read && { proof: read }) };
    }),
  };
}

const step = new Schema(
  {
    what: text,
    at: instant,
    recordedAt: instant,
    source: text,
    language: String,
    proof: Schema.Types.Buffer,
    by: text,
  },
  { _id: false, strict: "throw" },
);

const storeOf = (database: Database) =>
  aggregateStore<Consent>({
    database,
    collection: "consents",
    kind: "consent",
    schemaVersion: 1,
    state: {
      purpose: text,
      identityKeys: { type: [String], required: true },
      hint: text,
      sealedIdentity: { type: Schema.Types.Buffer, required: true },
      status: text,
      since: instant,
      history: [step],
    },
    indexes: [{ on: ["identityKeys", "purpose"], unique: true, name: "one_per_purpose" }],
    notFound: consentErrors.notFound,
    onDuplicate: consentErrors.duplicate,
    fromRow,
  });

export function mongoConsentStore(database: Database): ConsentStore & { readonly ensureIndexes: () => Promise<void> } {
  const rows = storeOf(database);
  const raw = database.db.collection<{ _id: string }>("consents");
  const erased = database.db.collection<ErasedRow>("erased_identities");
  /** What still carries an event would take it along: the relay is a moment away. */
  const removeAll = async (filter: Record<string, unknown>): Promise<number> => {
    const { deletedCount } = await raw.deleteMany({ $and: [filter, { "outbox.0.id": { $exists: false } }] });
    nudgeOutbox(database);
    if ((await raw.countDocuments(filter)) > 0)
      throw new Error("consents that still have events to publish are erased next time");
    return deletedCount;
  };
  return {
    list: (scope, page, { identityKeys, ...equal }) =>
      rows.list(scope, page, { ...equal, ...(identityKeys && { identityKeys }) }),
    findByKeys: (scope, keys, purpose) =>
      rows.findAll(scope, { identityKeys: keys, ...(purpose !== undefined && { purpose }) }),
    insert: rows.insert,
    save: rows.save,
    erase: async (scope, keys, at) => {
      const { tenant, ancestors } = ownOnly(scope);
      const remembered = keys.map((key) => ({
        updateOne: {
          filter: { _id: `${tenant}/${key}` },
          update: {
            $max: { erasedAt: at },
            $setOnInsert: { tenantId: tenant, ancestorIds: ancestors, key, schemaVersion: 1 as const },
          },
          upsert: true,
        },
      }));
      await erased.bulkWrite(remembered);
      return removeAll({ ...scopeFilter(scope), "state.identityKeys": { $in: [...keys] } });
    },
    erasedAt: async (scope, keys) => {
      const { tenant } = ownOnly(scope);
      const found = await erased.find({ _id: { $in: keys.map((key) => `${tenant}/${key}`) } }).toArray();
      return found.map((row) => row.erasedAt).sort((a, b) => b.getTime() - a.getTime())[0];
    },
    eraseTenant: async (tenantId) => {
      await erased.deleteMany({ tenantId });
      return removeAll({ tenantId });
    },
    tenantsWithWithdrawn: (livemode, before) =>
      raw.distinct("tenantId", { livemode, ...withdrawnBefore(before) }) as Promise<TenantId[]>,
    eraseWithdrawn: (tenantId, before) => removeAll({ tenantId, ...withdrawnBefore(before) }),
    tell: async (call, id, events) => {
      const about = { type: "consent_import", id, version: 1 };
      const outbox = events.map((one) => envelope(call, about, one));
      const { tenantId, ancestorIds, livemode } = call;
      const imports = database.db.collection<{ _id: string }>("consent_imports");
      const row = {
        _id: call.newId("event"),
        tenantId,
        ancestorIds,
        livemode,
        schemaVersion: 1,
        outbox,
        carrierOnly: true,
      };
      await imports.insertOne(row);
      nudgeOutbox(database);
    },
    ensureIndexes: async () => {
      await rows.ensureIndexes();
      await erased.createIndexes([{ key: { tenantId: 1 }, name: "tenant" }]);
    },
  };
}

const withdrawnBefore = (before: Date): Record<string, unknown> => ({
  "state.status": "withdrawn",
  "state.since": { $lt: before },
});

function ownOnly(scope: Scope): Extract<Scope, { tenant: TenantId }> {
  if (!("tenant" in scope)) throw new RangeError("contacts are erased within one tenant");
  return scope;
}
