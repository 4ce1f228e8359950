import { randomBytes } from "node:crypto";
import { describeSubgraphs, offlineOutside, shapeOnlyEnv } from "@greentick/gateway";
import { type AddedField, addedFields, type Crossing, crossingsOf, homesOf, mergeSubgraphs } from "@greentick/graphql";
import { apiKeyText } from "@greentick/kernel";
import { type GraphQLSchema, isRequiredArgument } from "graphql";
import { type KnownValues, queryOver, waysTo } from "./queries.js";
import { startTwoWays, type TwoWays } from "./two-ways.js";

/** Fields to other services whose objects the story of this test does not bring into being. */
const withoutData: readonly string[] = [
  "CorrectionProposal.tenant",
  "LedgerReplay.tenant",
  "ProposedCharge.webhook",
  "UnratedAlarm.tenant",
];
const waysEach = 2;

interface Answer {
  readonly status: number;
  readonly data: unknown;
  readonly reasons: readonly string[];
}

interface Entries {
  readonly ledgerEntries: {
    readonly nodes: readonly { id: string; webhook: object | null; pricingWebhook: object | null }[];
  };
}

interface Graph {
  readonly schema: GraphQLSchema;
  readonly crossings: readonly (Crossing | AddedField)[];
}

async function graph(): Promise<Graph> {
  const subgraphs = await describeSubgraphs(shapeOnlyEnv, offlineOutside);
  const homes = homesOf(subgraphs);
  return {
    schema: mergeSubgraphs(subgraphs),
    crossings: [...crossingsOf(subgraphs, homes), ...addedFields(subgraphs, homes)],
  };
}

interface Question {
  readonly query: string;
  readonly variables?: object | undefined;
}

async function answer(url: string, token: string | undefined, question: Question): Promise<Answer> {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/graphql-response+json",
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(question),
  });
  const { data, errors } = (await response.json()) as {
    data?: unknown;
    errors?: { message: string; extensions: Record<string, unknown> }[];
  };
  const reasons = (errors ?? []).map(({ message, extensions }) => JSON.stringify([message, extensions]));
  return { status: response.status, data, reasons: [...new Set(reasons)].toSorted() };
}

/** True when the way was gone to its end: the field's own objects are there. */
const reaches = (data: unknown, field: string): boolean => {
  if (Array.isArray(data)) return data.some((item) => reaches(item, field));
  if (typeof data !== "object" || data === null) return false;
  return Object.entries(data).some(([name, value]) => (name === field && value !== null) || reaches(value, field));
};

