import { type IncomingMessage, type ServerResponse } from "node:http";
import { AppError, type ErrorCode, type Log } from "@greentick/kernel";
import { linger, readBody } from "./body.js";
import { type BodiesInHand } from "./in-hand.js";
import { replyError, replyJson, requestIdOf } from "./reply.js";
import { type AddressOf, type Route } from "./route.js";

const statusOf: Readonly<Record<ErrorCode, number>> = {
  BAD_USER_INPUT: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  RATE_LIMITED: 429,
  PROVIDER_UNAVAILABLE: 503,
};

/** Seconds after which a caller may come again, when the refusal does not say. */
const comeAgainSeconds = 5;

function replyRefusal(res: ServerResponse, refusal: AppError): void {
  const { code, reason, message, details } = refusal;
  const temporary = code === "RATE_LIMITED" || code === "PROVIDER_UNAVAILABLE";
  const headers = temporary ? { "retry-after": String(details["retryAfterSeconds"] ?? comeAgainSeconds) } : {};
  replyJson(res, statusOf[code], { error: { code, reason, message, requestId: requestIdOf(res) } }, headers);
}

export interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly log: Log;
  readonly inHand: BodiesInHand;
  readonly addressOf: AddressOf;
}

/** Reads the body, unless the route refuses before, and hands it to the route; it counts as held until the route is done with it. A refusal is answered as such; a bug is masked and logged under the request's id. */
export async function serve(route: Route, { req, res, log, addressOf, inHand }: Exchange): Promise<void> {
  let release = (): void => undefined;
  try {
    if (route.busy?.(res) === true) {
      linger(req);
      return;
    }
    const body = await readBody(req, res, { maxBytes: route.maxBytes, inHand });
    if (body === undefined) return;
    ({ release } = body);
    await route.handle(req, res, body.bytes, addressOf);
  } catch (error) {
    const about = { err: error, path: route.path, requestId: requestIdOf(res) };
    if (res.headersSent || req.socket.destroyed) {
      log.warn(about, "request broken off");
      res.destroy();
    } else if (error instanceof AppError) replyRefusal(res, error);
    else {
      log.error(about, "request failed");
      replyError(
        res,
        500,
        "INTERNAL_SERVER_ERROR",
        "Something went wrong on our side. The request id leads to the log.",
      );
    }
  } finally {
    release();
  }
}
