import { AppError, type Clock, type EventEnvelope } from "@greentick/kernel";
import { type Collection, type Db, type Filter } from "mongodb";
import { type DeadLetter, type DeadLetterFilter, type DeadLetterReason } from "./contract.js";

interface DeadLetterRow extends Omit<DeadLetter, "id" | "reason"> {
  _id: string;
  /** Absent in letters of releases that told no reasons. */
  reason?: DeadLetterReason;
  /** Somebody wants it handed in again. */
  wanted?: boolean;
  /** The member that has it in hand. */
  takenBy?: string;
}

/** What a letter's event is, to whom. */
export interface LetterKind {
  readonly consumer: string;
  readonly type: string;
  readonly version: number;
}

export interface Taker {
  readonly consumers: readonly string[];
  readonly member: string;
  /** Members that may have letters in hand, beside this one. */
  readonly others: readonly string[];
}

/** Events that a consumer could not handle, kept with the reason until they are handed in again. */
export interface DeadLetterBox {
  /**
   * Puts it in, or tells anew what it met. Whether it is wanted and in whose hand it is stays as it was: an event that comes a second time,
   * after a crash or a takeover, is buried a second time, and must not undo what somebody asked for meanwhile.
   */
  readonly put: (consumer: string, event: EventEnvelope, failure: Failure) => Promise<void>;
  /** Marks a letter to be handed in again. False when there is none. */
  readonly want: (id: string) => Promise<boolean>;
  /** Some of the letters of these consumers that somebody wants handed in, or whose version is read by now; oldest first. */
  readonly due: (consumers: readonly string[], reads: (kind: LetterKind) => boolean) => Promise<readonly string[]>;
  /**
   * The letter, unless it has gone, or another living member has it in hand. It stays in the box, and stays wanted, until it is laid down or
   * removed: when its taker dies, the next one gets it.
   */
  readonly take: (id: string, by: Taker) => Promise<DeadLetter | undefined>;
  /** Nobody has it in hand any more; if it was wanted, it still is. */
  readonly letGo: (id: string) => Promise<void>;
  /** It was tried in vain: nobody has it in hand any more, and it is handed in again when somebody wants it anew. */
  readonly layDown: (id: string) => Promise<void>;
  readonly remove: (id: string) => Promise<void>;
  /** Oldest first, at most 200; the rest follows `after` the last one of these. */
  readonly list: (filter?: DeadLetterFilter) => Promise<readonly DeadLetter[]>;
  readonly ensureIndexes: () => Promise<void>;
}

export interface Failure {
  readonly reason: DeadLetterReason;
  readonly tries: number;
  readonly error: unknown;
}

export const letterId = (consumer: string, event: Pick<EventEnvelope, "id">): string => `${consumer}:${event.id}`;

const shownAtOnce = 200;
const dueAtOnce = 100;

const fromRow = ({ _id, consumer, event, reason, tries, error, at }: DeadLetterRow): DeadLetter => ({
  id: _id,
  consumer,
  event,
  reason: reason ?? "failed",
  tries,
  error,
  at,
});

/** What may be shown of an error: ours in full, a library's by name and message. */
const wordsOf = (error: unknown): string => {
  if (error instanceof AppError) return `${error.code}/${error.reason}: ${error.message}`;
  return error instanceof Error ? `${error.name}: ${error.message}` : "a thrown value that is no error";
};

const parked = { reason: "unknown_version" as const };

export function deadLetterBox(db: Db, now: Clock): DeadLetterBox {
  const rows: Collection<DeadLetterRow> = db.collection("deadLetters");
  return {
    put: async (consumer, event, { reason, tries, error }) => {
      const row = { consumer, event, reason, tries, error: wordsOf(error), at: now() };
      await rows.updateOne({ _id: letterId(consumer, event) }, { $set: row }, { upsert: true });
    },
    want: async (id) => (await rows.updateOne({ _id: { $eq: id } }, { $set: { wanted: true } })).matchedCount === 1,
    due: async (consumers, reads) => {
      const theirs = { consumer: { $in: [...consumers] } };
      const readable = (await parkedKinds(rows, consumers)).filter(reads).map(({ consumer, type, version }) => {
        return { ...parked, consumer, "event.type": type, "event.version": version };
      });
      const found = rows.find({ $or: [{ ...theirs, wanted: true }, ...readable] }, { projection: { _id: 1 } });
      return (await found.sort({ at: 1, _id: 1 }).limit(dueAtOnce).toArray()).map(({ _id }) => _id);
    },
    take: async (id, { consumers, member, others }) => {
      const free = { _id: { $eq: id }, consumer: { $in: [...consumers] }, takenBy: { $nin: [...others] } };
      const row = await rows.findOneAndUpdate(free, { $set: { takenBy: member } });
      return row === null ? undefined : fromRow(row);
    },
    letGo: async (id) => {
      await rows.updateOne({ _id: { $eq: id } }, { $unset: { takenBy: 1 } });
    },
    layDown: async (id) => {
      await rows.updateOne({ _id: { $eq: id } }, { $unset: { takenBy: 1, wanted: 1 } });
    },
    remove: async (id) => {
      await rows.deleteOne({ _id: { $eq: id } });
    },
    list: async (filter = {}) => {
      return (await rows.find(asked(filter)).sort({ at: 1, _id: 1 }).limit(shownAtOnce).toArray()).map(fromRow);
    },
    ensureIndexes: async () => {
      const kind = { reason: 1, consumer: 1, "event.type": 1, "event.version": 1 } as const;
      await rows.createIndexes([
        { key: { wanted: 1, consumer: 1 }, name: "wanted", partialFilterExpression: { wanted: true } },
        { key: kind, name: "parked", partialFilterExpression: parked },
        { key: { at: 1 }, name: "oldest" },
      ]);
    },
  };
}

const asked = ({ consumer, id, reason, after }: DeadLetterFilter): Filter<DeadLetterRow> => ({
  ...(consumer !== undefined && { consumer: { $eq: consumer } }),
  ...(id !== undefined && { _id: { $eq: id } }),
  ...(reason !== undefined && { reason: reason === "failed" ? { $ne: "unknown_version" as const } : { $eq: reason } }),
  ...(after && { $or: [{ at: { $gt: after.at } }, { at: after.at, _id: { $gt: after.id } }] }),
});

/** What is parked for a newer version, however many letters there are of each kind. */
async function parkedKinds(
  rows: Collection<DeadLetterRow>,
  consumers: readonly string[],
): Promise<readonly LetterKind[]> {
  const kind = { consumer: "$consumer", type: "$event.type", version: "$event.version" };
  const found = await rows
    .aggregate<{ _id: LetterKind }>([
      { $match: { ...parked, consumer: { $in: [...consumers] } } },
      { $group: { _id: kind } },
    ])
    .toArray();
  return found.map(({ _id }) => _id);
}
