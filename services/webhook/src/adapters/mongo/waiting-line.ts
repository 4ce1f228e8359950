import { AppError } from "@greentick/kernel";
import { type Collection } from "mongodb";
import { type Pending, type RawRow, writeTogether } from "./raw-inserts.js";

/** What may wait for the disk, and how much of it goes there at once. Bytes are those of the bodies. */
export interface RawLogBounds {
  readonly waiting: number;
  readonly waitingBytes: number;
  readonly together: number;
  readonly togetherBytes: number;
  /** System time after which a write that the store has not answered counts as stuck. */
  readonly stuckMs: number;
  /** A crowd is refused from when the first of it has waited for so long: more come than can be kept, and whoever joins it waits longer still. */
  readonly crowd: number;
  readonly crowdMs: number;
}

export interface Timing {
  /** Does something after a time, unless it is called off. */
  readonly after: (ms: number, then: () => void) => () => void;
  /** Milliseconds of a stopwatch. */
  readonly stopwatch: () => number;
}

const realTiming: Timing = {
  after: (ms, then) => {
    const timer = setTimeout(then, ms);
    return () => {
      clearTimeout(timer);
    };
  },
  stopwatch: () => performance.now(),
};

const usualBounds: RawLogBounds = {
  waiting: 5_000,
  waitingBytes: 64_000_000,
  together: 500,
  togetherBytes: 16_000_000,
  stuckMs: 60_000,
  crowd: 256,
  crowdMs: 250,
};

const overloaded = (): AppError =>
  new AppError(
    "RATE_LIMITED",
    "overloaded",
    "More webhooks are waiting for the disk than can be kept. Send it again in a second.",
  );

const stuck = (): AppError =>
  new AppError(
    "PROVIDER_UNAVAILABLE",
    "store_slow",
    "The store takes too long to make webhooks durable. Send it again: what was kept meanwhile is recognised.",
  );

export interface WaitingLine {
  /** True while `keep` would refuse a body that is not larger than the others. */
  readonly isFull: () => boolean;
  /** `row` is made only when there is room. @throws RATE_LIMITED/overloaded, and what the store met. */
  readonly keep: (row: () => RawRow, bytes: number) => Promise<"kept" | "repeated">;
}

/**
 * Those who come while one insert is under way share the next one. While the store has not answered for too long, whoever waits is told to come again,
 * and so is whoever comes: nobody waits slowly for a refusal. What the store kept all the same is known when it comes again.
 */
export function waitingLine(
  rows: Collection<RawRow>,
  given: Partial<RawLogBounds> = {},
  timing: Partial<Timing> = {},
): WaitingLine {
  const bounds = { ...usualBounds, ...given };
  const { after, stopwatch } = { ...realTiming, ...timing };
  const pending: (Pending & { readonly since: number })[] = [];
  let bytes = 0;
  let flushing = false;
  let isStuck = false;
  const giveUp = (batch: readonly Pending[]): void => {
    isStuck = true;
    bytes = 0;
    for (const one of [...batch, ...pending.splice(0)]) one.settle(stuck());
  };
  const write = async (batch: readonly Pending[]): Promise<void> => {
    const callOff = after(bounds.stuckMs, () => {
      giveUp(batch);
    });
    await writeTogether(rows, batch);
    callOff();
    isStuck = false;
  };
  const flush = async (): Promise<void> => {
    flushing = true;
    try {
      while (pending.length > 0) {
        const batch = takeBatch(pending, bounds);
        bytes -= sizeOf(batch);
        await write(batch);
      }
    } finally {
      flushing = false;
    }
  };
  const refusal = (size: number): AppError | undefined => {
    if (isStuck) return stuck();
    const [first] = pending;
    const isLate = first !== undefined && pending.length >= bounds.crowd && stopwatch() - first.since > bounds.crowdMs;
    if (isLate) return overloaded();
    const full = pending.length >= bounds.waiting || (pending.length > 0 && bytes + size > bounds.waitingBytes);
    return full ? overloaded() : undefined;
  };
  return {
    isFull: () => refusal(1) !== undefined,
    keep: (row, size) =>
      new Promise((resolve, reject) => {
        const refused = refusal(size);
        if (refused !== undefined) {
          reject(refused);
          return;
        }
        pending.push({
          row: row(),
          since: stopwatch(),
          settle: (outcome) => {
            if (outcome instanceof AppError) reject(outcome);
            else resolve(outcome);
          },
        });
        bytes += size;
        if (!flushing) void flush();
      }),
  };
}

const sizeOf = (batch: readonly Pending[]): number => batch.reduce((sum, { row }) => sum + row.sizeBytes, 0);

/** The oldest of those who wait, as many as fit into one insert; at least one. */
function takeBatch<T extends Pending>(pending: T[], { together, togetherBytes }: RawLogBounds): readonly T[] {
  let bytes = 0;
  const end = pending.findIndex(({ row }, at) => {
    bytes += row.sizeBytes;
    return at >= together || (at > 0 && bytes > togetherBytes);
  });
  return pending.splice(0, end === -1 ? pending.length : end);
}
