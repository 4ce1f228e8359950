import { type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { type Log } from "@greentick/kernel";
import express, { type Request, type Response, type Router } from "express";
import { type Metrics } from "../metrics.js";
import { type Health } from "../service.js";
import { replyError, replyJson, requestIdOf } from "./reply.js";

export interface OperationsParts {
  readonly metrics: Metrics;
  readonly log: Log;
  /** Facts for people that change rarely, e.g. which store was taken. */
  readonly facts?: Readonly<Record<string, string>>;
  /** What must be well before work is sent here, by name. */
  readonly checks: Readonly<Record<string, () => Promise<Health>>>;
  /** False from the moment the process begins to stop. */
  readonly accepting: () => boolean;
  /** Pages and routes of the host itself. */
  readonly pages?: Router;
}

/**
 * Everything that is not hot: `/healthz` (the process lives; what it sees), `/readyz` (200 only while it can take work), `/metrics`
 * (Prometheus' text form), the host's own pages, and one error shape for the rest.
 */
export function operationsApp(parts: OperationsParts): RequestListener {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.get("/healthz", async (_req, res) => {
    replyJson(res, 200, { ok: true, ...parts.facts, checks: await results(parts) }, noStore);
  });
  app.get("/readyz", async (_req, res) => {
    const checks = await results(parts);
    const ok = parts.accepting() && Object.values(checks).every((check) => check.ok);
    replyJson(res, ok ? 200 : 503, { ok, accepting: parts.accepting(), checks }, noStore);
  });
  app.get("/metrics", async (_req, res) => {
    const text = await parts.metrics.text();
    res.writeHead(200, { "content-type": parts.metrics.contentType, ...noStore }).end(text);
  });
  if (parts.pages !== undefined) app.use(parts.pages);
  return (req, res) => {
    app(req as Request, res as Response, (error?: unknown) => {
      if (error === undefined || error === null) nothingThere(req, res);
      else failed(parts.log, { req, res, error });
    });
  };
}

function nothingThere(req: IncomingMessage, res: ServerResponse): void {
  const path = (req.url ?? "/").slice(0, 200);
  replyError(res, 404, "NOT_FOUND", `There is nothing at ${path}.`);
}

interface Failure {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly error: unknown;
}

function failed(log: Log, { req, res, error }: Failure): void {
  log.error({ err: error, path: req.url, requestId: requestIdOf(res) }, "request failed");
  if (res.headersSent) res.destroy();
  else
    replyError(res, 500, "INTERNAL_SERVER_ERROR", "Something went wrong on our side. The request id leads to the log.");
}

const noStore = { "cache-control": "no-store" };

async function results({ checks, log }: OperationsParts): Promise<Readonly<Record<string, Health>>> {
  const entries = Object.entries(checks).map(async ([name, check]) => {
    try {
      return [name, await check()] as const;
    } catch (err) {
      log.warn({ err, check: name }, "health check failed");
      return [name, { ok: false, detail: {} }] as const;
    }
  });
  return Object.fromEntries(await Promise.all(entries));
}
