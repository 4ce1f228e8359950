import { type IncomingMessage, type ServerResponse } from "node:http";
import { decodeForm, type FormMap, formOfJson } from "../lib/form.js";
import { refusals, StripeRefusal } from "./errors.js";

const maxBytes = 1_000_000;

/** What goes back: a status, a JSON or HTML text, and headers. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export const jsonAnswer = (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  body: JSON.stringify(value, null, 2),
  headers,
});

/** A refusal as it is; anything else is a fault of the simulator and answers Stripe's 500. */
export function errorAnswer(error: unknown): Answer {
  const { status, error: body, headers } = error instanceof StripeRefusal ? error : refusals.serverError();
  return jsonAnswer(status, { error: body }, headers);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= maxBytes) chunks.push(chunk);
  }
  if (bytes > maxBytes) throw refusals.tooLarge();
  return Buffer.concat(chunks).toString("utf8");
}

function addForm(form: FormMap, text: string): void {
  const bad = decodeForm(text, form);
  if (bad !== undefined) throw refusals.malformed(`Invalid request: the parameter ${bad} cannot be read.`, bad);
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refusals.malformed("Invalid request: the body is not JSON.");
  }
}

/** Query and body in one tree; the body is form-encoded, or JSON where the header says so. */
export async function readForm(request: IncomingMessage, query: string): Promise<FormMap> {
  const form: FormMap = new Map();
  const body = await bodyOf(request);
  addForm(form, query);
  if (body === "") return form;
  if (!(request.headers["content-type"] ?? "").startsWith("application/json")) {
    addForm(form, body);
    return form;
  }
  const json = formOfJson(parsedJson(body));
  if (typeof json === "string") throw refusals.malformed("Invalid request: the body must be a JSON object.");
  return new Map([...form, ...json]);
}

export function send(response: ServerResponse, { status, body, headers }: Answer): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, { "content-type": "application/json", "content-length": bytes.length, ...headers });
  response.end(bytes);
}
