import { randomUUID } from "node:crypto";
import { performance } from "node:perf_hooks";
import { type Log } from "@greentick/kernel";
import { type Collection, type Db } from "mongodb";

interface MemberRow {
  _id: string;
  beat: number;
  does: readonly string[];
}

/** What this process has seen of another: its beats go on, have stopped, or it has not looked for long enough to tell. */
export type Sighting = "alive" | "gone" | "unsure";

/**
 * The processes that share work, and whether each still lives. A member counts up a beat; whoever sees the same count for a whole lease, on
 * a stopwatch of its own, takes that member for gone. No process compares its clock with another's, so a wrong clock steals no work.
 */
export interface Membership {
  readonly id: string;
  /** Resolves when the others can see this member; nothing may be claimed before. Safe to repeat. */
  readonly join: () => Promise<void>;
  /** Tells the others what this member takes part in, e.g. the streams that its consumers read. */
  readonly nowDoing: (names: readonly string[]) => Promise<void>;
  /**
   * A number while this member's beats arrive, undefined once the others may believe it gone. The number changes after such a lapse: what
   * was claimed under another number has to be claimed again.
   */
  readonly term: () => number | undefined;
  readonly sight: (member: string) => Promise<Sighting>;
  /** Everybody who takes part in it and is not known to be gone; this member among them when it does. */
  readonly doing: (name: string) => readonly string[];
  /** Everybody else who is not known to be gone. */
  readonly others: () => readonly string[];
  readonly leave: () => Promise<void>;
}

export interface MembershipParts {
  readonly db: Db;
  readonly log: Log;
  /** A member without a beat for this long is gone. */
  readonly leaseMs: number;
  /** Called after each beat, when the picture of the others is fresh. */
  readonly onBeat?: () => void;
}

interface Seen {
  beat: number;
  since: number;
  moved: boolean;
  does: readonly string[];
}

/** Stops itself this much before the others take over, so that two never hold one thing by their own stopwatches. */
const fenceShare = 0.8;
const beatsPerLease = 4;

/** How long ago the last beat was kept, and how often there was a lapse since the start. */
function pulse(leaseMs: number): { readonly kept: (at: number) => void; readonly term: () => number | undefined } {
  let term = 0;
  let keptAt = Number.NEGATIVE_INFINITY;
  const lapsed = (at: number): boolean => at - keptAt > leaseMs * fenceShare;
  return {
    kept: (at) => {
      if (lapsed(at)) term += 1;
      keptAt = at;
    },
    term: () => (lapsed(performance.now()) ? undefined : term),
  };
}

/** One after the other, and never a second one in waiting when the clock asks: a slow store is not helped by a queue. */
function queue(work: () => Promise<void>): {
  readonly run: () => Promise<void>;
  readonly runIfIdle: () => void;
  readonly idle: () => Promise<void>;
} {
  let waiting = 0;
  let tail: Promise<void> = Promise.resolve();
  const run = (): Promise<void> => {
    waiting += 1;
    const mine = tail.then(work).finally(() => {
      waiting -= 1;
    });
    tail = mine.catch(() => undefined);
    return mine;
  };
  return {
    run,
    runIfIdle: () => {
      if (waiting === 0) run().catch(() => undefined);
    },
    idle: () => tail,
  };
}

export function membership(parts: MembershipParts): Membership {
  const rows: Collection<MemberRow> = parts.db.collection("members");
  const id = randomUUID();
  const others = sightings(rows, parts.leaseMs);
  const own = pulse(parts.leaseMs);
  let does: readonly string[] = [];
  let failing = false;
  const beat = async (): Promise<void> => {
    const at = performance.now();
    await rows.updateOne({ _id: id }, { $inc: { beat: 1 }, $set: { does } }, { upsert: true });
    own.kept(at);
    await others.look(id);
    failing = false;
    parts.onBeat?.();
  };
  const beats = queue(() =>
    beat().catch((error: unknown) => {
      if (!failing) parts.log.warn({ err: error, member: id }, "beat missed, shared work may go to other processes");
      failing = true;
      throw error;
    }),
  );
  let timer: NodeJS.Timeout | undefined;
  let joining: Promise<void> | undefined;
  return {
    id,
    join: () => {
      timer ??= setInterval(beats.runIfIdle, parts.leaseMs / beatsPerLease);
      joining ??= beats.run().catch((error: unknown) => {
        joining = undefined;
        throw error;
      });
      return joining;
    },
    nowDoing: async (names) => {
      does = names;
      await beats.run();
    },
    term: own.term,
    sight: (member) => (member === id ? Promise.resolve("alive") : others.sight(member)),
    others: others.all,
    doing: (name) => [...(does.includes(name) ? [id] : []), ...others.doing(name)],
    leave: async () => {
      clearInterval(timer);
      await beats.idle();
      await rows.deleteOne({ _id: id });
    },
  };
}

interface Sightings {
  readonly look: (except: string) => Promise<void>;
  readonly sight: (member: string) => Promise<Sighting>;
  readonly doing: (name: string) => readonly string[];
  readonly all: () => readonly string[];
}

/** What this process knows of the others, by its own stopwatch. */
function sightings(rows: Collection<MemberRow>, leaseMs: number): Sightings {
  const seen = new Map<string, Seen>();
  const note = (row: MemberRow): Seen => {
    const before = seen.get(row._id);
    const now =
      before?.beat === row.beat
        ? { ...before, does: row.does }
        : { beat: row.beat, since: performance.now(), moved: before !== undefined, does: row.does };
    seen.set(row._id, now);
    return now;
  };
  return {
    look: async (except) => {
      const present = await rows.find({ _id: { $ne: except } }).toArray();
      const ids = new Set(present.map((row) => row._id));
      for (const known of seen.keys()) if (!ids.has(known)) seen.delete(known);
      for (const row of present) {
        if (performance.now() - note(row).since <= leaseMs) continue;
        const { deletedCount } = await rows.deleteOne({ _id: row._id, beat: row.beat });
        if (deletedCount === 1) seen.delete(row._id);
      }
    },
    sight: async (member) => {
      const known = seen.get(member);
      if (known !== undefined) return known.moved ? "alive" : "unsure";
      const row = await rows.findOne({ _id: member });
      if (row === null) return "gone";
      note(row);
      return "unsure";
    },
    all: () => [...seen.keys()],
    doing: (name) => [...seen].flatMap(([member, { does }]) => (does.includes(name) ? [member] : [])),
  };
}
