import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { type ClientStory } from "../../story/provider.js";
import { type Sender } from "../poster.js";

export type PlatformQuestion =
  | { readonly ask: "usage" }
  | { readonly ask: "hold"; readonly isHeld: boolean }
  | { readonly ask: "bring"; readonly stories: readonly ClientStory[] };

/** Where its business clock stands at first. */
export const benchStart = new Date("2026-10-01T00:00:00Z");

export interface Started {
  readonly url: string;
  readonly appSecret: string;
  readonly masterKey: string;
}
export interface Usage {
  /** User and system time of the process so far. */
  readonly cpuMs: number;
  readonly rssMiB: number;
}
/** A number of a client that is live. */
export interface LiveSender extends Sender {
  readonly tenantId: string;
}
interface Brought {
  readonly senders: readonly LiveSender[];
}
export type PlatformAnswer = Started | Usage | Brought | { readonly error: string } | Record<string, never>;

/** As in the image: webhooks make much that lives for milliseconds, and young memory that is too small is collected all the time. */
const execArgv = ["--max-semi-space-size=32"];

/** A platform in a process of its own, beside a store that outlives it. */
export interface PlatformProcess extends Started {
  readonly usage: () => Promise<Usage>;
  /** Whether what is kept is handed on, or stays where it is. */
  readonly hold: (isHeld: boolean) => Promise<void>;
  readonly bring: (stories: readonly ClientStory[]) => Promise<readonly LiveSender[]>;
  /** `kill -9`. */
  readonly kill: () => Promise<void>;
}

/** Where it and its local providers listen. */
export interface PlatformPlace {
  readonly dataDir: string;
  readonly storeUri: string;
  /** The first of four. */
  readonly port: number;
}

export async function startPlatformProcess({ dataDir, storeUri, port }: PlatformPlace): Promise<PlatformProcess> {
  const main = join(__dirname, "platform", "main.js");
  const child = fork(main, [dataDir, storeUri, String(port)], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    execArgv,
  });
  const started = (await next(child)) as Started;
  const ask = async (question: PlatformQuestion): Promise<PlatformAnswer> => {
    child.send(question);
    return next(child);
  };
  return {
    ...started,
    usage: async () => (await ask({ ask: "usage" })) as Usage,
    hold: async (isHeld) => {
      await ask({ ask: "hold", isHeld });
    },
    bring: async (stories) => ((await ask({ ask: "bring", stories })) as Brought).senders,
    kill: async () => {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
  };
}

function next(child: ChildProcess): Promise<PlatformAnswer> {
  return new Promise((resolve, reject) => {
    const gone = (): void => {
      reject(new Error("The platform's process has ended."));
    };
    child.once("exit", gone);
    child.once("message", (told: PlatformAnswer) => {
      child.off("exit", gone);
      if ("error" in told) reject(new Error(told.error));
      else resolve(told);
    });
  });
}
