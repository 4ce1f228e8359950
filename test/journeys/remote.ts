import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Target } from "@greentick/gateway";
import { until } from "@greentick/testing";
import { childrenOf, isGone, signalTo } from "../faults/process-tree.js";
import { targetOf } from "../faults/remote-target.js";

const root = join(__dirname, "../..");

export interface RemoteOptions {
  readonly dataDir: string;
  /** The first of four. */
  readonly port: number;
  readonly clock: Date;
  /** `<point>:<n>`: dies the n-th time it gets to that fault point. */
  readonly fault?: string;
}

/** A platform in a process of its own, with its store in another one. */
export interface RemotePlatform {
  readonly target: Target;
  readonly storeUri: string;
  /** Whether its process has ended, by whatever hand. */
  readonly isDead: () => boolean;
  readonly ended: Promise<void>;
  /** `kill -9` of the platform and its store; resolves when both are gone. Also ends the store of a platform that is dead. */
  readonly kill: () => Promise<void>;
}

interface Ready {
  readonly controlUrl: string;
  readonly storeUri: string;
  readonly graphqlUrl: string;
  readonly metaUrl: string;
  readonly stripeUrl: string;
  readonly tokens: Target["tokens"];
}

/** Starts it and waits until it answers. Undefined when its fault point ended it before. @throws Error with its words when anything else did. */
export async function startRemote(options: RemoteOptions): Promise<RemotePlatform | undefined> {
  const main = join(__dirname, "tools", "platform.mjs");
  const child = spawn(process.execPath, [main, JSON.stringify(options)], {
    cwd: root,
    stdio: ["pipe", "pipe", "pipe"],
  });
  let words = "";
  child.stderr.on("data", (chunk: Buffer) => {
    words += chunk.toString();
  });
  const ended = once(child, "exit");
  const line = once(createInterface({ input: child.stdout }), "line");
  const [first] = (await Promise.race([line, ended])) as readonly unknown[];
  if (typeof first !== "string") {
    if (child.signalCode === "SIGKILL") return undefined;
    throw new Error(`the platform ended before it was ready: ${words}`);
  }
  const ready = JSON.parse(first) as Ready;
  const store = childrenOf(child.pid ?? 0);
  return {
    target: targetOf(ready),
    storeUri: ready.storeUri,
    isDead: () => isOver(child),
    ended: ended.then(() => undefined),
    kill: async () => {
      child.kill("SIGKILL");
      for (const pid of store) signalTo(pid);
      await until(() => Promise.resolve(isOver(child) && store.every(isGone)));
    },
  };
}

const isOver = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;
