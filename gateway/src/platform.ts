import {
  budget,
  graphqlEndpoint,
  mergeSubgraphs,
  opening,
  type RateLimits,
  type Subgraph,
  type Surroundings,
} from "@greentick/graphql";
import { type AskExport, type AskFeed, type AskOidc, type AskStanding } from "@greentick/contracts";
import { type Log } from "@greentick/kernel";
import {
  type Bus,
  type Clocks,
  type HttpHost,
  operationsApp,
  type Route,
  runServices,
  type Service,
  startHttpHost,
} from "@greentick/runtime";
import { eventsRoute } from "./events/events-route.js";
import { exportRoutes } from "./http/exports.js";
import { oidcRoutes } from "./http/oidc.js";
import { pages } from "./http/pages.js";
import { addressBehind } from "./identity/address.js";
import { identifyCallers } from "./identity/callers.js";
import { type KeySet } from "./identity/key-ring.js";

export interface PlatformParts<S extends Service<Subgraph>> {
  readonly host: string;
  readonly port: number;
  /** Whether the schema may be read without a token. */
  readonly introspection: boolean;
  readonly services: readonly S[];
  /** What each tenant may ask for. */
  readonly limits: RateLimits;
  /** Published keys of access tokens. */
  readonly keys: () => Promise<KeySet>;
  /** What a verified token or key is worth now. */
  readonly standing: AskStanding;
  /** What those who listen to events are told next. */
  readonly feed: AskFeed;
  /** Parts of a month of somebody's ledger. */
  readonly exports: AskExport;
  /** For browsers on their way to an identity provider and back. */
  readonly oidc: AskOidc;
  /** Proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  readonly surroundings: Surroundings;
  readonly log: Log;
  /** Shown in `/healthz`. */
  readonly facts?: Readonly<Record<string, string>>;
}

/** Services running in this process behind one server. */
export interface RunningPlatform {
  readonly url: string;
  readonly port: number;
  readonly bus: Bus;
  readonly clocks: Clocks;
  /** Resolves when nothing moves any more. @throws Error naming what still moves after `withinMs`. */
  readonly settle: (withinMs?: number) => Promise<void>;
  /** Stops taking work, finishes what is in flight, closes the store's connections. */
  readonly close: () => Promise<void>;
}

/**
 * Starts consumers and jobs, merges the schemas, and listens: `/graphql` and every service's routes straight on node:http. Whatever got
 * open before a failure is closed again; the surroundings stay the caller's.
 */
export const servePlatform = <S extends Service<Subgraph>>(parts: PlatformParts<S>): Promise<RunningPlatform> =>
  opening(async (andLater) => {
    const { services, surroundings, log } = parts;
    const { bus, busDatabase, clocks } = surroundings;
    const schema = mergeSubgraphs(services.map((service) => service.schema));
    const running = await runServices({ services, bus, db: busDatabase.db, now: clocks.system, log });
    andLater(running.stop);
    const { keys, standing, trustedProxies, limits } = parts;
    const { calls } = surroundings;
    const identify = identifyCallers({ keys, standing, trustedProxies, limits, calls, now: clocks.system, log });
    const spending = budget({ now: clocks.system, limits });
    const endpoint = await graphqlEndpoint({
      serve: { schema },
      identify,
      introspection: parts.introspection,
      budget: spending,
      log,
    });
    andLater(endpoint.close);
    const events = eventsRoute({ identify, feed: parts.feed, budget: spending, log });
    const oidc = oidcRoutes({ ask: parts.oidc, trustedProxies, budget: spending, log });
    const exports = exportRoutes({ identify, ask: parts.exports, budget: spending, log });
    const { url, port } = await listen(parts, [...endpoint.routes, events.route, ...exports, ...oidc], andLater);
    andLater(events.close);
    return { url, port, bus, clocks, settle: running.settle };
  });

async function listen(
  { host, port, services, surroundings, facts, trustedProxies, log }: PlatformParts<Service<Subgraph>>,
  own: readonly Route[],
  andLater: (close: () => Promise<void>) => void,
): Promise<HttpHost> {
  let accepting = true;
  const rest = operationsApp({
    metrics: surroundings.metrics,
    log,
    ...(facts && { facts }),
    checks: Object.fromEntries(services.map(({ name, health }) => [name, health] as const)),
    accepting: () => accepting,
    pages: pages(),
  });
  const routes = [...own, ...services.flatMap((service) => service.routes)];
  const server = await startHttpHost({ host, port, routes, rest, log, addressOf: addressBehind(trustedProxies) });
  andLater(() => {
    accepting = false;
    return server.close();
  });
  return server;
}
