import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Binary, BSONRegExp, Decimal128, Double, Int32, Long, MongoClient, ObjectId, Timestamp } from "mongodb";
import { type EmbeddedStore, startEmbedded } from "./embedded.js";
import { exportStore, importStore } from "./transfer.js";

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

interface Opened {
  readonly store: EmbeddedStore;
  readonly uri: string;
  readonly client: MongoClient;
}

const never = (): never => {
  throw new Error("the stores open before the first test");
};

async function start(dataDir: string): Promise<Opened> {
  const store = await startEmbedded({ dataDir, log: quiet });
  return { store, uri: store.uri, client: await new MongoClient(store.uri).connect() };
}

const databasesOf = async (client: MongoClient): Promise<string[]> =>
  (await client.db().admin().listDatabases()).databases
    .map(({ name }) => name)
    .filter((name) => !["admin", "config", "local"].includes(name));

describe("moving all data to another store", () => {
  let root: string;
  let files: string;
  const opened: Opened[] = [];
  const source = (): Opened => opened[0] ?? never();
  const target = (): Opened => opened[1] ?? never();
  let exports = 0;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "greentick-transfer-"));
    opened.push(...(await Promise.all(["from", "to"].map((name) => start(join(root, name))))));
  });
  beforeEach(() => {
    files = join(root, `files ${exports++}`);
  });
  afterEach(async () => {
    for (const { client } of opened) for (const name of await databasesOf(client)) await client.db(name).dropDatabase();
  });
  afterAll(async () => {
    await Promise.all(opened.map(({ client }) => client.close()));
    await Promise.all(opened.map(({ store }) => store.close()));
    await rm(root, { recursive: true });
  });

  const everyType = {
    _id: new ObjectId("65f1c0ffee65f1c0ffee65f1"),
    int: new Int32(7),
    double: new Double(7),
    long: Long.fromString("9007199254740993"),
    decimal: Decimal128.fromString("0.0001"),
    date: new Date("2026-10-01T00:00:00.123Z"),
    bytes: new Binary(Buffer.from([0, 1, 2])),
    pattern: new BSONRegExp("^a", "i"),
    timestamp: new Timestamp({ t: 1, i: 2 }),
    nothing: null,
    nested: { list: [new Int32(1), new Double(1.5), "x"] },
  };

  it("keeps every document to the byte, and every index and option", async () => {
    const [from, to] = [source(), target()];
    const facts = from.client.db("billing").collection("a/b odd.name");
    await from.client.db("billing").createCollection("checked", { validator: { a: { $type: "int" } } });
    await facts.insertOne(everyType);
    await facts.insertMany(Array.from({ length: 2_300 }, (_, n) => ({ n })));
    const partialFilterExpression = { n: { $exists: true } };
    await facts.createIndex({ n: 1 }, { unique: true, partialFilterExpression }, {});
    await facts.createIndex({ date: 1 }, { expireAfterSeconds: 60 }, {});
    await facts.createIndex({ words: "text" }, { collation: { locale: "simple" } }, {});
    const before = await look(from.client);

    const written = await exportStore(from.uri, files);
    const read = await importStore(to.uri, files);

    expect(await look(to.client)).toEqual(before);
    const sorted = (rows: typeof read): typeof read =>
      [...rows].sort((a, b) => a.collection.localeCompare(b.collection));
    expect(sorted(read)).toEqual(sorted(written));
    expect(sorted(read)).toEqual([
      { database: "billing", collection: "a/b odd.name", documents: 2_301, indexes: 3 },
      { database: "billing", collection: "checked", documents: 0, indexes: 0 },
    ]);
  });

  it("writes one line of canonical extended JSON for each document", async () => {
    const { uri, client } = source();
    await client
      .db("a")
      .collection("c")
      .insertOne({ _id: new ObjectId("65f1c0ffee65f1c0ffee65f1"), n: new Int32(1) });
    await exportStore(uri, files);
    const lines = await readFile(join(files, "a", "c.ndjson"), "utf8");
    expect(lines).toBe('{"_id":{"$oid":"65f1c0ffee65f1c0ffee65f1"},"n":{"$numberInt":"1"}}\n');
  });

  it("refuses a target that has data, before it writes anything", async () => {
    const [from, to] = [source(), target()];
    await from.client.db("a").collection("c").insertOne({});
    await to.client.db("b").collection("d").insertOne({});
    await exportStore(from.uri, files);
    await expect(importStore(to.uri, files)).rejects.toMatchObject({
      reason: "target_not_empty",
      message: "The target store already has a database (b): import only into an empty one.",
    });
    expect(await databasesOf(to.client)).toEqual(["b"]);
  });

  it("refuses to export into a folder that has files", async () => {
    await expect(exportStore(source().uri, root)).rejects.toMatchObject({ reason: "target_not_empty" });
  });
});

/** All collections of the billing database: raw documents as text, options and indexes. */
async function look(client: MongoClient): Promise<unknown> {
  const db = client.db("billing");
  const collections = await db.listCollections().toArray();
  const seen = collections.map(async ({ name, ...one }) => ({
    name,
    options: "options" in one ? one.options : {},
    indexes: await db.collection(name).indexes(),
    documents: (await db.collection(name).find({}, { raw: true }).sort({ _id: 1 }).toArray()).map((raw) =>
      Buffer.from(raw as unknown as Uint8Array).toString("hex"),
    ),
  }));
  return (await Promise.all(seen)).sort((a, b) => a.name.localeCompare(b.name));
}
