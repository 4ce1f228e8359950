import { createHash } from "node:crypto";
import { aggregateStore, type AggregateStore, type Database } from "@greentick/runtime";
import { Schema } from "mongoose";
import { tenantErrors } from "../../domain/errors.js";
import { type ActAsGrant } from "../../domain/grant.js";
import { type Person } from "../../domain/person.js";
import { type Tenant } from "../../domain/tenant.js";
import { type GrantStore, type PersonStore, type TenantStore } from "../../ports.js";

const text = { type: String, required: true } as const;
const optionalText = { type: String };
const part = (fields: Record<string, unknown>): Schema => new Schema(fields, { _id: false, strict: "throw" });

const without = (value: object, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));

export const tenantCollections = ["tenants", "people", "act_as_grants"] as const;

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
      creation: { type: part({ scope: text, inputHash: text }) },
      root: optionalText,
    },
    indexes: [
      { on: ["root"], unique: true, acrossTenants: true, name: "one_root" },
      { on: ["creation.scope"], unique: true, acrossTenants: true, name: "creation_scope" },
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
    list: (scope, page, filter) => rows.list(scope, page, { ...filter }),
    findProvider: (scope) => rows.findOne(scope, { root: "provider" }),
    findCreated: (scope, creationScope) => rows.findOne(scope, { "creation.scope": creationScope }),
    insert: rows.insert,
    save: rows.save,
    ensureIndexes: rows.ensureIndexes,
  };
}

export function mongoPersonStore(database: Database): PersonStore & { readonly ensureIndexes: () => Promise<void> } {
  const rows = aggregateStore<Person>({
    database,
    collection: "people",
    kind: "person",
    schemaVersion: 1,
    state: {
      kind: text,
      name: text,
      email: text,
      memberships: [part({ tenantId: text, roles: { type: [String], required: true } })],
    },
    indexes: [{ on: ["email"], unique: true, name: "email" }],
    notFound: tenantErrors.personNotFound,
    onDuplicate: tenantErrors.emailTaken,
  });
  return {
    find: rows.find,
    findByEmail: async (scope, tenantId, email) =>
      (await rows.findAll(scope, { email })).find((person) => person.tenantId === tenantId),
    insert: rows.insert,
    ensureIndexes: rows.ensureIndexes,
  };
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
    },
    notFound: (id) => tenantErrors.duplicate(`act-as grant ${id}`),
  });
  return { list: (scope, page) => rows.list(scope, page), insert: rows.insert, ensureIndexes: rows.ensureIndexes };
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
