import { buildSubgraphSchema } from "@apollo/subgraph";
import { type Call } from "@greentick/kernel";
import { type DocumentNode, type GraphQLSchema, Kind, print } from "graphql";
import { buildSchema, type NonEmptyArray } from "type-graphql";
import { checkPage, PageArgs } from "../wire/connections.js";
import { DateTime } from "../wire/date-time.js";
import { type Denied } from "./denials.js";
import { type Entity, type FindEntity, finderOf } from "./entities.js";
import { handlersOf, refuseMethodsOnTypes } from "./handlers.js";
import { type Missed } from "./misses.js";
import { type Resolvers, resolversOf } from "./resolvers.js";
import { federatedDocument } from "./sdl.js";
import { checkVisitorFields } from "./visitor-fields.js";

export interface SubgraphParts {
  readonly name: string;
  /** Instances of resolver classes. */
  readonly resolvers: readonly object[];
  /** Every type with a resolvable key, by its GraphQL name. */
  readonly entities?: Readonly<Record<string, Entity>>;
  /** Wire classes that no field names, e.g. members of an interface. */
  readonly orphanedTypes?: readonly (new () => object)[];
  /** Hears of every query by an id that names nothing in the caller's sight. */
  readonly missed?: Missed;
  /** Hears of every field and reference that the caller may not use. */
  readonly denied?: Denied;
}

/** One service's part of the graph: its text, its code, and the executable schema it serves when it runs alone. */
export interface Subgraph {
  readonly name: string;
  /** Executable, with `_entities` and `_service`. */
  readonly schema: GraphQLSchema;
  /** The committed text. */
  readonly sdl: string;
  readonly typeDefs: DocumentNode;
  readonly resolvers: Resolvers;
  readonly entities: Readonly<Record<string, SubgraphEntity>>;
}

export interface SubgraphEntity extends Entity {
  readonly home: boolean;
  /** Batched per call; permission asked first. */
  readonly find: FindEntity;
}

/**
 * Builds a service's subgraph. @throws Error at start, naming them all: resolvers without `@Requires`, methods on wire classes, keys
 * without an entry in `entities`, entries without a key, doors for visitors that the table of them does not list.
 */
export async function buildSubgraph(parts: SubgraphParts): Promise<Subgraph> {
  const instances = new Map(parts.resolvers.map((instance) => [instance.constructor, instance]));
  const handlers = handlersOf([...instances.keys()] as (new (...args: never[]) => object)[]);
  checkVisitorFields(handlers);
  const schema = await buildSchema({
    resolvers: [...instances.keys()] as unknown as NonEmptyArray<new () => object>,
    orphanedTypes: [...(parts.orphanedTypes ?? [])],
    container: { get: (resolverClass: new () => object) => instances.get(resolverClass) },
    scalarsMap: [{ type: Date, scalar: DateTime }],
    validate: false,
    validateFn: (value: unknown) => {
      if (value instanceof PageArgs) checkPage(value);
    },
    skipCheck: true,
  });
  refuseMethodsOnTypes(schema);
  const typeDefs = federatedDocument(schema);
  checkEntities(parts, typeDefs);
  const resolvers = resolversOf(schema, handlers, parts);
  const entities = withFinders(parts);
  return {
    name: parts.name,
    schema: buildSubgraphSchema({ typeDefs, resolvers: withReferences(resolvers, entities) as never }),
    sdl: `${print(typeDefs)}\n`,
    typeDefs,
    resolvers,
    entities,
  };
}

const withFinders = ({
  entities = {},
  denied,
}: Pick<SubgraphParts, "entities" | "denied">): Readonly<Record<string, SubgraphEntity>> =>
  Object.fromEntries(
    Object.entries(entities).map(([name, entity]) => [
      name,
      { ...entity, home: entity.home ?? true, find: finderOf(entity, { name, denied }) },
    ]),
  );

/** `_entities` asks through the same batched finder as the merged schema, with the same permission. */
function withReferences(
  { fields, others }: Resolvers,
  entities: Readonly<Record<string, SubgraphEntity>>,
): Record<string, unknown> {
  const referenced = Object.entries(entities).map(([name, { find }]) => {
    const __resolveReference = async (reference: Keyed, call: Call): Promise<object | null> =>
      extensible(await find(call, reference.id));
    return [name, { ...fields[name], __resolveReference }] as const;
  });
  return { ...others, ...fields, ...Object.fromEntries(referenced) };
}

interface Keyed {
  readonly id: string;
}

/** The federation library writes `__typename` onto what it gets; a frozen object is copied first. */
const extensible = (found: object | undefined): object | null => {
  if (found === undefined) return null;
  return Object.isExtensible(found)
    ? found
    : Object.assign(Object.create(Object.getPrototypeOf(found) as object) as object, found);
};

function checkEntities(parts: SubgraphParts, typeDefs: DocumentNode): void {
  const keyed = new Set(
    typeDefs.definitions.flatMap((node) =>
      node.kind === Kind.OBJECT_TYPE_DEFINITION && node.directives?.some(isResolvableKey) === true
        ? [node.name.value]
        : [],
    ),
  );
  const listed = Object.keys(parts.entities ?? {});
  const problems = [
    ...[...keyed]
      .filter((name) => !listed.includes(name))
      .map((name) => `${name} has a resolvable @key but no entry in entities`),
    ...listed
      .filter((name) => !keyed.has(name))
      .map((name) => `${name} is listed in entities but has no resolvable @key(fields: "id")`),
  ];
  if (problems.length > 0) throw new Error(`The subgraph ${parts.name} is inconsistent: ${problems.join("; ")}`);
}

const isResolvableKey = (directive: {
  name: { value: string };
  arguments?: readonly { name: { value: string }; value: { kind: string } }[];
}): boolean =>
  directive.name.value === "key" &&
  directive.arguments?.some(
    ({ name, value }) => name.value === "resolvable" && (value as { value?: unknown }).value === false,
  ) !== true;
