import { type ClockMode, type ClockView, type SimClock } from "./clock.js";
import { refusals } from "./http/errors.js";
import { type Fault, type Faults } from "./http/faults.js";
import { type LoggedRequest, type RequestLog } from "./http/request-log.js";
import { type Gate } from "./lib/gate.js";
import { createIds } from "./lib/ids.js";
import { checkedUrl, endpointOf, type NewEndpoint } from "./routes/webhook-endpoints.js";
import { type Scheduler } from "./scheduler.js";
import { type Delivery, type StoredEndpoint } from "./store/kinds.js";
import { type Put } from "./store/journal.js";
import { type Store } from "./store/store.js";
import { type Deliverer } from "./webhooks/deliverer.js";

export interface EndpointView {
  readonly id: string;
  readonly url: string;
  readonly secret: string;
}

/** What only a simulator can do. The same is served under `/_sim/`. */
export interface StripeSimControl {
  clock: () => ClockView;
  /** Moves the clock forwards, runs what falls due in order of time, and resolves when the webhooks this caused were attempted once. */
  setClock: (target: ClockMode) => Promise<ClockView>;
  /** Registers where events go. Safe to repeat: an endpoint with the same URL takes the new secret and event list. */
  addWebhookEndpoint: (endpoint: Pick<NewEndpoint, "url" | "secret" | "enabledEvents">) => Promise<EndpointView>;
  /** The newest API requests, newest first; at most `limit` (default 1000). */
  requests: (limit?: number) => Promise<LoggedRequest[]>;
  /** Deliveries with their attempts, oldest first. */
  webhooks: () => Promise<Delivery[]>;
  /** Sends an event again to every endpoint, also to one added after it, and resolves when that was attempted. */
  redeliver: (eventId: string) => Promise<void>;
  faults: () => readonly Fault[];
  addFault: (fault: Omit<Fault, "count"> & { count?: number }) => Promise<void>;
  clearFaults: () => Promise<void>;
  /** Resolves when nothing is due and every webhook was attempted. */
  settled: () => Promise<void>;
  /** Forgets everything, endpoints and keys included; the clock returns to where the simulator was first started. */
  reset: () => Promise<void>;
}

export interface ControlParts {
  readonly store: Store;
  readonly gate: Gate;
  readonly clock: SimClock;
  readonly scheduler: Scheduler;
  readonly deliverer: Deliverer;
  readonly faults: Faults;
  readonly requests: RequestLog;
  readonly seed: number;
  readonly initialClock: ClockMode;
}

const defaultRequests = 1000;
type GivenEndpoint = Pick<NewEndpoint, "url" | "secret" | "enabledEvents">;

function updated(known: StoredEndpoint, given: GivenEndpoint): StoredEndpoint {
  const enabled_events = given.enabledEvents ? [...given.enabledEvents] : known.enabled_events;
  return { ...known, secret: given.secret ?? known.secret, enabled_events };
}

async function putEndpoint({ store, clock, seed }: ControlParts, given: GivenEndpoint): Promise<EndpointView> {
  const url = checkedUrl(given.url);
  const [row] = await store.rows("webhook_endpoints", { "object.url": url, "object.status": "enabled" }, { limit: 1 });
  const seq = row?.seq ?? (await store.nextSeq());
  const created = row?.created ?? clock.seconds();
  const ids = createIds(seed, `endpoint#${seq}`);
  const object = row ? updated(row.object, given) : endpointOf(ids, created, given);
  await store.commit([{ kind: "webhook_endpoints", seq, created, object }]);
  return { id: object.id, url: object.url, secret: object.secret };
}

/** Marks the event as due at every endpoint. */
async function requeue({ store, clock }: ControlParts, eventId: string): Promise<string[]> {
  const event = await store.get("events", eventId);
  if (!event) throw refusals.missing("event", eventId, "eventId");
  const puts: Put[] = [];
  for (const endpoint of await store.find("webhook_endpoints", { "object.status": "enabled" })) {
    const id = `${event.id}:${endpoint.id}`;
    const row = await store.row("deliveries", id);
    const seq = row?.seq ?? (await store.nextSeq());
    const again = { state: "pending", nextAttemptAt: clock.seconds() } as const;
    const blank = { id, event: event.id, type: event.type, endpoint: endpoint.id, attempts: [] };
    puts.push({ kind: "deliveries", seq, created: event.created, object: { ...(row?.object ?? blank), ...again } });
  }
  await store.commit(puts);
  return puts.map((put) => put.object.id);
}

export function createControl(parts: ControlParts): StripeSimControl {
  const { store, gate, clock, scheduler, deliverer, faults, requests } = parts;

  const forget = async (): Promise<void> => {
    await requests.flush();
    await store.clear();
    await faults.clear();
    await clock.set(parts.initialClock);
  };

  return {
    clock: () => clock.view(),
    setClock: (target) => scheduler.moveTo(target),
    addWebhookEndpoint: (given) => gate.exclusive(() => putEndpoint(parts, given)),
    requests: (limit = defaultRequests) => requests.list(limit),
    webhooks: () => store.find("deliveries", {}),
    redeliver: async (eventId) => {
      deliverer.start(await gate.exclusive(() => requeue(parts, eventId)));
      await deliverer.idle();
    },
    faults: () => faults.list(),
    addFault: (fault) => faults.add({ count: 1, ...fault }),
    clearFaults: () => faults.clear(),
    settled: async () => {
      await scheduler.catchUp();
      await deliverer.idle();
    },
    reset: async () => {
      await deliverer.idle();
      await gate.exclusive(forget);
    },
  };
}
