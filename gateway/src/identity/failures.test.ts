import { randomBytes } from "node:crypto";
import { type Standing, type StandingQuestion } from "@greentick/contracts";
import { failureBudget, graphqlEndpoint, tokenRequired } from "@greentick/graphql";
import { apiKeyText, type TenantId } from "@greentick/kernel";
import { type CallClaims, callFactory, type Clocks, type HttpHost, silentLog, startHttpHost } from "@greentick/runtime";
import { buildSchema } from "graphql";
import { addressBehind } from "./address.js";
import { failures } from "./failures.js";
import { identifier } from "./identify.js";
import { standings } from "./standings.js";

const start = Date.UTC(2026, 10, 21);
const burst = 5;
const rule = { burst, perSecond: 1 };
const tenantId = "ten_01CASA00000000000000000000" as TenantId;
const person: CallClaims = {
  actor: { kind: "member", id: "per_01TESTER000000000000000000" },
  tenantId,
  ancestorIds: [],
  livemode: false,
  staff: false,
  roles: ["owner"],
};
const worth = { good: true, tenantStanding: "open", permissions: [] } satisfies Standing;
const place = { tenantId, ancestorIds: [], livemode: false, ipAllowList: [] };
const newKey = (): string => apiKeyText(false, randomBytes(32));
const [near, far] = ["203.0.113.9", "198.51.100.7"];

interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly headers: Headers;
  readonly extensions: Record<string, unknown>;
}

