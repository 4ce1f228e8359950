import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

const root = join(__dirname, "..", "..");

/** A service or the gateway in a process of its own, as a deployment runs it. */
export interface RunningProcess {
  readonly url: string;
  /** The lines of its log that were errors. */
  readonly errors: () => readonly string[];
  /** Asks it to stop and resolves with its exit code. */
  readonly stop: () => Promise<number | null>;
}

/** Brings the compiled code up to date; nothing happens when it is. @throws Error with the compiler's words. */
export function buildAll(): void {
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const { status, stdout } = spawnSync(process.execPath, [tsc, "-b"], { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(`the build failed:\n${stdout}`);
}

/** Starts a compiled main and waits until its log says where it listens. @throws Error with what it printed when it ends before. */
export async function startProcess(main: string, env: Readonly<Record<string, string>>): Promise<RunningProcess> {
  const child = spawn(process.execPath, [join(root, main)], {
    env: { ...env, PATH: process.env["PATH"], LOG_LEVEL: "info", PORT: "0" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const errors: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (/"level":[56]0/.test(line)) errors.push(line);
  });
  const url = await urlOf(child, () => `${main} ended before it listened: ${said}`);
  return { url, errors: () => errors, stop: () => stop(child) };
}

const urlOf = (child: ChildProcess, whyNot: () => string): Promise<string> =>
  new Promise((resolve, reject) => {
    child.once("exit", () => {
      reject(new Error(whyNot()));
    });
    if (child.stdout === null) throw new Error("no output to read");
    createInterface({ input: child.stdout }).on("line", (line) => {
      const url = /"url":"(http:[^"]+)"/.exec(line)?.[1];
      if (url !== undefined) resolve(url);
    });
  });

async function stop(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
  return child.exitCode;
}
