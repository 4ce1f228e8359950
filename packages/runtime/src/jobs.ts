import { type Log } from "@greentick/kernel";
import { type Collection, type Db } from "mongodb";
import { isDuplicateKey } from "./data/errors.js";
import { type Membership, membership } from "./members.js";
import { pause } from "./pause.js";
import { type Job } from "./service.js";
import { wakeable } from "./wakeable.js";

interface LeaseRow {
  _id: string;
  owner: string;
}

/** Repeating work of one process. */
export interface JobRunner {
  /** Runs one job soon. */
  readonly nudge: (name: string) => void;
  /** Runs every job that this process holds once and says how much was done. */
  readonly runNow: () => Promise<number>;
  /**
   * The same, and trusts nothing that was heard before: every job looks for itself, and of those that another process holds it asks whether
   * work waits for them; where they cannot tell, they count as done.
   */
  readonly lookNow: () => Promise<number>;
  readonly progress: () => JobProgress;
  /** Lets what runs finish; starts nothing more. */
  readonly stop: () => Promise<void>;
}

export interface JobProgress {
  /** All that was ever done here, by whatever woke it. */
  readonly done: number;
  /** Jobs that failed and will be tried again soon, whose last holder may be dead, or that have work waiting in another process. */
  readonly unsettled: readonly string[];
}

export interface JobParts {
  /** Keeps the leases. */
  readonly db: Db;
  readonly jobs: readonly Job[];
  readonly log: Log;
  /** A process that is silent for this long loses its jobs. */
  readonly leaseMs?: number;
}

const usualLeaseMs = 3_000;
/** A timer of Node's that is set for longer goes off at once. */
const longestTimerMs = 2 ** 31 - 1;
const retryMs = { first: 500, most: 60_000 };
/** A job that failed this often in a row will not be helped by waiting a little. */
const hopelessAfter = 3;

/** Runs each job at the start, on its schedule and when nudged; of several processes one works on a job at a time. */
export function runJobs(parts: JobParts): JobRunner {
  checkNames(parts.jobs);
  const lanes = new Map<string, JobLane>();
  const members = membership({
    db: parts.db,
    log: parts.log,
    leaseMs: parts.leaseMs ?? usualLeaseMs,
    onBeat: () => {
      for (const lane of lanes.values()) lane.review();
    },
  });
  const leases = jobLeases(parts.db, members);
  for (const job of parts.jobs) {
    const hold = (): Promise<Hold> => (job.everywhere === true ? Promise.resolve("mine") : leases.hold(job.name));
    lanes.set(job.name, startLane(job, hold, parts.log));
  }
  const all = (): JobLane[] => [...lanes.values()];
  return {
    nudge: (name) => {
      lanes.get(name)?.wake();
    },
    runNow: () => sumOf(all().map((lane) => lane.runOnce())),
    lookNow: () => sumOf(all().map((lane) => lane.look())),
    progress: () => ({
      done: all().reduce((sum, lane) => sum + lane.done(), 0),
      unsettled: [...lanes].filter(([, lane]) => lane.unsettled()).map(([name]) => name),
    }),
    stop: async () => {
      await Promise.all(all().map((lane) => lane.stop()));
      await leases.releaseAll().catch((error: unknown) => {
        parts.log.warn({ err: error }, "jobs stopped without giving their leases back");
      });
    },
  };
}

const sumOf = async (works: readonly Promise<number>[]): Promise<number> =>
  (await Promise.all(works)).reduce((sum, one) => sum + one, 0);

