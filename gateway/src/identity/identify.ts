import { type IncomingHttpHeaders } from "node:http";
import { type AskStanding } from "@greentick/contracts";
import { type EndpointParts, tokenRequired, visitorClaims } from "@greentick/graphql";
import { after, type Call, type Clock, type Log } from "@greentick/kernel";
import { type CallClaims, type CallFactory, requestIdOf, type RequestFacts } from "@greentick/runtime";
import { type AddressOf } from "./address.js";
import { claimsOfCredential } from "./credentials.js";
import { type Failures } from "./failures.js";
import { type VerifyToken } from "./verify-token.js";

/** Nobody waits longer for an answer. */
export const requestDeadlineMs = 30_000;

export interface Identified {
  readonly claims: CallClaims;
  readonly facts: RequestFacts;
}

export interface IdentifyParts {
  readonly verify: VerifyToken;
  /** What a verified credential is worth now. */
  readonly standing: AskStanding;
  /** How often callers may fail to be identified. */
  readonly failures: Failures;
  /** Where a request comes from, behind our own proxies. */
  readonly addressOf: AddressOf;
  readonly calls: CallFactory;
  readonly now: Clock;
  readonly log: Log;
  /** What a resolver gets; the same call for both deployments unless the gateway has to sign it for services elsewhere. */
  readonly contextOf?: (call: Call, identified: Identified) => Call;
}

const bearer = /^Bearer ([\w.~+/=-]+)$/i;

/**
 * Token or API key -> Call, once per request. Without one the caller is a visitor. @throws AppError UNAUTHENTICATED for one that is not good
 * or not good any more, RATE_LIMITED for too many of those, PROVIDER_UNAVAILABLE when that cannot be known now.
 */
export const identifier =
  (parts: IdentifyParts): EndpointParts["identify"] =>
  async (req, res) => {
    const requestId = requestIdOf(res);
    const ip = parts.addressOf(req);
    const claims = await claimsBehind(req.headers.authorization, ip, parts);
    const facts = factsOf(req.headers, { requestId, ip, now: parts.now });
    const call = parts.calls.fromClaims(claims, facts);
    return parts.contextOf?.(call, { claims, facts }) ?? call;
  };

/** Without a token the caller is a visitor; with a bad one nobody at all. */
async function claimsBehind(
  authorization: string | undefined,
  ip: string | undefined,
  parts: IdentifyParts,
): Promise<CallClaims> {
  if (authorization === undefined || authorization === "") return visitorClaims;
  const credential = bearer.exec(authorization)?.[1];
  if (credential === undefined) {
    parts.failures.ofAddress(ip);
    throw tokenRequired();
  }
  return claimsOfCredential(parts, credential, ip);
}

const traceparent = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const locale = /^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*/;
const idempotencyKey = /^[\w.:-]{1,128}$/;
const userAgent = /^[\x20-\x7e]{1,200}/;

function factsOf(
  headers: IncomingHttpHeaders,
  known: { requestId: string; ip: string | undefined; now: Clock },
): RequestFacts {
  const first = (name: string, pattern: RegExp): string | undefined => pattern.exec(String(headers[name] ?? ""))?.[0];
  const facts = {
    ip: known.ip,
    userAgent: first("user-agent", userAgent),
    locale: first("accept-language", locale),
    idempotencyKey: first("idempotency-key", idempotencyKey),
    traceparent: first("traceparent", traceparent),
  };
  const present = Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
  return { ...present, requestId: known.requestId, deadline: after(known.now(), requestDeadlineMs) };
}
