import { type Clock, type Log } from "@greentick/kernel";
import { type PartitionOf } from "../partitions.js";
import { type RecordLog } from "./records.js";

export interface WatchParts {
  readonly records: Pick<RecordLog, "recent">;
  readonly now: Clock;
  readonly log: Log;
  readonly everyMs: number;
  readonly wake: (to: PartitionOf, end: number) => void;
}

/** Records are stamped by the process that writes them: clocks may differ by this much before a wake-up waits for the next look. */
const overlapMs = 5_000;

/** Notices what other processes appended, with one small query for all consumers of this one. */
export function watchAppends({ records, now, log, everyMs, wake }: WatchParts): { readonly stop: () => Promise<void> } {
  let since = now();
  let busy: Promise<void> | undefined;
  let failing = false;
  const look = async (): Promise<void> => {
    const from = new Date(since.getTime() - overlapMs);
    const at = now();
    try {
      for (const { end, ...to } of await records.recent(from)) wake(to, end);
      since = at;
      failing = false;
    } catch (error) {
      if (!failing) log.warn({ err: error }, "the event bus could not be looked at");
      failing = true;
    }
    busy = undefined;
  };
  const timer = setInterval(() => {
    busy ??= look();
  }, everyMs);
  return {
    stop: async () => {
      clearInterval(timer);
      await busy;
    },
  };
}
