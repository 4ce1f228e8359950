import { type Call, type TenantId } from "@greentick/kernel";
import { type HttpHost, silentLog, startHttpHost } from "@greentick/runtime";
import { aCall, aVisitor } from "../fixtures/call.js";
import { bills, people, words } from "../fixtures/subgraphs.js";
import { budget } from "../limits/budget.js";
import { mergeSubgraphs } from "../merge/merge-subgraphs.js";
import { type Endpoint, graphqlEndpoint } from "./endpoint.js";

const limits = {
  requests: { burst: 20, perSecond: 2 },
  writes: { burst: 10, perSecond: 1 },
  cost: { burst: 40_000, perSecond: 1_000 },
  failures: { burst: 10, perSecond: 1 },
};
const start = Date.UTC(2026, 10, 21);
let now = start;

/** `Authorization: <tenant> <person>`; nothing is somebody unknown. */
const callerOf = (authorization: string): Call => {
  const [tenant = "", person = ""] = authorization.split(" ");
  const call = aCall();
  return {
    ...call,
    tenantId: `ten_${tenant.padStart(26, "0")}` as TenantId,
    actor: { kind: "member", id: `per_${person.padStart(26, "0")}` },
  };
};

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    readonly data?: unknown;
    readonly extensions?: unknown;
    readonly errors?: readonly { readonly message: string; readonly extensions: Record<string, unknown> }[];
  };
}

describe("what a tenant may ask for", () => {
  let endpoint: Endpoint;
  let host: HttpHost;
  const post = async (authorization: string, query: string): Promise<Answer> => {
    const response = await fetch(`${host.url}/graphql`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/graphql-response+json",
        ...(authorization !== "" && { authorization }),
      },
      body: JSON.stringify({ query }),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Answer["body"] };
  };
  const read = '{ client(id: "c1") { name } }';
  const write = 'mutation { a: rename(input: { id: "d1", name: "x" }) { draft { id } } }';
  const three = 'mutation { a: rename(input: { id: "d1", name: "x" }) { draft { id } } b: rename(input: { id: "d1", name: "x" }) { draft { id } } c: rename(input: { id: "d1", name: "x" }) { draft { id } } }'; // prettier-ignore
  const times = async (count: number, authorization: string, query: string): Promise<readonly number[]> => {
    const statuses: number[] = [];
    for (let at = 0; at < count; at++) statuses.push((await post(authorization, query)).status);
    return statuses;
  };

  beforeEach(async () => {
    now = start;
    const schema = mergeSubgraphs([await people({ client: [], draft: [] }), await words({ client: [], draft: [] }), await bills()]); // prettier-ignore
    endpoint = await graphqlEndpoint({
      serve: { schema },
      introspection: true,
      budget: budget({ now: () => new Date(now), limits }),
      log: silentLog,
      identify: ({ headers: { authorization } }) =>
        Promise.resolve(authorization === undefined ? aVisitor() : callerOf(authorization)),
    });
    const rest = { rest: (_req: unknown, res: { end: () => unknown }) => res.end(), log: silentLog };
    host = await startHttpHost({ host: "127.0.0.1", port: 0, routes: endpoint.routes, ...rest });
  });
  afterEach(async () => {
    await host.close();
    await endpoint.close();
  });

  it("is told with every answer: the rule, what is left of it, and what the operation cost", async () => {
    const { headers, body } = await post("1 1", read);
    expect(headers.get("ratelimit-policy")).toBe('"requests";q=10;w=10, "cost";q=20000;w=40');
    expect(headers.get("ratelimit")).toBe('"requests";r=9;t=1, "cost";r=19998;t=1');
    expect(body.extensions).toEqual({ cost: { requested: 2, maximum: 25_000 } });
  });

  it("ends for one person at half of what the tenant has, and for the tenant with the second person", async () => {
    expect(await times(11, "1 1", read)).toEqual([...Array.from({ length: 10 }, () => 200), 429]);
    expect(await times(11, "1 2", read)).toEqual([...Array.from({ length: 10 }, () => 200), 429]);
    expect(await times(1, "1 3", read)).toEqual([429]);
    expect(await times(1, "2 1", read)).toEqual([200]);
  });

  it("is refused with what was exceeded, whose it is and when to come again; and then it is so", async () => {
    await times(10, "1 1", read);
    const { status, headers, body } = await post("1 1", read);
    expect({ status, after: headers.get("retry-after"), type: headers.get("content-type") }).toEqual({
      status: 429,
      after: "1",
      type: "application/json; charset=utf-8",
    });
    expect(body.errors).toEqual([
      {
        message: "Too many requests of this key or person: 1 a second are allowed, 10 at once. Come again in 1 s.",
        extensions: {
          code: "RATE_LIMITED",
          reason: "rate_limited",
          details: { limit: "requests", of: "credential", perSecond: 1, burst: 10, retryAfterSeconds: 1 },
        },
      },
    ]);
    now += 1_000;
    expect((await post("1 1", read)).status).toBe(200);
  });

  it("counts every root field of a mutation as a write: aliases do not multiply the allowance", async () => {
    expect(await times(2, "1 1", three)).toEqual([200, 429]);
    const { headers, body } = await post("1 1", three);
    expect(body.errors?.[0]?.extensions).toMatchObject({ reason: "rate_limited", details: { limit: "writes" } });
    expect(headers.get("retry-after")).toBe("2");
    expect(await times(2, "1 1", write)).toEqual([200, 200]);
  });

  it("takes nothing for an operation that was refused for its size, but the request", async () => {
    await post("1 1", `{ ${Array.from({ length: 60 }, (_, at) => `a${String(at)}: __typename`).join(" ")} }`);
    const { headers } = await post("1 1", read);
    expect(headers.get("ratelimit")).toContain('"requests";r=8');
    expect(headers.get("ratelimit")).toContain('"cost";r=19998');
  });

  it("counts requests that cannot be read, and those of somebody unknown", async () => {
    expect(await times(10, "1 1", "{ not graphql")).toEqual(Array.from({ length: 10 }, () => 400));
    expect(await times(1, "1 1", read)).toEqual([429]);
    expect(await times(3, "", "{ __typename }")).toEqual([200, 200, 429]);
  });
});
