import { type Clock, idTime, makeId, type RandomBytes } from "@greentick/kernel";
import { type Collection, type Filter, type Sort } from "mongodb";
import { type RawRow } from "./raw-inserts.js";

export interface Sequence {
  /** Sorts behind all that were given before, also within one millisecond and when the system clock steps back. */
  readonly next: () => string;
  /** Goes on behind what is in the log, so that this holds after a restart, too. Before the first `next`. */
  readonly goOn: () => Promise<void>;
}

/** Keys that sort by order of receipt. Of two processes each has its own: between them the order is as good as their clocks agree. */
export function sequenceOf(
  rows: Collection<RawRow>,
  { now, randomBytes }: { readonly now: Clock; readonly randomBytes: RandomBytes },
): Sequence {
  let latest = 0;
  let count = 0;
  const behindLast = async (filter: Filter<RawRow>, sort: Sort): Promise<void> => {
    const last = await rows
      .find(filter, { projection: { sequence: 1 } })
      .sort(sort)
      .limit(1)
      .next();
    latest = Math.max(latest, (idTime(last?.sequence ?? "") ?? -1) + 1);
  };
  return {
    next: () => {
      latest = Math.max(latest, now().getTime());
      count = (count + 1) >>> 0;
      const tail = Buffer.from(randomBytes(10));
      tail.writeUInt32BE(count, 0);
      return makeId("event", latest, tail);
    },
    goOn: async () => {
      await behindLast({ waiting: true }, { sequence: -1 });
      await behindLast({ keptAt: { $exists: true } }, { keptAt: -1, sequence: -1 });
    },
  };
}
