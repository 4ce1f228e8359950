import { type Collection, type Db, MongoServerError } from "mongodb";
import { type Kind, type Kinds } from "./kinds.js";

/** Acknowledged by the majority and on disk before it returns. */
export const durable = { writeConcern: { w: "majority", journal: true }, ignoreUndefined: true } as const;

/** A kept object with its place in time: `seq` grows with every object ever made, so lists have one order. */
export interface Row<T> {
  _id: string;
  seq: number;
  created: number;
  object: T;
}

/** One object to be written whole. */
export interface Put<K extends Kind = Kind> {
  kind: K;
  seq: number;
  created: number;
  object: Kinds[K];
}
interface JournalRow {
  _id: number;
  puts: Put[];
}

export interface Journal {
  /** Writes all or, after a crash, all at the next start. */
  commit: (puts: readonly Put[]) => Promise<void>;
  /** Writes a new object only if its id is free; false when it is taken. */
  insert: (put: Put) => Promise<boolean>;
  /** Finishes what a crash interrupted. */
  recover: () => Promise<void>;
}

const duplicateKey = 11000;
const isTaken = (error: unknown): boolean => error instanceof MongoServerError && error.code === duplicateKey;

const rowOf = (put: Put): Row<Kinds[Kind]> => ({
  _id: put.object.id,
  seq: put.seq,
  created: put.created,
  object: put.object,
});

/** Changes of several objects without transactions: what is to be written is written down first, in one document. */
export function createJournal(db: Db, nextId: () => Promise<number>): Journal {
  const journal = db.collection<JournalRow>("journal", durable);
  const of = (kind: Kind): Collection<Row<Kinds[Kind]>> => db.collection<Row<Kinds[Kind]>>(kind, durable);

  const apply = async (puts: readonly Put[]): Promise<void> => {
    for (const kind of new Set(puts.map((put) => put.kind))) {
      const mine = puts.filter((put) => put.kind === kind).map(rowOf);
      await of(kind).bulkWrite(
        mine.map((row) => ({ replaceOne: { filter: { _id: row._id }, replacement: row, upsert: true } })),
      );
    }
  };
  const commit = async (puts: readonly Put[]): Promise<void> => {
    if (puts.length <= 1) return apply(puts);
    const _id = await nextId();
    await journal.insertOne({ _id, puts: [...puts] });
    await apply(puts);
    await journal.deleteOne({ _id });
  };
  return {
    commit,
    insert: async (put) => {
      try {
        await of(put.kind).insertOne(rowOf(put));
        return true;
      } catch (error) {
        if (isTaken(error)) return false;
        throw error;
      }
    },
    recover: async () => {
      for (const entry of await journal.find({}, { sort: { _id: 1 } }).toArray()) {
        await apply(entry.puts);
        await journal.deleteOne({ _id: entry._id });
      }
    },
  };
}
