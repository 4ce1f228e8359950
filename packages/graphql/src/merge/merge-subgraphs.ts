import { makeExecutableSchema } from "@graphql-tools/schema";
import { type IResolvers } from "@graphql-tools/utils";
import { type GraphQLSchema } from "graphql";
import { type FieldResolver } from "../subgraph/misses.js";
import { type FieldResolvers } from "../subgraph/resolvers.js";
import { type Subgraph } from "../subgraph/subgraph.js";
import { type AddedField, addedFields, crossingsOf } from "./crossings.js";
import { type Home, homesOf } from "./homes.js";
import { fromKey, throughHome } from "./references.js";
import { mergedText } from "./text.js";

/**
 * One executable schema for all services in one process: no planner, no serialisation. Each entity has one home; a field of another
 * service that leads to it passes through the home's batched finder with the same call; `_entities`, `_service` and the federation
 * types are gone. @throws Error when the services do not fit together.
 */
export function mergeSubgraphs(subgraphs: readonly Subgraph[]): GraphQLSchema {
  const homes = homesOf(subgraphs);
  return makeExecutableSchema({
    typeDefs: mergedText(subgraphs),
    resolvers: mergedResolvers(subgraphs, homes) as IResolvers,
    resolverValidationOptions: { requireResolversToMatchSchema: "error" },
  });
}

/** The text's types with the code of whoever declares them; where several share a type, their fields are plain and the first will do. */
function mergedResolvers(subgraphs: readonly Subgraph[], homes: ReadonlyMap<string, Home>): Record<string, unknown> {
  const others: Record<string, unknown> = {};
  const fields: Record<string, FieldResolvers> = {};
  const crossings = crossingResolvers(subgraphs, homes);
  for (const { name, resolvers } of subgraphs) {
    Object.assign(others, resolvers.others);
    for (const own of [crossings.get(name) ?? {}, resolvers.fields])
      for (const [type, some] of Object.entries(own)) fields[type] = { ...some, ...fields[type] };
  }
  return { ...others, ...fields };
}

type Crossings = ReadonlyMap<string, Readonly<Record<string, FieldResolvers>>>;

/** By service and type, the fields that cross from one service to another, built around the service's own code. */
function crossingResolvers(subgraphs: readonly Subgraph[], homes: ReadonlyMap<string, Home>): Crossings {
  const crossings = new Map<string, Record<string, FieldResolvers>>();
  const around = (at: AddedField, wrap: (own: FieldResolver | undefined) => FieldResolver): void => {
    const types = crossings.get(at.subgraph) ?? {};
    crossings.set(at.subgraph, types);
    const own = byName(subgraphs, at.subgraph).resolvers.fields[at.type];
    types[at.type] = { ...types[at.type], [at.field]: wrap(types[at.type]?.[at.field] ?? own?.[at.field]) };
  };
  for (const crossing of crossingsOf(subgraphs, homes)) {
    const home = homes.get(crossing.entity);
    if (home !== undefined) around(crossing, (own) => throughHome(own, home));
  }
  for (const added of addedFields(subgraphs, homes)) {
    const entity = byName(subgraphs, added.subgraph).entities[added.type];
    if (entity === undefined)
      throw new Error(
        `${added.subgraph} adds ${added.type}.${added.field}, but its entities lack ${added.type}: extensionOf(…)`,
      );
    around(added, (own) => fromKey(own, entity));
  }
  return crossings;
}

function byName(subgraphs: readonly Subgraph[], name: string): Subgraph {
  const found = subgraphs.find((subgraph) => subgraph.name === name);
  if (found === undefined) throw new Error(`there is no subgraph ${name}`);
  return found;
}
