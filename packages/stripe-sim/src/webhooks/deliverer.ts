import { type SimClock } from "../clock.js";
import { type Gate } from "../lib/gate.js";
import { type Log } from "../log.js";
import { type Delivery, type DeliveryAttempt } from "../store/kinds.js";
import { type Store } from "../store/store.js";
import { postWebhook, type PostResult } from "./post.js";
import { signatureOf } from "./sign.js";

/** Gaps between attempts on the simulator's clock, in seconds; with the first attempt that is eight over about three days. */
const retryGaps = [300, 1800, 7200, 18_000, 36_000, 86_400, 86_400];
const parallel = 8;
const endpointGone = "the endpoint was deleted";

export interface Deliverer {
  /** Starts attempts in the background. */
  start: (ids: readonly string[]) => void;
  /** Starts everything whose next attempt is due. */
  startDue: () => Promise<void>;
  /** Resolves when every started attempt has been made. */
  idle: () => Promise<void>;
  /** Takes no more and waits for those under way. */
  stop: () => Promise<void>;
}

export interface DelivererParts {
  readonly store: Store;
  readonly gate: Gate;
  readonly clock: SimClock;
  readonly log: Log;
  readonly timeoutMs: number;
}

const accepted = ({ status }: PostResult): boolean => status !== null && status >= 200 && status < 300;

/** The delivery after one more attempt: done, to be tried again, or given up. */
function afterAttempt(delivery: Delivery, result: PostResult, now: number): Delivery {
  const attempt: DeliveryAttempt = { at: now, status: result.status, error: result.error };
  const attempts = [...delivery.attempts, attempt];
  if (accepted(result)) return { ...delivery, attempts, state: "delivered", nextAttemptAt: null };
  const gap = result.error === endpointGone ? undefined : retryGaps[attempts.length - 1];
  if (gap === undefined) return { ...delivery, attempts, state: "failed", nextAttemptAt: null };
  return { ...delivery, attempts, nextAttemptAt: now + gap };
}

/** Makes one attempt and keeps what came of it. */
function createAttempt({ store, gate, clock, log, timeoutMs }: DelivererParts): (id: string) => Promise<void> {
  const send = async (delivery: Delivery): Promise<PostResult> => {
    const event = await store.get("events", delivery.event);
    const endpoint = await store.get("webhook_endpoints", delivery.endpoint);
    if (!event || endpoint?.status !== "enabled") return { status: null, error: endpointGone };
    const body = Buffer.from(JSON.stringify(event, null, 2));
    const signature = signatureOf(body, endpoint.secret, Math.floor(Date.now() / 1000));
    return postWebhook({ url: endpoint.url, body, signature, timeoutMs });
  };
  const keep = async (id: string, result: PostResult): Promise<void> => {
    const row = await store.row("deliveries", id);
    if (!row) return;
    const object = afterAttempt(row.object, result, clock.seconds());
    await store.commit([{ kind: "deliveries", seq: row.seq, created: row.created, object }]);
  };
  return async (id) => {
    const delivery = await store.get("deliveries", id);
    if (!delivery) return;
    const result = await send(delivery);
    if (!accepted(result)) log.warn({ delivery: id, type: delivery.type, ...result }, "webhook not accepted");
    await gate.shared(() => keep(id, result));
  };
}

export function createDeliverer(parts: DelivererParts): Deliverer {
  const { store, clock, log } = parts;
  const attempt = createAttempt(parts);
  const running = new Set<string>();
  let queue: string[] = [];
  let waiting: (() => void)[] = [];
  let stopped = false;

  const settle = (): void => {
    if (queue.length > 0 || running.size > 0) return;
    for (const done of waiting) done();
    waiting = [];
  };
  const run = async (id: string): Promise<void> => {
    running.add(id);
    try {
      await attempt(id);
    } catch (error) {
      log.error({ err: error, delivery: id }, "webhook attempt could not be recorded");
    }
    running.delete(id);
    pump();
  };
  const pump = (): void => {
    while (!stopped && running.size < parallel) {
      const id = queue.shift();
      if (id === undefined) break;
      void run(id);
    }
    settle();
  };
  const idle = (): Promise<void> =>
    new Promise((resolve) => {
      waiting.push(resolve);
      settle();
    });
  const start = (ids: readonly string[]): void => {
    if (stopped) return;
    queue.push(...ids.filter((id) => !running.has(id) && !queue.includes(id)));
    pump();
  };
  return {
    start,
    startDue: async () => {
      const filter = { "object.state": "pending" as const, "object.nextAttemptAt": { $lte: clock.seconds() } };
      start((await store.find("deliveries", filter)).map(({ id }) => id));
    },
    idle,
    stop: () => {
      stopped = true;
      queue = [];
      return idle();
    },
  };
}
