import { type ServerResponse } from "node:http";

type Headers = Readonly<Record<string, string>>;

/** The id under which a request is logged; also in the answer's `x-request-id`. */
export const requestIdOf = (res: ServerResponse): string => String(res.getHeader("x-request-id"));

/** A JSON answer with its length; the body is small. */
export function replyJson(
  res: ServerResponse,
  status: number,
  ...[body, headers = {}]: [body: unknown, headers?: Headers]
): void {
  const text = JSON.stringify(body);
  res.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(text),
    ...headers,
  });
  res.end(text);
}

/** One error shape for everything that is not GraphQL: what happened, and the id that leads to the log. */
export function replyError(
  res: ServerResponse,
  status: number,
  ...[code, message, headers = {}]: [code: string, message: string, headers?: Headers]
): void {
  replyJson(res, status, { error: { code, message, requestId: requestIdOf(res) } }, headers);
}
