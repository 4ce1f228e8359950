import { type TenantId } from "@greentick/kernel";
import { type HttpHost, silentLog, startHttpHost } from "@greentick/runtime";
import { GraphQLNonNull, GraphQLObjectType, GraphQLSchema, GraphQLString } from "graphql";
import { aCall } from "../fixtures/call.js";
import { budget } from "../limits/budget.js";
import { turnRules } from "../limits/table.js";
import { type Endpoint, graphqlEndpoint } from "./endpoint.js";

describe("a tenant whose requests all take long", () => {
  let endpoint: Endpoint;
  let host: HttpHost;
  let open: (word: string) => void;
  const post = async (tenant: string, field: string): Promise<{ readonly status: number; readonly body: unknown }> => {
    const response = await fetch(`${host.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: tenant },
      body: JSON.stringify({ query: `{ ${field} }` }),
    });
    return { status: response.status, body: await response.json() };
  };
  beforeAll(async () => {
    const gate = new Promise<string>((resolve) => (open = resolve));
    const type = new GraphQLNonNull(GraphQLString);
    const fields = { long: { type, resolve: () => gate }, short: { type, resolve: () => "done" } };
    endpoint = await graphqlEndpoint({
      serve: { schema: new GraphQLSchema({ query: new GraphQLObjectType({ name: "Query", fields }) }) },
      introspection: false,
      budget: budget({ now: () => new Date() }),
      log: silentLog,
      identify: ({ headers: { authorization = "" } }) =>
        Promise.resolve({ ...aCall(), tenantId: `ten_${authorization.padStart(26, "0")}` as TenantId }),
    });
    const rest = { rest: (_req: unknown, res: { end: () => unknown }) => res.end(), log: silentLog };
    host = await startHttpHost({ host: "127.0.0.1", port: 0, routes: endpoint.routes, ...rest });
  });
  afterAll(async () => {
    await host.close();
    await endpoint.close();
  });

  it("waits for itself, is refused beyond what may wait, and keeps nobody else from being answered", async () => {
    const bearable = turnRules.ofOne + turnRules.waiting;
    const answers = Array.from({ length: bearable + 1 }, () => post("LOUD", "long"));
    const first = await Promise.race(answers);
    expect(first).toMatchObject({
      status: 429,
      body: {
        errors: [{ extensions: { code: "RATE_LIMITED", reason: "rate_limited", details: { limit: "waiting" } } }],
      },
    });
    expect(await post("QUIET", "short")).toMatchObject({ status: 200, body: { data: { short: "done" } } });
    open("done");
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(statuses.filter((one) => one === 200)).toHaveLength(bearable);
  });
});
