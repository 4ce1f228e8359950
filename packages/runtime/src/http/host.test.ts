import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request, Server } from "node:http";
import { connect } from "node:net";
import { AppError } from "@greentick/kernel";
import { Router } from "express";
import { metrics } from "../metrics.js";
import { silentLog } from "../log.js";
import { type HttpHost, startHttpHost } from "./host.js";
import { operationsApp } from "./operations.js";
import { replyJson } from "./reply.js";
import { type Route } from "./route.js";

const kilobyte = 1_024;

const echo: Route = {
  method: "POST",
  path: "/hot",
  maxBytes: kilobyte,
  handle: (req, res, rawBody) => {
    const asked = new URL(req.url ?? "/", "http://host").searchParams.get("do");
    if (asked === "refuse") throw new AppError("CONFLICT", "taken", "The name is taken.");
    if (asked === "wait") throw new AppError("RATE_LIMITED", "too_many", "Too many requests.");
    if (asked === "fail") throw new Error("secret of the inside");
    replyJson(res, 200, { body: rawBody.toString("base64") });
    return Promise.resolve();
  },
};
const hello: Route = {
  method: "GET",
  path: "/hello",
  maxBytes: 0,
  handle: (_req, res) => {
    replyJson(res, 200, { hello: true });
    return Promise.resolve();
  },
};

const pages = Router().get("/page", () => {
  throw new Error("secret of the inside");
});

const start = (routes: readonly Route[] = [echo, hello]): Promise<HttpHost> =>
  startHttpHost({
    host: "127.0.0.1",
    port: 0,
    routes,
    rest: operationsApp({ metrics: metrics(), log: silentLog, checks: {}, accepting: () => true, pages }),
    log: silentLog,
  });

const post = (url: string, body: Buffer | string): Promise<Response> => fetch(url, { method: "POST", body });

interface ErrorBody {
  readonly error: Readonly<Record<string, string>>;
}
const errorOf = async (response: Response): Promise<ErrorBody["error"]> => ((await response.json()) as ErrorBody).error;

