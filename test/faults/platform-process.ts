import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { type Target } from "@greentick/gateway";
import { childrenOf, isGone, signalTo } from "./process-tree.js";

/** The folder of the repository, from the sources and from their build alike. */
function rootFolder(from = __dirname): string {
  return existsSync(join(from, "package-lock.json")) ? from : rootFolder(dirname(from));
}

export interface PlatformPlace {
  readonly dataDir: string;
  /** The first of four. */
  readonly port: number;
  readonly clock: Date;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Ready extends Pick<Target, "graphqlUrl" | "metaUrl" | "stripeUrl" | "tokens"> {
  readonly url: string;
  readonly controlUrl: string;
  readonly storeUri: string;
}

export type Hits = Readonly<Record<string, number>>;

/** The platform in a process of its own, with its store in another one. */
export interface PlatformProcess {
  readonly ready: Ready;
  /** Ends it the n-th time that it gets to a point: `<point>:<n>`. */
  readonly arm: (fault: string) => void;
  readonly disarm: () => void;
  /** How often it got to each fault point; what it said last when it is dead. */
  readonly hits: () => Promise<Hits>;
  readonly isDead: () => boolean;
  readonly ended: Promise<void>;
  /** `kill -9` of the platform and its store; resolves when both are gone. Also ends the store of a platform that is dead. */
  readonly kill: () => Promise<void>;
  /** Stops the store's process for so long, as a disk that does not answer would. */
  readonly stallStore: (ms: number) => Promise<void>;
}

/** What a process said before it died has been heard by then. */
const lastWordsMs = 1_000;

interface Said {
  readonly ready?: Ready;
  readonly hits?: Hits;
}

/** Starts it and waits until it answers. @throws Error with its words when it ends before. */
export async function startPlatformProcess(place: PlatformPlace): Promise<PlatformProcess> {
  const root = rootFolder();
  const main = join(root, "test", "faults", "tools", "platform.mjs");
  const child = spawn(process.execPath, [main, JSON.stringify(place)], { cwd: root, stdio: ["pipe", "pipe", "pipe"] });
  let words = "";
  child.stderr.on("data", (chunk: Buffer) => {
    words = `${words}${chunk.toString()}`.slice(-4_000);
  });
  child.stdin.on("error", () => undefined); // it is dead: what was said to it does not matter any more
  const ended = once(child, "exit").then(() => undefined);
  const silent = once(child, "close");
  const heard = listener(child);
  const ready = await Promise.race([heard.ready, ended]);
  if (ready === undefined) throw new Error(`The platform ended before it was ready: ${words}`);
  const store = childrenOf(child.pid ?? 0);
  const say = (what: object): void => {
    child.stdin.write(`${JSON.stringify(what)}\n`);
  };
  return {
    ready,
    arm: (fault) => {
      say({ arm: fault });
    },
    disarm: () => {
      say({ disarm: true });
    },
    hits: async () => {
      if (!isOver(child)) say({ hits: true });
      await Promise.race([heard.nextHits(), ended]);
      return heard.hits();
    },
    isDead: () => isOver(child),
    ended,
    kill: async () => {
      child.kill("SIGKILL");
      for (const pid of store) signalTo(pid);
      while (!(isOver(child) && store.every(isGone))) await sleep(5);
      await Promise.race([silent, sleep(lastWordsMs)]);
    },
    stallStore: async (ms) => {
      for (const pid of store) signalTo(pid, "SIGSTOP");
      await sleep(ms);
      for (const pid of store) signalTo(pid, "SIGCONT");
    },
  };
}

const isOver = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

/** What the process says, line by line. */
function listener({ stdout }: ChildProcess): {
  readonly ready: Promise<Ready>;
  readonly hits: () => Hits;
  readonly nextHits: () => Promise<void>;
} {
  if (stdout === null) throw new Error("the process has no output");
  let hits: Hits = {};
  let told: (ready: Ready) => void = () => undefined;
  const waiting: (() => void)[] = [];
  const ready = new Promise<Ready>((resolve) => {
    told = resolve;
  });
  createInterface({ input: stdout }).on("line", (line) => {
    if (!line.startsWith("{")) return;
    const said = JSON.parse(line) as Said;
    if (said.ready !== undefined) told(said.ready);
    if (said.hits === undefined) return;
    hits = said.hits;
    for (const go of waiting.splice(0)) go();
  });
  return {
    ready,
    hits: () => hits,
    nextHits: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
      }),
  };
}
