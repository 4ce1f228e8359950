import { setImmediate } from "node:timers/promises";
import { type Clock, type EventEnvelope } from "@greentick/kernel";
import DataLoader from "dataloader";
import { type Collection, type Db, type Filter } from "mongodb";
import { isDuplicateKey } from "../../data/errors.js";
import { type PartitionEnd, rememberedRecords } from "../appending.js";
import { partitionKey, type PartitionOf } from "../partitions.js";

/** A batch of events of one partition. Offsets count events and are dense: the next record starts where this one ends. */
export interface BusRecord extends PartitionOf {
  _id: string;
  /** Offset of the first event. */
  offset: number;
  count: number;
  /** About as many as it has. */
  bytes: number;
  /** System time of the append. */
  at: Date;
  events: EventEnvelope[];
  /** In the oldest one: when a consumer last began there, and where one begins while this record goes. */
  begunAt?: Date;
  beginsAt?: number;
}

export const endOf = (record: BusRecord): number => record.offset + record.count;

/** The log of one deployment: append at the end of a partition, read from an offset. */
export interface RecordLog {
  /** One partition as its writers see it. `written` is told of each of their records once it is durable. */
  readonly endOf: (to: PartitionOf, written: (record: BusRecord) => void) => PartitionEnd;
  /**
   * Records from `offset` on, oldest first, until they hold so many bytes or the log ends; offsets of consumers stand at the edge of a record.
   * @throws Error when offsets are missing: that is never passed over.
   */
  readonly read: (from: PartitionOf, offset: number, bytes: number) => Promise<readonly BusRecord[]>;
  /** The offsets that the next events will get, by `partitionKey`. Whatever the length of the log, only what is new is looked at. */
  readonly ends: (of: readonly PartitionOf[]) => Promise<ReadonlyMap<string, number>>;
  /** The same of one partition; what many ask at once is asked of the store together. */
  readonly endNow: (of: PartitionOf) => Promise<number>;
  /** Partitions to which any process appended since then (system time), with their ends. */
  readonly recent: (since: Date) => Promise<readonly (PartitionOf & { readonly end: number })[]>;
  readonly ensureIndexes: () => Promise<void>;
}

export function recordLog(db: Db, now: Clock): RecordLog {
  const records: Collection<BusRecord> = db.collection("records");
  const ends = knownEnds(records);
  const endsNow = new DataLoader<PartitionOf, number>(
    async (of) => {
      const places = new Map(of.map((one) => [partitionKey(one), one]));
      const known = await ends([...places.values()]);
      return of.map((one) => known.get(partitionKey(one)) ?? 0);
    },
    { cache: false },
  );
  return {
    endOf: (to, written) => partitionEnd({ records, now, written }, to),
    read: async ({ stream, partition }, offset, bytes) => {
      const found = records.find({ stream, partition, offset: { $gte: offset } }).sort({ offset: 1 });
      return contiguous(found, offset, bytes);
    },
    recent: (since) => newestOf(records, { at: { $gte: since } }),
    ends,
    endNow: (of) => endsNow.load(of),
    ensureIndexes: async () => {
      const place = { stream: 1, partition: 1, offset: 1 } as const;
      await records.createIndexes([
        { key: place, unique: true, name: "stream_partition_offset" },
        { key: { at: 1, ...place, count: 1 }, name: "appended" },
      ]);
    },
  };
}

interface Writing {
  readonly records: Collection<BusRecord>;
  readonly now: Clock;
  readonly written: (record: BusRecord) => void;
}

/**
 * Writes under the unique key (stream, partition, offset), where the writer believes the end to be. A counter taken before the insert would
 * leave holes that readers pass under parallel writers; this cannot.
 */
const partitionEnd = ({ records, now, written }: Writing, to: PartitionOf): PartitionEnd => ({
  look: async (since) => {
    const newest = await records
      .find({ ...to, offset: { $gte: since.end } }, { projection: { offset: 1, count: 1, "events.id": 1 } })
      .sort({ offset: -1 })
      .limit(rememberedRecords)
      .toArray();
    const [last] = newest;
    const at = last === undefined ? await storedEnd(records, to) : endOf(last);
    const ids = newest.reverse().flatMap(({ events }) => events.map(({ id }) => id));
    return { at: { end: at, mark: 0 }, ids, lost: at < since.end };
  },
  write: async ({ end: offset }, { events, bytes }) => {
    const place = `${partitionKey(to)}/${String(offset).padStart(15, "0")}`;
    try {
      const record = { _id: place, ...to, offset, count: events.length, bytes, at: now(), events };
      await records.insertOne(record);
      written(record);
    } catch (error) {
      if (isDuplicateKey(error)) return undefined;
      throw error;
    }
    return { end: offset + events.length, mark: 0 };
  },
});

async function storedEnd(records: Collection<BusRecord>, { stream, partition }: PartitionOf): Promise<number> {
  const last = await records
    .find({ stream, partition }, { projection: { offset: 1, count: 1 } })
    .sort({ offset: -1 })
    .limit(1)
    .next();
  return last === null ? 0 : last.offset + last.count;
}

/** Asks for each partition once, and then in one query for all of them what came behind the ends it knows. */
function knownEnds(records: Collection<BusRecord>): RecordLog["ends"] {
  const known = new Map<string, number>();
  const note = (of: PartitionOf, end: number): void => {
    known.set(partitionKey(of), Math.max(end, known.get(partitionKey(of)) ?? 0));
  };
  return async (of) => {
    const unknown = of.filter((one) => !known.has(partitionKey(one)));
    const behind = of
      .filter((one) => known.has(partitionKey(one)))
      .map(({ stream, partition }) => ({
        stream,
        partition,
        offset: { $gte: known.get(partitionKey({ stream, partition })) ?? 0 },
      }));
    const newer = behind.length === 0 ? [] : await newestOf(records, { $or: behind });
    for (const { end, ...one } of newer) note(one, end);
    await Promise.all(
      unknown.map(async (one) => {
        note(one, await storedEnd(records, one));
      }),
    );
    return known;
  };
}

/** The ends of the partitions in which something matches. */
async function newestOf(
  records: Collection<BusRecord>,
  filter: Filter<BusRecord>,
): Promise<readonly (PartitionOf & { readonly end: number })[]> {
  const rows = await records
    .aggregate<{ _id: PartitionOf; end: number }>([
      { $match: filter },
      { $project: { _id: 0, stream: 1, partition: 1, offset: 1, count: 1 } },
      {
        $group: {
          _id: { stream: "$stream", partition: "$partition" },
          end: { $max: { $add: ["$offset", "$count"] } },
        },
      },
    ])
    .toArray();
  return rows.map(({ _id, end: newest }) => ({ ..._id, end: newest }));
}

/** A record is some milliseconds of reading: between two, everybody else of this process has a turn. */
async function contiguous(
  found: AsyncIterable<BusRecord>,
  offset: number,
  most: number,
): Promise<readonly BusRecord[]> {
  const records: BusRecord[] = [];
  let [next, bytes] = [offset, 0];
  for await (const record of found) {
    if (record.offset !== next)
      throw new Error(
        `The event log has no offset ${next} in ${record.stream}/${record.partition}, but ${record.offset}.`,
      );
    records.push(record);
    await setImmediate();
    next = endOf(record);
    bytes += record.bytes;
    if (bytes >= most) break;
  }
  return records;
}
