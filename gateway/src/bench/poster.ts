import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";

/** A number of a client. */
export interface Sender {
  readonly wabaId: string;
  readonly phoneNumberId: string;
}

/** Webhooks about one or several numbers, signed as Meta signs them, each another one. */
export interface Posting {
  readonly url: string;
  readonly appSecret: string;
  /** Taken in turn. */
  readonly senders: readonly Sender[];
  /** Stands in every message's id: no two postings say the same. */
  readonly word: string;
  /** Unix time of what is said. */
  readonly at: number;
  readonly forMs: number;
  /** As fast as so many connections let it, or so many a second, each when it is due. */
  readonly pace: { readonly connections: number } | { readonly perSecond: number; readonly connections?: number };
  /** Connects first, and times count from when a webhook is sent, not from when it was due: for more than the sender itself can send in time. */
  readonly sinceSent?: boolean;
  /** Of every so many the time of the acknowledgement is told. */
  readonly sampleEvery?: number;
  /** Goes on when the other side is gone, and connects again. */
  readonly persistent?: boolean;
}

export interface Posted {
  readonly acknowledged: number;
  /** Answered 503: to be sent again. */
  readonly shed: number;
  /** The connection broke before an answer. */
  readonly broken: number;
  readonly elapsedMs: number;
  readonly p50: number;
  readonly p99: number;
  /** Of those that were answered 503. */
  readonly shedP99: number;
  /** Share of the acknowledged that took longer than a second. */
  readonly overSecond: number;
  /** The longest time without an acknowledgement: its begin and end, ms since the epoch. */
  readonly gap: { readonly from: number; readonly to: number };
  readonly samples: readonly Sample[];
}

export interface Sample {
  readonly messageId: string;
  /** Which of the posting's senders it is of. */
  readonly sender: number;
  /** Of the acknowledgement, ms since the epoch. */
  readonly at: number;
  /** From when it was due until it was acknowledged. */
  readonly tookMs: number;
}

export interface Poster {
  /** One at a time; the samples are also told while it is under way. @throws Error when something else than 200 or 503 was answered. */
  readonly post: (what: Posting, sampled?: (samples: readonly Sample[]) => void) => Promise<Posted>;
  readonly close: () => void;
}

export type Told = Posted | { readonly error: string } | { readonly sampled: readonly Sample[] };

/** A process that posts, so that the posting takes no time of the platform's event loop. */
export function poster(): Poster {
  const child = fork(join(__dirname, "poster", "main.js"), { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  return {
    post: (what, sampled) => {
      const answered = answer(child, sampled);
      child.send(what);
      return answered;
    },
    close: () => {
      child.kill();
    },
  };
}

const answer = (child: ChildProcess, sampled?: (samples: readonly Sample[]) => void): Promise<Posted> =>
  new Promise((resolve, reject) => {
    const done = (): void => {
      child.off("exit", gone).off("message", hear);
    };
    const gone = (): void => {
      done();
      reject(new Error("The process that posts has ended."));
    };
    const hear = (told: Told): void => {
      if ("sampled" in told) {
        sampled?.(told.sampled);
        return;
      }
      done();
      if ("error" in told) reject(new Error(told.error));
      else resolve(told);
    };
    child.on("exit", gone).on("message", hear);
  });
