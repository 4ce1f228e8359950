import { finalize } from "./billing/invoices.js";
import { periodEnd, rollPeriod } from "./billing/subscriptions.js";
import { type SimClock } from "./clock.js";
import { createIds } from "./lib/ids.js";
import { type Store } from "./store/store.js";
import { createUnit } from "./store/unit.js";
import { type Deliverer } from "./webhooks/deliverer.js";
import { type World } from "./world.js";

/** Something that happens by itself at a time. */
export interface Job {
  /** Unix seconds on the simulator's clock. */
  readonly at: number;
  readonly run: () => Promise<void>;
}

export interface JobParts {
  readonly store: Store;
  readonly clock: SimClock;
  readonly deliverer: Deliverer;
  readonly seed: number;
  readonly graceSeconds: number;
  readonly url: () => string;
}

const earliest = (jobs: readonly (Job | undefined)[]): Job | undefined =>
  jobs.reduce((first, job) => (job && (!first || job.at < first.at) ? job : first), undefined);

/**
 * The job that falls due first: the end of a subscription's period, the finalization of a draft, another attempt of a webhook. They are
 * found in the kept state, so nothing is lost when the process ends.
 */
export function createJobs(parts: JobParts): () => Promise<Job | undefined> {
  const { store, clock, deliverer } = parts;

  /** One change caused by the clock. Its ids follow from what it is about, so a repeat after a crash writes the same objects. */
  const change = async (about: string, work: (world: World) => Promise<unknown>): Promise<void> => {
    const unit = createUnit(store, { now: clock.seconds(), ids: createIds(parts.seed, about), cause: null });
    await work({ unit, store, url: parts.url(), graceSeconds: parts.graceSeconds });
    await unit.commit();
    deliverer.start(unit.deliveries());
  };
  const nextRoll = async (): Promise<Job | undefined> => {
    const sort = { "object.items.data.current_period_end": 1 } as const;
    const [subscription] = await store.find("subscriptions", { "object.status": "active" }, { sort, limit: 1 });
    if (!subscription) return undefined;
    const at = periodEnd(subscription);
    return { at, run: () => change(`${subscription.id}@${at}`, (world) => rollPeriod(world, subscription)) };
  };
  const nextFinalization = async (): Promise<Job | undefined> => {
    const filter = { "object.status": "draft" as const, "object.automatically_finalizes_at": { $ne: null } };
    const sort = { "object.automatically_finalizes_at": 1 } as const;
    const [invoice] = await store.find("invoices", filter, { sort, limit: 1 });
    if (invoice?.automatically_finalizes_at == null) return undefined;
    const run = (): Promise<void> => change(`${invoice.id}@finalize`, (world) => finalize(world, invoice));
    return { at: invoice.automatically_finalizes_at, run };
  };
  const nextRetry = async (): Promise<Job | undefined> => {
    const sort = { "object.nextAttemptAt": 1 } as const;
    const [delivery] = await store.find("deliveries", { "object.state": "pending" }, { sort, limit: 1 });
    if (delivery?.nextAttemptAt == null) return undefined;
    return { at: delivery.nextAttemptAt, run: () => deliverer.startDue() };
  };
  return async () => earliest([await nextRoll(), await nextFinalization(), await nextRetry()]);
}
