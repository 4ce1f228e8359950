import { type Log } from "@greentick/kernel";
import {
  createLog,
  onShutdown,
  operationsApp,
  type Outside,
  requestIdOf,
  runServices,
  type Service,
  startHttpHost,
} from "@greentick/runtime";
import { type z } from "zod";
import { type Endpoint, type EndpointParts, graphqlEndpoint } from "../server/endpoint.js";
import { CallSecret, signedCallHeader, verifyCall } from "../signed-call/signed-call.js";
import { type Subgraph } from "../subgraph/subgraph.js";
import { configsOf, type Env } from "./configs.js";
import { CallConfig, HostConfig, StoreConfig } from "./hosting.js";
import { internalRoutes } from "./internal-routes.js";
import { opening } from "./opening.js";
import { openSurroundings, type Surroundings } from "./outside.js";

export interface AloneParts<S extends z.ZodType> {
  readonly name: string;
  readonly config: S;
  readonly build: (config: z.infer<S>, outside: Outside) => Promise<Service<Subgraph>>;
  readonly env: Env;
}

/**
 * Runs one service in a process of its own until a signal ends it. A wrong configuration is printed with all its problems at once, a
 * failed start in one line, and the process ends with 1.
 */
export async function runServiceAlone<S extends z.ZodType>(parts: AloneParts<S>): Promise<void> {
  try {
    const { host } = configsOf(schemasOf(parts.config), parts.env);
    const log = createLog({ level: host.logLevel, name: parts.name });
    const running = await startServiceAlone(parts, log);
    onShutdown(() => running.close(), log);
    log.info({ service: parts.name, url: running.url }, "service started");
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

const schemasOf = <S extends z.ZodType>(service: S) =>
  ({ host: HostConfig, store: StoreConfig, call: CallConfig, service }) as const;

export interface ServiceAlone {
  readonly url: string;
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** The same without signals, for tests: resolves when the service takes requests. @throws ConfigError with every problem. */
export async function startServiceAlone<S extends z.ZodType>(parts: AloneParts<S>, log: Log): Promise<ServiceAlone> {
  const { host, store, call, service: own } = configsOf(schemasOf(parts.config), parts.env);
  return opening(async (andLater) => {
    const surroundings = await openSurroundings({ ...store, log, processMetrics: true });
    andLater(surroundings.close);
    const service = await parts.build(own, await surroundings.outsideOf(parts.name));
    const { busDatabase, bus, clocks } = surroundings;
    const running = await runServices({ services: [service], bus, db: busDatabase.db, now: clocks.system, log });
    andLater(running.stop);
    const secret = new CallSecret(call.secret);
    const endpoint = await signedEndpoint(service, surroundings, { secret, log });
    andLater(endpoint.close);
    let accepting = true;
    const { url, port, close } = await startHttpHost({
      host: host.host,
      port: host.port,
      routes: [...endpoint.routes, ...service.routes, ...internalRoutes(service, { secret, now: clocks.system })],
      rest: operationsApp({
        metrics: surroundings.metrics,
        log,
        checks: { [service.name]: service.health },
        accepting: () => accepting,
      }),
      log,
    });
    andLater(() => {
      accepting = false;
      return close();
    });
    return { url, port };
  });
}

/** `/graphql` of a service alone answers only what the gateway has signed, `_entities` included. */
function signedEndpoint(
  service: Service<Subgraph>,
  surroundings: Surroundings,
  parts: { readonly secret: CallSecret; readonly log: Log },
): Promise<Endpoint> {
  const now = surroundings.clocks.system;
  const identify: EndpointParts["identify"] = async (req, res, rawBody) => {
    const header = req.headers[signedCallHeader];
    const signed = typeof header === "string" ? header : undefined;
    const { claims, facts } = verifyCall(signed, rawBody, { secret: parts.secret, now, service: service.name });
    res.setHeader("x-request-id", facts.requestId);
    if (!claims.livemode) await surroundings.clocks.refresh();
    return surroundings.calls.fromClaims(claims, { ...facts, requestId: requestIdOf(res) });
  };
  return graphqlEndpoint({ serve: { schema: service.schema.schema }, identify, introspection: false, log: parts.log });
}
