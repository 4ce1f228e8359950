import { type EventEnvelope, faultPoint, type Log } from "@greentick/kernel";
import { BSON, type Collection } from "mongodb";
import { type Bus } from "../bus/contract.js";
import { type Job } from "../service.js";
import { type Database } from "./database.js";
import { type Told, toldEvents } from "./told.js";

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
  /** System time after which a run looks even when it heard of no write; default: a little less than the time between runs. */
  readonly lookAnywayMs?: number;
}

/** Finds the documents that carry events, whatever the number of those that do not. */
export const outboxIndex = {
  key: { "outbox.0.id": 1 },
  name: "outbox_waiting",
  partialFilterExpression: { "outbox.0.id": { $exists: true } },
} as const;

/** What one run takes from a collection: documents, and bytes of events beside the document that passes the limit. */
const atOnce = { documents: 200, bytes: 16_000_000 };

/**
 * Publishes what aggregates carry and takes it off them afterwards: at least once, in the order of each aggregate. Where the bus is a server of
 * its own, what was published is kept for a day, and published again when the server turns out to have lost it. A document whose events no bus
 * takes keeps them, and holds up nobody.
 */
export function outboxRelay(outbox: OutboxParts): Job {
  const worth = worthLooking(outbox.lookAnywayMs ?? usualLookAnywayMs);
  const told = toldEvents(outbox);
  const parts: Relaying = { ...outbox, told, stuck: new Set() };
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
    afresh: worth.changed,
    waiting: async () => {
      const looks = parts.collections.map((name) => rowsOf(parts, name).findOne(carrying, { projection: { _id: 1 } }));
      return (await Promise.all(looks)).some((found) => found !== null);
    },
    run: async () => {
      const again = await told.publishLost();
      if (!worth.now()) return again;
      try {
        let moved = again;
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

/** Another process may write to the same database without a nudge: look anyway after this long, and whenever somebody wants to know for sure. */
const usualLookAnywayMs = 900;

interface Worth {
  readonly listen: () => void;
  readonly changed: () => void;
  readonly now: () => boolean;
}

/** Spares a look at every collection right after one that found nothing, while this process hears of each write. */
function worthLooking(lookAnywayMs: number): Worth {
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

const carrying = { "outbox.0.id": { $exists: true } };

const rowsOf = ({ database }: OutboxParts, collection: string): Collection<Carrying> =>
  database.db.collection<Carrying>(collection);

interface Relaying extends OutboxParts {
  readonly told: Told;
  /** Documents that were complained about: once each is enough. */
  readonly stuck: Set<string>;
}

/** Goes on behind documents that are stuck, however many there are, until a page of them has moved. */
async function relay(parts: Relaying, collection: string): Promise<number> {
  let after: string | undefined;
  for (;;) {
    const waiting = await page(parts, collection, after);
    const moved = await relayPage(parts, collection, waiting);
    after = waiting.at(-1)?.outbox[0]?.id;
    if (moved > 0 || after === undefined) return moved;
  }
}

function page(parts: Relaying, collection: string, after: string | undefined): Promise<readonly Carrying[]> {
  const filter = after === undefined ? carrying : { "outbox.0.id": { $gt: after } };
  const found = rowsOf(parts, collection).find(filter, { projection: { outbox: 1, carrierOnly: 1 } });
  return upTo(found.sort({ "outbox.0.id": 1 }));
}

async function relayPage(parts: Relaying, collection: string, waiting: readonly Carrying[]): Promise<number> {
  const published = waiting.length === 0 ? [] : await publish(parts, collection, waiting);
  if (published.length === 0) return 0;
  await faultPoint("outbox.published");
  await parts.told.keep(published.flatMap((row) => row.outbox));
  const rows = rowsOf(parts, collection);
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

async function upTo(found: AsyncIterable<Carrying>): Promise<readonly Carrying[]> {
  const taken: Carrying[] = [];
  let bytes = 0;
  for await (const row of found) {
    taken.push(row);
    bytes += BSON.calculateObjectSize(row);
    if (taken.length >= atOnce.documents || bytes >= atOnce.bytes) break;
  }
  return taken;
}

/**
 * All together; when that fails one by one, so that a document whose events no bus takes does not hold up the others. @throws what the bus threw
 * when it takes nothing for another reason than what it was given.
 */
async function publish(
  parts: Relaying,
  collection: string,
  waiting: readonly Carrying[],
): Promise<readonly Carrying[]> {
  const all = await attempt(() => parts.told.publish(waiting.flatMap((row) => row.outbox)));
  if (all.done) return waiting;
  const published: Carrying[] = [];
  let away: Attempt = { done: true };
  for (const row of waiting) {
    const one = await attempt(() => parts.told.publish(row.outbox));
    if (one.done) published.push(row);
    else if (one.error instanceof RangeError) complain(parts, collection, { row, error: one.error });
    else away = one;
  }
  if (published.length === 0 && !away.done) throw away.error;
  return published;
}

function complain(
  { log, stuck }: Relaying,
  collection: string,
  { row, error }: { readonly row: Carrying; readonly error: RangeError },
): void {
  const key = `${collection}/${row._id}`;
  if (stuck.has(key)) return;
  if (stuck.size < complaintsRemembered) stuck.add(key);
  log.error({ err: error, collection, documentId: row._id }, "events of a document could not be published");
}

const complaintsRemembered = 10_000;

type Attempt = { readonly done: true } | { readonly done: false; readonly error: unknown };

const attempt = (work: () => Promise<void>): Promise<Attempt> =>
  work().then(
    () => ({ done: true }) as const,
    (error: unknown) => ({ done: false, error }) as const,
  );
