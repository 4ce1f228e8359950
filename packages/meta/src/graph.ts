import { backOff } from "exponential-backoff";
import { type ZodType } from "zod";
import { MetaError, errorOfReply, errorOfShape, errorOfSilence } from "./errors.js";
import { type JsonValue, isObject, readJson } from "./json.js";
import { appSecretProof } from "./signature.js";

export interface MetaLog {
  readonly debug: (fields: Record<string, unknown>, message: string) => void;
  readonly warn: (fields: Record<string, unknown>, message: string) => void;
}

export interface RetryOptions {
  /** Attempts in all, the first included. */
  readonly attempts: number;
  readonly startingDelayMs: number;
  readonly maxDelayMs: number;
}

export interface MetaClientOptions {
  /** `https://graph.facebook.com`, or a local Meta's address; no trailing slash. */
  readonly baseUrl: string;
  /** `v26.0`. */
  readonly version: string;
  readonly appId: string;
  readonly appSecret: string;
  /** For one attempt. */
  readonly timeoutMs: number;
  /** Used for calls that are safe to repeat, and for no others. */
  readonly retry: RetryOptions;
  readonly log?: MetaLog;
}

export type Parameters = Readonly<Record<string, unknown>>;

export interface GraphRequest<T> {
  readonly method: "GET" | "POST" | "DELETE";
  /** The route with its variable parts in braces; what logs and errors name: `/{waba}/phone_numbers`. */
  readonly route: string;
  /** Values of the braces, in order. */
  readonly ids: readonly string[];
  /** Absent for the calls that have none. */
  readonly token?: string;
  /** Query of GET and DELETE, JSON body of POST. Undefined values are left out. */
  readonly params?: Parameters;
  /** Whether a repetition changes nothing: reading calls, and others only where Meta documents it. */
  readonly repeatable: boolean;
  readonly reply: ZodType<T>;
}

export type Graph = <T>(request: GraphRequest<T>) => Promise<T>;

/**
 * Calls the Graph API. The token travels in the Authorization header, with `appsecret_proof` beside it, and is never logged.
 * Repeatable calls are repeated with growing, jittered pauses on `transient` and `throttle`; others are tried once.
 * @throws MetaError for every refusal, silence and reply of another shape.
 */
export function graphOf(options: MetaClientOptions): Graph {
  return (request) => {
    const once = async () => attempt(options, request);
    if (!request.repeatable) return once();
    return backOff(once, {
      numOfAttempts: options.retry.attempts,
      startingDelay: options.retry.startingDelayMs,
      maxDelay: options.retry.maxDelayMs,
      jitter: "full",
      retry: (error: unknown, attemptNumber) => again(options, error, attemptNumber),
    });
  };
}

function again(options: MetaClientOptions, error: unknown, attemptNumber: number): boolean {
  if (!(error instanceof MetaError) || (error.retryClass !== "transient" && error.retryClass !== "throttle"))
    return false;
  options.log?.warn({ operation: error.operation, code: error.code, attemptNumber }, "call to Meta is repeated");
  return true;
}

async function attempt<T>(options: MetaClientOptions, request: GraphRequest<T>): Promise<T> {
  const operation = `${request.method} ${request.route}`;
  const started = performance.now();
  const answer = await fetchAnswer(options, request, operation);
  const durationMs = Math.round(performance.now() - started);
  options.log?.debug({ operation, httpStatus: answer.status, durationMs }, "Meta answered");
  const body = isObject(answer.body) ? answer.body : undefined;
  if (answer.status >= 400 || body?.["error"] !== undefined) throw errorOfReply(operation, answer.status, body);
  const read = request.reply.safeParse(answer.body);
  if (!read.success) throw errorOfShape(operation, answer.status, read.error);
  return read.data;
}

interface Answer {
  readonly status: number;
  readonly body: JsonValue | undefined;
}

async function fetchAnswer(
  options: MetaClientOptions,
  request: GraphRequest<unknown>,
  operation: string,
): Promise<Answer> {
  try {
    const reply = await fetch(urlOf(options, request), {
      method: request.method,
      headers: headersOf(request),
      ...(request.method === "POST" ? { body: JSON.stringify(request.params ?? {}) } : {}),
      redirect: "error",
      signal: AbortSignal.timeout(options.timeoutMs),
    });
    const reading = readJson(new Uint8Array(await reply.arrayBuffer()), { maxBytes: 20_000_000, maxDepth: 64 });
    return { status: reply.status, body: "value" in reading ? reading.value : undefined };
  } catch (error) {
    throw errorOfSilence(operation, withoutRequest(error));
  }
}

/** fetch's own error may quote the URL; its code says all that is needed. */
function withoutRequest(error: unknown): Error {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return new Error(cause instanceof Error ? `${cause.name} ${code}`.trim() : "unknown network failure");
}

function headersOf(request: GraphRequest<unknown>): Record<string, string> {
  return {
    accept: "application/json",
    ...(request.method === "POST" ? { "content-type": "application/json" } : {}),
    ...(request.token === undefined ? {} : { authorization: `Bearer ${request.token}` }),
  };
}

function urlOf(options: MetaClientOptions, request: GraphRequest<unknown>): URL {
  const ids = [...request.ids];
  const path = request.route.replace(/\{[^}]+\}/g, () => encodeURIComponent(ids.shift() ?? ""));
  const url = new URL(`${options.baseUrl}/${options.version}${path}`);
  if (request.token !== undefined) {
    url.searchParams.set("appsecret_proof", appSecretProof(options.appSecret, request.token));
  }
  if (request.method !== "POST") addQuery(url, request.params ?? {});
  return url;
}

/** Lists and objects travel JSON-encoded in a query (Meta: Graph API, parameters). */
function addQuery(url: URL, params: Parameters): void {
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined) continue;
    url.searchParams.set(name, typeof value === "string" ? value : JSON.stringify(value));
  }
}
