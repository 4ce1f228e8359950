import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { silentLog } from "../log.js";
import { type HostBounds, type HttpHost, startHttpHost } from "./host.js";
import { replyError, replyJson } from "./reply.js";
import { type Route } from "./route.js";

const megabyte = 1_000_000;

describe("what senders together may take of a server", () => {
  let open: (() => void)[] = [];
  let reached: () => void = () => undefined;
  let isBusy = false;
  const route: Route = {
    method: "POST",
    path: "/hot",
    maxBytes: 3 * megabyte,
    busy: (res) => {
      if (isBusy) replyError(res, 503, "RATE_LIMITED", "Not now.", { "retry-after": "1" });
      return isBusy;
    },
    handle: (req, res, body) => {
      reached();
      const answer = (): void => {
        replyJson(res, 200, { bytes: body.length });
      };
      if (req.headers["x-hold"] === undefined) {
        answer();
        return Promise.resolve();
      }
      return new Promise((resolve) => {
        open.push(() => {
          answer();
          resolve();
        });
      });
    },
  };
  const start = (bounds: Partial<HostBounds>): Promise<HttpHost> =>
    startHttpHost({ host: "127.0.0.1", port: 0, routes: [route], rest: () => undefined, log: silentLog, bounds });
  let host: HttpHost;
  afterEach(async () => {
    for (const one of open) one();
    open = [];
    isBusy = false;
    await host.close();
  });
  const post = (bytes: number, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${host.url}/hot`, { method: "POST", body: Buffer.alloc(bytes), headers });
  /** Holds bytes in the server until it is opened. */
  const hold = async (bytes: number): Promise<{ readonly answer: Promise<Response> }> => {
    const here = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const answer = post(bytes, { "x-hold": "yes" });
    await here;
    return { answer };
  };
  /** A sender that says how much it will send, if at all, and sends some of it. */
  const begin = async (announced: number | undefined, sent: number): Promise<Socket> => {
    const socket = connect(host.port, "127.0.0.1");
    const length = announced === undefined ? "transfer-encoding: chunked" : `content-length: ${announced}`;
    socket.write(`POST /hot HTTP/1.1\r\nhost: x\r\n${length}\r\n\r\n`);
    if (announced === undefined) socket.write(`${sent.toString(16)}\r\n`);
    socket.write(Buffer.alloc(sent));
    await once(socket, "connect");
    return socket;
  };
  const firstLine = async (socket: Socket): Promise<string> => {
    const [chunk] = (await once(socket, "data")) as [Buffer];
    return chunk.toString().split("\r\n")[0] ?? "";
  };

  it("are bytes up to a bound: above it a body is refused at once, with when to come again, and taken once there is room", async () => {
    host = await start({ bodyBytes: 2 * megabyte });
    const held = await hold(1.5 * megabyte);
    const refused = await post(megabyte);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
    expect((await post(0.4 * megabyte)).status).toBe(200);
    for (const one of open.splice(0)) one();
    expect((await held.answer).status).toBe(200);
    expect((await post(megabyte)).status).toBe(200);
  });

  it("count while they are uploading, also where nobody says how many there will be", async () => {
    host = await start({ bodyBytes: megabyte });
    const first = await begin(undefined, 2 * megabyte);
    expect(await firstLine(first)).toContain("503");
    first.destroy();
    expect((await post(0.9 * megabyte)).status).toBe(200);
  });

  it("are not set aside for who only announces them", async () => {
    host = await start({ bodyBytes: megabyte });
    const slow = await Promise.all(Array.from({ length: 20 }, () => begin(0.9 * megabyte, 10)));
    expect((await post(0.9 * megabyte)).status).toBe(200);
    for (const socket of slow) socket.destroy();
  });

  it("come back when a sender breaks off", async () => {
    host = await start({ bodyBytes: megabyte });
    const broken = await begin(0.9 * megabyte, 0.8 * megabyte);
    const closed = once(broken, "close");
    broken.end();
    broken.resume();
    await closed;
    expect((await post(0.9 * megabyte)).status).toBe(200);
  });

  it("are not uploaded at all to a path that takes nothing now", async () => {
    host = await start({});
    isBusy = true;
    const socket = await begin(3 * megabyte, 0);
    expect(await firstLine(socket)).toContain("503");
    socket.destroy();
  });

  it.each([
    ["its headers", "POST /hot HTTP/1.1\r\nhost: x\r\nx-a: b\r\n"],
    ["its body", "POST /hot HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nabc"],
  ])("ends with a sender that never ends %s", async (_, sent) => {
    host = await start({ headersMs: 50, requestMs: 100, lookMs: 20 });
    const socket = connect(host.port, "127.0.0.1");
    socket.write(sent);
    expect(await firstLine(socket)).toContain("408");
    socket.destroy();
  });

  it("are so many connections: one more is not taken", async () => {
    host = await start({ connections: 1 });
    const first = connect(host.port, "127.0.0.1");
    await once(first, "connect");
    const second = connect(host.port, "127.0.0.1");
    const closed = once(second.resume(), "close");
    await expect(closed).resolves.toEqual([false]);
    first.destroy();
    await once(first, "close");
  });
});
