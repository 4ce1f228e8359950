import { type Clock, type RandomBytes } from "@greentick/kernel";
import { type Database, type Sealer } from "@greentick/runtime";
import { Binary, type Collection, type IndexDescription } from "mongodb";
import { type Arrival } from "../../domain/kept-body.js";
import { laneOf } from "../../domain/lane.js";
import { type DoorCounts, type RawLog } from "../../ports.js";
import { type RawRow } from "./raw-inserts.js";
import { proveKey } from "./raw-key.js";
import { laneIndex, rawLine } from "./raw-line.js";
import { rawMarks } from "./raw-marks.js";
import { rawPast } from "./raw-past.js";
import { about, only, opener } from "./raw-rows.js";
import { sequenceOf } from "./raw-sequence.js";
import { type RawLogBounds, type Timing, waitingLine } from "./waiting-line.js";

export interface RawLogParts {
  readonly database: Database;
  readonly sealer: Sealer;
  readonly randomBytes: RandomBytes;
  readonly now: Clock;
  readonly bounds?: Partial<RawLogBounds>;
  readonly timing?: Partial<Timing>;
}

/**
 * The raw log over MongoDB. Writes wait for each other's company: one journalled insert for all that arrived during the last one. `ensureIndexes`, before
 * the first body, also goes on behind what is there. @throws from it Error when the key is not that of the kept bodies.
 */
export function mongoRawLog(parts: RawLogParts): RawLog & { readonly ensureIndexes: () => Promise<void> } {
  const rows: Collection<RawRow> = parts.database.db.collection("raw");
  const line = waitingLine(rows, parts.bounds, parts.timing);
  const open = opener(parts.sealer);
  const sequence = sequenceOf(rows, parts);
  const toRow = (arrival: Arrival): RawRow => ({
    _id: arrival.key,
    schemaVersion: 1,
    provider: arrival.provider,
    sequence: sequence.next(),
    receivedAt: arrival.receivedAt,
    keptAt: arrival.receivedAt,
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
    ...rawMarks(rows, parts),
    backlog: (scope) => countWaiting(rows, only(scope)),
    find: async (scope, key) => open(await rows.find({ ...only(scope), _id: { $eq: key } }).toArray())[0]?.body,
    namingPeople: async (scope, people) =>
      open(
        await rows
          .find({ ...only(scope), people: { $in: [...people] } })
          .sort({ sequence: 1 })
          .toArray(),
      ).map(({ body }) => body),
    counts: (scope) => countRows(rows, only(scope)),
    ensureIndexes: async () => {
      await rows.createIndexes(indexes);
      await Promise.all([proveKey(parts.database, parts.sealer), sequence.goOn()]);
    },
  };
}

/** Bodies are large: counts read an index, never the documents. */
const [waitingIndex, repeatedIndex] = ["waiting_in_order", "repeated"];
const keptOfTenant = { tenants: { $exists: true }, keptAt: { $exists: true } };
const indexes: IndexDescription[] = [
  { key: { waiting: 1, sequence: 1 }, name: waitingIndex, partialFilterExpression: { waiting: true } },
  { key: { repeats: 1, updates: 1 }, name: repeatedIndex, partialFilterExpression: { repeats: { $gt: 0 } } },
  { key: { people: 1 }, name: "people", partialFilterExpression: { people: { $exists: true } } },
  { key: { waiting: 1, lane: 1, sequence: 1 }, name: laneIndex, partialFilterExpression: { waiting: true } },
  { key: { refs: 1, sequence: -1 }, name: "refs", partialFilterExpression: { refs: { $exists: true } } },
  { key: { keptAt: 1, sequence: 1 }, name: "kept", partialFilterExpression: { keptAt: { $exists: true } } },
  { key: { tenants: 1, keptAt: 1, sequence: 1 }, name: "kept_of_tenant", partialFilterExpression: keptOfTenant },
  {
    key: { tenants: 1, receivedAt: 1 },
    name: "erased_of_tenant",
    partialFilterExpression: { erasedAt: { $exists: true } },
  },
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
