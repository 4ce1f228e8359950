import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { ensureFolder } from "../data-folder.js";
import { type Store, StoreError, type StoreKind, type StoreOptions } from "../store.js";
import { type MongodBinary } from "./binary.js";
import { keep, type KeptProcess } from "./keeper.js";
import { becomePrimary, REPLICA_SET, replicaSetUri } from "./replica-set.js";

/**
 * Starts this mongod as a one-member replica set on a loopback port, data in `<dataDir>/mongod`. It ends when the store
 * is closed or this process goes away; if it ends unasked, `onExit` is told, for a real server does not end by itself.
 * @throws StoreError `mongod_failed`, pointing to mongod's own log.
 */
export async function startMongod(kind: StoreKind, binary: MongodBinary, options: StoreOptions): Promise<Store> {
  const folder = join(options.dataDir, "mongod");
  await ensureFolder(folder);
  const port = await portFor(folder);
  const logFile = join(folder, "mongod.log");
  const kept = await start(binary, argsFor(folder, port, logFile), logFile);
  let closing = false;
  void kept.ended.then((code) => {
    if (!closing) options.onExit?.(ended(`ended unasked with exit code ${code ?? "unknown"}`, logFile));
  });
  const close = async (): Promise<void> => {
    closing = true;
    await kept.close();
  };
  await Promise.race([becomePrimary(port, kept.ended), kept.ended.then(failedToStart(logFile))]).catch(
    async (cause: unknown) => {
      await close();
      throw cause instanceof StoreError ? cause : ended("did not become ready", logFile, cause);
    },
  );
  return {
    uri: replicaSetUri(port),
    kind,
    describe: `${originOf(kind, binary)}, started on port ${port}, data in ${folder}`,
    close,
  };
}

const originOf = (kind: StoreKind, { version }: MongodBinary): string =>
  `MongoDB ${version} ${kind === "mongod" ? "found on PATH" : "from the download cache"}`;

const argsFor = (folder: string, port: number, logFile: string): string[] =>
  [
    ["--dbpath", folder],
    ["--port", String(port)],
    ["--bind_ip", "127.0.0.1"],
    ["--replSet", REPLICA_SET],
    ["--logpath", logFile, "--logappend"],
  ].flat();

async function start({ path }: MongodBinary, args: string[], logFile: string): Promise<KeptProcess> {
  try {
    return await keep(path, args);
  } catch (cause) {
    throw ended("could not be started", logFile, cause);
  }
}

const failedToStart = (logFile: string) => (): never => {
  throw ended("ended while starting (is its data folder in use by another process?)", logFile);
};

const ended = (what: string, logFile: string, cause?: unknown): StoreError =>
  new StoreError("mongod_failed", `mongod ${what}: see ${logFile}, or set MONGODB_URI to another MongoDB.`, { cause });

/** The port of the last time if it is free, for the replica set remembers its members by port; else any free one. */
async function portFor(folder: string): Promise<number> {
  const file = join(folder, "greentick.port");
  const last = Number(await readFile(file, "utf8").catch(() => "0"));
  const port = await freePort(last).catch(() => freePort(0));
  await writeFile(file, String(port));
  return port;
}

async function freePort(wanted: number): Promise<number> {
  const server = createServer().listen(wanted, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
