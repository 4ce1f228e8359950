import { type Clock, type Log } from "@greentick/kernel";
import { type Collection, type Db } from "mongodb";
import { isDuplicateKey } from "../../data/errors.js";
import { type BusLoss } from "../contract.js";

/** What a stream is found to be when it is looked at. */
export interface StreamState {
  /** A stream that is made anew, empty, has another one. */
  readonly created: string;
  readonly lastSeq: number;
  /** When the servers took the last message, as precisely as they say it. */
  readonly lastTime: string;
  /** The same of any message; undefined when there is none of that sequence. */
  readonly timeAt: (seq: number) => Promise<string | undefined>;
  /** Present when something that was acknowledged, to whomever, is not there any more; with an instant at which it was, if one is known. */
  readonly short?: { readonly since?: Date };
}

/** How far the stream reached at some instant, and its last message then: a stream that fills up again has another one in that place. */
interface Mark {
  readonly seq: number;
  readonly time: string;
  readonly at: Date;
}

interface KeptLoss extends BusLoss {
  /** Up to this sequence the stream still is what it was. */
  readonly whole: number;
}

interface BrokerRow {
  _id: string;
  created: string;
  /** Oldest first, some seconds apart. */
  marks: Mark[];
  /** Of the last look of any process. */
  newest: Mark;
  losses: KeptLoss[];
  /** Number of the newest loss. */
  number: number;
}

/** Keeps in the store what the servers had, so that everybody notices when they have less. */
export interface LossBook {
  /**
   * Compares what the stream is with what it was. The state is read after the book, so that what arrives meanwhile is no loss; `learnt` when
   * the book has a loss that this process did not know of. True when there is such a loss afterwards. One call at a time.
   */
  readonly compare: (state: (learnt: boolean) => Promise<StreamState>) => Promise<boolean>;
  readonly losses: (after: number) => readonly BusLoss[];
  /** Number of the newest loss that this process knows of; zero before the first. */
  readonly number: () => number;
  /** Up to which sequence the stream is still what it was before all losses with a higher number than that. */
  readonly wholeSince: (number: number) => number;
}

const keptMarks = 60;
const keptLosses = 20;
/** Between two marks; clocks of processes may differ by less than that. */
const markEveryMs = 10_000;

export function lossBook(db: Db, now: Clock, about: { readonly stream: string; readonly log: Log }): LossBook {
  const rows: Collection<BrokerRow> = db.collection("brokers");
  let known: readonly KeptLoss[] = [];
  const number = (): number => known.at(-1)?.number ?? 0;
  const begin = async ({ created }: StreamState, mark: Mark): Promise<void> => {
    const first = { created, marks: [mark], newest: mark, losses: [], number: 0 };
    await rows.insertOne({ _id: about.stream, ...first }).catch((error: unknown) => {
      if (!isDuplicateKey(error)) throw error;
    });
  };
  const keepMark = async (row: BrokerRow, mark: Mark): Promise<void> => {
    if (mark.seq <= row.newest.seq) return;
    const seen = { _id: about.stream, created: row.created, number: row.number, "newest.seq": { $lt: mark.seq } };
    const isDue = mark.at.getTime() - (row.marks.at(-1)?.at.getTime() ?? 0) >= markEveryMs;
    const more = isDue ? { $push: { marks: { $each: [mark], $slice: -keptMarks } } } : {};
    await rows.updateOne(seen, { $set: { newest: mark }, ...more });
  };
  const note = async (row: BrokerRow, state: StreamState, mark: Mark): Promise<void> => {
    const loss = { number: row.number + 1, ...(await lostSince(row, state)) };
    const seen = { _id: about.stream, created: row.created, number: row.number };
    const afresh = { created: state.created, number: loss.number, marks: [mark], newest: mark };
    await rows.updateOne(seen, { $set: afresh, $push: { losses: { $each: [loss], $slice: -keptLosses } } });
    about.log.error({ stream: about.stream, ...loss }, "the event bus has lost events, they are published again");
  };
  return {
    number,
    losses: (after) =>
      known.filter((loss) => loss.number > after).map(({ number: nth, since }) => ({ number: nth, since })),
    wholeSince: (after) => {
      const later = known.filter((loss) => loss.number > after);
      return later.length < number() - after ? 0 : Math.min(...later.map(({ whole }) => whole));
    },
    compare: async (look) => {
      const before = number();
      const row = await rows.findOne({ _id: about.stream });
      known = row?.losses ?? [];
      const at = now();
      const state = await look(number() > before);
      const mark = { seq: state.lastSeq, time: state.lastTime, at };
      if (row === null) await begin(state, mark);
      else if (await hasLost(row, state)) {
        await note(row, state, mark);
        known = (await rows.findOne({ _id: about.stream }, { projection: { losses: 1 } }))?.losses ?? [];
      } else await keepMark(row, mark);
      return number() > before;
    },
  };
}

async function hasLost({ created, newest }: BrokerRow, state: StreamState): Promise<boolean> {
  if (state.short !== undefined || created !== state.created || newest.seq > state.lastSeq) return true;
  if (newest.seq === state.lastSeq && newest.time === state.lastTime) return false;
  const time = newest.seq === 0 ? undefined : await state.timeAt(newest.seq);
  return time !== undefined && time !== newest.time;
}

/**
 * The newest instant at which everything published so far is still there; clocks may differ, so a little earlier. What is not there any more
 * because everybody had it proves nothing, and neither does what was noted after the loss, by somebody who did not know of it.
 */
async function lostSince(
  { created, marks, newest }: BrokerRow,
  state: StreamState,
): Promise<{ readonly since: Date; readonly whole: number }> {
  const latest = (state.short?.since?.getTime() ?? Infinity) - markEveryMs;
  const isTrue = ({ seq, at }: Mark): boolean => seq <= state.lastSeq && at.getTime() <= latest;
  const reached = created === state.created ? [...marks, newest].filter(isTrue) : [];
  for (const { seq, time, at } of reached.toReversed())
    if (seq === 0 || (await state.timeAt(seq)) === time)
      return { since: new Date(at.getTime() - markEveryMs), whole: seq };
  return { since: new Date(0), whole: 0 };
}
