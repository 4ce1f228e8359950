import { randomBytes } from "node:crypto";
import { MongoClient } from "mongodb";

export interface TestDatabase {
  /** The run's store. */
  uri: string;
  /** A database name that belongs to this test file alone, one for each word asked ("billing", "bus"): the same each time. */
  dbName: (word?: string) => string;
  /** A connected client for tests that look at documents directly; closed behind every other hook of the file. */
  mongo: MongoClient;
}

/**
 * Databases for one test file on the run's store. Call it at the top of a describe block: every database whose name came
 * from `dbName` (or begins like it) is dropped at the end of the file, behind every other hook: what runs on them has been closed.
 * @throws Error when the test run has no store, which jest's global set-up starts.
 */
export function testDatabase(name = "t"): TestDatabase {
  const uri = process.env["GREENTICK_TEST_STORE_URI"];
  if (uri === undefined)
    throw new Error("no test store: run the tests through the jest configuration of the root folder");
  const prefix = `gt_${name.slice(0, 12)}_${randomBytes(6).toString("hex")}`;
  const mongo = new MongoClient(uri, { serverSelectionTimeoutMS: 60_000 });
  beforeAll(async () => {
    await mongo.connect();
  });
  lastOfAll(async () => {
    await dropDatabases(mongo, prefix);
    await mongo.close();
  });
  return { uri, mongo, dbName: (word = "main") => `${prefix}_${word}` };
}

/** See test/setup/last-of-all.cjs, which runs them. */
function lastOfAll(end: () => Promise<void>): void {
  const { greentickLastOfAll } = globalThis as { greentickLastOfAll?: (() => Promise<void>)[] };
  if (greentickLastOfAll === undefined)
    throw new Error("no set-up file ran before this test file: use the root's jest");
  greentickLastOfAll.push(end);
}

async function dropDatabases(mongo: MongoClient, prefix: string): Promise<void> {
  const { databases } = await mongo.db("admin").admin().listDatabases({ nameOnly: true });
  const ours = databases.filter(({ name }) => name.startsWith(prefix));
  await Promise.all(ours.map(({ name }) => mongo.db(name).dropDatabase()));
}
