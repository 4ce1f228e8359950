import { createServer, IncomingMessage, type RequestListener, type Server, ServerResponse } from "node:http";
import { randomUUID } from "node:crypto";
import { type AddressInfo, Socket } from "node:net";
import { type Log } from "@greentick/kernel";
import helmet from "helmet";
import { bodiesInHand, type BodiesInHand } from "./in-hand.js";
import { replyError } from "./reply.js";
import { type AddressOf, type Route } from "./route.js";
import { serve } from "./serve.js";

export interface HttpHostOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Served straight from node:http. A GET route answers HEAD too. */
  readonly routes: readonly Route[];
  /** Everything else, usually an Express app. */
  readonly rest: RequestListener;
  readonly log: Log;
  readonly bounds?: Partial<HostBounds>;
  /** Where a request really comes from; by default whoever opened the connection. */
  readonly addressOf?: AddressOf;
}

/** What senders together, and each by itself, may take of the server. */
export interface HostBounds {
  /** Bytes of bodies that are uploading or wait for their answer; above it 503 with Retry-After. */
  readonly bodyBytes: number;
  readonly connections: number;
  /** System time in which the headers, and the whole request, have to be here: who drips is answered 408 and closed. */
  readonly headersMs: number;
  readonly requestMs: number;
  /** How often late requests are looked for. */
  readonly lookMs: number;
}

const usualBounds: HostBounds = {
  bodyBytes: 64_000_000,
  connections: 10_000,
  headersMs: 10_000,
  requestMs: 30_000,
  lookMs: 5_000,
};

const peerOf: AddressOf = (req) => req.socket.remoteAddress;

export interface HttpHost {
  readonly url: string;
  readonly port: number;
  /** Stops accepting, lets requests in flight finish for at most ten seconds. */
  readonly close: () => Promise<void>;
}

const security = helmet({
  contentSecurityPolicy: {
    directives: {
      defaultSrc: ["'self'"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", "data:"],
      fontSrc: ["'self'", "data:"],
      upgradeInsecureRequests: null,
    },
  },
  strictTransportSecurity: false,
});

/** What helmet says depends on nothing that was asked: it is asked once, not for every request. */
const securityHeaders: readonly (readonly [string, string])[] = ((): [string, string][] => {
  const asked = new IncomingMessage(new Socket());
  const answer = new ServerResponse(asked);
  security(asked, answer, () => undefined);
  return Object.entries(answer.getHeaders()).map(([name, value]) => [name, String(value)]);
})();
const requestIdPattern = /^[\w.-]{8,64}$/;
const drainMs = 10_000;
const idleLookMs = 20;
/** Connections that wait to be accepted, as far as the system lets them: one that finds no place there tries again after a second. */
const backlog = 4_096;

const pathOf = (url: string): string => {
  const end = url.indexOf("?");
  return end === -1 ? url : url.slice(0, end);
};

/** A caller's own id when it is well formed, so that its log and ours meet; else a new one. */
function nameRequest(given: string | string[] | undefined, res: ServerResponse): void {
  const usable = typeof given === "string" && requestIdPattern.test(given);
  res.setHeader("x-request-id", usable ? given : `req_${randomUUID()}`);
}

/** One listener: the same security headers, request id and error shape on every path, hot or not. */
function listener({ routes, rest, log, addressOf = peerOf }: HttpHostOptions, inHand: BodiesInHand): RequestListener {
  const hot = new Map(routes.map((route) => [`${route.method} ${route.path}`, route]));
  const methods = new Map<string, string[]>();
  for (const route of routes) methods.set(route.path, [...(methods.get(route.path) ?? []), route.method]);
  return (req, res) => {
    nameRequest(req.headers["x-request-id"], res);
    for (const [name, value] of securityHeaders) res.setHeader(name, value);
    const path = pathOf(req.url ?? "/");
    const route = hot.get(`${req.method === "HEAD" ? "GET" : (req.method ?? "GET")} ${path}`);
    const allowed = methods.get(path);
    if (route !== undefined) void serve(route, { req, res, log, addressOf, inHand });
    else if (allowed === undefined) rest(req, res);
    else {
      const message = `${path} answers ${allowed.join(" and ")}.`;
      replyError(res, 405, "METHOD_NOT_ALLOWED", message, { allow: allowed.join(", ") });
    }
  };
}

/** Starts listening. @throws Error with one sentence when the port is taken or not ours to take. */
export async function startHttpHost(options: HttpHostOptions): Promise<HttpHost> {
  const bounds = { ...usualBounds, ...options.bounds };
  const server = createServer(
    {
      requestTimeout: bounds.requestMs,
      headersTimeout: bounds.headersMs,
      connectionsCheckingInterval: bounds.lookMs,
      keepAliveTimeout: 65_000,
      maxHeaderSize: 16_384,
    },
    listener(options, bodiesInHand(bounds.bodyBytes)),
  );
  server.maxConnections = bounds.connections;
  const connections = connectionsOf(server);
  await listen(server, options);
  server.on("error", (error) => {
    options.log.error({ err: error }, "http server failed");
  });
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  let closed: Promise<void> | undefined;
  return { url: `http://${host}:${port}`, port, close: () => (closed ??= drain(server, connections)) };
}

const listenProblems: Readonly<Record<string, (place: string) => string>> = {
  EADDRINUSE: (place) => `${place} is taken: stop what uses it, or set PORT to another one.`,
  EACCES: (place) => `${place} may not be opened by this user: set PORT to one above 1023.`,
  EADDRNOTAVAIL: (place) => `${place} is no address of this machine: set HOST to one that is.`,
};

const listen = (server: Server, { host, port }: HttpHostOptions): Promise<void> =>
  new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      const sentence = listenProblems[error.code ?? ""]?.(`Port ${port} on ${host}`);
      reject(sentence === undefined ? error : new Error(sentence, { cause: error }));
    };
    server.once("error", failed);
    server.listen({ port, host, backlog }, () => {
      server.off("error", failed);
      resolve();
    });
  });

function connectionsOf(server: Server): ReadonlySet<Socket> {
  const connections = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
  });
  return connections;
}

/**
 * A kept-alive connection turns idle only when its last answer is out, so idle ones are closed until none is left. Node does not count those as idle
 * on which nothing was ever asked, and browsers keep one of them in reserve: these are closed too.
 */
const drain = (server: Server, connections: ReadonlySet<Socket>): Promise<void> =>
  new Promise((resolve) => {
    const closeIdle = (): void => {
      server.closeIdleConnections();
      for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
    };
    const force = setTimeout(() => {
      server.closeAllConnections();
    }, drainMs);
    const sweep = setInterval(closeIdle, idleLookMs);
    server.close(() => {
      clearTimeout(force);
      clearInterval(sweep);
      resolve();
    });
    closeIdle();
  });
