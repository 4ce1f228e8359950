import { AppError, type Log } from "@greentick/kernel";
import { type HttpHost, silentLog, startHttpHost } from "@greentick/runtime";
import { getIntrospectionQuery } from "graphql";
import { serverAudits } from "graphql-http";
import { aCall, aVisitor } from "../fixtures/call.js";
import { bills, people, words } from "../fixtures/subgraphs.js";
import { mergeSubgraphs } from "../merge/merge-subgraphs.js";
import { type Endpoint, graphqlEndpoint } from "./endpoint.js";
import { tokenRequired } from "./identity-plugin.js";

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    readonly data?: unknown;
    readonly errors?: readonly { message: string; extensions: Record<string, unknown> }[];
  };
}

interface Served {
  readonly url: string;
  readonly post: (query: string, more?: { variables?: object; headers?: Record<string, string> }) => Promise<Answer>;
  readonly close: () => Promise<void>;
}

const notKnowable = new AppError("PROVIDER_UNAVAILABLE", "standing_unavailable", "Try again.", {
  retryAfterSeconds: 2,
});

async function serve(introspection: boolean, log: Log = silentLog): Promise<Served> {
  const loads = { client: [], draft: [] };
  const schema = mergeSubgraphs([await people(loads), await words(loads), await bills()]);
  const endpoint: Endpoint = await graphqlEndpoint({
    serve: { schema },
    introspection,
    log,
    identify: (req) => {
      if (req.headers.authorization === "Bearer good") return Promise.resolve({ ...aCall(), log });
      if (req.headers.authorization === undefined) return Promise.resolve(aVisitor());
      if (req.headers.authorization === "Bearer unknowable") return Promise.reject(notKnowable);
      return Promise.reject(tokenRequired());
    },
  });
  const host: HttpHost = await startHttpHost({
    host: "127.0.0.1",
    port: 0,
    routes: endpoint.routes,
    rest: (_req, res) => res.writeHead(404).end(),
    log,
  });
  const url = `${host.url}/graphql`;
  return {
    url,
    post: async (query, { variables, headers } = {}) => {
      const response = await fetch(url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          accept: "application/graphql-response+json",
          authorization: "Bearer good",
          ...headers,
        },
        body: JSON.stringify({ query, variables }),
      });
      return { status: response.status, headers: response.headers, body: (await response.json()) as Answer["body"] };
    },
    close: async () => {
      await host.close();
      await endpoint.close();
    },
  };
}

