import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import type * as memoryServer from "mongodb-memory-server-core";
import { type StoreLog } from "../store.js";

/** Replica sets of one member, `$dateTrunc` and friends: what we use came with 5 and 6; older ones are out of support. */
const OLDEST_MAJOR = 6;
const VERSION_DEADLINE_MS = 10_000;

export interface MongodBinary {
  path: string;
  version: string;
}

/** The mongod on PATH if it is new enough; an older one is mentioned in the log and passed over. */
export async function mongodOnPath(log: StoreLog, command = "mongod"): Promise<MongodBinary | undefined> {
  const version = await versionOf(command);
  if (version === undefined) return undefined;
  if (Number(version.split(".")[0]) >= OLDEST_MAJOR) return { path: command, version };
  log.warn({ version, oldest: OLDEST_MAJOR }, "mongod on PATH is too old and not used");
  return undefined;
}

async function versionOf(command: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(command, ["--version"], { timeout: VERSION_DEADLINE_MS });
    return /db version v?(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  } catch {
    return undefined; // not there, or not runnable here: the same as none
  }
}

/**
 * The binary that mongodb-memory-server-core keeps on this machine; fetched by it when `download` allows that. The library
 * is loaded only here: it is large, and most starts do without.
 */
export async function cachedMongod(download: boolean): Promise<MongodBinary | undefined> {
  const { DryMongoBinary, MongoBinary } = createRequire(__filename)(
    "mongodb-memory-server-core",
  ) as typeof memoryServer;
  const options = await DryMongoBinary.generateOptions({});
  const path = (await DryMongoBinary.locateBinary(options)) ?? (download ? await MongoBinary.getPath({}) : undefined);
  return path === undefined ? undefined : { path, version: (await versionOf(path)) ?? options.version };
}
