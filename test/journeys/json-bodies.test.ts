import { buildTenantService, TenantConfig } from "@greentick/tenant";
import { graphqlEndpoint } from "@greentick/graphql";
import { offlineOutside, shapeOnlyEnv } from "@greentick/gateway";
import { type HttpHost, silentLog, startHttpHost } from "@greentick/runtime";
import { type JsonFile, jsonTestSuite, someTenants } from "@greentick/testing";

const files = jsonTestSuite();
const named = (letter: string): readonly JsonFile[] => files.filter(({ name }) => name.startsWith(`${letter}_`));

describe("every file of JSONTestSuite as the body of a GraphQL request", () => {
  let host: HttpHost;
  let stop: () => Promise<void>;
  beforeAll(async () => {
    const outside = offlineOutside("tenant");
    const { schema } = await buildTenantService(TenantConfig.parse(shapeOnlyEnv), outside);
    const caller = outside.calls.system("tests", { tenantId: someTenants.casa, ancestorIds: [], livemode: false });
    const endpoint = await graphqlEndpoint({
      serve: { schema: schema.schema },
      introspection: false,
      log: silentLog,
      identify: () => Promise.resolve(caller),
    });
    stop = endpoint.close;
    const { routes } = endpoint;
    host = await startHttpHost({
      ...{ host: "127.0.0.1", port: 0, routes, log: silentLog },
      rest: (_, res) => res.writeHead(404).end(),
    });
  });
  afterAll(async () => {
    await host.close();
    await stop();
  });

  /** Status and code of the answer. */
  async function post(bytes: Buffer): Promise<string> {
    const headers = { "content-type": "application/json", accept: "application/graphql-response+json" };
    const body = new Uint8Array(bytes);
    const answer = await fetch(`${host.url}/graphql`, { method: "POST", headers, body });
    const text = await answer.text();
    const said = JSON.parse(text) as { errors?: readonly { extensions: { code: string } }[] };
    return `${String(answer.status)} ${said.errors?.[0]?.extensions.code ?? "done"}`;
  }
  const told = async (some: readonly JsonFile[], wrap: (bytes: Buffer) => Buffer): Promise<ReadonlySet<string>> => {
    const answers = new Set<string>();
    for (const { bytes } of some) answers.add(await post(wrap(bytes)));
    return answers;
  };

  it.each(["n", "i", "y"])("is refused as a mistake of the caller's: %s", async (letter) => {
    expect([...(await told(named(letter), (bytes) => bytes))]).toEqual(["400 BAD_REQUEST"]);
  });

  it("is taken as a variable where it is JSON", async () => {
    const [before, after] = [Buffer.from('{"query":"{ __typename }","variables":{"v":'), Buffer.from("}}")];
    expect([...(await told(named("y"), (bytes) => Buffer.concat([before, bytes, after])))]).toEqual(["200 done"]);
  });
});
