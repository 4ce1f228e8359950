import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import { type ControlApi, answerControl } from "./control-api.js";
import { GraphError, graphErrors } from "./graph-error.js";
import { faultFor, logRequest } from "./faults.js";
import { match } from "./graph/router.js";
import { type Params, type Reply, TextReply } from "./graph/route.js";
import { type World } from "./world.js";

export interface SimServer {
  readonly server: Server;
  readonly port: number;
}

/** The simulator's address: Graph API, control and downloads on one loopback port. @throws Error with one sentence when the port is taken. */
export async function listen(
  port: number,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<SimServer> {
  const server = createServer(handle);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      reject(new Error(`The local Meta cannot listen on 127.0.0.1:${port}: ${error.message}`, { cause: error }));
    });
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  return { server, port: typeof address === "object" && address !== null ? address.port : port };
}

const maxBodyBytes = 20_000_000;

export function handler(
  world: World,
  control: ControlApi,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    answer(world, control, { request, response }).catch((error: unknown) => {
      world.options.log?.warn({ err: error }, "the local Meta failed to answer");
      send(response, 500, new GraphError([500, 1], "An unknown error has occurred.").envelope(traceId(world)));
    });
  };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function answer(world: World, control: ControlApi, exchange: Exchange): Promise<void> {
  const url = new URL(exchange.request.url ?? "/", "http://local");
  const body = await readBody(exchange.request);
  if (url.pathname.startsWith("/_sim/")) {
    const reply = await answerControl(control, { method: exchange.request.method ?? "GET", url, body });
    send(exchange.response, reply.status, reply.body);
    return;
  }
  await answerGraph(world, exchange, { url, body });
}

/** A Graph call: every refusal is Meta's envelope, every call is noted. */
async function answerGraph(world: World, { request, response }: Exchange, call: Incoming): Promise<void> {
  const seen = {
    method: request.method ?? "GET",
    path: call.url.pathname.replace(/^\/v\d+\.\d+(?=\/|$)/, ""),
    route: "",
  };
  try {
    const matched = await match(world, { ...seen, params: paramsOf(request, call), bearer: bearerOf(request) });
    seen.route = `${matched.route.method} ${matched.route.path}`;
    const fault = await faultFor(world, seen.route);
    if (fault?.action === "refuse")
      throw new GraphError([fault.httpStatus, fault.code], fault.message, { isTransient: fault.isTransient });
    const reply = await matched.answer();
    await logRequest(world, { ...seen, status: fault === undefined ? 200 : 0 });
    if (fault === undefined) sendReply(response, reply);
    else request.socket.destroy();
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    await logRequest(world, { ...seen, status: error.httpStatus });
    send(response, error.httpStatus, error.envelope(traceId(world)));
  }
}

interface Incoming {
  readonly url: URL;
  readonly body: string;
}

const bearerOf = (request: IncomingMessage): string | undefined =>
  /^(?:Bearer|OAuth) (.+)$/.exec(request.headers.authorization ?? "")?.[1];

const paramsOf = (request: IncomingMessage, { url, body }: Incoming): Params => ({
  ...Object.fromEntries(url.searchParams),
  ...readParams(request.headers["content-type"] ?? "", body),
});

let traces = 0;
const traceId = (world: World): string => `A${world.names.hex(21, "trace", world.clock.now().toISOString(), traces++)}`;

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > maxBodyBytes) throw new GraphError([413, 1], "The request is too large.");
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Parameters travel as JSON or as a form; nested values in a form are JSON text. */
function readParams(contentType: string, body: string): Params {
  if (body === "") return {};
  if (contentType.includes("x-www-form-urlencoded")) return Object.fromEntries(new URLSearchParams(body));
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Params;
  } catch {
    throw graphErrors.notJson();
  }
  throw graphErrors.notJson();
}

function sendReply(response: ServerResponse, reply: Reply): void {
  if (reply instanceof TextReply) response.writeHead(200, { "content-type": reply.contentType }).end(reply.text);
  else send(response, 200, reply);
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent) return;
  response.writeHead(status, { "content-type": "application/json; charset=UTF-8" }).end(JSON.stringify(body));
}
