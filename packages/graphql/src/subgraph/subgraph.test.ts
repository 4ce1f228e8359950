import { type ExecutionResult, graphql } from "graphql";
import { aCall } from "../fixtures/call.js";
import { bills, careless, doors, type Loads, people, words } from "../fixtures/subgraphs.js";

const noLoads = (): Loads => ({ client: [], draft: [] });

async function askWords(source: string, call = aCall(), loads = noLoads()): Promise<ExecutionResult> {
  const { schema } = await words(loads);
  return graphql({ schema, source, contextValue: call });
}

describe("a subgraph", () => {
  it("prints its text in Federation 2 with keys, shared types and stubs", async () => {
    const { sdl } = await bills();
    expect(sdl).toContain('@link(url: "https://specs.apollo.dev/federation/v2.7"');
    expect(sdl).toContain('type Client @key(fields: "id", resolvable: false)');
    expect(sdl).toContain("type Money @shareable");
  });

  it("refuses to start while a resolver declares no permission", async () => {
    await expect(careless()).rejects.toThrow("add @Requires(…): Careless.secret");
  });

  it("refuses to start while a field is open to visitors in the table or in its permission alone", async () => {
    await expect(doors()).rejects.toThrow("open to visitors in one place only");
    await expect(doors()).rejects.toThrow(/Mutation\.signIn, Mutation\.backDoor$/);
  });

  it("asks for the permission before it looks at the arguments", async () => {
    const { errors } = await askWords("{ drafts(first: 1000) { totalCount } }", aCall(["tenant:read"]));
    expect(errors?.[0]?.extensions).toEqual({
      code: "FORBIDDEN",
      reason: "permission_missing",
      details: { permission: "template:read" },
    });
  });

  it("tells of a query by an id that names nothing, and of no other", async () => {
    const told: unknown[] = [];
    const { schema } = await people(noLoads(), {
      missed: (call, miss) => {
        told.push([call.tenantId, miss]);
        return Promise.resolve();
      },
    });
    const call = aCall(["tenant:read"]);
    const source = `{ gone: client(id: "${"x".repeat(500)}") { id } here: client(id: "c1") { id greeting } }`;
    const { data } = await graphql({ schema, source, contextValue: call });
    expect(data).toMatchObject({ gone: null, here: { id: "c1" } });
    expect(told).toEqual([[call.tenantId, { field: "client", ids: { id: "x".repeat(200) } }]]);
    await graphql({ schema, source, contextValue: aCall(["template:read"]) });
    expect(told).toHaveLength(1);
  });

  it("tells of every field and reference that the caller may not use, before the caller is answered", async () => {
    const told: unknown[] = [];
    const { schema } = await people(noLoads(), {
      denied: (call, { field, refusal }) => {
        told.push([call.tenantId, field, refusal.reason]);
        return Promise.resolve();
      },
    });
    const call = aCall(["template:read"]);
    const ask = (source: string, contextValue = call): Promise<ExecutionResult> =>
      graphql({ schema, source, contextValue });
    const { errors } = await ask('{ client(id: "c1") { id } }');
    expect(errors?.[0]?.extensions["reason"]).toBe("permission_missing");
    await ask('{ _entities(representations: [{ __typename: "Client", id: "c1" }]) { ... on Client { id } } }');
    expect(told).toEqual([
      [call.tenantId, "client", "permission_missing"],
      [call.tenantId, "Client", "permission_missing"],
    ]);
    await ask('{ client(id: "c1") { id greeting } gone: client(id: "c9") { id } }', aCall(["tenant:read"]));
    expect(told).toHaveLength(2);
  });

  it("names the field of a page size outside 1 to 100", async () => {
    const { errors } = await askWords("{ drafts(first: 101) { totalCount } }");
    expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", details: { field: "first" } });
  });

  it("shows an unknown word of the provider's as UNKNOWN with its text", async () => {
    const { data } = await askWords("{ drafts(first: 2) { nodes { status { known raw } } } }");
    expect(data?.["drafts"]).toEqual({
      nodes: [{ status: { known: "OPEN", raw: "open" } }, { status: { known: "UNKNOWN", raw: "NEW" } }],
    });
  });

  it("writes instants with milliseconds and calls field resolvers with their object", async () => {
    const { schema } = await people(noLoads());
    const { data } = await graphql({
      schema,
      source: '{ client(id: "c2") { since greeting } }',
      contextValue: aCall(),
    });
    expect(data?.["client"]).toEqual({
      since: "2026-10-02T00:00:00.001Z",
      greeting: "Bolt of ten_00000000000000000000000001",
    });
  });

  it("answers references in one load, in order, missing ones as null", async () => {
    const loads = noLoads();
    const ids = ["d2", "nowhere", "d1", "d2"].map((id) => `{ __typename: "Draft", id: "${id}" }`).join();
    const { data } = await askWords(`{ _entities(representations: [${ids}]) { ... on Draft { id } } }`, aCall(), loads);
    expect(data?.["_entities"]).toEqual([{ id: "d2" }, null, { id: "d1" }, { id: "d2" }]);
    expect(loads.draft).toEqual([["d2", "nowhere", "d1"]]);
  });

  it("asks an entity's permission before it loads a reference", async () => {
    const loads = noLoads();
    const source = '{ _entities(representations: [{ __typename: "Draft", id: "d1" }]) { ... on Draft { id } } }';
    const { errors } = await askWords(source, aCall(["tenant:read"]), loads);
    expect(errors?.[0]?.extensions["reason"]).toBe("permission_missing");
    expect(loads.draft).toEqual([]);
  });
});
