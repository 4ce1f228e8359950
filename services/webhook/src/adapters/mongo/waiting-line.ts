import { AppError } from "@greentick/kernel";
import { type Collection } from "mongodb";
import { type Pending, type RawRow, writeTogether } from "./raw-inserts.js";

/** What may wait for the disk, and how much of it goes there at once. Bytes are those of the bodies. */
export interface RawLogBounds {
  readonly waiting: number;
  readonly waitingBytes: number;
  readonly together: number;
  readonly togetherBytes: number;
}

const usualBounds: RawLogBounds = {
  waiting: 5_000,
  waitingBytes: 64_000_000,
  together: 500,
  togetherBytes: 16_000_000,
};

const overloaded = (): AppError =>
  new AppError(
    "RATE_LIMITED",
    "overloaded",
    "More webhooks are waiting for the disk than can be kept. Send it again in a second.",
  );

export interface WaitingLine {
  /** `row` is made only when there is room. @throws RATE_LIMITED/overloaded, and what the store met. */
  readonly keep: (row: () => RawRow, bytes: number) => Promise<"kept" | "repeated">;
}

/** Those who come while one insert is under way share the next one. */
export function waitingLine(rows: Collection<RawRow>, given: Partial<RawLogBounds> = {}): WaitingLine {
  const bounds = { ...usualBounds, ...given };
  const pending: Pending[] = [];
  let bytes = 0;
  let flushing = false;
  const flush = async (): Promise<void> => {
    flushing = true;
    try {
      while (pending.length > 0) {
        const batch = takeBatch(pending, bounds);
        bytes -= sizeOf(batch);
        await writeTogether(rows, batch);
      }
    } finally {
      flushing = false;
    }
  };
  return {
    keep: (row, size) =>
      new Promise((resolve, reject) => {
        const full = pending.length >= bounds.waiting || (pending.length > 0 && bytes + size > bounds.waitingBytes);
        if (full) {
          reject(overloaded());
          return;
        }
        pending.push({
          row: row(),
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
function takeBatch(pending: Pending[], { together, togetherBytes }: RawLogBounds): readonly Pending[] {
  let bytes = 0;
  const end = pending.findIndex(({ row }, at) => {
    bytes += row.sizeBytes;
    return at >= together || (at > 0 && bytes > togetherBytes);
  });
  return pending.splice(0, end === -1 ? pending.length : end);
}
