import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo } from "node:net";

/** A server that takes whatever is sent to it, and says so. */
export async function takingHooks(): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    request.resume().once("end", () => response.end("taken"));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
