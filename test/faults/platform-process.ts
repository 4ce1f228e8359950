import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { type Target } from "@greentick/gateway";
import { memoryMiB } from "./process-tree.js";

/** The folder of the repository, from the sources and from their build alike. */
function rootFolder(from = __dirname): string {
  return existsSync(join(from, "package-lock.json")) ? from : rootFolder(dirname(from));
}

export interface PlatformPlace {
  readonly dataDir: string;
  readonly storeUri: string;
  /** The first of four. */
  readonly port: number;
  readonly clock: Date;
  readonly env?: Readonly<Record<string, string>>;
  /** A point at which it dies while it starts: `<point>:<n>`. */
  readonly fault?: string | undefined;
  /** How far its system clock is ahead of the machine's. */
  readonly ahead?: number;
  /** The guard that it has to do without. */
  readonly without?: string | undefined;
}

export interface Ready extends Pick<Target, "graphqlUrl" | "metaUrl" | "stripeUrl" | "tokens"> {
  readonly url: string;
  readonly controlUrl: string;
  readonly stripeWebhookSecret: string;
}

export type Hits = Readonly<Record<string, number>>;

/** The platform in a process of its own. */
export interface PlatformProcess {
  readonly ready: Ready;
  /** Ends it the n-th time that it gets to a point: `<point>:<n>`. */
  readonly arm: (fault: string) => void;
  readonly disarm: () => void;
  /** Sets its system clock so far ahead of the machine's. */
  readonly setAhead: (ms: number) => void;
  /** How often it got to each fault point; what it said last when it is dead. */
  readonly hits: () => Promise<Hits>;
  readonly memoryMiB: () => number;
  readonly isDead: () => boolean;
  readonly ended: Promise<void>;
  /** `kill -9`; resolves when it is gone. */
  readonly kill: () => Promise<void>;
}

/** A process that has loaded everything and waits for its place. */
export interface SparePlatform {
  /** Resolves once it answers; to its hits when its fault point ended it before. @throws Error with its words when anything else did. */
  readonly begin: (place: PlatformPlace) => Promise<PlatformProcess | Hits>;
  /** `kill -9`; resolves when it is gone. */
  readonly end: () => Promise<void>;
}

export const isAlive = (life: PlatformProcess | Hits): life is PlatformProcess => "ready" in life;

/** What a process said before it died has been heard by then. */
const lastWordsMs = 1_000;

interface Said {
  readonly ready?: Ready;
  readonly hits?: Hits;
}

export function sparePlatform(): SparePlatform {
  const root = rootFolder();
  const main = join(root, "test", "faults", "tools", "platform.mjs");
  const child = spawn(process.execPath, [main], { cwd: root, stdio: ["pipe", "pipe", "pipe"] });
  let words = "";
  child.stderr.on("data", (chunk: Buffer) => {
    words = `${words}${chunk.toString()}`.slice(-4_000);
  });
  child.stdin.on("error", () => undefined); // it is dead: what was said to it does not matter any more
  const ended = once(child, "exit").then(() => undefined);
  const silent = once(child, "close");
  const heard = listener(child);
  const say = (what: object): void => {
    child.stdin.write(`${JSON.stringify(what)}\n`);
  };
  const living = (ready: Ready): PlatformProcess => ({
    ready,
    arm: (fault) => {
      say({ arm: fault });
    },
    disarm: () => {
      say({ disarm: true });
    },
    setAhead: (ms) => {
      say({ ahead: ms });
    },
    hits: async () => {
      const next = heard.nextHits();
      if (!isOver(child)) say({ hits: true });
      await Promise.race([next, silent]);
      return heard.hits();
    },
    memoryMiB: () => memoryMiB(child.pid ?? 0),
    isDead: () => isOver(child),
    ended,
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
      await Promise.race([silent, sleep(lastWordsMs)]);
    },
  });
  return {
    begin: async (place) => {
      say({ begin: place });
      const ready = await Promise.race([heard.ready, ended]);
      if (ready !== undefined) return living(ready);
      await Promise.race([silent, sleep(lastWordsMs)]);
      if (place.fault !== undefined && child.signalCode === "SIGKILL") return heard.hits();
      throw new Error(`The platform ended before it was ready: ${words}`);
    },
    end: async () => {
      child.kill("SIGKILL");
      await silent;
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
