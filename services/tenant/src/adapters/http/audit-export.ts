import { type IncomingMessage, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { type Call } from "@greentick/kernel";
import { type Route } from "@greentick/runtime";
import { type AuditExport, exportErrors } from "../../domain/audit-export.js";
import { type FindExport, type TakeExport } from "../../usecases/export-audit-trail.js";

export const exportPath = "/audit/export";

export interface ExportRouteParts {
  readonly find: FindExport;
  readonly take: TakeExport;
  readonly lines: (one: AuditExport) => AsyncIterable<string>;
  /** A call in the export's tenant, from that address. */
  readonly callOf: (one: AuditExport, ip: string | undefined) => Call;
}

const chunkLength = 65_536;
const type = "application/x-ndjson; charset=utf-8";

/** Lines in pieces that are worth a write. */
async function* inChunks(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let chunk = "";
  for await (const line of lines) {
    chunk += line;
    if (chunk.length < chunkLength) continue;
    yield chunk;
    chunk = "";
  }
  yield chunk;
}

/**
 * `GET /audit/export?link=…`: the audit trail as JSON lines, gzip where the caller takes it. A link works once, for ten minutes, and as long as
 * whoever asked for it may read the trail; a download that broke
 * off lacks its signed end and needs a new link. Nothing is held in memory but the piece that is being sent.
 */
export const auditExportRoute = ({ find, take, lines, callOf }: ExportRouteParts): Route => ({
  method: "GET",
  path: exportPath,
  maxBytes: 0,
  handle: async (req, res, ...[, addressOf]) => {
    const word = new URL(req.url ?? "/", "http://localhost").searchParams.get("link") ?? "";
    const one = await find(word);
    if (one === undefined || req.method !== "GET") throw exportErrors.over();
    const call = callOf(one, addressOf(req));
    await send(req, res, lines(await take(call, one)));
    call.log.info({ exportId: one.id }, "audit trail downloaded");
  },
});

async function send(req: IncomingMessage, res: ServerResponse, lines: AsyncIterable<string>): Promise<void> {
  const gzip = /\bgzip\b/.test(req.headers["accept-encoding"]?.toString() ?? "");
  res.writeHead(200, {
    "content-type": type,
    "content-disposition": 'attachment; filename="audit-trail.jsonl"',
    "cache-control": "no-store",
    ...(gzip && { "content-encoding": "gzip" }),
  });
  const text = Readable.from(inChunks(lines), { objectMode: false });
  await (gzip ? pipeline(text, createGzip(), res) : pipeline(text, res));
}
