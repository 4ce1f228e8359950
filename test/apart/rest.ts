import { setTimeout as sleep } from "node:timers/promises";
import { type Bus } from "@greentick/runtime";
import { type Db } from "mongodb";

/** What rest is read from: the bus of a deployment, its databases, and its sandbox clock. */
export interface Watched {
  readonly lag: Bus["lag"];
  /** By service. */
  readonly services: Readonly<Record<string, Db>>;
  readonly sandboxNow: () => Date;
}

/** Documents that stand for work which somebody takes up by himself: those of a collection that a filter finds. */
interface Work {
  readonly db: Db;
  readonly collection: string;
  readonly filter: () => object;
}

const countOf = ({ db, collection, filter }: Work): Promise<number> =>
  db.collection(collection).countDocuments(filter());
const nameOf = ({ db, collection, filter }: Work): string =>
  `${db.databaseName}.${collection} (${Object.keys(filter()).join()})`;

/** Collections whose documents carry events, known by the index with which they are found. */
async function outboxes(db: Db): Promise<readonly string[]> {
  const names = (await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name);
  const indexes = await Promise.all(names.map((name) => db.collection(name).indexes()));
  return names.filter((_, at) => indexes[at]?.some(({ key }) => "outbox.0.id" in key));
}

/** Everything in a service's database that a job of it takes up. */
async function worksOf(name: string, db: Db, { sandboxNow }: Watched): Promise<readonly Work[]> {
  const due = (livemode: boolean, now: Date): object => ({
    livemode,
    dueAt: { $lte: now },
    notBefore: { $lte: new Date() },
  });
  const carrying = (await outboxes(db)).map((collection): Work => {
    return { db, collection, filter: () => ({ "outbox.0.id": { $exists: true } }) };
  });
  const timers = {
    db,
    collection: "timers",
    filter: () => ({ $or: [due(true, new Date()), due(false, sandboxNow())] }),
  };
  const waiting = { db, collection: "raw", filter: () => ({ waiting: true }) };
  const own: Readonly<Record<string, readonly Work[]>> = { webhook: [waiting], billing: billingWorks(db, sandboxNow) };
  return [...carrying, timers, ...(own[name] ?? [])];
}

/** Totals to tell to Stripe or to see there, and months on their way from their close to a final invoice. */
const billingWorks = (db: Db, sandboxNow: () => Date): readonly Work[] => [
  {
    db,
    collection: "windows",
    filter: () => ({
      dirty: true,
      notBefore: { $lte: new Date() },
      day: { $lte: sandboxNow().toISOString().slice(0, 10) },
    }),
  },
  { db, collection: "windows", filter: () => ({ confirmed: false, sentVersion: { $gt: 0 } }) },
  { db, collection: "months", filter: () => ({ "state.status": { $in: ["closed", "finalizing"] } }) },
];

interface BusLook {
  /** Consumers that have not reached the end of a partition. */
  readonly behind: readonly string[];
  readonly ends: string;
}

async function lookAtBus(lag: Watched["lag"]): Promise<BusLook> {
  const places = await lag();
  const behind = places.filter((place) => place.behind > 0);
  const ends = places.map((place) => [place.stream, place.partition, place.offset + place.behind].join("/"));
  return { behind: [...new Set(behind.map(({ consumer }) => consumer))], ends: [...new Set(ends)].sort().join() };
}

const lookEveryMs = 50;

/**
 * Rest of processes of which only their bus and their databases tell. All work in flight leaves a mark until it is done: a position behind its end, an event in an
 * outbox, a body that waits, a timer that is due, a window that is dirty. Whatever moves from a place that a look has yet to see to one that it has seen
 * goes over the bus; so two quiet looks with the same ends of the bus had nothing between them. The indexes of the services have to be there.
 * @throws Error naming what still moves when `withinMs` of system time pass.
 */
export async function resting(watched: Watched, withinMs = 600_000): Promise<() => Promise<void>> {
  const { lag, services } = watched;
  const works = (await Promise.all(Object.entries(services).map(([name, db]) => worksOf(name, db, watched)))).flat();
  return async () => {
    const until = Date.now() + withinMs;
    const wait = async (what: string): Promise<void> => {
      if (Date.now() > until) throw new Error(`No rest within ${String(withinMs)} ms; still moving: ${what}.`);
      await sleep(lookEveryMs);
    };
    for (let before = ""; ;) {
      const { behind, ends } = await lookAtBus(lag);
      if (behind.length > 0) {
        await wait(behind.join());
        continue;
      }
      const counts = await Promise.all(works.map(countOf));
      const moving = works.find((_, at) => counts[at] !== 0);
      if (moving === undefined && ends === before) return;
      before = moving === undefined ? ends : "";
      while (moving !== undefined && (await countOf(moving)) > 0) await wait(nameOf(moving));
    }
  };
}
