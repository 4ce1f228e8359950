import { budget, rateLimits } from "@greentick/graphql";
import { metrics, operationsApp, silentLog, startHttpHost } from "@greentick/runtime";
import { oidcRoutes } from "./oidc.js";
import { pages } from "./pages.js";

describe("the door of the identity provider", () => {
  const now = new Date("2026-11-21T12:00:00Z");
  let asked = 0;
  const routes = oidcRoutes({
    ask: ({ step }) => {
      asked += 1;
      if (step === "look") return Promise.resolve({ step, offered: true });
      return Promise.resolve({ step: "start", url: "https://issuer.example/authorize", browserKey: "k", secure: true });
    },
    trustedProxies: ["127.0.0.1"],
    budget: budget({ now: () => now }),
    log: silentLog,
  });

  it("begins no more flows for one address than it may have writes, still answers its page, and begins them for others", async () => {
    const accepting = (): boolean => true;
    const rest = operationsApp({ metrics: metrics(), log: silentLog, checks: {}, accepting, pages: pages() });
    const host = await startHttpHost({ host: "127.0.0.1", port: 0, routes, rest, log: silentLog });
    const begin = (ip: string): Promise<Response> =>
      fetch(`${host.url}/sign-in/oidc/start`, { redirect: "manual", headers: { "x-forwarded-for": ip } });
    const most = rateLimits.writes.burst / 10;
    for (let at = 0; at < most; at++) expect((await begin("198.51.100.1")).status).toBe(303);
    const refused = await begin("198.51.100.1");
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "1"]);
    expect(await refused.json()).toMatchObject({ error: { code: "RATE_LIMITED" } });
    expect((await begin("198.51.100.2")).status).toBe(303);
    expect(asked).toBe(most + 1);
    const look = await fetch(`${host.url}/sign-in/oidc`, {
      redirect: "manual",
      headers: { "x-forwarded-for": "198.51.100.1" },
    });
    expect([look.status, await look.json()]).toEqual([200, { offered: true }]);
    await host.close();
  });
});
