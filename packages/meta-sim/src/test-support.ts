import { type Server, createServer } from "node:http";
import { join } from "node:path";
import { type Db } from "mongodb";
import { type MetaSim, startMetaSim } from "./index.js";
import { type MetaSimOptions } from "./options.js";

/** A receiver of webhooks for tests: it answers the challenge, keeps the bytes, and acknowledges unless told otherwise. */
export interface Receiver {
  readonly url: string;
  readonly bodies: { readonly text: string; readonly signature: string }[];
  /** What to answer; 200 unless changed. */
  status: number;
  readonly close: () => Promise<void>;
}

export const verifyToken = "verify-me";

export async function startReceiver(): Promise<Receiver> {
  const server = createServer((request, response) => {
    const query = new URL(request.url ?? "/", "http://local").searchParams;
    if (request.method === "GET") {
      const known = query.get("hub.verify_token") === verifyToken;
      response.writeHead(known ? 200 : 403).end(known ? query.get("hub.challenge") : "");
      return;
    }
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const signature = String(request.headers["x-hub-signature-256"]);
      if (receiver.status === 200) receiver.bodies.push({ text: Buffer.concat(chunks).toString("latin1"), signature });
      response.writeHead(receiver.status).end();
    });
  });
  const port = await listening(server);
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}/webhooks/meta`,
    bodies: [],
    status: 200,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

export const app = {
  appId: "1029384756473829",
  appSecret: "app-secret-of-the-test",
  systemToken: "EAAsystem-token-of-the-test",
  businessId: "410925736184205",
  creditLineId: "600100200300400",
} as const;

export const rateCardDir = join(__dirname, "../../../services/billing/rate-cards");

/** A local Meta on the first of October 2026 unless told otherwise. */
export const startTestSim = async (db: Db, options: Partial<MetaSimOptions> = {}): Promise<MetaSim> =>
  startMetaSim({ db, ...app, clock: { now: new Date("2026-10-01T10:00:00Z") }, seed: 7, rateCardDir, ...options });
