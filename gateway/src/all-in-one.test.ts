import { silentLog } from "@greentick/runtime";
import { testDatabase } from "@greentick/testing";
import { serverAudits } from "graphql-http";
import { type Platform, startPlatform } from "./all-in-one.js";
import { shapeOnlyEnv } from "./schemas/offline.js";

const asBrowser = { headers: { accept: "text/html" } };

describe("the platform in one process", () => {
  const { uri, dbName } = testDatabase("gateway");
  const env = { ...shapeOnlyEnv, MONGODB_URI: uri, DATABASE_PREFIX: `${dbName("p")}_` };
  let platform: Platform;
  const at = (path: string): string => new URL(path, platform.url).href;
  beforeAll(async () => {
    platform = await startPlatform({ env, log: silentLog, facts: { store: "the test run's" } });
  });
  afterAll(() => platform.close());

  it("misses no MUST and no SHOULD of the graphql-http audits", async () => {
    const missed: string[] = [];
    for (const audit of serverAudits({ url: at("/graphql"), fetchFn: fetch })) {
      const result = await audit.fn();
      if (result.status === "error" || result.status === "warn") missed.push(`${audit.name}: ${result.reason}`);
    }
    expect(missed).toEqual([]);
  });

  it("takes tokens of its own people and nobody else's", async () => {
    const { people } = await platform.identity.ensureProvider({
      name: "Provider",
      legalName: "Provider Ltd.",
      country: "IE",
      currency: "USD",
      timeZone: "Europe/Dublin",
      livemode: false,
      people: [{ name: "Ada", email: "ada@provider.example", roles: ["platform_admin"] }],
    });
    const [ada] = people;
    if (ada === undefined) throw new Error("the provider has nobody");
    const { token } = await platform.identity.issueFor(ada.id);
    const ask = async (authorization: string): Promise<{ status: number; body: unknown }> => {
      const response = await fetch(at("/graphql"), {
        method: "POST",
        headers: { "content-type": "application/json", authorization },
        body: JSON.stringify({ query: "{ me { tenant { name } } templates { totalCount } }" }),
      });
      return { status: response.status, body: await response.json() };
    };
    await expect(ask(`Bearer ${token}`)).resolves.toMatchObject({
      status: 200,
      body: { data: { me: { tenant: { name: "Provider" } }, templates: { totalCount: 0 } } },
    });
    await expect(ask(`Bearer ${token}x`)).resolves.toMatchObject({ status: 401 });
    await expect(ask(`Basic ${token}`)).resolves.toMatchObject({ status: 401 });
  });

  it("has the same security headers and a request id on every path, hot or not", async () => {
    const paths = [
      "/",
      "/explorer",
      "/explorer/explorer.js",
      "/healthz",
      "/metrics",
      "/graphql",
      "/webhooks/meta",
      "/none",
    ];
    for (const path of [...paths, "/.well-known/jwks.json"]) {
      const { headers } = await fetch(at(path));
      expect({ path, id: headers.get("x-request-id"), csp: headers.get("content-security-policy") }).toEqual({
        path,
        id: expect.stringMatching(/^req_[\w-]{8,}$/) as string,
        csp: expect.stringContaining("default-src 'self'") as string,
      });
      expect({ path, by: headers.get("x-powered-by"), sniff: headers.get("x-content-type-options") }).toEqual({
        path,
        by: null,
        sniff: "nosniff",
      });
    }
  });

  it("serves an explorer that needs nothing from elsewhere and no inline script", async () => {
    const response = await fetch(at("/explorer"), asBrowser);
    const html = await response.text();
    expect(response.headers.get("content-security-policy")).toContain("script-src 'self'");
    expect(html).not.toMatch(/<script>|https?:\/\/|\son\w+=/);
    const needed = [...html.matchAll(/(?:src|href)="(\/explorer\/[^"]+)"/g)].map(([, path = ""]) => path);
    expect(needed).toHaveLength(6);
    for (const path of needed) {
      const { status, headers } = await fetch(at(path));
      expect({ path, status }).toEqual({ path, status: 200 });
      expect(headers.get("content-type")).toMatch(path.endsWith(".css") ? /^text\/css/ : /^text\/javascript/);
    }
  });

  it("asks something in the explorer's first tab that the schema answers", async () => {
    const script = await (await fetch(at("/explorer/explorer.js"))).text();
    const lines = [...script.matchAll(/^ {4}"(.*)",$/gm)].map(([, line = ""]) => line);
    const body = JSON.stringify({ query: lines.join("\n") });
    const response = await fetch(at("/graphql"), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "UNAUTHENTICATED" } }] });
  });

  it("tells of its health, its readiness, its counters and its keys", async () => {
    const health = (await (await fetch(at("/healthz"))).json()) as { ok: boolean; store: string; checks: object };
    expect(health).toMatchObject({ ok: true, store: "the test run's" });
    expect(Object.keys(health.checks)).toEqual(["tenant", "onboarding", "template", "billing", "webhook"]);
    await expect(fetch(at("/readyz"))).resolves.toMatchObject({ status: 200 });
    await expect(fetch(at("/metrics"))).resolves.toMatchObject({ status: 200 });
    const { keys } = (await (await fetch(at("/.well-known/jwks.json"))).json()) as { keys: { alg: string }[] };
    expect(keys.map(({ alg }) => alg)).toEqual(["RS256"]);
  });

  it("answers one error shape for what is not there and for a method that is not offered", async () => {
    const missing = await fetch(at("/nothing/here"));
    expect(missing.status).toBe(404);
    expect(await missing.json()).toMatchObject({
      error: { code: "NOT_FOUND", requestId: missing.headers.get("x-request-id") },
    });
    await expect(fetch(at("/graphql"), { method: "DELETE" })).resolves.toMatchObject({ status: 405 });
  });

  it("says in one sentence that its port is taken", async () => {
    await expect(startPlatform({ env: { ...env, PORT: String(platform.port) }, log: silentLog })).rejects.toThrow(
      `Port ${platform.port} on 127.0.0.1 is taken`,
    );
  });

  it("stops the start with every problem of its configuration at once", async () => {
    const broken = { ...env, MASTER_KEY: "short", PORT: "99999", META_APP_ID: "abc", META_APP_SECRETS: "" };
    const said = await startPlatform({ env: broken, log: silentLog }).catch((error: unknown) => String(error));
    expect(said).toContain("MASTER_KEY: must be 32 bytes");
    for (const name of ["PORT", "META_APP_ID", "META_APP_SECRETS"]) expect(said).toContain(`${name}: `);
  });
});
