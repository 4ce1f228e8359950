import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { budget, CallSecret, graphqlEndpoint, opening, type RateLimits } from "@greentick/graphql";
import { type Call, type Log } from "@greentick/kernel";
import {
  callFactory,
  type Clocks,
  type Health,
  metrics,
  operationsApp,
  replyJson,
  type Route,
  startHttpHost,
} from "@greentick/runtime";
import { eventsRoute } from "../events/events-route.js";
import { feedOver } from "../events/feed-over.js";
import { exportRoutes, exportsOver } from "../http/exports.js";
import { oidcRoutes } from "../http/oidc.js";
import { pages } from "../http/pages.js";
import { identifyCallers } from "../identity/callers.js";
import { type Identified } from "../identity/identify.js";
import { type KeySet } from "../identity/key-ring.js";
import { oidcOver } from "./oidc-over.js";
import { type SignableCall } from "./signed-source.js";
import { standingOver } from "./standing-over.js";

export interface GatewayParts {
  readonly host: string;
  readonly port: number;
  readonly introspection: boolean;
  readonly urls: Readonly<Record<string, string>>;
  readonly callSecret: Uint8Array;
  /** Default: the table's. */
  readonly limits?: RateLimits;
  /** Proxies whose `X-Forwarded-For` is believed. Default: none. */
  readonly trustedProxies?: readonly string[];
  readonly log: Log;
  /** Default: the committed one. */
  readonly supergraphSdl?: string;
}

export interface RunningGateway {
  readonly url: string;
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** The gateway in a process of its own: identity and limits here, data from services elsewhere over signed calls. */
export async function serveGateway(parts: GatewayParts): Promise<RunningGateway> {
  const { log, urls } = parts;
  const now = clocks.system;
  const secret = new CallSecret(parts.callSecret);
  const jwksUrl = new URL("/.well-known/jwks.json", urls["tenant"]);
  const loadKeys = (): Promise<KeySet> => fetchJson<KeySet>(jwksUrl);
  // Half a second of loading that the gateway in one process with its services can do without.
  const { gatewayOverServices } = await import("./gateway-over-services.js");
  const gateway = gatewayOverServices({
    supergraphSdl: parts.supergraphSdl ?? (await committedSupergraph()),
    urls,
    secret,
    now,
    log,
  });
  const tenantService = { url: urls["tenant"] ?? "", secret, now };
  const { trustedProxies = [] } = parts;
  const identify = identifyCallers({
    keys: loadKeys,
    standing: standingOver(tenantService),
    trustedProxies,
    limits: parts.limits,
    calls: callFactory({ clocks, randomBytes, log }),
    now,
    log,
    contextOf: signable,
  });
  return opening(async (andLater) => {
    const spending = budget({ now, ...(parts.limits && { limits: parts.limits }) });
    const endpoint = await graphqlEndpoint({
      serve: { gateway },
      identify,
      introspection: parts.introspection,
      budget: spending,
      log,
    });
    andLater(endpoint.close);
    const feed = feedOver({ url: urls["webhook"] ?? "", secret, now });
    const events = eventsRoute({ identify, feed, budget: spending, log });
    const ask = exportsOver({ url: urls["billing"] ?? "", secret, now });
    const exports = exportRoutes({ identify, ask, budget: spending, log });
    let accepting = true;
    const rest = operationsApp({
      metrics: metrics({ process: true }),
      log,
      checks: Object.fromEntries(Object.entries(urls).map(([name, url]) => [name, () => healthOf(url)])),
      accepting: () => accepting,
      pages: pages(),
    });
    const oidc = oidcRoutes({ ask: oidcOver(tenantService), trustedProxies, budget: spending, log });
    const routes = [...endpoint.routes, events.route, ...exports, ...oidc, jwksPassthrough(loadKeys)];
    const { url, port, close } = await startHttpHost({ host: parts.host, port: parts.port, routes, rest, log });
    andLater(() => {
      accepting = false;
      return close();
    });
    andLater(events.close);
    return { url, port };
  });
}

/** From `src/federation` and from `dist/federation` alike. */
const supergraphPath = join(__dirname, "..", "..", "supergraph.graphql");
const committedSupergraph = (): Promise<string> => readFile(supergraphPath, "utf8");

const signable = (call: Call, { claims, facts }: Identified): SignableCall => ({
  ...call,
  signable: { claims, facts },
});

/** The gateway keeps no business time: services make their own call from what it signs. */
const clocks: Clocks = {
  system: () => new Date(),
  business: () => () => new Date(),
  sandboxSetTo: () => undefined,
  refresh: () => Promise.resolve(),
  setSandbox: () => Promise.reject(new Error("the gateway has no sandbox clock")),
};

const lookMs = 5_000;

async function fetchJson<T>(url: URL): Promise<T> {
  const response = await fetch(url, { signal: AbortSignal.timeout(lookMs) });
  if (!response.ok) throw new Error(`${url.pathname} of ${url.host} answered ${response.status}`);
  return (await response.json()) as T;
}

async function healthOf(url: string): Promise<Health> {
  const response = await fetch(new URL("/readyz", url), { signal: AbortSignal.timeout(lookMs) });
  return { ok: response.ok, detail: { status: response.status } };
}

const jwksPassthrough = (load: () => Promise<KeySet>): Route => ({
  method: "GET",
  path: "/.well-known/jwks.json",
  maxBytes: 0,
  handle: async (_req, res) => {
    replyJson(res, 200, await load(), { "cache-control": "public, max-age=300" });
  },
});
