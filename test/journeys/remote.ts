import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Target } from "@greentick/gateway";
import { until } from "@greentick/testing";

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
      for (const pid of store) killHard(pid);
      await until(() => Promise.resolve(isOver(child) && store.every(isGone)));
    },
  };
}

const isOver = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

export function killHard(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It is gone already.
  }
}

/** Process id, state and parent of a process; undefined when there is none. */
function statOf(pid: number): { readonly state: string; readonly parent: number } | undefined {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return undefined;
  try {
    const [state = "", parent = ""] = readFileSync(path, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return { state, parent: Number(parent) };
  } catch {
    return undefined; // it ended between the two looks
  }
}

/** A process that nobody has waited for yet is gone too. */
export const isGone = (pid: number): boolean => ["Z", "X", undefined].includes(statOf(pid)?.state);

/** The processes below one, theirs included. */
export function childrenOf(parent: number): readonly number[] {
  const pids = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  const children = pids.filter((pid) => statOf(pid)?.parent === parent);
  return children.flatMap((pid) => [pid, ...childrenOf(pid)]);
}

async function post(url: string, body: unknown = {}): Promise<void> {
  const response = await fetch(url, { method: "POST", body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url} answered ${String(response.status)}: ${await response.text()}`);
}

/** The platform as a story sees it, its clock moved through the control. */
function targetOf({ controlUrl, graphqlUrl, metaUrl, stripeUrl, tokens }: Ready): Target {
  const settle = (): Promise<void> => post(`${controlUrl}/settle`);
  return {
    graphqlUrl,
    metaUrl,
    stripeUrl,
    tokens,
    settle,
    moveClock: async (to, moveMeta) => {
      await post(`${controlUrl}/clock`, { now: to === "system" ? to : to.toISOString() });
      if (moveMeta === undefined || to === "system") return;
      await moveMeta(to);
      await settle();
    },
  };
}

const listening = (port: number): Promise<Server | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => {
      resolve(undefined);
    });
    server.listen(port, "127.0.0.1", () => {
      resolve(server);
    });
  });

/** The first of four free ports in a row that stay the same from life to life, below those that systems give away by themselves. */
export async function freePorts(): Promise<number> {
  for (;;) {
    const first = 20_000 + Math.floor(Math.random() * 3_000) * 4;
    const servers = await Promise.all([0, 1, 2, 3].map((by) => listening(first + by)));
    const open = servers.filter((server) => server !== undefined);
    await Promise.all(open.map((server) => once(server.close(), "close")));
    if (open.length === servers.length) return first;
  }
}
