import { type Clock, type EventEnvelope } from "@greentick/kernel";
import { BSON, type Collection, type Db, type Filter } from "mongodb";
import { isDuplicateKey } from "../data/errors.js";
import { maxEventsPerRecord, maxRecordBytes, recordOverheadBytes } from "./event-rules.js";

export interface PartitionOf {
  readonly stream: string;
  readonly partition: number;
}

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
}

export const partitionKey = ({ stream, partition }: PartitionOf): string => `${stream}/${partition}`;

export const endOf = (record: BusRecord): number => record.offset + record.count;

/** An element of an array costs its index as text beside its value. */
const elementBytes = 8;

/** The events of one record, and how many bytes it will have. */
interface Filling {
  readonly events: EventEnvelope[];
  bytes: number;
}

/** Cuts a list so that no record has more than 500 events or 1 MB. */
export function intoRecords(events: readonly EventEnvelope[]): readonly Readonly<Filling>[] {
  const records: Filling[] = [];
  for (const event of events) {
    const bytes = BSON.calculateObjectSize(event) + elementBytes;
    const open = records.at(-1);
    if (open === undefined || open.events.length >= maxEventsPerRecord || open.bytes + bytes > maxRecordBytes)
      records.push({ events: [event], bytes: recordOverheadBytes + bytes });
    else {
      open.events.push(event);
      open.bytes += bytes;
    }
  }
  return records;
}

/** What one read brings at most, beside the record that passes the limit. */
const readBytes = 8_000_000;

/** The log of one deployment: append at the end of a partition, read from an offset. */
export interface RecordLog {
  /** Resolves when the events are durable, with the partition's end behind them. Appends of one process keep their order. */
  readonly append: (to: PartitionOf, events: readonly EventEnvelope[]) => Promise<number>;
  /**
   * Records from `offset` on, oldest first, until they hold `events` events or 8 MB, or the log ends; offsets of consumers stand at the edge of a
   * record. @throws Error when offsets are missing: that is never passed over.
   */
  readonly read: (from: PartitionOf, offset: number, events: number) => Promise<readonly BusRecord[]>;
  /** The offsets that the next events will get, by `partitionKey`. Whatever the length of the log, only what is new is looked at. */
  readonly ends: (of: readonly PartitionOf[]) => Promise<ReadonlyMap<string, number>>;
  /** Partitions to which any process appended since then (system time), with their ends. */
  readonly recent: (since: Date) => Promise<readonly (PartitionOf & { readonly end: number })[]>;
  readonly ensureIndexes: () => Promise<void>;
  /** Resolves when no append of this process is under way. */
  readonly idle: () => Promise<void>;
}

export function recordLog(db: Db, now: Clock): RecordLog {
  const records: Collection<BusRecord> = db.collection("records");
  const lines = new Map<string, AppendLine>();
  const lineOf = (to: PartitionOf): AppendLine => {
    const line = lines.get(partitionKey(to)) ?? appendLine(appender({ records, now, to }));
    lines.set(partitionKey(to), line);
    return line;
  };
  return {
    append: (to, events) => lineOf(to).append(events),
    read: async ({ stream, partition }, offset, events) => {
      const found = records.find({ stream, partition, offset: { $gte: offset } }).sort({ offset: 1 });
      return contiguous(found, offset, events);
    },
    recent: (since) => newestOf(records, { at: { $gte: since } }),
    ends: knownEnds(records),
    ensureIndexes: async () => {
      const place = { stream: 1, partition: 1, offset: 1 } as const;
      await records.createIndexes([
        { key: place, unique: true, name: "stream_partition_offset" },
        { key: { at: 1, ...place, count: 1 }, name: "appended" },
      ]);
    },
    idle: async () => {
      await Promise.all([...lines.values()].map((line) => line.idle()));
    },
  };
}

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

async function contiguous(
  found: AsyncIterable<BusRecord>,
  offset: number,
  events: number,
): Promise<readonly BusRecord[]> {
  const records: BusRecord[] = [];
  let [next, bytes] = [offset, 0];
  for await (const record of found) {
    if (record.offset !== next)
      throw new Error(
        `The event log has no offset ${next} in ${record.stream}/${record.partition}, but ${record.offset}.`,
      );
    records.push(record);
    next = endOf(record);
    bytes += record.bytes;
    if (next - offset >= events || bytes >= readBytes) break;
  }
  return records;
}

interface AppenderParts {
  readonly records: Collection<BusRecord>;
  readonly now: Clock;
  readonly to: PartitionOf;
}

/**
 * Appends under the unique key (stream, partition, offset): a writer inserts where it believes the end to be, and on a duplicate key reads
 * the end again. A counter taken before the insert would leave holes that readers pass under parallel writers; this cannot.
 */
function appender({ records, now, to }: AppenderParts): (events: readonly EventEnvelope[]) => Promise<number> {
  let believed: number | undefined;
  const insert = async ({ events, bytes }: Readonly<Filling>): Promise<number> => {
    const offset = believed ?? (await storedEnd(records, to));
    believed = undefined;
    const place = `${to.stream}/${to.partition}/${String(offset).padStart(15, "0")}`;
    await records.insertOne({ _id: place, ...to, offset, count: events.length, bytes, at: now(), events });
    believed = offset + events.length;
    return believed;
  };
  const untilFree = async (record: Readonly<Filling>): Promise<number> => {
    for (;;) {
      try {
        return await insert(record);
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
    }
  };
  return async (events) => {
    let last = 0;
    for (const record of intoRecords(events)) last = await untilFree(record);
    return last;
  };
}

interface AppendLine {
  readonly append: (events: readonly EventEnvelope[]) => Promise<number>;
  readonly idle: () => Promise<void>;
}

interface Waiting {
  readonly events: readonly EventEnvelope[];
  readonly resolve: (end: number) => void;
  readonly reject: (error: unknown) => void;
}

/** One append at a time per partition; those who come meanwhile share the next one, so many small publishes cost few writes. */
function appendLine(append: (events: readonly EventEnvelope[]) => Promise<number>): AppendLine {
  let waiting: Waiting[] = [];
  let busy: Promise<void> | undefined;
  const work = async (): Promise<void> => {
    while (waiting.length > 0) {
      const taken = waiting;
      waiting = [];
      await append(taken.flatMap(({ events }) => events)).then(
        (end) => {
          for (const { resolve } of taken) resolve(end);
        },
        (error: unknown) => {
          for (const { reject } of taken) reject(error);
        },
      );
    }
    busy = undefined;
  };
  return {
    append: (events) =>
      new Promise((resolve, reject) => {
        waiting.push({ events, resolve, reject });
        busy ??= work();
      }),
    idle: () => busy ?? Promise.resolve(),
  };
}