describe("the graph in one process and in six", () => {
  let two: TwoWays;
  let all: Graph;
  let known: KnownValues;
  let callers: Readonly<Record<string, string | undefined>>;

  const both = async (token: string | undefined, query: string, variables?: object): Promise<Answer> => {
    const merged = await answer(two.merged, token, { query, variables });
    const federated = await answer(two.federated, token, { query, variables });
    expect({ query, ...federated }).toEqual({ query, ...merged });
    return merged;
  };

  beforeAll(async () => {
    [two, all] = await Promise.all([startTwoWays(), graph()]);
    const { local, client, otherClient } = two;
    callers = { client: client.token, otherClient: otherClient.token, ...local.target.tokens, nobody: undefined };
    const { data } = await answer(two.merged, client.token, {
      query: "{ ledgerEntries(first: 100) { nodes { id webhook { id } pricingWebhook { id } } } }",
    });
    const entries = (data as Entries).ledgerEntries.nodes.filter((entry) => entry.webhook && entry.pricingWebhook);
    known = { "Query.explainCharge.entryId": entries[0]?.id ?? "", "Query.tenant.id": client.tenantId };
  });
  afterAll(async () => {
    await two.stopApart();
    await two.close();
  });

  it("gives the same data, codes and reasons over every field that crosses services, to everybody", async () => {
    const missed: string[] = [];
    for (const crossing of all.crossings) {
      const ways = waysTo({ schema: all.schema, known, most: waysEach }, crossing.type);
      const name = `${crossing.type}.${crossing.field}`;
      let reached = false;
      for (const way of ways)
        for (const token of Object.values(callers)) {
          const { data } = await both(token, queryOver(all.schema, way, crossing));
          reached ||= reaches(data, crossing.field);
        }
      if (!reached) missed.push(name);
    }
    expect(missed).toEqual(withoutData);
  });

  it("gives the same refusals for ids of nobody and of somebody else", async () => {
    const query = all.schema.getQueryType();
    const asked: string[] = [];
    for (const field of Object.values(query?.getFields() ?? {})) {
      const [argument, ...more] = field.args.filter(isRequiredArgument);
      if (argument === undefined || more.length > 0 || String(argument.type) !== "ID!") continue;
      for (const id of [
        "",
        "nonsense",
        "ten_00000000000000000000000000",
        two.otherClient.tenantId,
        "__proto__",
        "$ne",
      ]) {
        asked.push(field.name);
        await both(two.client.token, `query Ask($id: ID!) { ${field.name}(${argument.name}: $id) { __typename } }`, {
          id,
        });
      }
    }
    expect(new Set(asked).size).toBeGreaterThan(5);
  });

  it.each([
    [
      "input that does not fit",
      "mutation Draft($input: DraftTemplateInput!) { draftTemplate(input: $input) { template { id } } }",
      { input: { colour: "red" } },
    ],
    [
      "a template of nobody",
      "mutation Check($input: TemplateInput!) { checkTemplate(input: $input) { template { id } } }",
      { input: { templateId: "tpl_00000000000000000000000000" } },
    ],
    ["a page that is too large", "{ templates(first: 101) { totalCount } }", undefined],
    [
      "a query that is too deep",
      `{ templates { nodes ${"{ family { nodes ".repeat(8)} { id } ${"} }".repeat(8)} } }`,
      undefined,
    ],
    ["a field that does not exist", "{ templates { colour } }", undefined],
    ["a query that does not parse", "{ templates {", undefined],
  ])("refuses alike: %s", async (...[, query, variables]) => {
    const { reasons } = await both(two.client.token, query, variables);
    expect(reasons).not.toEqual([]);
  });

  it("writes alike: what one way wrote, the other reads", async () => {
    const content = { category: "UTILITY", body: { text: "Your table is ready." } };
    const input = { wabaId: two.client.numbers[0]?.wabaId, name: "table_ready", language: "en_US", content };
    const draft =
      "mutation Draft($input: DraftTemplateInput!) { draftTemplate(input: $input) { template { id tenant { name } waba { name } } } }";
    const written = await answer(two.federated, two.client.token, { query: draft, variables: { input } });
    expect(written.reasons).toEqual([]);
    const { id } = (written.data as { draftTemplate: { template: { id: string } } }).draftTemplate.template;
    const read = await both(
      two.client.token,
      "query Read($id: ID!) { template(id: $id) { name tenant { name } waba { name } } }",
      { id },
    );
    expect(read.data).toMatchObject({ template: { name: "table_ready", tenant: { name: two.client.name } } });
  });

  it("lets nobody pass the gateway: a service alone answers only signed calls, `_entities` included", async () => {
    const entities = `{ _entities(representations: [{ __typename: "Tenant", id: "${two.client.tenantId}" }]) { ... on Tenant { name } } }`;
    for (const { url } of Object.values(two.apart.services))
      for (const query of ["{ __typename }", "{ _service { sdl } }", entities]) {
        const { status, data, reasons } = await answer(`${url}/graphql`, two.client.token, { query });
        expect({ status, data, refused: reasons.join() }).toEqual({
          status: 401,
          data: undefined,
          refused: expect.stringContaining("call_not_signed") as string,
        });
      }
  });

  it("says plainly which service is away, and answers with the rest", async () => {
    await two.apart.services["webhook"]?.stop();
    const away = await answer(two.federated, two.local.target.tokens.platform_admin, {
      query: "{ webhookDoor { __typename } me { tenant { id } } }",
    });
    expect(away.reasons.join()).toContain("service_unavailable");
    await expect(fetch(new URL("/readyz", two.federated))).resolves.toMatchObject({ status: 503 });
  });

  it("asks alike what an API key is worth, and lets nothing through when that cannot be asked", async () => {
    const keyed = (url: string): Promise<Response> =>
      fetch(url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          authorization: `Bearer ${apiKeyText(false, randomBytes(32))}`,
        },
        body: JSON.stringify({ query: "{ me { permissions } }" }),
      });
    for (const url of [two.merged, two.federated]) {
      const answer = await keyed(url);
      expect(answer.status).toBe(401);
      expect(await answer.text()).toContain("api_key_unknown");
    }
    await two.apart.services["tenant"]?.stop();
    const closed = await keyed(two.federated);
    expect([closed.status, closed.headers.get("retry-after")]).toEqual([503, "2"]);
    expect(await closed.text()).toContain("standing_unavailable");
  });

  it("stops every process cleanly when asked to", async () => {
    expect(await two.stopApart()).toEqual([0, 0, 0, 0, 0, 0]);
  });
});
