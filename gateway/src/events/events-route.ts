import { type IncomingMessage, type ServerResponse } from "node:http";
import { type AskFeed, type FeedAnswer, type FeedQuestion } from "@greentick/contracts";
import { type Budget, type EndpointParts, isVisitor, tokenRequired } from "@greentick/graphql";
import { allow, AppError, type Call, type Log } from "@greentick/kernel";
import { replyError, type Route } from "@greentick/runtime";
import { type EventStream, openEventStream } from "./event-stream.js";
import { type Listeners, type ListenerLimits, listeners } from "./listeners.js";

export interface EventsParts {
  readonly identify: EndpointParts["identify"];
  readonly feed: AskFeed;
  readonly budget?: Budget;
  readonly log: Log;
  readonly limits?: ListenerLimits;
  readonly times?: EventTimes;
}

/** Milliseconds of system time. */
export interface EventTimes {
  /** A line without news says so as often as this. */
  readonly heartbeatMs: number;
  /** How often it is asked whether the credential is still good. */
  readonly recheckMs: number;
}

const usualLimits: ListenerLimits = { perTenant: 20, all: 2_000 };
/** Together with the age of an answer about a credential's standing: what was revoked ends within seconds. */
const usualTimes: EventTimes = { heartbeatMs: 15_000, recheckMs: 2_500 };

/**
 * `GET /events`: what happens in the caller's business, as it happens, for whoever may read it. `kinds` narrows it; `Last-Event-ID` goes on
 * where an earlier line broke off. `close` ends every line, so that a process can stop.
 */
export function eventsRoute(parts: EventsParts): { readonly route: Route; readonly close: () => Promise<void> } {
  const open = listeners(parts.limits ?? usualLimits);
  return {
    route: { method: "GET", path: "/events", maxBytes: 0, handle: (req, res) => listen(parts, open, { req, res }) },
    close: () => {
      open.endAll();
      return Promise.resolve();
    },
  };
}

interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
}

const noBody = Buffer.alloc(0);

/** @throws AppError UNAUTHENTICATED, FORBIDDEN/permission_missing, RATE_LIMITED. */
async function listen(parts: EventsParts, open: Listeners, { req, res }: Exchange): Promise<void> {
  const call = await allowed(parts, { req, res });
  parts.budget?.spend(call, { requests: 1 });
  const ending = new AbortController();
  let stream: EventStream | undefined;
  const leave = open.add(call.tenantId, () => {
    ending.abort();
    stream?.end("server_stopping");
  });
  try {
    const asked = askedBy(req);
    const first = await parts.feed(questionOf(call, { ...asked, waitMs: 0 }), ending.signal);
    if (!first.ok) {
      refuse(res, first);
      return;
    }
    stream = openEventStream(res);
    if (ending.signal.aborted) stream.end("server_stopping");
    else if (req.method === "HEAD") stream.end("nothing_asked");
    else await follow(parts, stream, { req, res, call, first, kinds: asked.kinds });
  } finally {
    leave();
  }
}

async function allowed({ identify }: EventsParts, { req, res }: Exchange): Promise<Call> {
  const caller = await identify(req, res, noBody);
  if (isVisitor(caller)) throw tokenRequired();
  allow(caller, "event:read");
  return caller;
}

interface Asked {
  readonly kinds: readonly string[];
  readonly afterId?: string;
}

/** A browser can set no header at its first attempt, so the id may stand in the address as well. */
function askedBy({ url = "/", headers }: IncomingMessage): Asked {
  const { searchParams } = new URL(url, "http://gateway");
  const header = headers["last-event-id"];
  const afterId = (typeof header === "string" ? header : null) ?? searchParams.get("lastEventId") ?? "";
  const kinds = (searchParams.get("kinds") ?? "").split(",").map((one) => one.trim());
  const named = kinds.filter((one) => one !== "" && one.length <= 80).slice(0, 50);
  return { kinds: named, ...(afterId !== "" && { afterId: afterId.slice(0, 64) }) };
}

const questionOf = (
  { tenantId, ancestorIds, livemode, permissions }: Call,
  more: Asked & Pick<FeedQuestion, "afterPlace" | "waitMs">,
): FeedQuestion => ({
  tenantId,
  ancestorIds: [...ancestorIds],
  livemode,
  permissions: [...permissions],
  ...more,
  kinds: [...more.kinds],
});

function refuse(res: ServerResponse, { refused, message }: FeedAnswer & { ok: false }): void {
  if (refused === "too_old") replyError(res, 410, "GONE", message);
  else replyError(res, 400, "BAD_USER_INPUT", message);
}

interface Following extends Exchange {
  readonly call: Call;
  readonly first: FeedAnswer & { ok: true };
  readonly kinds: readonly string[];
}

/** Tells what there is, then what comes, until somebody ends it. */
async function follow(
  parts: EventsParts,
  stream: EventStream,
  { call, first, kinds, ...exchange }: Following,
): Promise<void> {
  const { heartbeatMs, recheckMs } = parts.times ?? usualTimes;
  const caller = { call };
  const timer = setInterval(() => {
    recheck(parts, exchange, stream).then(
      (again) => {
        caller.call = again ?? caller.call;
      },
      () => undefined,
    );
  }, recheckMs);
  try {
    let answer: FeedAnswer = first;
    while (answer.ok && !stream.over.aborted) {
      if (!(await tell(stream, answer))) break;
      const question = questionOf(caller.call, { kinds, afterPlace: answer.place, waitMs: heartbeatMs });
      answer = await parts.feed(question, stream.over);
    }
    stream.end(answer.ok ? "too_slow" : answer.refused);
  } catch (error) {
    parts.log.warn({ err: error, tenantId: call.tenantId }, "stream of events broken off");
    stream.end("unavailable");
  } finally {
    clearInterval(timer);
  }
}

async function tell(stream: EventStream, { events }: FeedAnswer & { ok: true }): Promise<boolean> {
  if (events.length === 0) return stream.heartbeat();
  for (const { id, kind, body } of events) if (!(await stream.event({ id, kind, data: body }))) return false;
  return true;
}

/** The caller with what the credential is worth now; ends the line when it is worth nothing any more. */
async function recheck(parts: EventsParts, exchange: Exchange, stream: EventStream): Promise<Call | undefined> {
  try {
    return await allowed(parts, exchange);
  } catch (error) {
    stream.end(error instanceof AppError ? error.reason : "unavailable");
    return undefined;
  }
}
