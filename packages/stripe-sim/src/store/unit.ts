import { type Ids } from "../lib/ids.js";
import { apiVersion, type StripeEvent } from "../shapes.js";
import { type Delivery, type Kind, type Kinds, type StoredEndpoint } from "./kinds.js";
import { type Put } from "./journal.js";
import { type Store } from "./store.js";

/** What caused a change: an API request (its id and key are on the event), or the clock (`null`). */
export type Cause = { readonly id: string; readonly idempotency_key: string | null } | null;

/**
 * One change of the world: everything it writes, the events it causes and their deliveries are collected and committed together.
 * `now` is the simulator's time in Unix seconds.
 */
export interface Unit {
  readonly now: number;
  readonly ids: Ids;
  get: <K extends Kind>(kind: K, id: string) => Promise<Kinds[K] | undefined>;
  put: <K extends Kind>(kind: K, object: Kinds[K]) => Promise<void>;
  /** Records the snapshot event `type` about `object`; with `before`, what changed is listed as `previous_attributes`. */
  emit: (type: string, object: object, before?: object) => Promise<void>;
  commit: () => Promise<void>;
  /** Deliveries to start once the change is durable. */
  deliveries: () => readonly string[];
}

/** The earlier values of the top-level fields in which two versions of an object differ. */
function previousAttributes(before: object, after: object): Record<string, unknown> {
  const now = new Map(Object.entries(after));
  return Object.fromEntries(
    Object.entries(before).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(now.get(name))),
  );
}

const wants = (endpoint: StoredEndpoint, type: string): boolean =>
  endpoint.status === "enabled" && endpoint.enabled_events.some((name) => name === "*" || name === type);

function deliveryOf(event: StripeEvent, endpoint: StoredEndpoint): Delivery {
  const id = `${event.id}:${endpoint.id}`;
  const { created: nextAttemptAt, type } = event;
  return { id, event: event.id, type, endpoint: endpoint.id, state: "pending", attempts: [], nextAttemptAt };
}

export function createUnit(store: Store, options: { now: number; ids: Ids; cause: Cause }): Unit {
  const { now, ids, cause } = options;
  const puts = new Map<string, Put>();
  const started: string[] = [];
  const put = async <K extends Kind>(kind: K, object: Kinds[K]): Promise<void> => {
    const key = `${kind}/${object.id}`;
    const known = puts.get(key) ?? (await store.row(kind, object.id));
    const seq = known?.seq ?? (await store.nextSeq());
    puts.set(key, { kind, seq, created: known?.created ?? now, object });
  };
  const emit = async (type: string, object: object, before?: object): Promise<void> => {
    const endpoints = (await store.find("webhook_endpoints", {})).filter((endpoint) => wants(endpoint, type));
    const event: StripeEvent = {
      id: ids.next("evt"),
      object: "event",
      api_version: apiVersion,
      created: now,
      data: { object, ...(before ? { previous_attributes: previousAttributes(before, object) } : {}) },
      livemode: false,
      pending_webhooks: endpoints.length,
      request: cause ?? { id: null, idempotency_key: null },
      type,
    };
    await put("events", event);
    for (const delivery of endpoints.map((endpoint) => deliveryOf(event, endpoint))) {
      await put("deliveries", delivery);
      started.push(delivery.id);
    }
  };
  return {
    now,
    ids,
    get: async (kind, id) => {
      const pending = puts.get(`${kind}/${id}`);
      return pending ? (pending.object as Kinds[typeof kind]) : store.get(kind, id);
    },
    put,
    emit,
    commit: () => store.commit([...puts.values()]),
    deliveries: () => started,
  };
}
