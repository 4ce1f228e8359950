import { randomBytes } from "node:crypto";
import { type HttpHost, type InternalRoute, silentLog, startHttpHost } from "@greentick/runtime";
import { CallSecret, signCall, signedCallHeader } from "../signed-call/signed-call.js";
import { aCall } from "../fixtures/call.js";
import { askInternally, type InternalQuestion, internalRoutes } from "./internal-routes.js";

describe("what a service tells the gateway alone", () => {
  const secret = new CallSecret(randomBytes(32));
  const now = new Date("2026-10-01T12:00:00Z");
  const asked: unknown[] = [];
  const route: InternalRoute = {
    path: "/internal/echo",
    answer: (question) => {
      asked.push(question);
      return Promise.resolve({ heard: question });
    },
  };
  let host: HttpHost;
  beforeAll(async () => {
    host = await startHttpHost({
      host: "127.0.0.1",
      port: 0,
      routes: internalRoutes({ name: "tenant", internal: [route] }, { secret, now: () => now }),
      rest: (_req, res) => res.writeHead(404).end(),
      log: silentLog,
    });
  });
  afterAll(() => host.close());
  beforeEach(() => {
    asked.length = 0;
  });

  const to = (more: Partial<InternalQuestion> = {}): InternalQuestion => ({
    secret,
    now: () => now,
    service: "tenant",
    url: host.url,
    path: "/internal/echo",
    timeoutMs: 5_000,
    ...more,
  });

  it("is answered to the gateway's signature", async () => {
    await expect(askInternally({ kind: "key" }, to())).resolves.toEqual({ heard: { kind: "key" } });
  });

  it.each<[string, Partial<InternalQuestion>]>([
    ["another secret", { secret: new CallSecret(randomBytes(32)) }],
    ["a signature for another service", { service: "billing" }],
    ["a signature of a minute ago", { now: () => new Date(now.getTime() - 60_000) }],
  ])("is not answered to %s", async (_what, more) => {
    await expect(askInternally({ kind: "key" }, to(more))).rejects.toThrow("answered 401");
    expect(asked).toEqual([]);
  });

  it("is not answered to nobody, to a signed caller who is not the gateway, or with another question under the signature", async () => {
    const body = JSON.stringify({ kind: "key" });
    const { actor, tenantId, ancestorIds, livemode, staff } = aCall();
    const claims = { actor, tenantId, ancestorIds, livemode, staff, roles: [] };
    const caller = signCall({ claims, facts: { requestId: "r" } }, { ...to(), body });
    for (const headers of [{}, { [signedCallHeader]: "nonsense" }, { [signedCallHeader]: caller }]) {
      const { status } = await fetch(new URL("/internal/echo", host.url), { method: "POST", body, headers });
      expect(status).toBe(401);
    }
    expect(asked).toEqual([]);
  });
});
