import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo } from "node:net";

/** One message that a client's own server was sent. */
export interface Told {
  readonly webhookId: string;
  /** `<sha256 of the body>:<place in it>`. */
  readonly updateId: string;
  readonly phoneNumberId: string;
}

/** A client's server: keeps what it is told first of each `webhook-id`, in that order, and answers an error now and then. */
export interface Receiver {
  readonly url: string;
  readonly told: readonly Told[];
  /** Messages that came again under an id that it had taken before: at least once is what is promised. */
  readonly again: () => number;
  readonly close: () => Promise<void>;
}

interface Message {
  readonly type: string;
  readonly data: { readonly webhookUpdateId?: string; readonly phoneNumberId?: string };
}

/** `refuses` says which try is answered with an error. */
export async function receiver(refuses: (tries: number) => boolean): Promise<Receiver> {
  const told: Told[] = [];
  const known = new Set<string>();
  let tries = 0;
  let again = 0;
  const take = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    tries += 1;
    if (refuses(tries)) {
      res.writeHead(503).end();
      return;
    }
    const webhookId = String(req.headers["webhook-id"]);
    const { data } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as Message;
    if (known.has(webhookId)) again += 1;
    else if (data.webhookUpdateId !== undefined)
      told.push({ webhookId, updateId: data.webhookUpdateId, phoneNumberId: data.phoneNumberId ?? "" });
    known.add(webhookId);
    res.writeHead(200).end();
  };
  const server = createServer((req, res) => {
    take(req, res).catch(() => req.socket.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hooks`,
    told,
    again: () => again,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
