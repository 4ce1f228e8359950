import { type IncomingMessage, type ServerResponse } from "node:http";
import {
  ApolloServer,
  type ApolloServerOptions,
  type ApolloServerOptionsWithGateway,
  HeaderMap,
  type HTTPGraphQLRequest,
} from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from "@apollo/server/plugin/disabled";
import { AppError, type ErrorCode, type Log } from "@greentick/kernel";
import { replyJson, type Route } from "@greentick/runtime";
import { type GraphQLSchema } from "graphql";
import { formatError } from "../errors/format-error.js";
import { type Budget } from "../limits/budget.js";
import { RateLimitedError } from "../limits/charge.js";
import { sizeRule } from "../limits/rules.js";
import { requestLimits } from "../limits/table.js";
import { type EndTurn, type Turns, turns } from "../limits/turns.js";
import { identityPlugin } from "./identity-plugin.js";
import { costPlugin, logPlugin, operationPlugin, overHttpPlugin } from "./plugins.js";
import { type Context, isVisitor } from "./visitor.js";

type Gateway = ApolloServerOptionsWithGateway<Context>["gateway"];

export interface EndpointParts {
  /** What is served: a schema of this process, or a gateway over other processes. */
  readonly serve: { readonly schema: GraphQLSchema } | { readonly gateway: Gateway };
  /**
   * Who asks. @throws AppError UNAUTHENTICATED for a token or signature that is not good, RATE_LIMITED for too many of those, PROVIDER_UNAVAILABLE
   * when that cannot be known now.
   */
  readonly identify: (req: IncomingMessage, res: ServerResponse, rawBody: Buffer) => Promise<Context>;
  /** May the schema be asked for, even without a token? */
  readonly introspection: boolean;
  /** How much each caller may ask for; where it is counted, tenants take turns as well. Behind a gateway that counts already there is none. */
  readonly budget?: Budget;
  readonly log: Log;
}

export interface Endpoint {
  /** GET and POST `/graphql`, served straight from node:http. */
  readonly routes: readonly Route[];
  readonly close: () => Promise<void>;
}

/** GraphQL over HTTP with the project's limits, error shape and identity check, without a web framework in between. */
export async function graphqlEndpoint(parts: EndpointParts): Promise<Endpoint> {
  const server = new ApolloServer<Context>(optionsOf(parts));
  await server.start();
  const doors = { server, parts, turns: parts.budget && turns() };
  const route = (method: Route["method"]): Route => ({
    method,
    path: "/graphql",
    maxBytes: requestLimits.bodyBytes,
    handle: (req, res, rawBody) => answer(doors, { req, res, rawBody }),
  });
  return { routes: [route("GET"), route("POST")], close: () => server.stop() };
}

const optionsOf = ({ serve, introspection, budget, log }: EndpointParts): ApolloServerOptions<Context> => ({
  ...serve,
  introspection,
  formatError,
  parseOptions: { maxLexicalTokens: requestLimits.tokens },
  validationRules: [sizeRule],
  validationOptions: { maxErrors: requestLimits.errors },
  maxRecursiveSelections: requestLimits.recursiveSelections,
  hideSchemaDetailsFromClientErrors: !introspection,
  includeStacktraceInErrorResponses: false,
  persistedQueries: false,
  stopOnTerminationSignals: false,
  logger: apolloLog(log),
  plugins: [
    identityPlugin(introspection),
    operationPlugin,
    costPlugin(budget),
    logPlugin,
    overHttpPlugin,
    ApolloServerPluginCacheControlDisabled(),
    ApolloServerPluginInlineTraceDisabled(),
    ApolloServerPluginLandingPageDisabled(),
    ApolloServerPluginSchemaReportingDisabled(),
    ApolloServerPluginUsageReportingDisabled(),
  ],
});

/** The library's own remarks, with its text as a fact: our sentences are constant. */
const apolloLog = (log: Log): NonNullable<ApolloServerOptions<Context>["logger"]> => {
  const to = (line: Log["info"]) => (remark: unknown) => {
    line({ remark }, "GraphQL server remarked");
  };
  return { debug: to(log.debug), info: to(log.debug), warn: to(log.warn), error: to(log.error) };
};

interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly rawBody: Buffer;
}

interface Doors {
  readonly server: ApolloServer<Context>;
  readonly parts: EndpointParts;
  readonly turns: Turns | undefined;
}

