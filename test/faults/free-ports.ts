import { once } from "node:events";
import { createServer, type Server } from "node:net";

const listening = (port: number): Promise<Server | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => {
      resolve(undefined);
    });
    server.listen(port, "127.0.0.1", () => {
      resolve(server);
    });
  });

/** The first of four free ports in a row that stay the same from life to life, below those that systems give away by themselves. */
export async function freePorts(): Promise<number> {
  for (;;) {
    const first = 20_000 + Math.floor(Math.random() * 3_000) * 4;
    const servers = await Promise.all([0, 1, 2, 3].map((by) => listening(first + by)));
    const open = servers.filter((server) => server !== undefined);
    await Promise.all(open.map((server) => once(server.close(), "close")));
    if (open.length === servers.length) return first;
  }
}
