import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";
import { BSON, type Db, type Document, MongoClient } from "mongodb";
import { StoreError } from "./store.js";

/** Databases of the server itself; they are neither moved nor do they make a target non-empty. */
const SYSTEM = new Set(["admin", "config", "local"]);
const BATCH = { documents: 1_000, characters: 16_000_000 };

export interface Moved {
  database: string;
  collection: string;
  documents: number;
  indexes: number;
}

/** What is needed, beside the documents, to make a collection again. */
interface Definition {
  options: Document;
  indexes: Document[];
}

/**
 * Writes every database of the store to `folder`: `<database>/<collection>.ndjson`, one document a line in canonical
 * extended JSON (types survive), and `<collection>.json` with options and indexes. Names are percent-encoded.
 * Not a snapshot: stop the platform first. @throws StoreError when the folder is not empty or there are views to move.
 */
export async function exportStore(uri: string, folder: string): Promise<Moved[]> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) {
    throw new StoreError("target_not_empty", `The folder ${folder} is not empty: export to a new one.`);
  }
  return connected(uri, async (client) => {
    const moved: Moved[] = [];
    for (const db of await databases(client))
      moved.push(...(await exportDatabase(db, join(folder, encode(db.databaseName)))));
    return moved;
  });
}

/**
 * Reads what `exportStore` wrote into an empty store: collections, documents, then indexes.
 * @throws StoreError `target_not_empty` before anything is written. A failure half-way leaves a part: drop it and repeat.
 */
export async function importStore(uri: string, folder: string): Promise<Moved[]> {
  return connected(uri, async (client) => {
    const [taken] = await databases(client);
    if (taken) {
      const sentence = `The target store already has a database (${taken.databaseName}): import only into an empty one.`;
      throw new StoreError("target_not_empty", sentence);
    }
    const moved: Moved[] = [];
    for (const name of await readdir(folder))
      moved.push(...(await importDatabase(client.db(decode(name)), join(folder, name))));
    return moved;
  });
}

const encode = (name: string): string => encodeURIComponent(name);
const decode = (name: string): string => decodeURIComponent(name);

async function connected<T>(uri: string, use: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 10_000 });
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

async function databases(client: MongoClient): Promise<Db[]> {
  const { databases: all } = await client.db("admin").admin().listDatabases({ nameOnly: true });
  return all.filter(({ name }) => !SYSTEM.has(name)).map(({ name }) => client.db(name));
}

async function exportDatabase(db: Db, folder: string): Promise<Moved[]> {
  await mkdir(folder);
  const moved: Moved[] = [];
  const listed = db.listCollections({ name: { $not: /^system\./ } }, { nameOnly: false });
  for (const { name, type, options } of await listed.toArray()) {
    if (type !== "collection")
      throw new StoreError("not_movable", `${db.databaseName}.${name} is a ${String(type)}; only collections move.`);
    moved.push(await exportCollection(db, { name, options: options ?? {} }, join(folder, encode(name))));
  }
  return moved;
}

async function exportCollection(
  db: Db,
  { name, options }: { name: string; options: Document },
  path: string,
): Promise<Moved> {
  const all = await db.collection(name).indexes();
  const indexes = all.filter((index) => index.name !== "_id_").map(withoutVersion);
  const definition: Definition = { options, indexes };
  await writeFile(`${path}.json`, `${BSON.EJSON.stringify(definition, undefined, 2, { relaxed: false })}\n`);
  let documents = 0;
  const lines = async function* (): AsyncGenerator<string> {
    for await (const raw of db.collection(name).find({}, { raw: true })) {
      documents += 1;
      yield `${toLine(raw as unknown as Uint8Array)}\n`;
    }
  };
  await pipeline(lines, createWriteStream(`${path}.ndjson`));
  return { database: db.databaseName, collection: name, documents, indexes: indexes.length };
}

/** The version of an index format is the server's choice. */
const withoutVersion = (index: Document): Document =>
  Object.fromEntries(Object.entries(index).filter(([field]) => field !== "v"));

/** Without promotion, so that an int stays an int and a long a long. */
const toLine = (raw: Uint8Array): string =>
  BSON.EJSON.stringify(BSON.deserialize(raw, { promoteValues: false, bsonRegExp: true }), { relaxed: false });

async function importDatabase(db: Db, folder: string): Promise<Moved[]> {
  const moved: Moved[] = [];
  const names = (await readdir(folder)).filter((name) => name.endsWith(".ndjson"));
  for (const name of names)
    moved.push(await importCollection(db, join(folder, name.slice(0, -".ndjson".length)), name));
  return moved;
}

async function importCollection(db: Db, path: string, file: string): Promise<Moved> {
  const name = decode(file.slice(0, -".ndjson".length));
  const { options, indexes } = BSON.EJSON.parse(await readFile(`${path}.json`, "utf8"), {
    relaxed: false,
  }) as Definition;
  await db.command({ create: name, ...options });
  const documents = await insertLines(db, name, `${path}.ndjson`);
  if (indexes.length > 0) await db.command({ createIndexes: name, indexes });
  return { database: db.databaseName, collection: name, documents, indexes: indexes.length };
}

async function insertLines(db: Db, name: string, file: string): Promise<number> {
  let [count, characters, batch]: [number, number, Document[]] = [0, 0, []];
  const flush = async (): Promise<void> => {
    if (batch.length > 0) await db.collection(name).insertMany(batch);
    count += batch.length;
    [batch, characters] = [[], 0];
  };
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    batch.push(BSON.EJSON.parse(line, { relaxed: false }) as Document);
    characters += line.length;
    if (batch.length >= BATCH.documents || characters >= BATCH.characters) await flush();
  }
  await flush();
  return count;
}
