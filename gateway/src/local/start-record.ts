import { createHash } from "node:crypto";
import { type MongoClient } from "mongodb";
import { serviceNames } from "../services.js";
import { type LocalSecrets } from "./secrets.js";

/** How far a store got in its first start: `begun` until it was filled or left empty on purpose. */
export type Filling = "begun" | "filled" | "left empty";

interface StartRow {
  _id: "start";
  filling: Filling;
  /** Tells whether the folder's secrets are the ones under which this store was sealed. */
  secretsCheck: string;
}

/** What the store remembers of its starts. */
export interface StartRecord {
  readonly filling: Filling;
  /** An earlier first start was broken off, and what it had written is gone. */
  readonly beganAgain: boolean;
  readonly mark: (filling: Filling) => Promise<void>;
}

export interface StoreNames {
  readonly client: MongoClient;
  readonly databasePrefix: string;
}

const recordDatabase = "local_start";
/** Every database of a local platform, without the prefix. */
const databases = [...serviceNames, "bus", "local_meta", "local_stripe", recordDatabase];

/** Removes the databases of a local platform, and no others. */
export async function dropPlatform({ client, databasePrefix }: StoreNames): Promise<void> {
  for (const name of databases) await client.db(`${databasePrefix}${name}`).dropDatabase();
}

/**
 * Reads the store's record or begins one. A first start that was broken off is begun again, because nothing but its own filling can be in the store.
 * @throws Error with one sentence when the store holds data of another making or under other secrets.
 */
export async function openStartRecord(store: StoreNames, secrets: LocalSecrets): Promise<StartRecord> {
  const rows = store.client.db(`${store.databasePrefix}${recordDatabase}`).collection<StartRow>("starts");
  const secretsCheck = createHash("sha256").update(`store/${secrets.masterKey}`).digest("hex").slice(0, 16);
  const mark = async (filling: Filling): Promise<void> => {
    await rows.replaceOne({ _id: "start" }, { filling, secretsCheck }, { upsert: true });
  };
  const kept = await rows.findOne({ _id: "start" });
  if (kept === null) await refuseStrangers(store);
  else if (kept.secretsCheck !== secretsCheck) throw new Error(otherSecrets);
  const beganAgain = kept?.filling === "begun";
  if (beganAgain) await dropPlatform(store);
  if (kept === null || beganAgain) await mark("begun");
  return { filling: kept?.filling ?? "begun", beganAgain, mark };
}

const otherSecrets =
  "The store was filled under other secrets than those in the data folder's secrets.json, so nothing sealed in it can be read: bring that file back, or begin again with --fresh.";

/** A store without a record must be empty: data of a deployment is not ours to play with. */
async function refuseStrangers({ client, databasePrefix }: StoreNames): Promise<void> {
  const listed = await client.db("admin").admin().listDatabases({ nameOnly: true });
  const ours = new Set(databases.map((name) => `${databasePrefix}${name}`));
  const found = listed.databases.map(({ name }) => name).filter((name) => ours.has(name));
  if (found.length > 0)
    throw new Error(
      `The store holds databases that no local start has made (${found.join(", ")}): name an empty store with MONGODB_URI, or remove them with --fresh.`,
    );
}
