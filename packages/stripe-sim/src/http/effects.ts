import { type SimClock } from "../clock.js";
import { type FormMap } from "../lib/form.js";
import { type Gate } from "../lib/gate.js";
import { createIds } from "../lib/ids.js";
import { type KeptAnswer } from "../store/kinds.js";
import { type Store } from "../store/store.js";
import { createUnit } from "../store/unit.js";
import { type Deliverer } from "../webhooks/deliverer.js";
import { refusals } from "./errors.js";
import { expand } from "./expand.js";
import { type FaultKind } from "./faults.js";
import { answerToKeep, type Keyed, keyedRequest, keptAnswer } from "./idempotency.js";
import { type Match } from "./match.js";
import { readShape } from "./params.js";
import { type Context, type Route } from "./route.js";
import { type Answer, errorAnswer, jsonAnswer } from "./wire.js";

export interface EffectParts {
  readonly store: Store;
  readonly gate: Gate;
  readonly clock: SimClock;
  readonly deliverer: Deliverer;
  readonly seed: number;
  readonly graceSeconds: number;
  readonly url: () => string;
}

/** A request whose key and route are known. */
export interface Asked {
  readonly found: Match<Route>;
  readonly path: string;
  readonly form: FormMap;
  readonly requestId: string;
  readonly idempotencyKey: string | undefined;
  readonly fault: FaultKind | undefined;
}

/** The same story gives the same ids: explicit idempotency keys name them; writes without one, or with the SDK's own, are numbered. */
async function idScope(store: Store, { found, idempotencyKey: key }: Asked, now: number): Promise<string> {
  if (found.route.method === "GET") return "read";
  if (key === undefined || key.startsWith("stripe-node-retry-")) return `#${await store.nextRequest()}`;
  return `${key}@${now}`;
}

const replayed = ({ status, body, requestId }: KeptAnswer): Answer => ({
  status,
  body,
  headers: { "Idempotent-Replayed": "true", "Original-Request": requestId },
});

/** Answers a request by its effect: parameters are read first, then the key is looked up, then the handler runs and its changes are kept. */
export function createEffects(parts: EffectParts): (asked: Asked) => Promise<Answer> {
  const { store, gate, clock, deliverer, seed, graceSeconds, url } = parts;
  const busy = new Set<string>();
  const keysInFlight = new Set<string>();

  /** Runs the handler and commits its changes together with the answer that a repeat of the key replays. */
  const effect = async (asked: Asked, given: Record<string, unknown>, keyed: Keyed | undefined): Promise<Answer> => {
    const { expand: paths, ...params } = given;
    const { route, id } = asked.found;
    const now = clock.seconds();
    const cause = { id: asked.requestId, idempotency_key: keyed?.key ?? null };
    const unit = createUnit(store, { now, ids: createIds(seed, await idScope(store, asked, now)), cause });
    const context: Context = { unit, store, id, busy, url: url(), graceSeconds };
    const done = await expand(unit, await route.run(context, params), (paths ?? []) as string[]);
    const failed = asked.fault === "server_error_after_effect";
    const answer = failed ? errorAnswer(refusals.serverError()) : jsonAnswer(200, done);
    if (keyed) await unit.put("idempotency", answerToKeep(keyed, now, { ...answer, requestId: asked.requestId }));
    await unit.commit();
    deliverer.start(unit.deliveries());
    return answer;
  };
  const replayOr = async (keyed: Keyed, work: () => Promise<Answer>): Promise<Answer> => {
    if (keysInFlight.has(keyed.key)) throw refusals.keyInFlight(keyed.key);
    keysInFlight.add(keyed.key);
    try {
      const kept = await keptAnswer(store, keyed, clock.seconds());
      return kept ? replayed(kept) : await work();
    } finally {
      keysInFlight.delete(keyed.key);
    }
  };
  return (asked) => {
    const { route } = asked.found;
    const params: Record<string, unknown> = readShape(route.params, asked.form);
    const { idempotencyKey: key } = asked;
    const keyed = key === undefined ? undefined : keyedRequest(key, `POST ${asked.path}`, asked.form);
    const run = (): Promise<Answer> => effect(asked, params, keyed);
    const work = (): Promise<Answer> => (route.together ? gate.shared(run) : gate.exclusive(run));
    return keyed ? replayOr(keyed, work) : work();
  };
}
