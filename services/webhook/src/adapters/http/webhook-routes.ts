import { createHash, timingSafeEqual } from "node:crypto";
import { type ServerResponse } from "node:http";
import { AppError, type Clock, faultPoint } from "@greentick/kernel";
import { verifySignature } from "@greentick/meta";
import { replyError, requestIdOf, type Route } from "@greentick/runtime";
import { type Provider } from "../../domain/kept-body.js";
import { type RawLog, type SignedEventId } from "../../ports.js";
import { type DoorLog } from "./door-log.js";

export interface DoorParts {
  readonly appSecrets: readonly string[];
  readonly verifyToken: string;
  readonly stripeEventId: SignedEventId;
  readonly rawLog: Pick<RawLog, "keep" | "isFull">;
  readonly log: DoorLog;
  /** Wakes the splitter. */
  readonly kept: () => void;
  readonly now: Clock;
}

/** Meta: webhooks, 3 MB a body. */
const maxBytes = 3_000_000;

const ok = (res: ServerResponse, text = ""): void => {
  res.writeHead(200, { "content-type": "text/plain; charset=utf-8", "content-length": Buffer.byteLength(text) });
  res.end(text);
};

const one = (header: string | string[] | undefined): string | undefined =>
  typeof header === "string" ? header : undefined;

/** 503 with Retry-After while nothing can be made durable: the provider sends it again, and nothing is acknowledged that is not kept. */
async function keepAndAnswer(
  parts: DoorParts,
  res: ServerResponse,
  arrival: { key: string; provider: Provider; body: Buffer },
): Promise<void> {
  await faultPoint("door.verified");
  try {
    await parts.rawLog.keep({ ...arrival, receivedAt: parts.now(), requestId: requestIdOf(res) });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    parts.log.unkept(arrival.provider, error);
    replyError(res, 503, error.code, error.message, comeAgain);
    return;
  }
  await faultPoint("door.kept");
  ok(res);
  await faultPoint("door.answered");
  parts.kept();
}

const comeAgain = { "retry-after": "1" };

/** Nobody uploads a body for which there is no room. */
const busyWith =
  (parts: DoorParts, provider: Provider) =>
  (res: ServerResponse): boolean => {
    if (!parts.rawLog.isFull()) return false;
    parts.log.busy(provider);
    replyError(
      res,
      503,
      "RATE_LIMITED",
      "More webhooks wait than can be kept now. Send it again in a second.",
      comeAgain,
    );
    return true;
  };

/** In a time that tells nothing of how much of it is right. */
const isSame = (given: string | null, expected: string): boolean =>
  timingSafeEqual(hashOf(given ?? ""), hashOf(expected));

const hashOf = (text: string): Buffer => createHash("sha256").update(text).digest();

/** One URL per provider, for all tenants. Before the answer: signature over the raw bytes, and one journalled write; nothing is parsed for Meta. */
export function webhookRoutes(parts: DoorParts): readonly Route[] {
  const meta: Route = {
    method: "POST",
    path: "/webhooks/meta",
    maxBytes,
    busy: busyWith(parts, "meta"),
    handle: async (req, res, body) => {
      await faultPoint("door.read");
      const header = one(req.headers["x-hub-signature-256"]);
      if (!verifySignature(parts.appSecrets, header, body)) {
        parts.log.refused("meta", header === undefined ? "signature missing" : "signature wrong");
        replyError(res, 401, "UNAUTHENTICATED", "X-Hub-Signature-256 does not sign these bytes with the app secret.");
        return;
      }
      await keepAndAnswer(parts, res, { key: createHash("sha256").update(body).digest("hex"), provider: "meta", body });
    },
  };
  const handshake: Route = {
    method: "GET",
    path: "/webhooks/meta",
    maxBytes: 0,
    handle: (req, res) => {
      const query = new URL(req.url ?? "/", "http://localhost").searchParams;
      if (query.get("hub.mode") === "subscribe" && isSame(query.get("hub.verify_token"), parts.verifyToken))
        ok(res, query.get("hub.challenge") ?? "");
      else replyError(res, 403, "FORBIDDEN", "hub.mode must be subscribe and hub.verify_token the configured one.");
      return Promise.resolve();
    },
  };
  const stripe: Route = {
    method: "POST",
    path: "/webhooks/stripe",
    maxBytes,
    busy: busyWith(parts, "stripe"),
    handle: async (req, res, body) => {
      const header = one(req.headers["stripe-signature"]);
      const eventId = parts.stripeEventId(body, header);
      if (eventId === undefined) {
        parts.log.refused("stripe", header === undefined ? "signature missing" : "signature wrong or old");
        replyError(
          res,
          401,
          "UNAUTHENTICATED",
          "Stripe-Signature does not sign these bytes with the signing secret, or is older than five minutes.",
        );
        return;
      }
      await keepAndAnswer(parts, res, { key: `stripe:${eventId}`, provider: "stripe", body });
    },
  };
  return [meta, handshake, stripe];
}