async function answer({ server, parts, turns }: Doors, exchange: Exchange): Promise<void> {
  const { res } = exchange;
  res.setHeader("cache-control", "no-store");
  const context = await identified(parts, exchange);
  if (context === undefined || !affords(parts, context, res)) return;
  const httpGraphQLRequest = requestOf(exchange);
  if (httpGraphQLRequest === undefined) {
    refuse(res, 400, {
      message: "The body is not valid JSON.",
      extensions: { code: "BAD_REQUEST", reason: "body_not_json" },
    });
    return;
  }
  const end = await turnOf(turns, context, res);
  if (end === undefined) return;
  const run = { httpGraphQLRequest, context: () => Promise.resolve(context) };
  const { status, headers, body } = await server.executeHTTPGraphQLRequest(run).finally(end);
  for (const [name, value] of headers) if (name !== "cache-control") addHeader(res, name, value);
  if (body.kind === "chunked") throw new Error("incremental delivery is not offered");
  res.writeHead(status ?? 200, { "content-length": Buffer.byteLength(body.string) });
  res.end(body.string);
}

/** Refusals before anything runs: not known who asks, too often not known, or not knowable now. */
const refusedWith: Partial<Record<ErrorCode, number>> = {
  UNAUTHENTICATED: 401,
  RATE_LIMITED: 429,
  PROVIDER_UNAVAILABLE: 503,
};

/** The caller, or undefined after the answer 401, 429 or 503 was given. */
async function identified(parts: EndpointParts, { req, res, rawBody }: Exchange): Promise<Context | undefined> {
  try {
    return await parts.identify(req, res, rawBody);
  } catch (error) {
    const status = error instanceof AppError ? refusedWith[error.code] : undefined;
    if (!(error instanceof AppError) || status === undefined) throw error;
    const { retryAfterSeconds } = error.details;
    if (retryAfterSeconds !== undefined) res.setHeader("retry-after", String(retryAfterSeconds));
    if (error instanceof RateLimitedError) addHeaders(res, error.headers);
    refuse(res, status, { message: error.message, extensions: error.extensions });
    return undefined;
  }
}

/** Limits are told by two that know different ones: their lists are joined. */
function addHeader(res: ServerResponse, name: string, value: string): void {
  const before = name.startsWith("ratelimit") ? res.getHeader(name) : undefined;
  res.setHeader(name, before === undefined ? value : `${String(before)}, ${value}`);
}

const addHeaders = (res: ServerResponse, headers: Readonly<Record<string, string>>): void => {
  for (const [name, value] of Object.entries(headers)) addHeader(res, name, value);
};

/** Whether the caller may ask once more; false after the answer 429 was given. Also requests that say nothing useful cost one. */
function affords({ budget }: EndpointParts, caller: Context, res: ServerResponse): boolean {
  try {
    const { headers = {} } = budget?.spend(caller, { requests: 1 }) ?? {};
    addHeaders(res, headers);
    return true;
  } catch (error) {
    refuseTooMuch(res, error);
    return false;
  }
}

const endNothing: EndTurn = () => undefined;

/** The caller's turn, or undefined after the answer 429 was given. Whoever has no tenant is bounded by address and by what entering costs. */
async function turnOf(turns: Turns | undefined, caller: Context, res: ServerResponse): Promise<EndTurn | undefined> {
  if (turns === undefined || isVisitor(caller)) return endNothing;
  try {
    return await turns.take(caller.tenantId);
  } catch (error) {
    refuseTooMuch(res, error);
    return undefined;
  }
}

function refuseTooMuch(res: ServerResponse, error: unknown): void {
  if (!(error instanceof RateLimitedError)) throw error;
  addHeaders(res, error.headers);
  refuse(res, 429, { message: error.message, extensions: error.extensions });
}

const refuse = (res: ServerResponse, status: number, error: object): void => {
  replyJson(res, status, { errors: [error] });
};

/** Undefined for a body that claims to be JSON and is not. */
function requestOf({ req, rawBody }: Exchange): HTTPGraphQLRequest | undefined {
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(req.headers)) if (value !== undefined) headers.set(name, String(value));
  const url = req.url ?? "/";
  const query = url.indexOf("?");
  const isJson = /^application\/(?:graphql\+)?json\b/i.test(headers.get("content-type") ?? "");
  const parsed = isJson && rawBody.length > 0 ? parseJson(rawBody) : { value: undefined };
  if (parsed === undefined) return undefined;
  return {
    method: (req.method ?? "GET").toUpperCase(),
    headers,
    search: query === -1 ? "" : url.slice(query),
    body: parsed.value,
  };
}

function parseJson(bytes: Buffer): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(bytes.toString("utf8")) };
  } catch {
    return undefined;
  }
}
