import { type JetStreamManager } from "@nats-io/jetstream";
import { type Old } from "../retention.js";
import { subjectOf } from "./names.js";
import { type Positions } from "./positions.js";

/**
 * Purges records from the beginning of each partition: those that every consumer has passed, and that are old enough. The newest one of a
 * partition stays: it tells where the next one begins. No limit of the stream's own, which would also drop what nobody has handled.
 */
export function subjectSweep(jsm: JetStreamManager, stream: string, positions: Positions): (old: Old) => Promise<void> {
  return async (old) => {
    await positions.clear();
    const found = await positions.all();
    const { state } = await jsm.streams.info(stream, { subjects_filter: ">" });
    const range = { from: state.first_seq, to: state.last_seq + 1 };
    const [passed, unread] = [await firstSince(old.passed, range), await firstSince(old.unread, range)];
    for (const subject of Object.keys(state.subjects ?? {})) {
      const newest = await jsm.direct.getMessage(stream, { last_by_subj: subject });
      const readers = found.filter(({ place }) => subjectOf(stream, place) === subject);
      const old = readers.length === 0 ? unread : passed;
      const cut = Math.min(newest?.seq ?? 0, old, ...readers.map((reader) => reader.passed + 1));
      if (cut > state.first_seq) await jsm.streams.purge(stream, { filter: subject, seq: cut });
    }
  };

  /** The servers number messages in the order of their time. */
  async function firstSince(time: Date, { from, to }: { readonly from: number; readonly to: number }): Promise<number> {
    let [low, high] = [from, to];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const next = await jsm.direct.getMessage(stream, { seq: middle, next_by_subj: `${stream}.>` });
      if (next === null || next.time >= time) high = middle;
      else low = next.seq + 1;
    }
    return low;
  }
}
