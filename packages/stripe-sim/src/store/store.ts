import { type Collection, type Db, type Filter } from "mongodb";
import { type CounterRow, createCounter } from "./counter.js";
import { createJournal, durable, type Put, type Row } from "./journal.js";
import { indexedFields, type Kind, type Kinds, kinds } from "./kinds.js";

interface MetaRow {
  _id: string;
  value: unknown;
}

interface FindOptions {
  readonly sort?: Record<string, 1 | -1>;
  readonly limit?: number;
}

/**
 * The simulator's state in a database of its own. Every write is acknowledged by the majority and the journal before it returns, and a
 * change of several objects is one journal entry first: after a crash at any instruction, opening the store finishes it.
 */
export interface Store {
  get: <K extends Kind>(kind: K, id: string) => Promise<Kinds[K] | undefined>;
  row: <K extends Kind>(kind: K, id: string) => Promise<Row<Kinds[K]> | undefined>;
  rows: <K extends Kind>(kind: K, filter: Filter<Row<Kinds[K]>>, options?: FindOptions) => Promise<Row<Kinds[K]>[]>;
  find: <K extends Kind>(kind: K, filter: Filter<Row<Kinds[K]>>, options?: FindOptions) => Promise<Kinds[K][]>;
  /** Writes all or, after a crash, all later. */
  commit: (puts: readonly Put[]) => Promise<void>;
  /** Writes a new object only if its id is free; false when it is taken. */
  insert: (put: Put) => Promise<boolean>;
  /** A number never given before, also across restarts; gaps are possible. */
  nextSeq: () => Promise<number>;
  /** The same for requests whose ids no idempotency key names; counts nothing else, so the same requests get the same numbers. */
  nextRequest: () => Promise<number>;
  meta: (name: string) => Promise<unknown>;
  setMeta: (name: string, value: unknown) => Promise<void>;
  /** Removes everything. */
  clear: () => Promise<void>;
}

async function buildIndexes(db: Db): Promise<void> {
  for (const kind of kinds) {
    const collection = db.collection(kind);
    await collection.createIndex({ seq: -1 }, {}, {});
    for (const fields of indexedFields[kind] ?? []) await collection.createIndex(fields, {}, {});
  }
}

/** Opens the store and finishes what a crash interrupted. */
export async function openStore(db: Db): Promise<Store> {
  const metas = db.collection<MetaRow>("meta", durable);
  const counters = db.collection<CounterRow>("counters", durable);
  const of = <K extends Kind>(kind: K): Collection<Row<Kinds[K]>> => db.collection<Row<Kinds[K]>>(kind, durable);
  const counter = createCounter(counters, "seq");
  const requests = createCounter(counters, "requests");
  const journal = createJournal(db, counter.next);
  const row = async <K extends Kind>(kind: K, id: string): Promise<Row<Kinds[K]> | undefined> =>
    (await rows(kind, { _id: id }, { limit: 1 }))[0];
  const rows = async <K extends Kind>(
    kind: K,
    filter: Filter<Row<Kinds[K]>>,
    { sort = { seq: 1 }, limit = 0 }: FindOptions = {},
  ): Promise<Row<Kinds[K]>[]> => await of(kind).find(filter, { sort, limit }).toArray();

  await buildIndexes(db);
  await journal.recover();
  return {
    row,
    rows,
    commit: journal.commit,
    nextSeq: counter.next,
    nextRequest: requests.next,
    get: async (kind, id) => (await row(kind, id))?.object,
    find: async (kind, filter, options) => (await rows(kind, filter, options)).map((one) => one.object),
    insert: journal.insert,
    meta: async (name) => (await metas.findOne({ _id: name }))?.value,
    setMeta: async (name, value) => {
      await metas.replaceOne({ _id: name }, { value }, { upsert: true });
    },
    clear: async () => {
      for (const name of [...kinds, "journal", "meta", "requests"]) await db.collection(name, durable).deleteMany({});
      await counter.forget();
      await requests.forget();
    },
  };
}
