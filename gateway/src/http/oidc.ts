import { type IncomingMessage, type ServerResponse } from "node:http";
import { type AskOidc, longestCallback, type OidcAnswer, type OidcQuestion } from "@greentick/contracts";
import { type Budget, RateLimitedError } from "@greentick/graphql";
import { type Log } from "@greentick/kernel";
import { replyError, replyJson, requestIdOf, type Route } from "@greentick/runtime";
import { addressBehind } from "../identity/address.js";

export interface OidcRouteParts {
  readonly ask: AskOidc;
  /** Proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  /** Every question costs its address a request, and each flow that is begun or ended a write, as a sign-in with a password does. */
  readonly budget: Pick<Budget, "spendAt">;
  readonly log: Log;
}

const cookieName = "gt_oidc";
const path = "/sign-in/oidc";
const cookieSeconds = 600;

const statusOf: Readonly<Record<string, number>> = {
  NOT_FOUND: 400,
  FORBIDDEN: 403,
  RATE_LIMITED: 429,
  PROVIDER_UNAVAILABLE: 503,
};

/**
 * Signing in through an identity provider, as browsers see it: `GET /sign-in/oidc` says whether there is one, `/sign-in/oidc/start` sends a browser there,
 * and `/sign-in/oidc/callback` is where it comes back with a code, to be sent on to the page that takes the ticket.
 */
export function oidcRoutes(parts: OidcRouteParts): readonly Route[] {
  const { ask, log } = parts;
  const addressOf = addressBehind(parts.trustedProxies);
  const from = (req: IncomingMessage, res: ServerResponse): Extract<OidcQuestion, { step: "start" }>["from"] => {
    const userAgent = /^[\x20-\x7e]{1,200}/.exec(req.headers["user-agent"] ?? "")?.[0];
    const ip = addressOf(req);
    return {
      requestId: requestIdOf(res),
      ...(ip !== undefined && { ip }),
      ...(userAgent !== undefined && { userAgent }),
    };
  };
  const route = (
    name: string,
    price: Price,
    question: (req: IncomingMessage, res: ServerResponse) => OidcQuestion,
  ): Route => ({
    method: "GET",
    path: `${path}${name}`,
    maxBytes: 0,
    handle: async (req, res) => {
      res.setHeader("cache-control", "no-store");
      if ((req.url ?? "").length > longestCallback) replyError(res, 414, "URI_TOO_LONG", "This address is too long.");
      else if (affords(() => parts.budget.spendAt(addressOf(req), price), res))
        answer(res, await askOrSayAway({ ask, log }, question(req, res)));
    },
  });
  return [
    route("", look, () => ({ step: "look" })),
    route("/start", flow, (req, res) => ({ step: "start", from: from(req, res) })),
    route("/callback", flow, (req, res) => ({
      step: "finish",
      from: from(req, res),
      url: req.url ?? "/",
      browserKey: cookieOf(req),
    })),
  ];
}

type Price = Parameters<Budget["spendAt"]>[1];
const look: Price = { requests: 1 };
const flow: Price = { requests: 1, writes: 1 };

/** Whether the address may come once more; false after the answer 429 was given. */
function affords(spend: () => void, res: ServerResponse): boolean {
  try {
    spend();
    return true;
  } catch (error) {
    if (!(error instanceof RateLimitedError)) throw error;
    for (const [name, value] of Object.entries(error.headers)) res.setHeader(name, value);
    replyError(res, 429, error.code, error.message);
    return false;
  }
}

/** A tenant service in another process may be away. */
async function askOrSayAway(
  { ask, log }: Pick<OidcRouteParts, "ask" | "log">,
  question: OidcQuestion,
): Promise<OidcAnswer> {
  try {
    return await ask(question);
  } catch (err) {
    log.error({ err, step: question.step }, "sign-in through the identity provider failed");
    const message = "Signing in does not work at the moment. Try again in a minute, or use your password.";
    return { step: "refused", code: "PROVIDER_UNAVAILABLE", reason: "service_unavailable", message };
  }
}

function answer(res: ServerResponse, told: OidcAnswer): void {
  switch (told.step) {
    case "look":
      replyJson(res, 200, { offered: told.offered });
      return;
    case "start":
      redirect(res, told.url, cookie(told.browserKey, cookieSeconds, told.secure));
      return;
    case "finish":
      redirect(res, `${told.returnUrl}#ticket=${told.ticket}`, cookie("", 0, told.secure));
      return;
    case "refused":
      replyError(res, statusOf[told.code] ?? 400, told.code, told.message);
  }
}

const cookie = (value: string, seconds: number, secure: boolean): string =>
  `${cookieName}=${value}; Path=${path}; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure ? "; Secure" : ""}`;

const cookieOf = (req: IncomingMessage): string =>
  new RegExp(`(?:^|;\\s*)${cookieName}=([\\w-]{10,100})`).exec(req.headers.cookie ?? "")?.[1] ?? "";

function redirect(res: ServerResponse, location: string, setCookie: string): void {
  res.writeHead(303, { location, "set-cookie": setCookie, "content-length": 0 });
  res.end();
}