describe("one server for hot paths and Express", () => {
  let host: HttpHost;
  beforeAll(async () => {
    host = await start();
  });
  afterAll(() => host.close());

  it("hands a hot path the bytes as they came", async () => {
    const bytes = Buffer.from([0, 1, 254, 255, 10, 13]);
    const response = await post(`${host.url}/hot`, bytes);
    expect(await response.json()).toEqual({ body: bytes.toString("base64") });
  });

  it("sends the same security headers and its request id on every path", async () => {
    const shared = async (response: Response): Promise<Record<string, string>> => {
      await response.arrayBuffer();
      const own =
        /^(date|connection|keep-alive|content-length|content-type|cache-control|x-request-id|allow|vary|transfer-encoding)$/;
      return Object.fromEntries([...response.headers].filter(([name]) => !own.test(name)));
    };
    const hot = await shared(await post(`${host.url}/hot`, "x"));
    expect(hot).toMatchObject({ "x-content-type-options": "nosniff", "x-frame-options": "SAMEORIGIN" });
    expect(hot).not.toHaveProperty("x-powered-by");
    for (const path of ["/hot", "/healthz", "/readyz", "/metrics", "/nowhere", "/page"])
      expect(await shared(await fetch(host.url + path))).toEqual(hot);
  });

  it("answers errors in one shape on hot paths and behind Express", async () => {
    const hot = await post(`${host.url}/hot?do=fail`, "x");
    const express = await fetch(`${host.url}/page`);
    const [one, other] = [await errorOf(hot), await errorOf(express)];
    expect([hot.status, express.status]).toEqual([500, 500]);
    expect(hot.headers.get("content-type")).toBe(express.headers.get("content-type"));
    expect({ ...one, requestId: "" }).toEqual({ ...other, requestId: "" });
    expect(JSON.stringify([one, other])).not.toContain("secret of the inside");
    expect(one["requestId"]).toBe(hot.headers.get("x-request-id"));
    expect(other["requestId"]).toBe(express.headers.get("x-request-id"));
  });

  it("answers what is nowhere with 404, whichever way it was looked for", async () => {
    const response = await fetch(`${host.url}/nowhere?token=abc`);
    expect(response.status).toBe(404);
    expect(await errorOf(response)).toMatchObject({ code: "NOT_FOUND" });
  });

  it("answers a refusal with its status, code and reason", async () => {
    const response = await post(`${host.url}/hot?do=refuse`, "x");
    expect(response.status).toBe(409);
    expect(await errorOf(response)).toMatchObject({ code: "CONFLICT", reason: "taken", message: "The name is taken." });
  });

  it("says when to come again after a temporary refusal", async () => {
    const response = await post(`${host.url}/hot?do=wait`, "x");
    expect(response.status).toBe(429);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  it("names the methods of a path that is asked with another one", async () => {
    const response = await fetch(`${host.url}/hot`, { method: "DELETE" });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST");
    expect(await errorOf(response)).toMatchObject({ code: "METHOD_NOT_ALLOWED" });
  });

  it("answers HEAD like GET, without the body", async () => {
    const response = await fetch(`${host.url}/hello`, { method: "HEAD" });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("");
  });

  it.each(["a".repeat(8), "01JABCDEF-trace.id_7", "x".repeat(64)])("keeps the request id %s", async (id) => {
    const response = await fetch(`${host.url}/hello`, { headers: { "x-request-id": id } });
    expect(response.headers.get("x-request-id")).toBe(id);
  });

  it.each(["short", "x".repeat(65), "has space in it", 'quote"quote"', "<script>alert(1)"])(
    "replaces the malformed request id %j",
    async (id) => {
      const response = await fetch(`${host.url}/nowhere`, { headers: { "x-request-id": id } });
      const own = response.headers.get("x-request-id");
      expect(own).toMatch(/^req_[0-9a-f-]{36}$/);
      expect(await errorOf(response)).toMatchObject({ requestId: own });
    },
  );

  it("takes a body as large as the limit and refuses one byte more", async () => {
    expect((await post(`${host.url}/hot`, Buffer.alloc(kilobyte))).status).toBe(200);
    const response = await post(`${host.url}/hot`, Buffer.alloc(kilobyte + 1));
    expect(response.status).toBe(413);
    expect(await errorOf(response)).toMatchObject({ code: "PAYLOAD_TOO_LARGE" });
  });

  it("lets the sender of a far too large body read the refusal, whether or not the length was announced", async () => {
    for (const headers of [{ "content-length": String(3_000_000) }, { "transfer-encoding": "chunked" }]) {
      const asking = request(`${host.url}/hot`, { method: "POST", headers });
      asking.end(Buffer.alloc(3_000_000));
      const answer = await answerTo(asking);
      expect(answer.statusCode).toBe(413);
      expect(await textOf(answer)).toContain("PAYLOAD_TOO_LARGE");
    }
  });

  it("goes on serving after a sender broke off in the middle of its body", async () => {
    const socket = connect(host.port, "127.0.0.1");
    socket.write("POST /hot HTTP/1.1\r\nhost: x\r\ncontent-length: 900\r\n\r\npartial");
    socket.end();
    socket.resume();
    await once(socket, "close");
    expect((await post(`${host.url}/hot`, "x")).status).toBe(200);
  });
});

describe("starting and stopping the server", () => {
  it("says in a sentence that the port is taken and what to do", async () => {
    const host = await start();
    const second = startHttpHost({
      host: "127.0.0.1",
      port: host.port,
      routes: [],
      rest: () => undefined,
      log: silentLog,
    });
    await expect(second).rejects.toThrow(
      `Port ${host.port} on 127.0.0.1 is taken: stop what uses it, or set PORT to another one.`,
    );
    await host.close();
  });

  it("says in a sentence that the address is not this machine's", async () => {
    const foreign = startHttpHost({ host: "192.0.2.1", port: 0, routes: [], rest: () => undefined, log: silentLog });
    await expect(foreign).rejects.toThrow("192.0.2.1 is no address of this machine");
  });

  it("lets a request in flight finish, closes its kept-alive connection, and takes no new one", async () => {
    let answer = (): void => undefined;
    const reached = new Promise<void>((resolve) => {
      slow.handle = (_req, res) => {
        resolve();
        return new Promise((done) => {
          answer = () => {
            replyJson(res, 200, { finished: true });
            done();
          };
        });
      };
    });
    const host = await start([slow]);
    const asked = fetch(`${host.url}/slow`);
    await reached;
    const closing = host.close();
    await expect(fetch(`${host.url}/slow`)).rejects.toThrow("fetch failed");
    answer();
    expect(await (await asked).json()).toEqual({ finished: true });
    await closing;
  });

  it("does not wait for a connection on which nothing was ever asked, as browsers keep them in reserve", async () => {
    const forced = jest.spyOn(Server.prototype, "closeAllConnections");
    const host = await start();
    const socket = connect(host.port, "127.0.0.1");
    await once(socket, "connect");
    const ended = once(socket.resume(), "close");
    await Promise.all([host.close(), ended]);
    expect(socket.bytesWritten).toBe(0);
    expect(forced).not.toHaveBeenCalled();
  });

  it("can be closed twice", async () => {
    const host = await start();
    await Promise.all([host.close(), host.close()]);
    await expect(fetch(host.url)).rejects.toThrow("fetch failed");
  });
});

const slow: { -readonly [K in keyof Route]: Route[K] } = { ...hello, path: "/slow" };

async function answerTo(asking: ClientRequest): Promise<IncomingMessage> {
  const [answer] = (await once(asking, "response")) as [IncomingMessage];
  return answer;
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
