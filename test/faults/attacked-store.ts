import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MongoClient } from "mongodb";
import { openStore, type Store, type StoreLog } from "@greentick/runtime";
import { setTimeout as sleep } from "node:timers/promises";
import { type FaultProxy, faultProxy } from "./fault-proxy.js";
import { childrenOf, isGone, signalTo } from "./process-tree.js";

/** A store that is killed, stopped and filled up; the platform reaches it through a proxy that stays where it is. */
export interface AttackedStore {
  /** For the platform. */
  readonly uri: string;
  /** For whoever judges: past the proxy. */
  readonly directUri: () => string;
  readonly proxy: FaultProxy;
  /** `kill -9`; it stays down until `revive`. */
  readonly kill: () => Promise<void>;
  /** Ends every trouble, and starts it again when it is dead; resolves when it answers. */
  readonly revive: () => Promise<void>;
  /** Stops its processes, as a machine does that stands still. */
  readonly stall: () => void;
  /** Leaves its disk no room for another block, and uses up what its journal had set aside; resolves once a write does not come back. */
  readonly fillDisk: () => Promise<void>;
  /** Its next flush to the disk fails with EIO; resolves once that has been set up. */
  readonly failFlush: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const silent: StoreLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

const has = (tool: string): boolean => spawnSync(tool, ["--version"]).error === undefined;

/** Why a kind of fault cannot be made on this machine; undefined when it can. */
export function missingFor(kind: string): string | undefined {
  if (kind === "disk-full" && !ownDisks) return "only root can mount a disk of its own";
  if (kind === "flush-error" && !has("strace")) return "there is no strace (package strace)";
  return undefined;
}

const diskSize = "2g";
const mount = (...args: readonly string[]): boolean => spawnSync("mount", args).status === 0;
const unmount = (folder: string): void => {
  spawnSync("umount", ["--lazy", folder]);
};

/** A disk in memory, whose size can be changed while it is used. */
const mountDisk = (folder: string): boolean => mount("-t", "tmpfs", "-o", `size=${diskSize}`, "tmpfs", folder);
const resizeDisk = (folder: string, size: string): void => {
  if (!mount("-o", `remount,size=${size}`, folder)) throw new Error(`The disk at ${folder} cannot be made ${size}.`);
};
const usedBytes = (folder: string): number => {
  const { blocks, bfree, bsize } = statfsSync(folder);
  return (blocks - bfree) * bsize;
};

/** Whether this process may mount disks. */
const ownDisks = ((): boolean => {
  const folder = mkdtempSync(join(tmpdir(), "greentick-disk-"));
  const may = mountDisk(folder);
  if (may) unmount(folder);
  rmSync(folder, { recursive: true, force: true });
  return may;
})();

export async function attackedStore(dataDir: string): Promise<AttackedStore> {
  mkdirSync(dataDir, { recursive: true });
  if (ownDisks && !mountDisk(dataDir)) throw new Error(`No disk could be mounted at ${dataDir}.`);
  const proxy = await faultProxy();
  let store: Store;
  let pids: readonly number[] = [];
  let tracer: (() => Promise<void>) | undefined;
  const open = async (): Promise<void> => {
    const others = new Set(childrenOf(process.pid));
    store = await openStore({ dataDir, log: silent });
    pids = childrenOf(process.pid).filter((pid) => !others.has(pid));
    proxy.target(Number(new URL(store.uri).port));
  };
  const kill = async (): Promise<void> => {
    for (const pid of pids) signalTo(pid);
    const closing = store.close();
    while (!pids.every(isGone)) await sleep(5);
    await closing.catch(() => undefined); // it was killed
  };
  await open();
  return {
    uri: `mongodb://127.0.0.1:${proxy.port}/?directConnection=true`,
    directUri: () => store.uri,
    proxy,
    kill,
    revive: async () => {
      proxy.trouble(undefined);
      await tracer?.();
      tracer = undefined;
      if (ownDisks) resizeDisk(dataDir, diskSize);
      for (const pid of pids) signalTo(pid, "SIGCONT");
      if (pids.every((pid) => !isGone(pid))) return;
      await kill();
      await open();
    },
    stall: () => {
      for (const pid of pids) signalTo(pid, "SIGSTOP");
    },
    fillDisk: async () => {
      resizeDisk(dataDir, String(usedBytes(dataDir)));
      await useUp(store.uri);
    },
    failFlush: async () => {
      tracer = await tracing(pids);
    },
    close: async () => {
      await store.close();
      await proxy.close();
      if (ownDisks) unmount(dataDir);
    },
  };
}

const fillingBytes = 50_000;
const stuckMs = 300;

/** Writes what no compression makes smaller until a write is refused, or hangs as this engine's do on a full disk. */
async function useUp(uri: string): Promise<void> {
  const mongo = await MongoClient.connect(uri, { writeConcern: { w: "majority", journal: true } });
  const rows = mongo.db("greentick_faults").collection("filling");
  const write = (): Promise<boolean> =>
    rows.insertOne({ bytes: randomBytes(fillingBytes) }).then(
      () => true,
      () => false,
    );
  while (await Promise.race([write(), sleep(stuckMs).then(() => false)]));
  await mongo.close(true);
}

/** Makes every flush of these processes fail until what is returned is called. */
async function tracing(pids: readonly number[]): Promise<() => Promise<void>> {
  const rule = ["-e", "trace=fdatasync,fsync", "-e", "inject=fdatasync,fsync:error=EIO:when=1"];
  const child = spawn("strace", ["-f", "-q", ...rule, ...pids.flatMap((pid) => ["-p", String(pid)])], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const over = once(child, "exit");
  await Promise.race([once(child.stderr, "data"), over, sleep(2_000)]);
  return async () => {
    child.kill("SIGINT");
    await over;
  };
}
