import { type Clock, type Log } from "@greentick/kernel";
import { type Collection, type Db } from "mongodb";
import { isDuplicateKey } from "../../data/errors.js";
import { type BusLoss } from "../contract.js";

/** What a stream is found to be when it is looked at. */
export interface StreamState {
  /** A stream that is made anew, empty, has another one. */
  readonly created: string;
  readonly lastSeq: number;
}

interface Mark {
  readonly seq: number;
  readonly at: Date;
}

interface BrokerRow {
  _id: string;
  created: string;
  /** How far the stream reached at some instants, oldest first. */
  marks: Mark[];
  losses: BusLoss[];
  /** Number of the newest loss. */
  number: number;
}

/** Keeps in the store what the servers had, so that everybody notices when they have less. */
export interface LossBook {
  /**
   * Compares what the stream is with what it was. The state is read after the book, so that what arrives meanwhile is no loss. True when a loss
   * was found that this process did not know of.
   */
  readonly compare: (state: () => Promise<StreamState>) => Promise<boolean>;
  readonly losses: (after: number) => readonly BusLoss[];
}

const keptMarks = 60;
const keptLosses = 20;
/** Between two marks; clocks of processes may differ by less than that. */
const markEveryMs = 10_000;

export function lossBook(db: Db, now: Clock, about: { readonly stream: string; readonly log: Log }): LossBook {
  const rows: Collection<BrokerRow> = db.collection("brokers");
  let known: readonly BusLoss[] = [];
  const begin = async ({ created, lastSeq }: StreamState): Promise<void> => {
    const first = { created, marks: [{ seq: lastSeq, at: now() }], losses: [], number: 0 };
    await rows.insertOne({ _id: about.stream, ...first }).catch((error: unknown) => {
      if (!isDuplicateKey(error)) throw error;
    });
  };
  const mark = async (row: BrokerRow, { lastSeq }: StreamState): Promise<void> => {
    const last = row.marks.at(-1);
    const at = now();
    if (last !== undefined && (last.seq === lastSeq || at.getTime() - last.at.getTime() < markEveryMs)) return;
    const seen = { _id: about.stream, created: row.created, number: row.number };
    await rows.updateOne(seen, { $push: { marks: { $each: [{ seq: lastSeq, at }], $slice: -keptMarks } } });
  };
  const note = async (row: BrokerRow, state: StreamState): Promise<void> => {
    const loss = { number: row.number + 1, since: lostSince(row, state) };
    const seen = { _id: about.stream, created: row.created, number: row.number };
    const afresh = { created: state.created, number: loss.number, marks: [{ seq: state.lastSeq, at: now() }] };
    await rows.updateOne(seen, { $set: afresh, $push: { losses: { $each: [loss], $slice: -keptLosses } } });
    about.log.error({ stream: about.stream, ...loss }, "the event bus has lost events, they are published again");
  };
  return {
    losses: (after) => known.filter(({ number }) => number > after),
    compare: async (look) => {
      const row = await rows.findOne({ _id: about.stream });
      const state = await look();
      if (row === null) await begin(state);
      else if (hasLost(row, state)) await note(row, state);
      else await mark(row, state);
      const losses = (await rows.findOne({ _id: about.stream }, { projection: { losses: 1 } }))?.losses ?? [];
      const isNew = (losses.at(-1)?.number ?? 0) > (known.at(-1)?.number ?? 0);
      known = losses;
      return isNew;
    },
  };
}

const hasLost = ({ created, marks }: BrokerRow, state: StreamState): boolean =>
  created !== state.created || marks.some(({ seq }) => seq > state.lastSeq);

/** The newest instant at which everything published so far is still there; clocks may differ, so a little earlier. */
function lostSince({ created, marks }: BrokerRow, state: StreamState): Date {
  const safe = created === state.created ? marks.findLast(({ seq }) => seq <= state.lastSeq) : undefined;
  return safe === undefined ? new Date(0) : new Date(safe.at.getTime() - markEveryMs);
}