describe("callers who cannot be identified", () => {
  let now = start;
  /** What the tenant service was asked. */
  let asked: StandingQuestion[] = [];
  /** What it says of the next key; unknown unless a test says otherwise. */
  let ofKeys: Standing = { good: false, ended: "api_key_unknown" };
  let host: HttpHost;
  let close: () => Promise<void>;

  const clock = (): Date => new Date(now);
  const clocks: Clocks = {
    system: clock,
    business: () => clock,
    sandboxSetTo: () => undefined,
    refresh: () => Promise.resolve(),
    setSandbox: () => Promise.resolve(),
  };
  const answerTo = (question: StandingQuestion): Promise<Standing> => {
    asked.push(question);
    return Promise.resolve(question.kind === "key" ? ofKeys : worth);
  };

  beforeEach(async () => {
    now = start;
    asked = [];
    ofKeys = { good: false, ended: "api_key_unknown" };
    const endpoint = await graphqlEndpoint({
      serve: { schema: buildSchema("type Query { ok: Boolean }") },
      introspection: true,
      log: silentLog,
      identify: identifier({
        verify: (token) => (token === "a.good.token" ? Promise.resolve(person) : Promise.reject(tokenRequired())),
        standing: standings({ ask: answerTo, now: clock, log: silentLog }),
        failures: failures(failureBudget({ now: clock, rule })),
        addressOf: addressBehind(["127.0.0.1"]),
        calls: callFactory({ clocks, randomBytes, log: silentLog }),
        now: clock,
        log: silentLog,
      }),
    });
    const rest = { rest: (_req: unknown, res: { end: () => unknown }) => res.end(), log: silentLog };
    host = await startHttpHost({ host: "127.0.0.1", port: 0, routes: endpoint.routes, ...rest });
    close = async () => {
      await host.close();
      await endpoint.close();
    };
  });
  afterEach(() => close());

  /** One request as the proxy passes it on. */
  const ask = async (credential: string, from = near): Promise<Answer> => {
    const response = await fetch(`${host.url}/graphql`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${credential}`,
        "x-forwarded-for": from,
      },
      body: JSON.stringify({ query: "{ __typename }" }),
    });
    const body = (await response.json()) as { errors?: { extensions: Record<string, unknown> }[] };
    const extensions = body.errors?.[0]?.extensions ?? {};
    return { status: response.status, headers: response.headers, reason: String(extensions["reason"]), extensions };
  };
  const floodWith = async (credential: () => string, times: number, from?: string): Promise<readonly string[]> => {
    const answers = await Promise.all(Array.from({ length: times }, () => ask(credential(), from)));
    return answers.map(({ reason }) => reason);
  };
  const count = (reasons: readonly string[], wanted: string): number =>
    reasons.filter((reason) => reason === wanted).length;

  it("cost no more look-ups than their address may fail, however many keys they make up", async () => {
    const reasons = await floodWith(newKey, 60);
    expect(count(reasons, "api_key_unknown")).toBe(burst);
    expect(count(reasons, "rate_limited")).toBe(60 - burst);
    expect(asked).toHaveLength(burst);
    now += 3_000;
    await floodWith(newKey, 20);
    expect(asked).toHaveLength(burst + 3);
  });

  it("are told what was exceeded and when to come again; and then it is so", async () => {
    await floodWith(newKey, burst);
    const { status, headers, extensions } = await ask(newKey());
    expect({
      status,
      after: headers.get("retry-after"),
      policy: headers.get("ratelimit-policy"),
      left: headers.get("ratelimit"),
    }).toEqual({ status: 429, after: "1", policy: '"failures";q=5;w=5', left: '"failures";r=0;t=5' });
    expect(extensions).toEqual({
      code: "RATE_LIMITED",
      reason: "rate_limited",
      details: { limit: "failures", of: "address", perSecond: 1, burst, retryAfterSeconds: 1 },
    });
    now += 1_000;
    expect(await ask(newKey())).toMatchObject({ status: 401, reason: "api_key_unknown" });
  });

  it("lock nobody out at another address, and share what a household's network may", async () => {
    await floodWith(newKey, 2 * burst);
    expect(await ask(newKey(), far)).toMatchObject({ status: 401 });
    await floodWith(newKey, 2 * burst, "2001:db8:1:2::1");
    expect(await ask(newKey(), "2001:db8:1:2:ffff::9")).toMatchObject({ status: 429 });
    expect(await ask(newKey(), "2001:db8:1:3::1")).toMatchObject({ status: 401 });
  });

  it("lock out no key at their own address that was good before, also when it has to be asked about again", async () => {
    const key = newKey();
    ofKeys = { ...worth, key: { ...place, id: "key_1" } };
    expect(await ask(key)).toMatchObject({ status: 200 });
    ofKeys = { good: false, ended: "api_key_unknown" };
    await floodWith(newKey, 2 * burst);
    ofKeys = { ...worth, key: { ...place, id: "key_1" } };
    expect(await ask(key)).toMatchObject({ status: 200 });
    now += 2_000;
    expect(await ask(key)).toMatchObject({ status: 200 });
    expect(asked.filter((question) => question.kind === "key")).toHaveLength(burst + 2);
  });

  it("lock out no signed-in person at their own address: a signature needs no look-up", async () => {
    await floodWith(() => "a.forged.token", 2 * burst);
    expect(await ask("a.good.token")).toMatchObject({ status: 200 });
  });

  it("pay for forged tokens, keys with a typo and words that are neither, and nothing is asked about those", async () => {
    expect(await ask("a.forged.token")).toMatchObject({ status: 401, reason: "token_required" });
    expect(await ask(`${newKey()}x`)).toMatchObject({ status: 401, reason: "api_key_unknown" });
    expect(await ask("two words")).toMatchObject({ status: 401, reason: "token_required" });
    const reasons = await floodWith(() => "gtk_test_nonsense", 10);
    expect(count(reasons, "rate_limited")).toBe(10 - (burst - 3));
    expect(await ask("a.forged.token")).toMatchObject({ status: 429 });
    expect(asked).toEqual([]);
  });

  it("pay nothing while every key exists, however many come at once as the bucket holds", async () => {
    ofKeys = { ...worth, key: { ...place, id: "key_1" } };
    for (let round = 0; round < 10; round++)
      expect(await floodWith(newKey, burst)).toEqual(Array.from({ length: burst }, () => "undefined"));
  });

  it("who hold a key that was revoked pay by themselves: others at their address do not feel it", async () => {
    ofKeys = { good: false, ended: "api_key_revoked" };
    const revoked = newKey();
    const reasons = await floodWith(() => revoked, 4 * burst);
    expect([count(reasons, "api_key_revoked"), count(reasons, "rate_limited")]).toEqual([burst, 3 * burst]);
    ofKeys = { ...worth, key: { ...place, id: "key_2" } };
    expect(await ask(newKey())).toMatchObject({ status: 200 });
  });
});
