import { type IncomingMessage, type ServerResponse } from "node:http";
import { visitorClaims } from "@greentick/graphql";
import { AppError, type Call } from "@greentick/kernel";
import { type CallFactory, replyError, replyJson, requestIdOf, type Route } from "@greentick/runtime";
import { type OidcCallback, type OidcStart } from "../../usecases/people/oidc.js";

export interface OidcRouteParts {
  readonly calls: CallFactory;
  readonly start: (call: Call) => Promise<OidcStart>;
  readonly finish: (call: Call, callback: OidcCallback) => Promise<string>;
  readonly returnUrl?: string;
  /** Whether browsers reach us by https, so that the cookie may insist on it. */
  readonly secure: boolean;
}

const cookieName = "gt_oidc";
const path = "/sign-in/oidc";

const statusOf = { NOT_FOUND: 400, FORBIDDEN: 403, RATE_LIMITED: 429, PROVIDER_UNAVAILABLE: 503 } as const;

/** `GET /sign-in/oidc/start` sends a browser to the issuer; `GET /sign-in/oidc/callback` is where it comes back with a code. */
export function oidcRoutes(parts: OidcRouteParts): readonly Route[] {
  const route = (name: string, handle: (req: IncomingMessage, res: ServerResponse) => Promise<void>): Route => ({
    method: "GET",
    path: `${path}/${name}`,
    maxBytes: 0,
    handle: async (req, res) => {
      res.setHeader("cache-control", "no-store");
      await handle(req, res).catch((error: unknown) => {
        refuse(res, error);
      });
    },
  });
  return [
    route("start", async (req, res) => {
      const { url, browserKey } = await parts.start(callOf(parts, req, res));
      redirect(res, url, cookie(browserKey, 600, parts.secure));
    }),
    route("callback", async (req, res) => {
      const url = req.url ?? "/";
      const state = new URLSearchParams(url.slice(url.indexOf("?") + 1)).get("state") ?? "";
      const ticket = await parts.finish(callOf(parts, req, res), { url, state, browserKey: cookieOf(req) });
      const gone = cookie("", 0, parts.secure);
      if (parts.returnUrl !== undefined) redirect(res, `${parts.returnUrl}#ticket=${ticket}`, gone);
      else replyJson(res, 200, { ticket }, { "set-cookie": gone });
    }),
  ];
}

function callOf({ calls }: OidcRouteParts, req: IncomingMessage, res: ServerResponse): Call {
  const userAgent = /^[\x20-\x7e]{1,200}/.exec(req.headers["user-agent"] ?? "")?.[0];
  return calls.fromClaims(visitorClaims, {
    requestId: requestIdOf(res),
    ...(req.socket.remoteAddress !== undefined && { ip: req.socket.remoteAddress }),
    ...(userAgent !== undefined && { userAgent }),
  });
}

const cookie = (value: string, seconds: number, secure: boolean): string =>
  `${cookieName}=${value}; Path=${path}; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure ? "; Secure" : ""}`;

const cookieOf = (req: IncomingMessage): string =>
  new RegExp(`(?:^|;\\s*)${cookieName}=([\\w-]{10,100})`).exec(req.headers.cookie ?? "")?.[1] ?? "";

function redirect(res: ServerResponse, location: string, setCookie: string): void {
  res.writeHead(303, { location, "set-cookie": setCookie, "content-length": 0 });
  res.end();
}

/** @throws what is no refusal of ours: the host answers that. */
function refuse(res: ServerResponse, error: unknown): void {
  if (!(error instanceof AppError)) throw error;
  const status = statusOf[error.code as keyof typeof statusOf] as number | undefined;
  replyError(res, status ?? 400, error.code, error.message);
}
