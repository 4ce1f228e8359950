import { createHash } from "node:crypto";
import {
  aggregateStore,
  type AggregateStore,
  type Database,
  type ListFilter,
  type StateFilter,
} from "@greentick/runtime";
import { Schema } from "mongoose";
import { tenantErrors } from "../../domain/errors.js";
import { type ActAsGrant } from "../../domain/grant.js";
import { type Tenant } from "../../domain/tenant.js";
import { type GrantStore, type TenantFilter, type TenantStore } from "../../ports.js";

const text = { type: String, required: true } as const;
const optionalText = { type: String };
const part = (fields: Record<string, unknown>): Schema => new Schema(fields, { _id: false, strict: "throw" });

const without = (value: object, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));

/** The root of the tree carries a mark of its own under a unique index, so that a deployment never gets two. */
function tenantAggregates(database: Database): AggregateStore<Tenant> {
  return aggregateStore<Tenant>({
    database,
    collection: "tenants",
    kind: "tenant",
    schemaVersion: 1,
    state: {
      parentId: optionalText,
      kind: text,
      status: text,
      statusSince: { type: Date, required: true },
      statusReason: text,
      resumesTo: optionalText,
      name: text,
      legalName: text,
      country: text,
      currency: text,
      timeZone: text,
      createdAt: { type: Date, required: true },
      address: {
        type: part({
          lines: { type: [String], required: true },
          city: text,
          region: String,
          postalCode: String,
          country: text,
        }),
      },
      taxIds: [part({ country: text, kind: text, value: text, check: text })],
      languages: { type: [String], required: true },
      contacts: [part({ purpose: text, name: text, email: optionalText, phone: optionalText })],
      inherited: { type: [String], required: true },
      twinOf: optionalText,
      closedAt: { type: Date },
      retention: [part({ kind: text, until: { type: Date, required: true }, endedAt: { type: Date } })],
      legalHold: { type: part({ reason: text, since: { type: Date, required: true }, placedBy: text }) },
      erasedAt: { type: Date },
      creation: { type: part({ scope: text, inputHash: text }) },
      root: optionalText,
    },
    indexes: [
      { on: ["root"], unique: true, acrossTenants: true, name: "one_root" },
      { on: ["creation.scope"], unique: true, acrossTenants: true, name: "creation_scope" },
      { on: ["twinOf"], unique: true, acrossTenants: true, name: "one_twin" },
      { on: ["parentId"], acrossTenants: true, name: "parent" },
    ],
    notFound: tenantErrors.notFound,
    onDuplicate: () => tenantErrors.duplicate("tenant"),
    toRow: (tenant) => ({
      ...without(tenant, ["id", "tenantId", "ancestorIds", "livemode", "version"]),
      ...(tenant.kind === "provider" && { root: "provider" }),
    }),
    fromRow: (row) => without(row, ["root"]) as unknown as Tenant,
  });
}

export function mongoTenantStore(database: Database): TenantStore & { readonly ensureIndexes: () => Promise<void> } {
  const rows = tenantAggregates(database);
  return {
    get: rows.get,
    getMany: rows.getMany,
    list: (scope, page, filter) => rows.list(scope, page, ...narrowing(filter)),
    findProvider: (scope) => rows.findOne(scope, { root: "provider" }),
    children: (scope, parentId) => rows.findAll(scope, { parentId }),
    findTwin: (scope, liveId) => rows.findOne(scope, { twinOf: liveId }),
    findCreated: (scope, creationScope) => rows.findOne(scope, { "creation.scope": creationScope }),
    insert: rows.insert,
    save: rows.save,
    ensureIndexes: rows.ensureIndexes,
  };
}

function narrowing({
  text: words,
  createdAfter,
  createdBefore,
  livemode,
  ...equal
}: TenantFilter): [StateFilter, ListFilter] {
  const time = {
    in: "createdAt",
    ...(createdAfter && { from: createdAfter }),
    ...(createdBefore && { before: createdBefore }),
  };
  const named = words === undefined ? {} : { words: { in: ["name", "legalName"], text: words } };
  return [equal, { ...named, time, ...(livemode !== undefined && { livemode }) }];
}

export function mongoGrantStore(database: Database): GrantStore & { readonly ensureIndexes: () => Promise<void> } {
  const rows = aggregateStore<ActAsGrant>({
    database,
    collection: "act_as_grants",
    kind: "act_as_grant",
    schemaVersion: 1,
    state: {
      staffId: text,
      staffName: text,
      staffTenantId: text,
      roles: { type: [String], required: true },
      reason: text,
      grantedAt: { type: Date, required: true },
      until: { type: Date, required: true },
      scopes: { type: [String], required: true },
      sessionId: optionalText,
      revokedAt: { type: Date },
      revokedBy: { type: part({ kind: text, id: text }) },
      revokedReason: optionalText,
    },
    notFound: tenantErrors.grantNotFound,
    fromRow: (row) => ({ scopes: [], ...row }) as unknown as ActAsGrant,
  });
  return {
    find: rows.find,
    list: (scope, page) => rows.list(scope, page),
    insert: rows.insert,
    save: rows.save,
    eraseAll: async (tenantId) => {
      await database.db.collection("act_as_grants").deleteMany({ tenantId: { $eq: tenantId } });
    },
    ensureIndexes: rows.ensureIndexes,
  };
}

/** SHA-256 over JSON with sorted keys: the same input hashes the same, whatever the order of its fields. */
export const hashOf = (value: unknown): string =>
  createHash("sha256")
    .update(
      JSON.stringify(value, (_, inner: unknown) =>
        typeof inner === "object" && inner !== null && !Array.isArray(inner)
          ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
          : inner,
      ),
    )
    .digest("hex");
