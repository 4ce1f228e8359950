import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { type Answered, type Question } from "./load.js";

/** What a process that asks is told to do. */
export type Job =
  | { readonly kind: "steady"; readonly question: Question; readonly perSecond: number }
  | { readonly kind: "burst"; readonly questions: readonly Question[] };

type Told = { readonly answers: readonly Answered[] } | { readonly error: string };

/** A process that asks: one job at a time. */
export interface Asker {
  /** Begins, and ends it when `during` is done. @throws Error when a request got no answer at all. */
  readonly ask: (job: Job, during?: Promise<unknown>) => Promise<readonly Answered[]>;
  readonly close: () => void;
}

export function asker(): Asker {
  const child = fork(join(__dirname, "asker", "main.js"), { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  return {
    ask: async (job, during) => {
      const answered = answer(child);
      child.send(job);
      void during?.then(() => child.send("stop"));
      return answered;
    },
    close: () => {
      child.kill();
    },
  };
}

function answer(child: ChildProcess): Promise<readonly Answered[]> {
  return new Promise((resolve, reject) => {
    const gone = (): void => {
      reject(new Error("The process that asks has ended."));
    };
    child.once("exit", gone);
    child.once("message", (told: Told) => {
      child.off("exit", gone);
      if ("answers" in told) resolve(told.answers);
      else reject(new Error(told.error));
    });
  });
}

export const seconds = (count: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, count * 1_000));
