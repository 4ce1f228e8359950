import { type ChildProcess, spawn } from "node:child_process";
import { connect } from "node:net";
import { join } from "node:path";
import { until } from "@greentick/testing";
import { childrenOf, isGone, signalTo } from "../faults/process-tree.js";

const root = join(__dirname, "../..");

type Env = Readonly<Record<string, string>>;

/** How a command ended, and all it said. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `npm start` as a terminal runs it: npm and everything below it in a process group of their own. */
export interface Terminal {
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves once it said this on either stream. @throws Error with its words when it ends before. */
  readonly says: (words: RegExp) => Promise<void>;
  readonly ended: Promise<Ended>;
  /** Ctrl-C: every process of the group hears it. */
  readonly interrupt: () => Promise<Stopped>;
  /** SIGTERM to npm alone, as a service manager does. */
  readonly terminate: () => Promise<Stopped>;
  /** kill -9 of npm, the platform and its store. */
  readonly killAll: () => Promise<void>;
}

/** A command that was stopped, with what is left of it. */
export interface Stopped extends Ended {
  /** Process ids of it or below it that still live. */
  readonly leftOver: readonly number[];
}

/** What a shell of somebody new has; settings of whoever runs the tests do not reach the command. */
function shellEnv(more: Env): Env {
  const kept = ["PATH", "HOME", "TMPDIR", "LANG"].map((name) => [name, process.env[name]] as const);
  return { ...Object.fromEntries(kept.filter((one): one is [string, string] => one[1] !== undefined)), ...more };
}

/** What a command says for as long as another one installs or builds: whether one does is chance where several run at once. */
const waiting = "Waiting for another command that installs or builds …\n";
/** npm, the platform, and its store. */
const leastProcesses = 3;

/** `npm <args>` in the root of the repository. */
export function npm(args: readonly string[], env: Env = {}): Terminal {
  const child = spawn("npm", args, {
    cwd: root,
    env: shellEnv(env),
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream].setEncoding("utf8").on("data", (chunk: string) => (said[stream] += chunk.replace(waiting, "")));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      resolve({ code, ...said });
    });
  });
  const { pid = 0 } = child;
  const all = (): readonly number[] => [pid, ...childrenOf(pid)];
  const stopBy = async (signal: () => void): Promise<Stopped> => {
    const pids = all();
    if (pids.length < leastProcesses)
      throw new Error("There are not even npm, a platform and its store to be stopped.");
    signal();
    return { ...(await ended), leftOver: pids.filter((one) => !isGone(one)) };
  };
  return {
    stdout: () => said.stdout,
    stderr: () => said.stderr,
    says: (words) => saying(child, words, said),
    ended,
    interrupt: () => stopBy(() => process.kill(-pid, "SIGINT")),
    terminate: () => stopBy(() => process.kill(pid, "SIGTERM")),
    killAll: async () => {
      const pids = all();
      for (const pid of pids) signalTo(pid);
      await until(() => Promise.resolve(pids.every(isGone)));
    },
  };
}

/** `npm start -- <args>`. */
export const npmStart = (args: readonly string[], env: Env = {}): Terminal => npm(["start", "--", ...args], env);

function saying(child: ChildProcess, words: RegExp, said: Pick<Ended, "stdout" | "stderr">): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (words.test(said.stdout) || words.test(said.stderr)) resolve();
    };
    look();
    child.stdout?.on("data", look);
    child.stderr?.on("data", look);
    child.once("close", (code) => {
      reject(new Error(`npm start ended with ${String(code)} before it said ${String(words)}: ${said.stderr}`));
    });
  });
}

/** Whether anything listens there. */
export const isOpen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => {
      resolve(false);
    });
  });
