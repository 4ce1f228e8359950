import { type EventEnvelope, faultPoint, type Log } from "@greentick/kernel";
import { type Bus } from "../bus/contract.js";
import { type Job } from "../service.js";
import { type Database } from "./database.js";

const nudges = new WeakMap<Database, () => void>();

/** Tells the relay of this database that an aggregate has something to say; without a relay in this process it does nothing. */
export const nudgeOutbox = (database: Database): void => {
  nudges.get(database)?.();
};

/** Lets the process that runs the relay hear nudges. */
const onOutboxNudge = (database: Database, run: () => void): void => {
  nudges.set(database, run);
};

interface Carrying {
  _id: string;
  outbox: EventEnvelope[];
  carrierOnly?: true;
}

export interface OutboxParts {
  readonly database: Database;
  readonly collections: readonly string[];
  readonly bus: Bus;
  readonly log: Log;
}

/** Finds the documents that carry events, whatever the number of those that do not. */
export const outboxIndex = {
  key: { "outbox.0.id": 1 },
  name: "outbox_waiting",
  partialFilterExpression: { "outbox.0.id": { $exists: true } },
} as const;

const atOnce = 200;

/**
 * Publishes what aggregates carry and takes it off them afterwards: at least once, in the order of each aggregate. The aggregate is the
 * truth; what the bus loses can be published again.
 */
export function outboxRelay(parts: OutboxParts): Job {
  const worth = worthLooking();
  return {
    name: `${parts.database.name}.outbox`,
    everyMs: 1_000,
    onWake: (wake) => {
      worth.listen();
      onOutboxNudge(parts.database, () => {
        worth.changed();
        wake();
      });
    },
    run: async () => {
      if (!worth.now()) return 0;
      try {
        let moved = 0;
        for (const collection of parts.collections) moved += await relay(parts, collection);
        if (moved > 0) worth.changed();
        return moved;
      } catch (error) {
        worth.changed();
        throw error;
      }
    },
  };
}

/** Another process may write to the same database without a nudge: look anyway after this long. */
const lookAnywayMs = 900;

/** Spares a look at every collection right after one that found nothing, while this process hears of each write. */
function worthLooking(): { readonly listen: () => void; readonly changed: () => void; readonly now: () => boolean } {
  let listens = false;
  let changed = true;
  let lookedAt = 0;
  return {
    listen: () => {
      listens = true;
    },
    changed: () => {
      changed = true;
    },
    now: () => {
      if (listens && !changed && performance.now() - lookedAt < lookAnywayMs) return false;
      changed = false;
      lookedAt = performance.now();
      return true;
    },
  };
}

async function relay(parts: OutboxParts, collection: string): Promise<number> {
  const rows = parts.database.db.collection<Carrying>(collection);
  const waiting = await rows
    .find({ "outbox.0.id": { $exists: true } }, { projection: { outbox: 1, carrierOnly: 1 } })
    .sort({ "outbox.0.id": 1 })
    .limit(atOnce)
    .toArray();
  if (waiting.length === 0) return 0;
  const published = await publish(parts, collection, waiting);
  await faultPoint("outbox.published");
  await rows.bulkWrite(
    published.map(({ _id, outbox }) => ({
      updateOne: { filter: { _id }, update: { $pull: { outbox: { id: { $in: outbox.map((event) => event.id) } } } } },
    })),
    { ordered: false },
  );
  const empty = published.filter((row) => row.carrierOnly === true).map((row) => row._id);
  if (empty.length > 0) await rows.deleteMany({ _id: { $in: empty }, outbox: { $size: 0 } });
  return published.reduce((sum, row) => sum + row.outbox.length, 0);
}

/** All together; when that fails one by one, so that a document whose events no bus takes does not hold up the others. */
async function publish(
  { bus, log }: OutboxParts,
  collection: string,
  waiting: readonly Carrying[],
): Promise<readonly Carrying[]> {
  const all = await attempt(() => bus.publish(waiting.flatMap((row) => row.outbox)));
  if (all.done) return waiting;
  const published: Carrying[] = [];
  for (const row of waiting) {
    const one = await attempt(() => bus.publish(row.outbox));
    if (one.done) published.push(row);
    else log.error({ err: one.error, collection, documentId: row._id }, "events of a document could not be published");
  }
  if (published.length === 0) throw all.error;
  return published;
}

type Attempt = { readonly done: true } | { readonly done: false; readonly error: unknown };

const attempt = (work: () => Promise<void>): Promise<Attempt> =>
  work().then(
    () => ({ done: true }) as const,
    (error: unknown) => ({ done: false, error }) as const,
  );
