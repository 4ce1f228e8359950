import { GraphQLEnumType, GraphQLScalarType, isAbstractType, isObjectType, type GraphQLSchema } from "graphql";
import { createResolversMap, getMetadataStorage, type ResolversMap } from "type-graphql";
import { type Denied, guarded } from "./denials.js";
import { type Handler } from "./handlers.js";
import { type FieldResolver, type Missed, namingArguments, tellingMisses } from "./misses.js";

export type FieldResolvers = Readonly<Record<string, FieldResolver>>;

/** The code behind a schema's text. */
export interface Resolvers {
  /** Fields of object types that are more than a property of the same name. */
  readonly fields: Readonly<Record<string, FieldResolvers>>;
  /** Scalars, values of enums, and how a union or interface tells its members apart. */
  readonly others: Readonly<Record<string, unknown>>;
}

/** Who hears of what the caller does not get. */
export interface Hearers {
  readonly missed?: Missed | undefined;
  readonly denied?: Denied | undefined;
}

/**
 * The code of a schema built from decorated classes: handlers with their permission check in front, and getters of wire classes. Plain
 * properties are left to graphql's own default, which is faster.
 */
export function resolversOf(
  schema: GraphQLSchema,
  handlers: readonly Handler[],
  { missed, denied }: Hearers = {},
): Resolvers {
  const built: ResolversMap = createResolversMap(schema);
  const fields: Record<string, FieldResolvers> = {};
  const others: Record<string, unknown> = {};
  for (const [name, entry] of Object.entries(built)) {
    const type = schema.getType(name);
    if (isObjectType(type)) fields[name] = objectResolvers(name, entry as FieldResolvers, { handlers, denied });
    else if (isAbstractType(type)) others[name] = { __resolveType: type.resolveType };
    else if (type instanceof GraphQLScalarType || type instanceof GraphQLEnumType) others[name] = entry;
  }
  if (missed !== undefined && fields["Query"] !== undefined)
    fields["Query"] = queriesTelling(schema, fields["Query"], missed);
  return { fields, others };
}

/** The queries, of which those by id tell their misses. */
const queriesTelling = (schema: GraphQLSchema, queries: FieldResolvers, missed: Missed): FieldResolvers =>
  Object.fromEntries(
    Object.entries(queries).map(([field, resolve]) => {
      const names = namingArguments(schema, field);
      return [field, names.length === 0 ? resolve : tellingMisses(resolve, { field, names, missed })];
    }),
  );

interface Guarding {
  readonly handlers: readonly Handler[];
  readonly denied: Denied | undefined;
}

function objectResolvers(type: string, all: FieldResolvers, { handlers, denied }: Guarding): FieldResolvers {
  const kept: Record<string, FieldResolver> = {};
  for (const field of specialFields(type)) if (all[field] !== undefined) kept[field] = all[field];
  for (const { field, permission } of handlers.filter((handler) => handler.type === type)) {
    const resolve = all[field];
    if (resolve === undefined) throw new Error(`${type}.${field} is declared but not in the schema`);
    const name = type === "Query" || type === "Mutation" ? field : `${type}.${field}`;
    kept[field] = guarded(resolve, { field: name, permission, denied });
  }
  return kept;
}

/** Fields that need more than a property of the same name: getters, and fields whose property is called differently. */
function specialFields(type: string): string[] {
  const storage = getMetadataStorage();
  const classes = new Set(storage.objectTypes.filter(({ name }) => name === type).map(({ target }) => target));
  const getters = storage.fieldResolvers.filter(({ kind, target }) => kind === "internal" && classes.has(target));
  const renamed = storage.fields.filter(({ target, name, schemaName }) => classes.has(target) && name !== schemaName);
  return [...getters, ...renamed].map(({ schemaName }) => schemaName);
}
