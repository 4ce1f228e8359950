import { once } from "node:events";
import { type IncomingMessage, type ServerResponse } from "node:http";
import {
  type AskExport,
  type ExportAnswer,
  exportAnswer,
  exportPath,
  type ExportQuestion,
  exportQuestion,
} from "@greentick/contracts";
import {
  askInternally,
  type Budget,
  type CallSecret,
  type EndpointParts,
  isVisitor,
  tokenRequired,
} from "@greentick/graphql";
import { allow, badInput, type Call, type Clock, type Log } from "@greentick/kernel";
import { replyError, type Route } from "@greentick/runtime";

export interface ExportParts {
  readonly identify: EndpointParts["identify"];
  readonly ask: AskExport;
  readonly budget?: Budget;
  readonly log: Log;
}

const noBody = Buffer.alloc(0);

/**
 * `GET /billing/statement` and `GET /billing/entries`: a month of the caller's ledger as a file, `?month=2026-11&format=csv` or `json`, for whoever
 * may read billing. A part is asked for when the one before has been taken, so that a large month costs no more memory than a small one.
 */
export const exportRoutes = (parts: ExportParts): readonly Route[] =>
  (["statement", "entries"] as const).map((what) => ({
    method: "GET",
    path: `/billing/${what}`,
    maxBytes: 0,
    handle: (req, res) => download(parts, what, { req, res }),
  }));

interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
}

/** @throws AppError UNAUTHENTICATED, FORBIDDEN/permission_missing, RATE_LIMITED, BAD_USER_INPUT. */
async function download(parts: ExportParts, what: ExportQuestion["what"], { req, res }: Exchange): Promise<void> {
  const caller = await parts.identify(req, res, noBody);
  if (isVisitor(caller)) throw tokenRequired();
  allow(caller, "billing:read");
  parts.budget?.spend(caller, { requests: 1 });
  const question = questionOf(caller, what, req);
  const first = await parts.ask(question);
  if (!first.ok) {
    replyError(res, statuses[first.code] ?? 400, first.code, first.message);
    return;
  }
  const { month, format } = question;
  res.writeHead(200, {
    "content-type": format === "csv" ? "text/csv; charset=utf-8" : "application/json; charset=utf-8",
    "content-disposition": `attachment; filename="${what}-${month}.${format}"`,
    "cache-control": "no-store",
  });
  if (req.method === "HEAD") res.end();
  else await send(parts, { res, question, first });
}

const statuses: Readonly<Record<string, number>> = { FORBIDDEN: 403, NOT_FOUND: 404, BAD_USER_INPUT: 400 };

interface Sending {
  readonly res: ServerResponse;
  readonly question: ExportQuestion;
  readonly first: ExportAnswer & { readonly ok: true };
}

/** Whoever goes away is not sent the rest; a part that fails breaks the connection off, so that nobody takes half a file for a whole one. */
async function send({ ask, log }: ExportParts, { res, question, first }: Sending): Promise<void> {
  try {
    let part = first;
    for (;;) {
      if (!res.write(part.text)) await Promise.race([once(res, "drain"), once(res, "close")]);
      if (part.next === undefined || res.destroyed) break;
      const answer = await ask({ ...question, after: part.next });
      if (!answer.ok) throw new Error(answer.message);
      part = answer;
    }
    res.end();
  } catch (error) {
    log.error({ err: error, tenantId: question.tenantId }, "export broken off");
    res.destroy();
  }
}

/** @throws BAD_USER_INPUT naming `format`. */
function questionOf(call: Call, what: ExportQuestion["what"], { url = "/" }: IncomingMessage): ExportQuestion {
  const { searchParams } = new URL(url, "http://gateway");
  const format = exportQuestion.shape.format.safeParse(searchParams.get("format") ?? "csv");
  if (!format.success) throw badInput("format", "must be csv or json");
  return {
    tenantId: call.tenantId,
    ancestorIds: [...call.ancestorIds],
    permissions: [...call.permissions],
    what,
    format: format.data,
    month: (searchParams.get("month") ?? "").slice(0, 20),
  };
}

interface BillingServiceElsewhere {
  /** Where it listens, without a path. */
  readonly url: string;
  readonly secret: CallSecret;
  readonly now: Clock;
}

/** A million entries' sums may have to be added up first. */
const timeoutMs = 15_000;

/** Parts of exports, asked of a billing service in another process, with the gateway's signature. */
export const exportsOver =
  (to: BillingServiceElsewhere): AskExport =>
  async (question) =>
    exportAnswer.parse(await askInternally(question, { ...to, service: "billing", path: exportPath, timeoutMs }));
