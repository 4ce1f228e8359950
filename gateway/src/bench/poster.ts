import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";

/** Webhooks of one number of a client, signed as Meta signs them, each another one. */
export interface Posting {
  readonly url: string;
  readonly appSecret: string;
  readonly wabaId: string;
  readonly phoneNumberId: string;
  /** Stands in every message's id: no two postings say the same. */
  readonly word: string;
  /** Unix time of what is said. */
  readonly at: number;
  readonly forMs: number;
  /** As fast as so many connections let it, or so many a second, each when it is due. */
  readonly pace: { readonly connections: number } | { readonly perSecond: number };
}

export interface Posted {
  readonly acknowledged: number;
  /** Answered 503: to be sent again. */
  readonly shed: number;
  readonly elapsedMs: number;
  readonly p50: number;
  readonly p99: number;
  /** Share of the acknowledged that took longer than a second. */
  readonly overSecond: number;
}

export interface Poster {
  /** One at a time. @throws Error when something else than 200 or 503 was answered. */
  readonly post: (what: Posting) => Promise<Posted>;
  readonly close: () => void;
}

type Told = Posted | { readonly error: string };

/** A process that posts, so that the posting takes no time of the platform's event loop. */
export function poster(): Poster {
  const child = fork(join(__dirname, "poster", "main.js"), { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  return {
    post: (what) => {
      const answered = answer(child);
      child.send(what);
      return answered;
    },
    close: () => {
      child.kill();
    },
  };
}

const answer = (child: ChildProcess): Promise<Posted> =>
  new Promise((resolve, reject) => {
    const gone = (): void => {
      reject(new Error("The process that posts has ended."));
    };
    child.once("exit", gone);
    child.once("message", (told: Told) => {
      child.off("exit", gone);
      if ("error" in told) reject(new Error(told.error));
      else resolve(told);
    });
  });
