/**
 * The keeper: runs one mongod and ends it, in order, when the process that asked for it goes away, however it goes.
 * mongod gets a process group of its own, so that Ctrl-C reaches the owner first, which still needs it while draining.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { type FromKeeper, type ToKeeper } from "./messages.js";

/** mongod writes a checkpoint when it is asked to end; a process that takes longer than this is killed. */
const CLOSE_DEADLINE_MS = 20_000;

const tell = (message: FromKeeper): void => {
  if (process.connected) process.send?.(message, () => undefined);
};

let mongod: ChildProcess | undefined;

function start({ binary, args }: ToKeeper): void {
  const child = spawn(binary, args, { stdio: "ignore", detached: true });
  mongod = child;
  child.once("spawn", () => {
    tell({ kind: "started", pid: child.pid ?? 0 });
  });
  child.once("error", (error) => {
    tell({ kind: "failed", words: error.message });
    process.exit(1);
  });
  child.once("exit", (code) => process.exit(code ?? 1));
}

function end(): void {
  if (!mongod) process.exit(0);
  mongod.kill("SIGTERM");
  setTimeout(() => mongod?.kill("SIGKILL"), CLOSE_DEADLINE_MS);
}

process.on("message", start);
process.on("disconnect", end);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
