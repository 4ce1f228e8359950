import { type Collection, type Db, type Document, MongoBulkWriteError, MongoClient, MongoServerError } from "mongodb";
import { whenDurable } from "../data/database.js";

/** What the check uses: one database of its own, and many clients as separate as processes would be. */
export interface Bench {
  db: Db;
  clients: readonly Db[];
}

/** A promise the platform is built on, and the way to try to break it. Returns what was seen, or throws what went wrong. */
export interface Guarantee {
  name: string;
  holds: (bench: Bench) => Promise<string>;
}

const CLIENTS = 50;
const DUPLICATE_KEY = 11_000;
const DURABLE = { writeConcern: whenDurable };

/** Opens the clients, runs `use`, drops the database. */
export async function withBench<T>(uri: string, name: string, use: (bench: Bench) => Promise<T>): Promise<T> {
  const open = (): Promise<MongoClient> => new MongoClient(uri, { maxPoolSize: 1 }).connect();
  const clients = await Promise.all(Array.from({ length: CLIENTS }, open));
  const [db, ...others] = clients.map((client) => client.db(name));
  if (!db) throw new Error("no client");
  try {
    return await use({ db, clients: [db, ...others] });
  } finally {
    await db.dropDatabase();
    await Promise.all(clients.map((client) => client.close()));
  }
}

export const guarantees: readonly Guarantee[] = [
  { name: "a unique key has one winner among 50 clients", holds: uniqueKeyRace },
  { name: "an upsert on a unique key makes one document", holds: upsertRace },
  { name: "a duplicate key names index, pattern and value", holds: duplicateDetails },
  { name: "a partial unique index binds only what it covers", holds: partialUnique },
  { name: "a job is claimed once (findOneAndUpdate)", holds: claims },
  { name: "an expected version lets no update get lost", holds: expectedVersion },
  { name: "an unordered insert keeps all but the duplicates", holds: unorderedInsert },
  { name: "a document is written whole or not at all", holds: wholeDocuments },
];

function ensure(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new Error(otherwise);
}

const isDuplicate = (error: unknown): error is MongoServerError =>
  error instanceof MongoServerError && error.code === DUPLICATE_KEY;

/** true: it was done; false: another one was first. Anything else is an error. */
async function wins(attempt: Promise<unknown>): Promise<boolean> {
  try {
    await attempt;
    return true;
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw error;
  }
}

const uniqueOn = async (db: Db, collection: string, key: string): Promise<Collection> => {
  await db.collection(collection).createIndex({ [key]: 1 }, { unique: true }, {});
  return db.collection(collection);
};

async function uniqueKeyRace({ db, clients }: Bench): Promise<string> {
  const rounds = 20;
  const rows = await uniqueOn(db, "race", "key");
  for (let key = 0; key < rounds; key += 1) {
    const tries = clients.map((client, by) => wins(client.collection("race").insertOne({ key, by }, DURABLE)));
    const winners = (await Promise.all(tries)).filter(Boolean).length;
    ensure(winners === 1, `${winners} clients inserted key ${key}`);
  }
  ensure((await rows.countDocuments()) === rounds, "there are more documents than keys");
  return `${rounds} keys, ${clients.length} clients each`;
}

async function upsertRace({ db, clients }: Bench): Promise<string> {
  const rows = await uniqueOn(db, "upsert", "key");
  const set = { $setOnInsert: { made: true }, $inc: { seen: 1 } };
  const tries = clients.map((client) =>
    wins(client.collection("upsert").updateOne({ key: "one" }, set, { upsert: true, ...DURABLE })),
  );
  const done = (await Promise.all(tries)).filter(Boolean).length;
  const [row, ...more] = await rows.find().toArray();
  ensure(more.length === 0, "the upsert made more than one document");
  ensure(row?.["seen"] === done, `${done} updates were acknowledged, ${String(row?.["seen"])} are there`);
  return `${done} of ${clients.length} at once`;
}

async function duplicateDetails({ db }: Bench): Promise<string> {
  const rows = await uniqueOn(db, "details", "tenantId");
  await rows.insertOne({ tenantId: "ten_1" });
  const error: unknown = await rows.insertOne({ tenantId: "ten_1" }).catch((caught: unknown) => caught);
  ensure(isDuplicate(error), "the second insert was not refused as a duplicate");
  const { keyPattern, keyValue } = error as unknown as Document;
  const seen = JSON.stringify({ keyPattern: keyPattern as unknown, keyValue: keyValue as unknown });
  ensure(seen === '{"keyPattern":{"tenantId":1},"keyValue":{"tenantId":"ten_1"}}', `details were ${seen}`);
  ensure(error.message.includes("tenantId_1"), `the message does not name the index: ${error.message}`);
  return "code 11000";
}

