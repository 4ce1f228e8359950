import { AsyncLocalStorage } from "node:async_hooks";
import { performance } from "node:perf_hooks";
import { buildConnector, type Dispatcher, Pool } from "undici";
import { type Clock } from "@greentick/kernel";
import { problemOfStatus } from "../../domain/out/delivery.js";
import { retryAfterMs } from "../../domain/out/schedule.js";
import { type Message, type Send } from "../../ports/outgoing.js";
import { AddressRefused, checkedAddress, type Resolve } from "./addresses.js";

export interface SenderParts {
  readonly resolve: Resolve;
  /** Lets sandboxes call this machine and its network, and plain http. */
  readonly allowPrivate: boolean;
  readonly systemNow: Clock;
  readonly timeouts?: { readonly connectMs: number; readonly totalMs: number };
}

/** Milliseconds of one try, noted while it is under way. */
interface Timing {
  dnsMs?: number;
  connectMs?: number;
}

const usualTimeouts = { connectMs: 5_000, totalMs: 15_000 } as const;
/** Kept of an answer; the rest is thrown away, and beyond `readBytes` the connection is. */
const answerLimits = { keptBytes: 1_024, readBytes: 65_536 } as const;
/** Shorter than the five seconds after which many servers close: a message is not sent into a closing connection. */
const idleMs = 3_000;

/**
 * Sends to the public network alone: each connection goes to the very address that was checked, whatever the name says a moment later. Nothing
 * is followed anywhere. One pool for each origin, closed when it was idle.
 */
export function sender(parts: SenderParts): { readonly send: Send; readonly close: () => Promise<void> } {
  const { connectMs, totalMs } = parts.timeouts ?? usualTimeouts;
  const timing = new AsyncLocalStorage<Timing>();
  const pools = poolsOf((allowPrivate) => connector({ ...parts, allowPrivate, connectMs, timing }));
  const send: Send = async (message, gone) => {
    const noted: Timing = {};
    const startedAt = performance.now();
    const end = endOf(gone, totalMs);
    try {
      const pool = pools.of(message, parts.allowPrivate && !message.livemode);
      const answer = await timing.run(noted, () => exchange(pool, message, end.signal));
      const { statusCode, retryAfter, response } = answer;
      const problem = problemOfStatus(statusCode);
      const askedMs = retryAfterMs(retryAfter, parts.systemNow());
      return {
        ...told(noted, startedAt),
        ...{ statusCode, response },
        ...(problem !== undefined && { problem }),
        ...(askedMs !== undefined && { retryAfterMs: askedMs }),
      };
    } catch (error) {
      const problem = gone.aborted ? interrupted : inWords(error, end.tooLate() ? totalMs : undefined);
      return { ...told(noted, startedAt), problem, response: "" };
    } finally {
      end.forget();
    }
  };
  return { send, close: pools.close };
}

interface End {
  readonly signal: AbortSignal;
  readonly tooLate: () => boolean;
  readonly forget: () => void;
}

/** When a try is broken off: with the process, or after its time. Its own, forgotten after it: a signal made of `gone` leaves something there. */
function endOf(gone: AbortSignal, ms: number): End {
  const end = new AbortController();
  let late = false;
  const abort = (): void => {
    end.abort();
  };
  const timer = setTimeout(() => {
    late = true;
    abort();
  }, ms);
  gone.addEventListener("abort", abort);
  if (gone.aborted) abort();
  return {
    signal: end.signal,
    tooLate: () => late,
    forget: () => {
      clearTimeout(timer);
      gone.removeEventListener("abort", abort);
    },
  };
}

const interrupted = "Our process ended before an answer came; it is sent again.";

const told = (noted: Timing, startedAt: number): Timing & { readonly totalMs: number } => ({
  ...noted,
  totalMs: Math.round(performance.now() - startedAt),
});

interface Answer {
  readonly statusCode: number;
  readonly retryAfter: string | undefined;
  readonly response: string;
}

async function exchange(pool: Dispatcher, { url, headers, body }: Message, signal: AbortSignal): Promise<Answer> {
  const { pathname, search } = new URL(url);
  const answer = await pool.request({ path: pathname + search, method: "POST", headers, body, signal });
  const { "retry-after": retryAfter } = answer.headers;
  const { statusCode } = answer;
  const response = await beginningOf(answer.body);
  return { statusCode, retryAfter: Array.isArray(retryAfter) ? retryAfter[0] : retryAfter, response };
}

/** An endless answer is cut, and is no failure: the status was said before it. */
async function beginningOf(body: AsyncIterable<unknown> & { readonly destroy: () => unknown }): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    const bytes = Buffer.from(chunk as Uint8Array);
    if (size < answerLimits.keptBytes) chunks.push(bytes.subarray(0, answerLimits.keptBytes - size));
    size += bytes.length;
    if (size > answerLimits.readBytes) break;
  }
  return Buffer.concat(chunks).toString("utf8");
}

