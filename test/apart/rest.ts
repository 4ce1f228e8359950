import { setTimeout as sleep } from "node:timers/promises";
import { type Db } from "mongodb";

/** What rest is read from: the databases of a deployment, and its sandbox clock. */
export interface Watched {
  readonly bus: Db;
  /** By service. */
  readonly services: Readonly<Record<string, Db>>;
  readonly sandboxNow: () => Date;
}

interface Look {
  /** What still moves, for people; empty when nothing does. */
  readonly moving: readonly string[];
  /** How far everything got: two quiet looks that agree in it had nothing between them. */
  readonly standing: string;
}

interface Place {
  readonly stream: string;
  readonly partition: number;
}
const keyOf = ({ stream, partition }: Place): string => `${stream}/${String(partition)}`;

interface OffsetRow extends Place {
  readonly _id: unknown;
  readonly consumer: string;
  readonly offset: number;
}

/** Consumers that have not reached the end of a partition. */
async function busLook(bus: Db): Promise<Look> {
  const end = { $max: { $add: ["$offset", "$count"] } };
  const ends = await bus
    .collection("records")
    .aggregate<{ _id: Place; end: number }>([{ $group: { _id: { stream: "$stream", partition: "$partition" }, end } }])
    .toArray();
  const endOf = new Map(ends.map((one) => [keyOf(one._id), one.end]));
  const rows = await bus.collection<OffsetRow>("offsets").find().toArray();
  const behind = rows.filter((row) => row.offset < (endOf.get(keyOf(row)) ?? 0));
  return {
    moving: [...new Set(behind.map(({ consumer }) => `consumer ${consumer}`))],
    standing: JSON.stringify([...endOf].sort()),
  };
}

/** Documents in a database that stand for work which a job of its service takes up by itself. */
async function serviceLook(name: string, db: Db, sandboxNow: Date): Promise<readonly string[]> {
  const collections = (await db.listCollections({}, { nameOnly: true }).toArray()).map((one) => one.name);
  const systemNow = new Date();
  const due = (livemode: boolean, now: Date): object => ({
    livemode,
    dueAt: { $lte: now },
    notBefore: { $lte: systemNow },
  });
  const work: readonly (readonly [collection: string, filter: object])[] = [
    ...collections.map((collection) => [collection, { "outbox.0.id": { $exists: true } }] as const),
    ["timers", { $or: [due(true, systemNow), due(false, sandboxNow)] }],
    ...(name === "webhook" ? ([["raw", { waiting: true }]] as const) : []),
    ...(name === "billing" ? billingWork(sandboxNow, systemNow) : []),
  ];
  const counts = await Promise.all(
    work.map(([collection, filter]) => db.collection(collection).countDocuments(filter)),
  );
  return work.flatMap(([collection, filter], at) =>
    counts[at] === 0 ? [] : [`${String(counts[at])} in ${name}.${collection} (${Object.keys(filter).join()})`],
  );
}

/** Totals to tell to Stripe or to see there, and months on their way from their close to a final invoice. */
const billingWork = (now: Date, systemNow: Date): readonly (readonly [string, object])[] => [
  ["windows", { dirty: true, notBefore: { $lte: systemNow }, day: { $lte: now.toISOString().slice(0, 10) } }],
  ["windows", { confirmed: false, sentVersion: { $gt: 0 } }],
  ["months", { "state.status": { $in: ["closed", "finalizing"] } }],
];

async function look({ bus, services, sandboxNow }: Watched): Promise<Look> {
  const events = await busLook(bus);
  if (events.moving.length > 0) return events;
  const now = sandboxNow();
  const works = await Promise.all(Object.entries(services).map(([name, db]) => serviceLook(name, db, now)));
  return { moving: works.flat(), standing: events.standing };
}

const lookEveryMs = 60;

/**
 * Resolves when nothing moves any more in processes that only their databases tell of. All work in flight leaves a mark until it is done: an
 * offset behind its end, an event in an outbox, a body that waits, a timer that is due, a window that is dirty. Whatever moves from a place that a look
 * has yet to see to one that it has seen goes over the bus; so two quiet looks with the same ends of the bus had nothing between them.
 * @throws Error naming what still moves when `withinMs` of system time pass.
 */
export async function rest(watched: Watched, withinMs = 90_000): Promise<void> {
  const until = Date.now() + withinMs;
  let before: string | undefined;
  for (;;) {
    const { moving, standing } = await look(watched);
    if (moving.length === 0 && standing === before) return;
    before = moving.length === 0 ? standing : undefined;
    if (Date.now() > until)
      throw new Error(
        `The processes did not come to rest within ${String(withinMs)} ms; still moving: ${moving.join(", ")}.`,
      );
    if (moving.length > 0) await sleep(lookEveryMs);
  }
}
