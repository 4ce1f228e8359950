import { MongoClient } from "mongodb";
import { wordsOf } from "./caught.js";
import { type Store, StoreError } from "./store.js";

/** Long enough for a primary election to be seen through, short enough for a person who mistyped the address. */
const REACH_DEADLINE_MS = 5_000;

/**
 * Takes the MongoDB that is already there; starts nothing and stops nothing.
 * @throws StoreError `store_unreachable` within a few seconds, naming the host but never the credentials.
 */
export async function useExisting(uri: string, deadlineMs = REACH_DEADLINE_MS): Promise<Store> {
  const hosts = hostsOf(uri);
  try {
    const client = new MongoClient(uri, { serverSelectionTimeoutMS: deadlineMs, connectTimeoutMS: deadlineMs });
    await client
      .db("admin")
      .command({ ping: 1 })
      .finally(() => client.close());
  } catch (cause) {
    const sentence = `MongoDB at ${hosts} (MONGODB_URI) cannot be reached: ${wordsOf(cause).replaceAll(uri, hosts)}. Check the address and that it runs.`;
    throw new StoreError("store_unreachable", sentence, { cause });
  }
  return { uri, kind: "uri", describe: `MongoDB at ${hosts}, named by MONGODB_URI`, close: () => Promise.resolve() };
}

/** The hosts of a connection string, without user, password, database and options. */
export function hostsOf(uri: string): string {
  return /^mongodb(?:\+srv)?:\/\/(?:[^@/]*@)?([^/?]+)/.exec(uri)?.[1] ?? "an address that is not a mongodb:// URI";
}