type Connect = ReturnType<typeof buildConnector>;

interface ConnectorParts extends SenderParts {
  readonly connectMs: number;
  readonly timing: AsyncLocalStorage<Timing>;
}

/** Looks the name up, checks what it found, and connects to exactly that. The certificate must still be the name's. */
function connector({ resolve, allowPrivate, connectMs, timing }: ConnectorParts): Connect {
  const connect = buildConnector({ timeout: connectMs, allowH2: false });
  return (options, callback) => {
    const noted = timing.getStore() ?? {};
    const startedAt = performance.now();
    within(connectMs, checkedAddress(options.hostname, { resolve, allowPrivate })).then(
      ({ address }) => {
        const found = performance.now();
        noted.dnsMs = Math.round(found - startedAt);
        const servername = options.servername ?? (options.protocol === "https:" ? options.hostname : undefined);
        const to = { ...options, hostname: address, host: address, ...(servername !== undefined && { servername }) };
        connect(to, (...answer) => {
          noted.connectMs = Math.round(performance.now() - found);
          callback(...answer);
        });
      },
      (error: unknown) => {
        callback(error as Error, null);
      },
    );
  };
}

class LookUpTooSlow extends Error {
  override readonly name = "LookUpTooSlow";
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new LookUpTooSlow("the name was not resolved in time"));
    }, ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

interface Pools {
  readonly of: (message: Message, allowPrivate: boolean) => Pool;
  readonly close: () => Promise<void>;
}

const mostPools = 500;

/** The one used longest ago is closed first; a closing one finishes what it carries. */
function poolsOf(connectBy: (allowPrivate: boolean) => Connect): Pools {
  const kept = new Map<string, Pool>();
  const connects = { own: connectBy(true), publicOnly: connectBy(false) };
  const drop = (name: string, pool: Pool): void => {
    kept.delete(name);
    pool.close().catch(() => undefined);
  };
  return {
    of: ({ url }, allowPrivate) => {
      const { origin } = new URL(url);
      const name = `${allowPrivate ? "own" : "public"} ${origin}`;
      const connect = allowPrivate ? connects.own : connects.publicOnly;
      const keepAlive = { keepAliveTimeout: idleMs, keepAliveMaxTimeout: idleMs };
      const pool = kept.get(name) ?? new Pool(origin, { connect, pipelining: 1, ...keepAlive });
      kept.delete(name);
      kept.set(name, pool);
      const oldest = kept.entries().next();
      if (kept.size > mostPools && oldest.done !== true) drop(...oldest.value);
      return pool;
    },
    close: async () => {
      const all = [...kept.values()];
      kept.clear();
      await Promise.all(all.map((pool) => pool.destroy().catch(() => undefined)));
    },
  };
}

const byCode: Readonly<Record<string, string>> = {
  ENOTFOUND: "The name of the receiver does not resolve to any address.",
  EAI_AGAIN: "The name of the receiver could not be looked up at the moment.",
  ECONNREFUSED: "Nothing listens at the receiver's address and port.",
  ECONNRESET: "The receiver broke the connection off.",
  EPIPE: "The receiver broke the connection off.",
  UND_ERR_SOCKET: "The receiver broke the connection off.",
  UND_ERR_CONNECT_TIMEOUT: "No connection to the receiver came about in time.",
  ETIMEDOUT: "No connection to the receiver came about in time.",
  EHOSTUNREACH: "The receiver's address cannot be reached.",
  ENETUNREACH: "The receiver's address cannot be reached.",
  CERT_HAS_EXPIRED: "The receiver's certificate has expired.",
  DEPTH_ZERO_SELF_SIGNED_CERT: "The receiver's certificate is signed by nobody but itself.",
  SELF_SIGNED_CERT_IN_CHAIN: "The receiver's certificate is signed by an authority that nobody knows.",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "The receiver does not send the whole chain of its certificate.",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "The receiver's certificate is signed by an authority that nobody knows.",
  ERR_TLS_CERT_ALTNAME_INVALID: "The receiver's certificate is for another name.",
};

/** For the log of deliveries: what happened, without our own words for it. */
function inWords(error: unknown, tooLateMs: number | undefined): string {
  if (tooLateMs !== undefined) return `The receiver did not answer within ${tooLateMs / 1_000} seconds.`;
  if (error instanceof AddressRefused) return error.message;
  if (error instanceof LookUpTooSlow) return byCode["EAI_AGAIN"] ?? "";
  const code = codeOf(error);
  return (
    byCode[code] ??
    (code.startsWith("HPE_") ? "The receiver's answer is not HTTP." : `The message could not be sent (${code}).`)
  );
}

/** The first code on the way to the cause; errors of Node's own need not be of this realm's class. */
function codeOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return "unknown";
  const { code, cause, name } = error as { code?: unknown; cause?: unknown; name?: unknown };
  if (typeof code === "string") return code;
  if (cause !== undefined) return codeOf(cause);
  return typeof name === "string" ? name : "unknown";
}
