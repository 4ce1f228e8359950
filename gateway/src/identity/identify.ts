import { type IncomingHttpHeaders } from "node:http";
import { type EndpointParts, tokenRequired, type Visitor } from "@greentick/graphql";
import { after, type Call, type Clock, type Log } from "@greentick/kernel";
import { type CallClaims, type CallFactory, requestIdOf, type RequestFacts } from "@greentick/runtime";
import { type VerifyToken } from "./verify-token.js";

/** Nobody waits longer for an answer. */
export const requestDeadlineMs = 30_000;

export interface Identified {
  readonly claims: CallClaims;
  readonly facts: RequestFacts;
}

export interface IdentifyParts {
  readonly verify: VerifyToken;
  readonly calls: CallFactory;
  readonly now: Clock;
  readonly log: Log;
  /** What a resolver gets; the same call for both deployments unless the gateway has to sign it for services elsewhere. */
  readonly contextOf?: (call: Call, identified: Identified) => Call;
}

const bearer = /^Bearer ([\w.~+/=-]+)$/i;

/** Token -> Call, once per request. Without a token the caller is a visitor. @throws AppError UNAUTHENTICATED for a bad token. */
export const identifier =
  (parts: IdentifyParts): EndpointParts["identify"] =>
  async (req, res) => {
    const requestId = requestIdOf(res);
    const authorization = req.headers.authorization;
    if (authorization === undefined || authorization === "") return visitor(requestId, parts.log);
    const token = bearer.exec(authorization)?.[1];
    if (token === undefined) throw tokenRequired();
    const claims = await parts.verify(token);
    const facts = factsOf(req.headers, { requestId, ip: req.socket.remoteAddress, now: parts.now });
    const call = parts.calls.fromClaims(claims, facts);
    return parts.contextOf?.(call, { claims, facts }) ?? call;
  };

const visitor = (requestId: string, log: Log): Visitor => ({ visitor: true, requestId, log });

const traceparent = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const locale = /^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*/;
const idempotencyKey = /^[\w.:-]{1,128}$/;

function factsOf(
  headers: IncomingHttpHeaders,
  known: { requestId: string; ip: string | undefined; now: Clock },
): RequestFacts {
  const first = (name: string, pattern: RegExp): string | undefined => pattern.exec(String(headers[name] ?? ""))?.[0];
  const facts = {
    ip: known.ip,
    locale: first("accept-language", locale),
    idempotencyKey: first("idempotency-key", idempotencyKey),
    traceparent: first("traceparent", traceparent),
  };
  const present = Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
  return { ...present, requestId: known.requestId, deadline: after(known.now(), requestDeadlineMs) };
}
