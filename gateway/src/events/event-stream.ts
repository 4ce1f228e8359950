import { once } from "node:events";
import { type ServerResponse } from "node:http";

/** Server-sent events of one response (WHATWG HTML §9.2). */
export interface EventStream {
  /** Resolves when the listener's side has taken it, so that nothing piles up here. False when it did not in time, or is gone. */
  readonly event: (event: { readonly id: string; readonly kind: string; readonly data: string }) => Promise<boolean>;
  /** A comment, so that proxies and the other side see that the line is alive. */
  readonly heartbeat: () => Promise<boolean>;
  /** Says why and closes; nothing more is written. */
  readonly end: (reason: string) => void;
  /** Comes when it is over, whoever ended it. */
  readonly over: AbortSignal;
}

/** How long a listener who takes nothing is waited for. */
const slowMs = 30_000;
/** What a browser waits before it comes back. */
const comeBackMs = 3_000;

export function openEventStream(res: ServerResponse): EventStream {
  const over = new AbortController();
  res.once("close", () => {
    over.abort();
  });
  res.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
  });
  const write = async (text: string): Promise<boolean> => {
    if (over.signal.aborted) return false;
    return res.write(text) || drained(res, over.signal);
  };
  void write(`retry: ${comeBackMs}\n\n`);
  return {
    event: ({ id, kind, data }) => write(`id: ${id}\nevent: ${kind}\n${linesOf(data)}\n\n`),
    heartbeat: () => write(": alive\n\n"),
    end: (reason) => {
      if (over.signal.aborted) return;
      res.end(`event: end\n${linesOf(JSON.stringify({ reason }))}\n\n`);
      over.abort();
    },
    over: over.signal,
  };
}

const linesOf = (data: string): string =>
  data
    .split("\n")
    .map((line) => `data: ${line}`)
    .join("\n");

async function drained(res: ServerResponse, over: AbortSignal): Promise<boolean> {
  const signal = AbortSignal.any([over, AbortSignal.timeout(slowMs)]);
  try {
    await once(res, "drain", { signal });
    return true;
  } catch {
    return false;
  }
}
