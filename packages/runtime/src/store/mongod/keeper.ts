import { fork } from "node:child_process";
import { join } from "node:path";
import { type FromKeeper, type ToKeeper } from "./messages.js";

/** Compiled, for the same reason as the engine's entry: a forked Node cannot read TypeScript. */
const ENTRY = join(__dirname, "../../../dist/store/mongod/main.js");

export interface KeptProcess {
  pid: number;
  /** Settles with the exit code when the process has ended. */
  ended: Promise<number | null>;
  /** Ends the process in order. */
  close: () => Promise<void>;
}

/** Runs a program that ends when this process does. @throws Error when it cannot be started. */
export async function keep(binary: string, args: string[]): Promise<KeptProcess> {
  const keeper = fork(ENTRY, [], { execArgv: [], stdio: ["ignore", "ignore", "ignore", "ipc"] });
  const ended = new Promise<number | null>((resolve) => {
    keeper.once("exit", resolve);
    keeper.once("error", () => {
      resolve(null);
    });
  });
  const first = new Promise<FromKeeper>((resolve) => keeper.once("message", resolve));
  const start: ToKeeper = { kind: "start", binary, args };
  keeper.send(start, () => undefined);
  const answer = await Promise.race([
    first,
    ended.then(() => ({ kind: "failed" as const, words: "its keeper ended" })),
  ]);
  if (answer.kind === "failed") throw new Error(answer.words);
  const close = async (): Promise<void> => {
    if (keeper.connected) keeper.disconnect();
    await ended;
  };
  return { pid: answer.pid, ended, close };
}
