import { collectSubFields } from "@graphql-tools/utils";
import { type Call } from "@greentick/kernel";
import { defaultFieldResolver, getNamedType, type GraphQLObjectType, type GraphQLResolveInfo } from "graphql";
import { type SubgraphEntity } from "../subgraph/subgraph.js";
import { type FieldResolver } from "../subgraph/misses.js";
import { type Home, keyField } from "./homes.js";

type Keyed = Readonly<Record<typeof keyField, string>>;

/**
 * A field that leads to an entity of another home: what the resolver returns is only a key, so it is exchanged for the home's object, through
 * the home's batched finder with the same call. A query that asks for nothing but the key, or for fields that other services add, needs
 * no home and does not ask it, exactly as a query planner would decide.
 */
export function throughHome(resolve: FieldResolver | undefined, home: Home): FieldResolver {
  const inner = resolve ?? defaultFieldResolver;
  return (...asked: Parameters<FieldResolver>) => {
    const [, , call, info] = asked;
    const found: unknown = inner(...asked);
    if (!asksHome(info, home)) return found;
    return isPromise(found) ? found.then((value) => exchanged(value, home, call)) : exchanged(found, home, call);
  };
}

/** Lists stay lists of promises, so that one refused item does not take its neighbours along. */
function exchanged(value: unknown, home: Home, call: Call): unknown {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.map((item: unknown) => exchanged(item, home, call));
  return home.entity.find(call, (value as Keyed)[keyField]).then((found) => found ?? null);
}

function asksHome(info: GraphQLResolveInfo, home: Home): boolean {
  const type = getNamedType(info.returnType) as GraphQLObjectType;
  const { fields } = collectSubFields(info.schema, info.fragments, info.variableValues, type, [...info.fieldNodes]);
  for (const [node] of fields.values()) if (node !== undefined && home.fields.has(node.name.value)) return true;
  return false;
}

/** A field that a service adds to an entity of another: it starts from that service's own object, found by key with its permission. */
export function fromKey(resolve: FieldResolver | undefined, entity: SubgraphEntity): FieldResolver {
  const inner = resolve ?? defaultFieldResolver;
  return async (...[source, ...asked]: Parameters<FieldResolver>) => {
    const own = await entity.find(asked[1], (source as Keyed)[keyField]);
    return own === undefined ? null : inner(own, ...asked);
  };
}

const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
