import { type ApiKeyId, after, minuteMs } from "@greentick/kernel";
import { aggregateStore, type Database, upsertWhere, type ListFilter, scopeFilter } from "@greentick/runtime";
import { Schema } from "mongoose";
import { type ApiKey } from "../../domain/api-key.js";
import { keyErrors } from "../../domain/api-key-errors.js";
import { type ApiKeyFilter, type ApiKeyStore, type KeyUses } from "../../ports/keys.js";

const text = { type: String, required: true } as const;
const instant = { type: Date, required: true } as const;
const part = (fields: Record<string, unknown>): Schema => new Schema(fields, { _id: false, strict: "throw" });
const actor = { kind: text, id: text };

export const apiKeyCollection = "api_keys";
type Stored<T> = T & { readonly ensureIndexes: () => Promise<void> };

export function mongoApiKeyStore(database: Database): Stored<ApiKeyStore> {
  const rows = aggregateStore<ApiKey>({
    database,
    collection: apiKeyCollection,
    kind: "api_key",
    schemaVersion: 1,
    state: {
      name: text,
      scopes: { type: [String], required: true },
      ipAllowList: { type: [String], required: true },
      createdBy: { type: part(actor), required: true },
      createdAt: instant,
      expiresAt: instant,
      secrets: [part({ hash: text, visible: text, until: { type: Date } })],
      revoked: { type: Boolean, required: true },
      revokedAt: { type: Date },
      revokedBy: { type: part(actor) },
      revokedReason: { type: String },
    },
    indexes: [{ on: ["secrets.hash"], unique: true, acrossTenants: true, name: "secret_hash" }],
    notFound: keyErrors.notFound,
    onDuplicate: keyErrors.duplicate,
  });
  return {
    get: rows.get,
    findByHash: (scope, hash) => rows.findOne(scope, { "secrets.hash": hash }),
    list: (scope, page, filter) => rows.list(scope, page, equal(filter), byExpiry(filter)),
    insert: (call, key, { events, input }) => rows.insert(call, key, events, { mutation: "createApiKey", input }),
    save: rows.save,
    eraseAll: async (tenantId) => {
      await database.db.collection(apiKeyCollection).deleteMany({ tenantId: { $eq: tenantId } });
    },
    ensureIndexes: rows.ensureIndexes,
  };
}

const equal = ({ status, scope }: ApiKeyFilter): Record<string, string | boolean> => ({
  ...(status !== undefined && { revoked: status === "revoked" }),
  ...(scope !== undefined && { scopes: scope }),
});

function byExpiry({ status, now }: ApiKeyFilter & { readonly now: Date }): ListFilter {
  if (status === "active") return { time: { in: "expiresAt", from: after(now, 1) } };
  return status === "expired" ? { time: { in: "expiresAt", before: after(now, 1) } } : {};
}

interface UseRow {
  readonly _id: ApiKeyId;
  readonly tenantId: string;
  readonly ancestorIds: readonly string[];
  readonly livemode: boolean;
  readonly schemaVersion: 1;
  readonly lastUsedAt: Date;
}

/** A use is kept at most once a minute, however many processes see the key; a process that has just looked after it does not even try. */
const everyMs = minuteMs;
const mostLookedAfter = 20_000;

export function mongoKeyUses(database: Database): Stored<KeyUses> {
  const rows = database.db.collection<UseRow>("api_key_uses");
  const lookedAfter = new Map<ApiKeyId, Date>();
  const isKept = (id: ApiKeyId, now: Date): boolean => {
    const at = lookedAfter.get(id);
    return at !== undefined && at <= now && now < after(at, everyMs);
  };
  return {
    touch: async ({ id, tenantId, ancestorIds, livemode }, now) => {
      if (isKept(id, now)) return;
      const old = { _id: id, lastUsedAt: { $lte: after(now, -everyMs) } };
      const set = { tenantId, ancestorIds, livemode, schemaVersion: 1 as const, lastUsedAt: now };
      await upsertWhere((how) => rows.updateOne(old, { $set: set }, how));
      if (lookedAfter.size >= mostLookedAfter) lookedAfter.clear();
      lookedAfter.set(id, now);
    },
    eraseAll: async (tenantId) => {
      await rows.deleteMany({ tenantId: { $eq: tenantId } });
    },
    lastUsed: async (scope, ids) => {
      const found = await rows.find({ ...scopeFilter(scope), _id: { $in: [...ids] } }).toArray();
      return new Map(found.map(({ _id, lastUsedAt }) => [_id, lastUsedAt]));
    },
    ensureIndexes: async () => {
      await rows.createIndexes([{ key: { tenantId: 1 }, name: "tenant" }]);
    },
  };
}
