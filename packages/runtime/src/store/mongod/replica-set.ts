import { type Document, MongoClient, MongoServerError } from "mongodb";

const SET_NAME = "greentick";
const START_DEADLINE_MS = 60_000;
const ALREADY_INITIALIZED = 23;

export const REPLICA_SET = SET_NAME;

/**
 * Makes the mongod on this port the primary of a one-member replica set. A set initiated earlier under another port is
 * told the new one. Safe to repeat. Stops waiting when `gone` settles, which says that the process has ended.
 * @throws Error when there is no primary within a minute.
 */
export async function becomePrimary(port: number, gone: Promise<unknown>): Promise<void> {
  const direct = `mongodb://127.0.0.1:${port}/?directConnection=true`;
  await connected(direct, gone, (run) => initiate(run, `127.0.0.1:${port}`));
  // Server selection of the driver is the wait: it succeeds when the member has elected itself.
  await connected(replicaSetUri(port), gone, (run) => run({ ping: 1 }));
}

async function connected(uri: string, gone: Promise<unknown>, use: (run: Run) => Promise<unknown>): Promise<void> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: START_DEADLINE_MS });
  void gone.then(() => client.close());
  try {
    await use((command) => client.db("admin").command(command));
  } finally {
    await client.close();
  }
}

type Run = (command: Document) => Promise<Document>;

async function initiate(run: Run, host: string): Promise<void> {
  try {
    await run({ replSetInitiate: { _id: SET_NAME, members: [{ _id: 0, host }] } });
  } catch (error) {
    if (!(error instanceof MongoServerError) || error.code !== ALREADY_INITIALIZED) throw error;
    await moveTo(run, host);
  }
}

async function moveTo(run: Run, host: string): Promise<void> {
  const { config } = (await run({ replSetGetConfig: 1 })) as { config: { version: number; members: Document[] } };
  if (config.members[0]?.["host"] === host) return;
  const members = [{ ...config.members[0], host }];
  await run({ replSetReconfig: { ...config, version: config.version + 1, members }, force: true });
}

export const replicaSetUri = (port: number): string => `mongodb://127.0.0.1:${port}/?replicaSet=${SET_NAME}`;
