import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { addedFields, crossingsOf, homesOf, mergeSubgraphs, type Subgraph } from "@greentick/graphql";
import { ApolloGateway } from "@apollo/gateway";
import { type GraphQLSchema, lexicographicSortSchema, printSchema } from "graphql";
import { describeSubgraphs } from "../all-in-one.js";
import { serviceNames } from "../services.js";
import { schemaFiles } from "./compose.js";
import { offlineOutside, shapeOnlyEnv } from "./offline.js";

const root = join(__dirname, "..", "..", "..");
const committed = (path: string): string =>
  existsSync(join(root, path)) ? readFileSync(join(root, path), "utf8") : "(absent)";

/** The API that the gateway over separate processes offers. */
async function gatewayApi(supergraphSdl: string): Promise<GraphQLSchema> {
  const gateway = new ApolloGateway({
    supergraphSdl,
    logger: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  const { schema } = await gateway.load();
  await gateway.stop();
  return schema;
}

const textOf = (schema: GraphQLSchema): string =>
  printSchema(lexicographicSortSchema(schema))
    .replace(/^ *"""(?:[^"]|"(?!""))*"""\n/gm, "")
    .replace(/^\s*\n/gm, "");

describe("the committed schema files", () => {
  let subgraphs: readonly Subgraph[];
  beforeAll(async () => {
    subgraphs = await describeSubgraphs(shapeOnlyEnv, offlineOutside);
  });

  it("match the code: run `npm run schema` and read the difference", () => {
    for (const [path, text] of schemaFiles(subgraphs)) expect({ path, text: committed(path) }).toEqual({ path, text });
  });

  it("name the services that the platform runs", () => {
    expect(subgraphs.map(({ name }) => name)).toEqual([...serviceNames]);
  });

  it("offer the same API in one process and in many", async () => {
    const merged = mergeSubgraphs(subgraphs);
    expect(textOf(merged)).toBe(
      textOf(await gatewayApi(schemaFiles(subgraphs).get("gateway/supergraph.graphql") ?? "")),
    );
  });

  it("let every reference to another service be absent", () => {
    const homes = homesOf(subgraphs);
    const crossings = crossingsOf(subgraphs, homes);
    expect(crossings.length + addedFields(subgraphs, homes).length).toBeGreaterThan(10);
    const merged = mergeSubgraphs(subgraphs);
    const strict = crossings.filter(({ type, field }) => {
      const owner = merged.getType(type);
      return owner !== undefined && "getFields" in owner && String(owner.getFields()[field]?.type).endsWith("!");
    });
    expect(strict).toEqual([]);
  });
});
