import { type Call } from "@greentick/kernel";
import { execute, parse, printSchema } from "graphql";
import { aCall } from "../fixtures/call.js";
import { bills, type Loads, people, words } from "../fixtures/subgraphs.js";
import { mergeSubgraphs } from "./merge-subgraphs.js";

interface Asked {
  readonly data: Record<string, unknown> | null | undefined;
  readonly reasons: readonly unknown[];
  readonly loads: Loads;
}

async function ask(source: string, call: Call = aCall()): Promise<Asked> {
  const loads: Loads = { client: [], draft: [] };
  const schema = mergeSubgraphs([await people(loads), await words(loads), await bills()]);
  const { data, errors } = await execute({ schema, document: parse(source), contextValue: call });
  const plain = JSON.parse(JSON.stringify(data ?? null)) as Asked["data"];
  return { data: plain, reasons: (errors ?? []).map(({ extensions }) => extensions["reason"]), loads };
}

describe("the merged schema", () => {
  it("has no trace of federation", async () => {
    const loads: Loads = { client: [], draft: [] };
    const text = printSchema(mergeSubgraphs([await people(loads), await words(loads), await bills()]));
    expect(text).not.toMatch(/_entities|_service|_Any|_Entity|@key|@link|@shareable/);
    expect(text).toContain("type Client {");
  });

  it("follows a key to the entity's home", async () => {
    const { data } = await ask("{ drafts { nodes { id client { name } } } }");
    expect(data?.["drafts"]).toEqual({
      nodes: [
        { id: "d1", client: { name: "Acme" } },
        { id: "d2", client: { name: "Bolt" } },
        { id: "d3", client: null },
        { id: "d4", client: null },
      ],
    });
  });

  it("asks a home once per level, each id once", async () => {
    const { loads } = await ask("{ drafts { nodes { client { name } readers { name } } } }");
    expect(loads.client.flat().toSorted()).toEqual(["c1", "c2", "gone"]);
    expect(loads.client).toHaveLength(1);
  });

  it("does not ask the home when only the key is wanted", async () => {
    const { data, loads } = await ask("{ charges { payer { __typename id } draft { id } } }");
    expect(data?.["charges"]).toEqual([
      { payer: { __typename: "Client", id: "c1" }, draft: { id: "d1" } },
      { payer: { __typename: "Client", id: "c2" }, draft: null },
    ]);
    expect(loads).toEqual({ client: [], draft: [] });
  });

  it("asks the home when a fragment or an included field wants its data", async () => {
    const query = (include: boolean): string =>
      `{ charges { payer { ...F } } } fragment F on Client { id name @include(if: ${String(include)}) }`;
    expect((await ask(query(true))).loads.client).toEqual([["c1", "c2"]]);
    expect((await ask(query(false))).loads.client).toEqual([]);
  });

  it("lets a service add fields to another's entity, on every way to it", async () => {
    const { data } = await ask(
      '{ client(id: "c1") { name openDrafts { id readers { name openDrafts { id } } } } charges { payer { openDrafts { id } } } }',
    );
    expect(data).toEqual({
      client: {
        name: "Acme",
        openDrafts: [
          {
            id: "d1",
            readers: [
              { name: "Acme", openDrafts: [{ id: "d1" }] },
              { name: "Bolt", openDrafts: [{ id: "d2" }] },
            ],
          },
        ],
      },
      charges: [{ payer: { openDrafts: [{ id: "d1" }] } }, { payer: { openDrafts: [{ id: "d2" }] } }],
    });
  });

  it("follows keys out of payloads", async () => {
    const { data } = await ask(
      'mutation { rename(input: { id: "d2", name: "x" }) { draft { id } owner { name since } } }',
    );
    expect(data?.["rename"]).toEqual({
      draft: { id: "d2" },
      owner: { name: "Bolt", since: "2026-10-02T00:00:00.001Z" },
    });
  });

  it("asks the permissions of both sides", async () => {
    const { data, reasons, loads } = await ask(
      "{ charges { id draft { id status { raw } } } }",
      aCall(["billing:read"]),
    );
    expect(data?.["charges"]).toEqual([
      { id: "1", draft: null },
      { id: "2", draft: null },
    ]);
    expect(reasons).toEqual(["permission_missing"]);
    expect(loads.draft).toEqual([]);
  });

  it("refuses two homes of one entity", async () => {
    const loads: Loads = { client: [], draft: [] };
    const one = await people(loads);
    expect(() => mergeSubgraphs([one, { ...one, name: "people-too" }])).toThrow(
      "Client has two homes, people and people-too",
    );
  });

  it("names an entity that no service loads", async () => {
    const alone = await bills();
    expect(() => mergeSubgraphs([alone])).toThrow(
      "bills refers to Client, which no service loads; bills refers to Draft, which no service loads",
    );
  });
});