async function partialUnique({ db }: Bench): Promise<string> {
  const rows = db.collection("partial");
  await rows.createIndex({ key: 1 }, { unique: true, partialFilterExpression: { key: { $type: "string" } } }, {});
  await rows.insertMany([{ a: 1 }, { a: 2 }, { key: null }, { key: "x" }]);
  ensure(!(await wins(rows.insertOne({ key: "x" }))), "a covered duplicate was accepted");
  return "3 uncovered documents, 1 covered";
}

async function claims({ db, clients }: Bench): Promise<string> {
  const jobs = 200;
  const rows = db.collection("jobs");
  await rows.insertMany(Array.from({ length: jobs }, (_, index) => ({ index, state: "free", at: index })));
  await rows.createIndex({ state: 1, at: 1 }, {}, {});
  const claimed = (await Promise.all(clients.map((client, by) => claimAll(client.collection("jobs"), by)))).flat();
  ensure(claimed.length === jobs, `${claimed.length} claims for ${jobs} jobs`);
  ensure(new Set(claimed).size === jobs, "a job was claimed twice");
  return `${jobs} jobs, ${clients.length} claimants`;
}

async function claimAll(rows: Collection, by: number): Promise<number[]> {
  const mine: number[] = [];
  for (;;) {
    const update = { $set: { state: "taken", by } };
    const job = await rows.findOneAndUpdate({ state: "free" }, update, { sort: { at: 1 }, returnDocument: "after" });
    if (!job) return mine;
    mine.push(Number(job["index"]));
  }
}

async function expectedVersion({ db, clients }: Bench): Promise<string> {
  const rows = db.collection<{ _id: string; version: number; by: number[] }>("versioned");
  await rows.insertOne({ _id: "doc", version: 0, by: [] });
  await Promise.all(clients.map((client, by) => raise(client.collection("versioned"), by)));
  const row = await rows.findOne({ _id: "doc" });
  ensure(row?.version === clients.length, `version ${String(row?.version)} after ${clients.length} updates`);
  ensure(new Set(row.by).size === clients.length, "an update was overwritten");
  return `${clients.length} updates, none lost`;
}

async function raise(rows: Collection<{ _id: string; version: number; by: number[] }>, by: number): Promise<void> {
  for (let done = false; !done;) {
    const before = await rows.findOne({ _id: "doc" });
    ensure(before !== null, "the document is gone");
    const after = { version: before.version + 1, by: [...before.by, by] };
    done = (await rows.replaceOne({ _id: "doc", version: before.version }, after, DURABLE)).modifiedCount === 1;
  }
}

async function unorderedInsert({ db }: Bench): Promise<string> {
  const rows = await uniqueOn(db, "bulk", "key");
  await rows.insertMany([{ key: 1 }, { key: 3 }, { key: 5 }]);
  const batch = Array.from({ length: 500 }, (_, key) => ({ key }));
  const error: unknown = await rows
    .insertMany(batch, { ordered: false, ...DURABLE })
    .catch((caught: unknown) => caught);
  ensure(error instanceof MongoBulkWriteError, "the duplicates were not reported");
  const errors = [error.writeErrors].flat();
  const positions = errors.map(({ index }) => index).join();
  ensure(positions === "1,3,5", `the refused positions were ${positions}`);
  ensure(
    errors.every(({ code }) => code === DUPLICATE_KEY),
    "a position was refused for another reason",
  );
  ensure(error.insertedCount === 497, `${error.insertedCount} were counted as inserted`);
  ensure((await rows.countDocuments()) === 500, "not every key is there");
  return "500 with 3 duplicates";
}

async function wholeDocuments({ db, clients }: Bench): Promise<string> {
  const rows = db.collection<{ _id: string; a: number; b: number }>("whole");
  await rows.insertOne({ _id: "doc", a: -1, b: -1 });
  const write = (client: Db, n: number): Promise<unknown> =>
    client.collection<{ _id: string }>("whole").updateOne({ _id: "doc" }, { $set: { a: n, b: n } });
  const read = async (): Promise<void> => {
    const row = await rows.findOne({ _id: "doc" });
    ensure(row?.a === row?.b, "half of an update was read");
  };
  await Promise.all(clients.flatMap((client, n) => [write(client, n), read()]));
  return `${clients.length} writers and readers`;
}
