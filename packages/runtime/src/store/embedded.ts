import { readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { codeOf } from "./caught.js";
import { ensureFolder } from "./data-folder.js";
import { type EngineProcess, launchEngine } from "./engine/engine-process.js";
import { nativeLibrary } from "./engine/native-library.js";
import { type Store, StoreError, type StoreLog } from "./store.js";

export interface EmbeddedOptions {
  dataDir: string;
  log: StoreLog;
  onExit?: ((error: Error) => void) | undefined;
  /** Waits between restarts, ms; after the last one the store gives up and tells `onExit`. */
  backoffMs?: readonly number[] | undefined;
}

/** The embedded store, with what only its owner and its tests need. */
export interface EmbeddedStore extends Store {
  kind: "embedded";
  /** Process id of the engine at the moment; undefined while it is being restarted. */
  pid: () => number | undefined;
  /** Runs the TTL monitor at once, as if it were `now`. Returns how many documents were deleted. */
  expireNow: (now?: Date) => Promise<number>;
}

const BACKOFF_MS = [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000, 5_000];
/** A process that ran this long was healthy: the next end of it starts the backoff from the beginning. */
const HEALTHY_MS = 60_000;
/** How long the engine of an owner that was killed may take to close. */
const ORPHAN_DEADLINE_MS = 10_000;

/**
 * Starts the embedded engine in a process of its own and keeps it running: when it ends unasked it is started again on
 * the same port, so that drivers reconnect by themselves. Acknowledged writes survive that.
 * @throws StoreError when the engine cannot run here or the data folder cannot be opened.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedStore> {
  const dataDir = join(options.dataDir, "embedded");
  await ensureFolder(dataDir);
  const library = await nativeLibrary(await cacheFolder(options.dataDir));
  const launch = (port: number): Promise<EngineProcess> =>
    launchEngine({ dataDir, port, nativeLibrary: library, log: options.log });
  const first = await retryWhileOrphaned(options.dataDir, () => launch(0));
  await writeFile(ownerFile(options.dataDir), String(process.pid));
  return supervised(first, launch, options);
}

const ownerFile = (dataDir: string): string => join(dataDir, "owner.pid");

/**
 * An engine whose owner was killed needs a moment to close its files. So a folder in use is refused at once while its
 * owner lives, and waited for when the owner is gone.
 */
async function retryWhileOrphaned<T>(dataDir: string, open: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + ORPHAN_DEADLINE_MS;
  for (;;) {
    try {
      return await open();
    } catch (error) {
      const inUse = error instanceof StoreError && error.reason === "data_folder_in_use";
      if (!inUse || (await ownerLives(dataDir)) || performance.now() > deadline) throw error;
      await delay(100);
    }
  }
}

async function ownerLives(dataDir: string): Promise<boolean> {
  const pid = Number(await readFile(ownerFile(dataDir), "utf8").catch(() => "0"));
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === "EPERM"; // another user's process
  }
}

/** One copy of the edited library per user; in the data folder where there is no home to write to. */
async function cacheFolder(dataDir: string): Promise<string> {
  const shared = join(homedir(), ".cache", "greentick");
  return ensureFolder(shared).then(
    () => shared,
    () => join(dataDir, "engine"),
  );
}

type Launch = (port: number) => Promise<EngineProcess>;

function supervised(first: EngineProcess, launch: Launch, options: EmbeddedOptions): EmbeddedStore {
  const { dataDir, log, onExit, backoffMs = BACKOFF_MS } = options;
  const stop = new AbortController();
  let current: EngineProcess | undefined = first;
  const keepRunning = watch(first, { launch, log, backoffMs, stop: stop.signal, now: (engine) => (current = engine) });
  const kept = keepRunning.catch((error: unknown) => {
    onExit?.(error instanceof Error ? error : new Error(String(error)));
  });
  return {
    uri: `mongodb://127.0.0.1:${first.port}/?directConnection=true`,
    kind: "embedded",
    describe: `embedded MongoDB engine (development only) on port ${first.port}, data in ${dataDir}`,
    pid: () => current?.pid,
    expireNow: (now = new Date()) => current?.expire(now) ?? Promise.reject(new Error("the engine is being restarted")),
    close: async () => {
      stop.abort();
      await current?.close();
      await kept;
    },
  };
}

interface Watch {
  launch: Launch;
  log: StoreLog;
  backoffMs: readonly number[];
  stop: AbortSignal;
  now: (engine: EngineProcess | undefined) => void;
}

/** Resolves when asked to stop. @throws StoreError when the process does not stay up. */
async function watch(first: EngineProcess, { launch, log, backoffMs, stop, now }: Watch): Promise<void> {
  let [engine, failures]: [EngineProcess | undefined, number] = [first, 0];
  while (!stop.aborted) {
    if (engine) {
      const since = performance.now();
      const ending = await engine.ended;
      now(undefined);
      if (isStopped(stop)) return;
      if (performance.now() - since > HEALTHY_MS) failures = 0;
      log.warn({ ...ending, failures }, "embedded store process ended unasked, starting it again");
    }
    const pause = backoffMs[failures++];
    if (pause === undefined)
      throw new StoreError("engine_failed", "The embedded store keeps ending and was given up: see the log.");
    await delay(pause, undefined, { signal: stop }).catch(() => undefined);
    engine = isStopped(stop) ? undefined : await relaunch(() => launch(first.port), log);
    if (engine && isStopped(stop)) await engine.close();
    now(engine);
  }
}

/** Read again after each wait: it changes meanwhile. */
const isStopped = (stop: AbortSignal): boolean => stop.aborted;

async function relaunch(launch: () => Promise<EngineProcess>, log: StoreLog): Promise<EngineProcess | undefined> {
  try {
    const engine = await launch();
    log.info({ pid: engine.pid, port: engine.port }, "embedded store process runs again");
    return engine;
  } catch (err) {
    log.error({ err }, "embedded store process did not start again");
    return undefined;
  }
}
