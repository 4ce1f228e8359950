import { aggregateStore, type Database, idempotencyOf, isRepeat } from "@greentick/runtime";
import { Schema } from "mongoose";
import { type Endpoint } from "../../domain/out/endpoint.js";
import { endpointErrors } from "../../domain/out/errors.js";
import { type EndpointStore } from "../../ports/outgoing.js";

export const endpointCollection = "endpoints";

const text = { type: String, required: true } as const;
/** May be empty, which mongoose takes for missing where it is required. */
const anyText = { type: String } as const;
const number = { type: Number, required: true } as const;
const flag = { type: Boolean, required: true } as const;
const value = { type: Schema.Types.Mixed, required: true } as const;
const instant = { type: Date, required: true } as const;

/** Of the requests that changed an endpoint. */
const requestsKept = 20;
const alive = ["enabled", "disabled"] as const;
const found = (endpoint: Endpoint | undefined, id: string): Endpoint => {
  if (endpoint === undefined || endpoint.status === "deleted") throw endpointErrors.notFound(id);
  return endpoint;
};

export function mongoEndpointStore(
  database: Database,
): EndpointStore & { readonly ensureIndexes: () => Promise<void> } {
  const rows = aggregateStore<Endpoint>({
    database,
    collection: endpointCollection,
    kind: "endpoint",
    schemaVersion: 1,
    state: {
      url: anyText,
      description: anyText,
      kinds: { type: [String], required: true },
      ordered: flag,
      ratePerSecond: number,
      concurrency: number,
      payloadVersion: number,
      status: text,
      disabled: { type: Schema.Types.Mixed },
      secrets: { type: [Schema.Types.Mixed], required: true },
      createdAt: instant,
      createdBy: value,
      requests: { type: [Schema.Types.Mixed] },
    },
    indexes: [{ on: ["status"], name: "status" }],
    notFound: endpointErrors.notFound,
  });
  return {
    get: async (scope, id) => found(await rows.find(scope, id), id),
    find: rows.find,
    list: (scope, page, { status }) => rows.list(scope, page, { status: status === undefined ? alive : [status] }),
    ofTenant: (scope) => rows.findAll(scope, { status: alive }),
    ofTenants: async (_scope, tenantIds) => {
      const each = tenantIds.map((tenant) => rows.findAll({ tenant, ancestors: [] }, { status: alive }));
      return (await Promise.all(each)).flat();
    },
    insert: (call, endpoint, { events, input }) =>
      rows.insert(call, endpoint, events, { mutation: "createWebhookEndpoint", input }),
    once: (call, endpoint, request) => {
      const asked = idempotencyOf(call, request);
      const known = endpoint.requests ?? [];
      if (asked === undefined) return { endpoint, done: false };
      if (isRepeat(asked, known)) return { endpoint, done: true };
      return { endpoint: { ...endpoint, requests: [...known, asked].slice(-requestsKept) }, done: false };
    },
    save: rows.save,
    ensureIndexes: rows.ensureIndexes,
  };
}
