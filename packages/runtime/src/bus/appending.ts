import { AppError, type EventEnvelope } from "@greentick/kernel";
import { type Filling, intoRecords } from "./cutting.js";
import { partitionKey, type PartitionOf } from "./partitions.js";

/** Where a partition ends. */
export interface EndMark {
  /** The offset that the next event will get. */
  readonly end: number;
  /** What the log itself calls its newest record of this partition. */
  readonly mark: number;
  /** Where the log may lose what it acknowledged: by what its newest record is known, and an instant at which it was there. */
  readonly proof?: { readonly id: string; readonly at: Date };
}

/** What a writer finds at the end of its partition. */
export interface Found {
  readonly at: EndMark;
  /** Of the events in the newest records, oldest first. */
  readonly ids: readonly string[];
  /** The log does not have any more what it acknowledged. */
  readonly lost: boolean;
}

/**
 * What was lost goes before what is new, and only those who publish know it: so they are told, and nothing of theirs is kept but what was under way
 * when the loss was found.
 */
export const lossLearnt = (): AppError =>
  new AppError(
    "PROVIDER_UNAVAILABLE",
    "bus_lost_events",
    "The event bus has lost events, which are published again before anything new. Repeat this in a few seconds.",
  );

/** How many of the newest records a writer looks at to know what was published already. */
export const rememberedRecords = 32;
/** Ids that a writer keeps in memory for each partition. */
const rememberedIds = 2_000;

/** The end of one partition as its writers see it, in whatever log. */
export interface PartitionEnd {
  /** Where it ends, with the newest records behind `since`, and whether what was acknowledged up to there still lies there. */
  readonly look: (since: EndMark) => Promise<Found>;
  /** Puts a record right behind `at`. Undefined when another writer was there first. */
  readonly write: (at: EndMark, record: Readonly<Filling>) => Promise<EndMark | undefined>;
  /** Told what a look has found lost, before the writer begins anew. Who agrees that it is lost lets the writers forget. */
  readonly onLoss?: () => Promise<void>;
}

export interface Appending {
  /**
   * Resolves when the events are durable, with the partition's end behind them. Appends of one process keep their order. @throws lossLearnt when the
   * log turns out, after this was asked for, to have lost something.
   */
  readonly append: (to: PartitionOf, events: readonly EventEnvelope[], again: boolean) => Promise<number>;
  /** For a log that was found to have lost something: refuses what was asked for so far, and looks anew what is there for what comes next. */
  readonly forget: () => void;
  /** An instant at which the log still had what it acknowledged to this process and has no more; undefined while it has everything. */
  readonly shortSince: () => Promise<Date | undefined>;
  /** Resolves when no append of this process is under way. */
  readonly idle: () => Promise<void>;
}

export function appending(endOf: (to: PartitionOf) => PartitionEnd): Appending {
  const writers = new Map<string, Writer>();
  const lines = new Map<string, AppendLine>();
  const lineOf = (to: PartitionOf): AppendLine => {
    const key = partitionKey(to);
    const writer = writers.get(key) ?? writerAt(endOf(to));
    const line = lines.get(key) ?? appendLine(writer.append);
    writers.set(key, writer);
    lines.set(key, line);
    return line;
  };
  return {
    append: (to, events, again) => lineOf(to).append(events.map((event) => ({ event, again }))),
    forget: () => {
      for (const writer of writers.values()) writer.forget();
      for (const line of lines.values()) line.refuse(lossLearnt());
    },
    shortSince: async () => {
      const found = await Promise.all([...writers.values()].map((writer) => writer.shortSince()));
      return found.filter((at) => at !== undefined).toSorted((a, b) => a.getTime() - b.getTime())[0];
    },
    idle: async () => {
      await Promise.all([...lines.values()].map((line) => line.idle()));
    },
  };
}

interface Outgoing {
  readonly event: EventEnvelope;
  /** Also when it was published a moment ago. */
  readonly again: boolean;
}

interface Writer {
  readonly append: (sent: readonly Outgoing[]) => Promise<number>;
  readonly forget: () => void;
  readonly shortSince: () => Promise<Date | undefined>;
}