describe("GraphQL over HTTP", () => {
  let served: Served;
  const logged: Readonly<Record<string, unknown>>[] = [];
  beforeAll(async () => {
    const error: Log["error"] = (fields) => logged.push(fields);
    const log: Log = { ...silentLog, error, child: () => log };
    served = await serve(true, log);
  });
  afterAll(() => served.close());

  it("misses no MUST and no SHOULD of the graphql-http audits", async () => {
    const missed: string[] = [];
    for (const audit of serverAudits({ url: served.url, fetchFn: fetch })) {
      const result = await audit.fn();
      if (result.status === "error" || result.status === "warn")
        missed.push(`${result.status} ${audit.name}: ${result.reason}`);
    }
    expect(missed).toEqual([]);
  });

  it("answers a signed-in query with its request id and without caching", async () => {
    const { status, headers, body } = await served.post('{ client(id: "c1") { name } }');
    expect({ status, body }).toEqual({
      status: 200,
      body: { data: { client: { name: "Acme" } }, extensions: { cost: { requested: 2, maximum: 25_000 } } },
    });
    expect(headers.get("x-request-id")).toMatch(/^req_/);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });

  it("answers 503 with a time to wait, and not 401, when it cannot be known who asks", async () => {
    const { status, headers, body } = await served.post("{ __typename }", {
      headers: { authorization: "Bearer unknowable" },
    });
    expect({ status, after: headers.get("retry-after"), said: body.errors?.[0]?.extensions }).toEqual({
      status: 503,
      after: "2",
      said: { code: "PROVIDER_UNAVAILABLE", reason: "standing_unavailable", details: { retryAfterSeconds: 2 } },
    });
  });

  it("passes a refusal of ours with code, reason and details", async () => {
    const { body } = await served.post('mutation { rename(input: { id: "d9", name: "x" }) { draft { id } } }');
    expect(body.errors?.[0]).toMatchObject({
      message: "No draft d9",
      path: ["rename"],
      extensions: { code: "NOT_FOUND", reason: "draft_not_found", details: { draftId: "d9" } },
    });
  });

  it("masks a bug and logs it in full under the request id", async () => {
    const { body } = await served.post("{ broken }");
    expect(body.errors?.[0]?.extensions).toEqual({ code: "INTERNAL_SERVER_ERROR", reason: "internal_error" });
    expect(JSON.stringify(body)).not.toContain("hunter2");
    expect(logged.at(-1)).toMatchObject({ requestId: "req_00000000000000000000000001", path: ["broken"] });
    expect(String(logged.at(-1)?.["err"])).toContain("hunter2");
  });

  it.each([
    [
      "an unknown field in a variable",
      "mutation($input: RenameInput!) { rename(input: $input) { draft { id } } }",
      { input: { id: "d1", name: "x", colour: "red" } },
      "colour",
    ],
    [
      "a wrong type in a variable",
      "mutation($input: RenameInput!) { rename(input: $input) { draft { id } } }",
      { input: { id: "d1", name: 7 } },
      "input.name",
    ],
    [
      "a missing field in a variable",
      "mutation($input: RenameInput!) { rename(input: $input) { draft { id } } }",
      { input: { id: "d1" } },
      "name",
    ],
    ["a missing variable", "mutation($input: RenameInput!) { rename(input: $input) { draft { id } } }", {}, "input"],
    [
      "an unknown field in the query",
      'mutation { rename(input: { id: "d1", name: "x", colour: "red" }) { draft { id } } }',
      {},
      "colour",
    ],
    ["a wrong type in the query", 'mutation { rename(input: { id: "d1", name: 7 }) { draft { id } } }', {}, "name"],
    ["an unknown argument", "{ drafts(last: 3) { totalCount } }", {}, "last"],
    ["a missing argument", "{ client { id } }", {}, "id"],
    ["a page that is too large", "{ drafts(first: 1000) { totalCount } }", {}, "first"],
  ])("names the field of %s", async (...[, query, variables, field]) => {
    const { body } = await served.post(query, { variables });
    expect(body.errors?.[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      reason: "invalid_input",
      details: { field },
    });
  });

  it("says 401 with one fixed text to a bad token, and to no token when data is asked for", async () => {
    const bad = await served.post("{ __typename }", { headers: { authorization: "Bearer bad" } });
    const response = await fetch(served.url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: "{ charges { id } }" }),
    });
    const none = (await response.json()) as Answer["body"];
    expect([bad.status, response.status]).toEqual([401, 401]);
    expect(bad.body.errors?.[0]?.extensions).toEqual({ code: "UNAUTHENTICATED", reason: "token_required" });
    expect(none.errors?.[0]).toMatchObject({
      message: bad.body.errors?.[0]?.message,
      extensions: bad.body.errors?.[0]?.extensions,
    });
  });

  it("shows the schema to a visitor, and to nobody in production", async () => {
    const ask = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: getIntrospectionQuery() }),
    };
    const open = (await (await fetch(served.url, ask)).json()) as Answer["body"];
    expect(open.data).toHaveProperty("__schema.types");
    const production = await serve(false);
    const closed = await fetch(production.url, ask).finally(production.close);
    const body = (await closed.json()) as Answer["body"];
    expect(body.errors?.[0]?.extensions["code"]).toBe("GRAPHQL_VALIDATION_FAILED");
    expect(body.data).toBeUndefined();
  });

  const many = (times: number, text: (at: number) => string): string =>
    Array.from({ length: times }, (_, at) => text(at)).join(" ");
  it.each([
    ["tokens", `{ ${many(1_999, () => "broken")} }`],
    ["aliases", `{ ${many(51, (at) => `a${at}: __typename`)} }`],
    ["rootFields", `{ ${many(21, () => "broken")} }`],
    ["depth", `{ client(id: "c1") ${"{ openDrafts { readers ".repeat(7)} { id } ${"} }".repeat(7)} }`],
    ["directives", `{ charges { ${many(41, () => "id @include(if: true)")} } }`],
    ["operations", many(11, (at) => `query Q${at} { broken }`)],
    [
      "recursiveSelections",
      `{ ...A } ${many(12, (at) => `fragment ${String.fromCharCode(65 + at)} on Query { ...${String.fromCharCode(66 + at)} ...${String.fromCharCode(66 + at)} }`)} fragment M on Query { broken }`,
    ],
    ["cost", "{ drafts(first: 100) { nodes { readers { openDrafts { readers { openDrafts { id } } } } } } }"],
  ])("refuses a request beyond the limit on %s before it runs", async (limit, query) => {
    const before = logged.length;
    const { status, body } = await served.post(query, { headers: { accept: "application/json" } });
    expect(status).toBe(400);
    expect(body.errors?.[0]?.extensions).toMatchObject({ reason: "limit_exceeded", details: { limit } });
    expect(body.data).toBeUndefined();
    expect(logged).toHaveLength(before);
  });

  it("sends at most five errors of a refused request", async () => {
    const { body } = await served.post(`{ ${many(50, (at) => `nothing${at}`)} }`);
    expect(body.errors).toHaveLength(5);
  });

  it("refuses a batch, a body that is not JSON, and a body that is too large", async () => {
    const send = async (body: string): Promise<number> =>
      (
        await fetch(served.url, {
          method: "POST",
          headers: { "content-type": "application/json", authorization: "Bearer good" },
          body,
        })
      ).status;
    expect(await send('[{"query":"{ __typename }"},{"query":"{ __typename }"}]')).toBe(400);
    expect(await send("{")).toBe(400);
    expect(await send(JSON.stringify({ query: " ".repeat(1_000_001) }))).toBe(413);
  });
});