/** A lease bears the job's name. */
function checkNames(jobs: readonly Job[]): void {
  const names = jobs.map((job) => job.name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new Error(`Two jobs are called ${twice}: names are unique.`);
}

/** `unsure`: another process has it and may be dead; a look a little later tells. */
type Hold = "mine" | "other" | "unsure";

function jobLeases(
  db: Db,
  members: Membership,
): { hold: (name: string) => Promise<Hold>; releaseAll: () => Promise<void> } {
  const rows: Collection<LeaseRow> = db.collection("leases");
  const held = new Map<string, number>();
  const ownerOf = async (name: string): Promise<string> => {
    const row = await rows.findOne({ _id: name });
    if (row !== null) return row.owner;
    await rows.insertOne({ _id: name, owner: "" }).catch((error: unknown) => {
      if (!isDuplicateKey(error)) throw error;
    });
    return "";
  };
  const claim = async (name: string, term: number): Promise<Hold> => {
    const owner = await ownerOf(name);
    const sight = owner === "" || owner === members.id ? "gone" : await members.sight(owner);
    if (sight !== "gone") return sight === "unsure" ? "unsure" : "other";
    const taken = await rows.updateOne({ _id: name, owner }, { $set: { owner: members.id } });
    if (taken.matchedCount === 0) return "unsure";
    held.set(name, term);
    return "mine";
  };
  return {
    hold: async (name) => {
      await members.join();
      const term = members.term();
      if (term === undefined) return "unsure";
      return held.get(name) === term ? "mine" : claim(name, term);
    },
    releaseAll: async () => {
      try {
        await rows.updateMany({ owner: members.id }, { $set: { owner: "" } });
      } finally {
        await members.leave();
      }
    },
  };
}

interface JobLane {
  readonly wake: () => void;
  readonly runOnce: () => Promise<number>;
  /** Runs once without sparing a look; where another process holds the job, asks what waits for it. */
  readonly look: () => Promise<number>;
  /** The members changed: who has the job may be known now. */
  readonly review: () => void;
  readonly done: () => number;
  readonly unsettled: () => boolean;
  readonly stop: () => Promise<void>;
}

interface LaneState {
  stopped: boolean;
  /** In a row. */
  failures: number;
  done: number;
  hold: Hold | undefined;
  waitsElsewhere: boolean;
}

const isUnsettled = ({ hold, waitsElsewhere, failures }: LaneState): boolean =>
  (hold ?? "unsure") === "unsure" || waitsElsewhere || (failures > 0 && failures < hopelessAfter);

/** `kept` resolves when the job's next run may begin, or when the signal comes. */
function paceOf(
  { paceMs = 0 }: Job,
  signal: AbortSignal,
): { readonly begins: () => void; readonly kept: () => Promise<void> } {
  let beganAt = -Infinity;
  return {
    begins: () => {
      beganAt = performance.now();
    },
    kept: async () => {
      const waitMs = beganAt + paceMs - performance.now();
      if (waitMs > 0) await pause(waitMs, signal);
    },
  };
}

function startLane(job: Job, hold: () => Promise<Hold>, log: Log): JobLane {
  const state: LaneState = { stopped: false, failures: 0, done: 0, hold: undefined, waitsElsewhere: false };
  let tail: Promise<number> = Promise.resolve(0);
  let retry: NodeJS.Timeout | undefined;
  const stopping = new AbortController();
  const pace = paceOf(job, stopping.signal);
  const stopped = (): boolean => state.stopped;
  const once = async (): Promise<number> => {
    state.waitsElsewhere = false;
    if (stopped()) return 0;
    state.hold = await hold();
    if (state.hold !== "mine") return 0;
    pace.begins();
    const done = await job.run();
    state.failures = 0;
    state.done += done;
    return done;
  };
  const failed = (error: unknown): number => {
    state.failures += 1;
    log.error({ err: error, job: job.name, failures: state.failures }, "job failed and will run again");
    clearTimeout(retry);
    const gapMs = Math.min(retryMs.first * 2 ** state.failures, retryMs.most, job.everyMs);
    if (!stopped()) retry = setTimeout(worker.wake, gapMs);
    return 0;
  };
  const onceAfresh = async (): Promise<number> => {
    job.afresh?.();
    const done = await once();
    if (state.hold === "other") state.waitsElsewhere = (await job.waiting?.()) ?? false;
    return done;
  };
  /** Wakes and direct runs stand in one line: a job never runs twice at once in a process. */
  const inLine = (work: () => Promise<number>): Promise<number> => {
    tail = tail.then(work).catch(failed);
    return tail;
  };
  const runOnce = (): Promise<number> => inLine(once);
  const untilNothing = async (): Promise<void> => {
    do await pace.kept();
    while ((await runOnce()) > 0 && !stopped());
  };
  const worker = wakeable(untilNothing, () => undefined);
  const timer = setInterval(worker.wake, Math.min(job.everyMs, longestTimerMs));
  worker.wake();
  return {
    wake: worker.wake,
    runOnce,
    look: () => inLine(onceAfresh),
    review: () => {
      if (state.hold === "unsure") worker.wake();
    },
    done: () => state.done,
    unsettled: () => isUnsettled(state),
    stop: async () => {
      state.stopped = true;
      stopping.abort();
      clearInterval(timer);
      clearTimeout(retry);
      await worker.stop();
      await tail;
    },
  };
}