const beginning: EndMark = { end: 0, mark: 0 };

/**
 * Writes where it believes the end to be; when somebody was there first, or it is not known whether the last write arrived, it looks what lies
 * there now. So it has seen whatever stands before its records, and knows its own repeats.
 */
function writerAt(place: PartitionEnd): Writer {
  const ids = recentIds();
  let at = beginning;
  let sure = false;
  let lives = 0;
  /** Compares with what was acknowledged when it began; what was forgotten meanwhile is known to be lost. */
  const compare = async (): Promise<Found> => {
    const life = lives;
    const found = await place.look(at);
    return { ...found, lost: found.lost && life === lives };
  };
  const stillIn = (life: number): void => {
    if (life !== lives) throw lossLearnt();
  };
  const look = async (life: number): Promise<void> => {
    let found = await compare();
    if (found.lost) {
      await place.onLoss?.();
      stillIn(life);
      ids.clear();
      found = await place.look(beginning);
    }
    stillIn(life);
    ids.add(found.ids);
    at = found.at;
    sure = true;
  };
  const writeAll = async (events: readonly EventEnvelope[], written: Set<string>, life: number): Promise<boolean> => {
    for (const record of intoRecords(events)) {
      sure = false;
      const end = await place.write(at, record);
      stillIn(life);
      if (end === undefined) return false;
      [at, sure] = [end, true];
      const added = record.events.map(({ id }) => id);
      ids.add(added);
      for (const id of added) written.add(id);
    }
    return true;
  };
  return {
    append: async (sent) => {
      const life = lives;
      const written = new Set<string>();
      if (!sure) await look(life);
      while (!(await writeAll(unknownOf(sent, written, ids), written, life))) await look(life);
      return at.end;
    },
    forget: () => {
      lives += 1;
      ids.clear();
      [at, sure] = [beginning, false];
    },
    shortSince: async () => {
      const since = at.proof?.at ?? new Date(0);
      return (await compare()).lost ? since : undefined;
    },
  };
}

/** What is not in the log yet, each once. */
function unknownOf(sent: readonly Outgoing[], written: ReadonlySet<string>, ids: RecentIds): readonly EventEnvelope[] {
  const taken = new Set(written);
  return sent.flatMap(({ event, again }) => {
    if (taken.has(event.id) || (!again && ids.has(event.id))) return [];
    taken.add(event.id);
    return [event];
  });
}

interface RecentIds {
  readonly has: (id: string) => boolean;
  readonly add: (ids: readonly string[]) => void;
  readonly clear: () => void;
}

function recentIds(): RecentIds {
  const known = new Set<string>();
  return {
    has: (id) => known.has(id),
    add: (ids) => {
      for (const id of ids) known.add(id);
      for (const oldest of known) {
        if (known.size <= rememberedIds) break;
        known.delete(oldest);
      }
    },
    clear: () => {
      known.clear();
    },
  };
}

interface AppendLine {
  readonly append: (sent: readonly Outgoing[]) => Promise<number>;
  /** What waits behind the append that is under way is not taken up. */
  readonly refuse: (error: Error) => void;
  readonly idle: () => Promise<void>;
}

interface Waiting {
  readonly sent: readonly Outgoing[];
  readonly resolve: (end: number) => void;
  readonly reject: (error: unknown) => void;
}

/** One append at a time per partition; those who come meanwhile share the next one, so many small publishes cost few writes. */
function appendLine(append: (sent: readonly Outgoing[]) => Promise<number>): AppendLine {
  const waiting: Waiting[] = [];
  let busy: Promise<void> | undefined;
  const work = async (): Promise<void> => {
    while (waiting.length > 0) {
      const taken = waiting.splice(0);
      await append(taken.flatMap(({ sent }) => sent)).then(
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
    append: (sent) =>
      new Promise((resolve, reject) => {
        waiting.push({ sent, resolve, reject });
        busy ??= work();
      }),
    refuse: (error) => {
      for (const { reject } of waiting.splice(0)) reject(error);
    },
    idle: () => busy ?? Promise.resolve(),
  };
}
