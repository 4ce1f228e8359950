import { type IncomingMessage, type ServerResponse } from "node:http";
import { lettersOf } from "../lib/ids.js";
import { type Log } from "../log.js";
import { apiRoutes } from "../routes/table.js";
import { apiVersion } from "../shapes.js";
import { authorize } from "./auth.js";
import { createEffects, type EffectParts } from "./effects.js";
import { refusals, StripeRefusal } from "./errors.js";
import { type Faults, refuseEarly } from "./faults.js";
import { createMatcher } from "./match.js";
import { type RequestLog } from "./request-log.js";
import { type Answer, errorAnswer, readForm, send } from "./wire.js";

export interface ApiParts extends EffectParts {
  readonly faults: Faults;
  readonly requests: RequestLog;
  readonly log: Log;
  readonly apiKey: string;
}

/** One request on its way through. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly requestId: string;
}
/** What is sent; or the connection is cut, or left without an answer until the client gives up. */
type Outcome = Answer | "cut" | "held";
export type Handler = (request: IncomingMessage, response: ServerResponse, target: URL) => Promise<void>;

const headerOf = (request: IncomingMessage, name: string): string | undefined => {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
};

function headersFor({ request, requestId }: Exchange, log: Log): Record<string, string> {
  const version = headerOf(request, "stripe-version") ?? apiVersion;
  const key = headerOf(request, "idempotency-key");
  if (version !== apiVersion) log.warn({ version, apiVersion }, "a request named another API version");
  return {
    "Request-Id": requestId,
    "Stripe-Version": version,
    ...(key === undefined ? {} : { "Idempotency-Key": key }),
  };
}

/** Serves `/v1`: key, route, parameters, idempotency, effect, answer — in Stripe's order, with Stripe's errors. */
export function createApi(parts: ApiParts): Handler {
  const { faults, requests, log } = parts;
  const match = createMatcher(apiRoutes);
  const answerTo = createEffects(parts);

  const outcomeOf = async ({ request, method, path, query, requestId }: Exchange): Promise<Outcome> => {
    const form = await readForm(request, query);
    authorize(headerOf(request, "authorization"), parts.apiKey);
    const found = match(method, path);
    if (!found) throw refusals.unsupportedRoute(method, path);
    const fault = await faults.take(`${method} ${found.route.path}`);
    if (fault === "reset") return "cut";
    refuseEarly(fault);
    const idempotencyKey = method === "POST" ? headerOf(request, "idempotency-key") : undefined;
    const answer = await answerTo({ found, path, form, requestId, idempotencyKey, fault });
    if (fault === "reset_after_effect") return "cut";
    return fault === "timeout_after_effect" ? "held" : answer;
  };
  const refused = (error: unknown, { path, requestId }: Exchange): Answer => {
    if (!(error instanceof StripeRefusal))
      log.error({ err: error, path, requestId }, "the local Stripe failed a request");
    return errorAnswer(error);
  };
  const record = ({ request, method, path, requestId }: Exchange, status: number | null): void => {
    const idempotencyKey = headerOf(request, "idempotency-key") ?? null;
    requests.add({ at: new Date(), method, path, idempotencyKey, status, requestId });
  };
  return async (request, response, target) => {
    const requestId = `req_${lettersOf(`${parts.seed}|request|${await parts.store.nextSeq()}`, 14)}`;
    const query = target.search.slice(1);
    const exchange: Exchange = { request, method: request.method ?? "", path: target.pathname, query, requestId };
    const outcome = await outcomeOf(exchange).catch((error: unknown) => refused(error, exchange));
    record(exchange, typeof outcome === "string" ? null : outcome.status);
    if (outcome === "held") return;
    if (outcome === "cut") request.socket.destroy();
    else send(response, { ...outcome, headers: { ...headersFor(exchange, log), ...outcome.headers } });
  };
}
