import { AppError, type Clock, type EventEnvelope } from "@greentick/kernel";
import { type Collection, type Db } from "mongodb";
import { type DeadLetter } from "./contract.js";

interface DeadLetterRow extends Omit<DeadLetter, "id"> {
  _id: string;
  /** Somebody wants it handed in again, and no process has taken it up yet. */
  wanted?: boolean;
}

/** Events that a consumer could not handle within its tries, kept with the reason until somebody hands them in again. */
export interface DeadLetterBox {
  readonly put: (consumer: string, event: EventEnvelope, failure: Failure) => Promise<void>;
  /** Marks a letter to be handed in again. False when there is none. */
  readonly want: (id: string) => Promise<boolean>;
  /** Takes up one wanted letter of these consumers; of several processes one gets it. It stays in the box until it is removed. */
  readonly takeWanted: (consumers: readonly string[], id?: string) => Promise<DeadLetter | undefined>;
  readonly remove: (id: string) => Promise<void>;
  /** Oldest first. */
  readonly list: (consumer?: string) => Promise<readonly DeadLetter[]>;
}

export interface Failure {
  readonly tries: number;
  readonly error: unknown;
}

const fromRow = ({ _id, consumer, event, tries, error, at }: DeadLetterRow): DeadLetter => ({
  id: _id,
  consumer,
  event,
  tries,
  error,
  at,
});

/** What may be shown of an error: ours in full, a library's by name and message. */
const wordsOf = (error: unknown): string => {
  if (error instanceof AppError) return `${error.code}/${error.reason}: ${error.message}`;
  return error instanceof Error ? `${error.name}: ${error.message}` : "a thrown value that is no error";
};

export function deadLetterBox(db: Db, now: Clock): DeadLetterBox {
  const rows: Collection<DeadLetterRow> = db.collection("deadLetters");
  return {
    put: async (consumer, event, { tries, error }) => {
      const row = { consumer, event, tries, error: wordsOf(error), at: now() };
      await rows.updateOne({ _id: `${consumer}:${event.id}` }, { $set: row }, { upsert: true });
    },
    want: async (id) => (await rows.updateOne({ _id: { $eq: id } }, { $set: { wanted: true } })).matchedCount === 1,
    takeWanted: async (consumers, id) => {
      const theirs = { consumer: { $in: [...consumers] }, wanted: true, ...(id !== undefined && { _id: { $eq: id } }) };
      const row = await rows.findOneAndUpdate(theirs, { $unset: { wanted: "" } });
      return row === null ? undefined : fromRow(row);
    },
    remove: async (id) => {
      await rows.deleteOne({ _id: { $eq: id } });
    },
    list: async (consumer) => {
      const theirs = consumer === undefined ? {} : { consumer: { $eq: consumer } };
      return (await rows.find(theirs).sort({ at: 1, _id: 1 }).toArray()).map(fromRow);
    },
  };
}
