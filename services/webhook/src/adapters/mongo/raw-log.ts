import { type Clock, makeId, type RandomBytes } from "@greentick/kernel";
import { type Database, type Sealer } from "@greentick/runtime";
import { Binary, type Collection, type IndexDescription } from "mongodb";
import { type Arrival } from "../../domain/kept-body.js";
import { laneOf } from "../../domain/lane.js";
import { type DoorCounts, type RawLog, type SplitBody } from "../../ports.js";
import { type RawRow } from "./raw-inserts.js";
import { proveKey } from "./raw-key.js";
import { laneIndex, rawLine } from "./raw-line.js";
import { rawPast } from "./raw-past.js";
import { about, only, opener } from "./raw-rows.js";
import { type After, type RawLogBounds, waitingLine } from "./waiting-line.js";

export interface RawLogParts {
  readonly database: Database;
  readonly sealer: Sealer;
  readonly randomBytes: RandomBytes;
  readonly now: Clock;
  readonly bounds?: Partial<RawLogBounds>;
  readonly after?: After;
}

/** The raw log over MongoDB. Writes wait for each other's company: one journalled insert for all that arrived during the last one. */
export function mongoRawLog(parts: RawLogParts): RawLog & { readonly ensureIndexes: () => Promise<void> } {
  const rows: Collection<RawRow> = parts.database.db.collection("raw");
  const line = waitingLine(rows, parts.bounds, parts.after);
  const open = opener(parts.sealer);
  const nextSequence = sequencer(parts);
  const toRow = (arrival: Arrival): RawRow => ({
    _id: arrival.key,
    schemaVersion: 1,
    provider: arrival.provider,
    sequence: nextSequence(),
    receivedAt: arrival.receivedAt,
    requestId: arrival.requestId,
    body: new Binary(parts.sealer.seal(about(arrival.key), arrival.body)),
    sizeBytes: arrival.body.length,
    repeats: 0,
    waiting: true,
    ...(arrival.provider === "meta" ? laneOf(arrival.body) : { lane: "stripe" }),
  });
  return {
    keep: (arrival) => line.keep(() => toRow(arrival), arrival.body.length),
    isFull: line.isFull,
    ...rawLine(rows, open),
    ...rawPast(rows, open),
    backlog: (scope) => countWaiting(rows, only(scope)),
    markSplit: async (scope, bodies) => {
      const writes = bodies.map((one) => ({
        updateOne: { filter: { ...only(scope), _id: one.key }, update: asSplit(one, parts.now()) },
      }));
      await rows.bulkWrite(writes, { ordered: false });
    },
    find: async (scope, key) => open(await rows.find({ ...only(scope), _id: { $eq: key } }).toArray())[0]?.body,
    namingPeople: async (scope, people) =>
      open(
        await rows
          .find({ ...only(scope), people: { $in: [...people] } })
          .sort({ sequence: 1 })
          .toArray(),
      ).map(({ body }) => body),
    notePeople: async (scope, { key, people, tenants }) => {
      await rows.updateOne({ ...only(scope), _id: key }, { $addToSet: named(people, tenants) });
    },
    notePublished: async (scope, which) => {
      const published = "since" in which ? { publishedAt: { $gte: which.since } } : { _id: { $in: [...which] } };
      await rows.updateMany({ ...only(scope), ...published }, { $max: { publishedAt: parts.now() } });
    },
    rewrite: async (scope, { key, body, people, refs, told }) => {
      const sealed = new Binary(parts.sealer.seal(about(key), body));
      const change = { $set: { body: sealed, refs: [...refs], told: [...told] }, $pullAll: { people: [...people] } };
      await rows.updateOne({ ...only(scope), _id: key, body: { $exists: true } }, change);
    },
    eraseBefore: async (scope, before, held) => {
      const old = {
        ...only(scope),
        receivedAt: { $lt: before },
        body: { $exists: true },
        waiting: { $exists: false },
        tenants: { $nin: [...held] },
      };
      const gone = {
        $unset: { body: 1, people: 1, refs: 1, told: 1, publishedAt: 1 },
        $set: { erasedAt: parts.now() },
      } as const;
      return (await rows.updateMany(old, gone)).modifiedCount;
    },
    counts: (scope) => countRows(rows, only(scope)),
    ensureIndexes: async () => {
      await rows.createIndexes(indexes);
      await proveKey(parts.database, parts.sealer);
    },
  };
}

const asSplit = ({ updates, people, tenants, refs, told }: SplitBody, now: Date) => ({
  $set: { updates, told: [...told], refs: [...refs] },
  ...(tenants.length > 0 && { $addToSet: named(people, tenants) }),
  ...(told.some((hash) => hash !== "") && { $max: { publishedAt: now } }),
  $unset: { waiting: 1 as const },
});

const named = (people: readonly string[], tenants: readonly string[]) => ({
  people: { $each: [...people] },
  tenants: { $each: [...tenants] },
});

/** Bodies are large: counts read an index, never the documents. */
const [waitingIndex, repeatedIndex] = ["waiting_in_order", "repeated"];
const indexes: IndexDescription[] = [
  { key: { waiting: 1, sequence: 1 }, name: waitingIndex, partialFilterExpression: { waiting: true } },
  { key: { repeats: 1, updates: 1 }, name: repeatedIndex, partialFilterExpression: { repeats: { $gt: 0 } } },
  { key: { people: 1 }, name: "people", partialFilterExpression: { people: { $exists: true } } },
  { key: { waiting: 1, lane: 1, sequence: 1 }, name: laneIndex, partialFilterExpression: { waiting: true } },
  { key: { refs: 1, sequence: -1 }, name: "refs", partialFilterExpression: { refs: { $exists: true } } },
  { key: { receivedAt: 1, sequence: 1 }, name: "received", partialFilterExpression: { body: { $exists: true } } },
  {
    key: { publishedAt: 1, sequence: 1 },
    name: "published",
    partialFilterExpression: { publishedAt: { $exists: true } },
  },
];

const countWaiting = (rows: Collection<RawRow>, filter: Record<string, never>): Promise<number> =>
  rows.countDocuments({ ...filter, waiting: true }, { hint: waitingIndex });

async function countRows(rows: Collection<RawRow>, filter: Record<string, never>): Promise<DoorCounts> {
  const repeatedUpdates = { $sum: { $multiply: ["$repeats", { $ifNull: ["$updates", 0] }] } };
  const [total] = await rows
    .aggregate<Record<"repeats" | "repeatedUpdates", number | bigint>>(
      [
        { $match: { ...filter, repeats: { $gt: 0 } } },
        { $project: { _id: 0, repeats: 1, updates: 1 } },
        { $group: { _id: null, repeats: { $sum: "$repeats" }, repeatedUpdates } },
      ],
      { hint: repeatedIndex },
    )
    .toArray();
  return {
    kept: await rows.countDocuments(filter, { hint: "_id_" }),
    repeats: Number(total?.repeats ?? 0),
    repeatedUpdates: Number(total?.repeatedUpdates ?? 0),
    waiting: await countWaiting(rows, filter),
  };
}

/** Keys that sort by order of receipt, also within one millisecond and when the system clock steps back. */
function sequencer(parts: RawLogParts): () => string {
  let latest = 0;
  let count = 0;
  return () => {
    latest = Math.max(latest, parts.now().getTime());
    count = (count + 1) >>> 0;
    const tail = Buffer.from(parts.randomBytes(10));
    tail.writeUInt32BE(count, 0);
    return makeId("event", latest, tail);
  };
}
