import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo } from "node:net";
import { z } from "zod";

/** What the control can do; the platform's business clock and both simulators move together. */
export interface ControlVerbs {
  readonly moveClock: (to: Date | "system") => Promise<void>;
  readonly settle: () => Promise<void>;
  readonly now: () => Date;
}

const ClockInput = z.strictObject({
  now: z.union([z.literal("system"), z.iso.datetime({ offset: true }).transform((text) => new Date(text))]),
});

async function bodyOf(req: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString("utf8");
  return text === "" ? {} : JSON.parse(text);
}

const reply = (res: ServerResponse, status: number, body: unknown): void => {
  res.writeHead(status, { "content-type": "application/json; charset=utf-8" }).end(`${JSON.stringify(body)}\n`);
};

async function answer(verbs: ControlVerbs, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const asked = `${req.method ?? "GET"} ${req.url ?? "/"}`;
  if (asked === "POST /clock") await verbs.moveClock(ClockInput.parse(await bodyOf(req)).now);
  else if (asked === "POST /settle") await verbs.settle();
  else if (asked !== "GET /clock") {
    reply(res, 404, {
      error: `There is no ${asked}. Here are: GET /clock, POST /clock {"now": "2026-12-01T00:00:00Z" | "system"}, POST /settle.`,
    });
    return;
  }
  reply(res, 200, { now: verbs.now().toISOString(), pid: process.pid });
}

const wordsOf = (error: unknown): string => {
  if (error instanceof z.ZodError) return z.prettifyError(error);
  return error instanceof Error ? error.message : String(error);
};

/** The hand on the clock of a local platform: a small server on loopback, never part of a deployment. */
export async function startControl(
  verbs: ControlVerbs,
  port: number,
): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const server = createServer((req, res) => {
    answer(verbs, req, res).catch((error: unknown) => {
      reply(res, 400, { error: wordsOf(error) });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${String(bound)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
