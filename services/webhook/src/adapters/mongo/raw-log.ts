import { type Clock, makeId, type RandomBytes, type Scope } from "@greentick/kernel";
import { type Database, type Sealer } from "@greentick/runtime";
import { Binary, type Collection, type IndexDescription } from "mongodb";
import { type Arrival, type KeptBody } from "../../domain/kept-body.js";
import { type AtMost, type DoorCounts, type RawLog } from "../../ports.js";
import { type RawRow } from "./raw-inserts.js";
import { type RawLogBounds, waitingLine } from "./waiting-line.js";

/** The body of a key binds the seal: a sealed body moved under another key does not open. */
const about = (key: string): string => `webhook/${key}`;

export interface RawLogParts {
  readonly database: Database;
  readonly sealer: Sealer;
  readonly randomBytes: RandomBytes;
  readonly now: Clock;
  readonly bounds?: Partial<RawLogBounds>;
}

/** The raw log over MongoDB. Writes wait for each other's company: one journalled insert for all that arrived during the last one. */
export function mongoRawLog(parts: RawLogParts): RawLog & { readonly ensureIndexes: () => Promise<void> } {
  const rows: Collection<RawRow> = parts.database.db.collection("raw");
  const line = waitingLine(rows, parts.bounds);
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
  });
  const fromRow = (row: RowWithBody): KeptBody => ({
    key: row._id,
    provider: row.provider,
    sequence: row.sequence,
    receivedAt: row.receivedAt,
    requestId: row.requestId,
    body: parts.sealer.open(about(row._id), row.body.buffer),
    repeats: row.repeats,
  });
  const withBody = (found: readonly RawRow[]): KeptBody[] => found.filter(hasBody).map(fromRow);
  return {
    keep: (arrival) => line.keep(() => toRow(arrival), arrival.body.length),
    waiting: async (scope, atMost) => {
      const found = rows.find({ ...only(scope), waiting: true }).sort({ sequence: 1 });
      return withBody(await upTo(found, atMost));
    },
    backlog: (scope) => countWaiting(rows, only(scope)),
    markSplit: async (scope, bodies) => {
      const writes = bodies.map(({ key, updates, people, tenants }) => ({
        updateOne: {
          filter: { ...only(scope), _id: key },
          update: {
            $set: { updates },
            ...(tenants.length > 0 && { $addToSet: named(people, tenants) }),
            $unset: { waiting: 1 as const },
          },
        },
      }));
      await rows.bulkWrite(writes, { ordered: false });
    },
    find: async (scope, key) => withBody(await rows.find({ ...only(scope), _id: { $eq: key } }).toArray())[0],
    namingPeople: async (scope, people) =>
      withBody(
        await rows
          .find({ ...only(scope), people: { $in: [...people] } })
          .sort({ sequence: 1 })
          .toArray(),
      ),
    notePeople: async (scope, { key, people, tenants }) => {
      await rows.updateOne({ ...only(scope), _id: key }, { $addToSet: named(people, tenants) });
    },
    rewrite: async (scope, { key, body, people }) => {
      const sealed = new Binary(parts.sealer.seal(about(key), body));
      const change = { $set: { body: sealed }, $pullAll: { people: [...people] } };
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
      const gone = { $unset: { body: 1, people: 1 }, $set: { erasedAt: parts.now() } } as const;
      return (await rows.updateMany(old, gone)).modifiedCount;
    },
    inOrder: async (scope, keys) => {
      const found = rows.find({ ...only(scope), _id: { $in: [...keys] } }, { projection: { sequence: 1 } });
      return (await found.sort({ sequence: 1 }).toArray()).map((row) => row._id);
    },
    counts: (scope) => countRows(rows, only(scope)),
    ensureIndexes: async () => {
      await rows.createIndexes(indexes);
    },
  };
}

type RowWithBody = RawRow & { readonly body: Binary };
const hasBody = (row: RawRow): row is RowWithBody => row.body !== undefined;

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
  { key: { receivedAt: 1 }, name: "with_bytes", partialFilterExpression: { body: { $exists: true } } },
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

/** Rows from the beginning until they hold as much as may be open at once; one that is larger by itself is taken alone. */
async function upTo(found: AsyncIterable<RawRow>, { bodies, bytes }: AtMost): Promise<readonly RawRow[]> {
  const taken: RawRow[] = [];
  let size = 0;
  for await (const row of found) {
    size += row.sizeBytes;
    if (taken.length > 0 && size > bytes) break;
    taken.push(row);
    if (taken.length >= bodies || size >= bytes) break;
  }
  return taken;
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

/** The log belongs to the deployment, not to a tenant: only system work reads it; what a tenant may see is cut out by its update's owner. */
function only(scope: Scope): Record<string, never> {
  if (!("system" in scope))
    throw new RangeError("the raw log is read with a system scope; a tenant sees its own updates only");
  return {};
}
