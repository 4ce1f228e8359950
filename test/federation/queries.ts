import { type AddedField, type Crossing } from "@greentick/graphql";
import {
  getNamedType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  isLeafType,
  isObjectType,
  isRequiredArgument,
} from "graphql";

/** Values for arguments that a query cannot do without, by `Type.field.argument`. */
export type KnownValues = Readonly<Record<string, string>>;

interface Step {
  readonly field: string;
  /** As written in a query, or undefined when a value is not known. */
  readonly text: string | undefined;
  readonly to: GraphQLObjectType;
}

/** A way through the schema from a query to a type. */
export interface Way {
  readonly steps: readonly string[];
  readonly at: GraphQLObjectType;
}

export interface Search {
  readonly schema: GraphQLSchema;
  readonly known: KnownValues;
  readonly most: number;
}

const longestWay = 4;

/** Ways from `Query` to a type, the shortest first and at most `most`, that need no more than the known values. */
export function waysTo({ schema, known, most }: Search, type: string): readonly Way[] {
  const query = schema.getQueryType();
  if (query == null) throw new Error("the schema has no queries");
  const found: Way[] = [];
  let edge: readonly Way[] = [{ steps: [], at: query }];
  for (let length = 0; length < longestWay && found.length < most; length++) {
    edge = edge.flatMap((way) => onwards(way, known));
    found.push(...edge.filter(({ at }) => at.name === type));
  }
  return found.slice(0, most);
}

const onwards = ({ steps, at }: Way, known: KnownValues): readonly Way[] =>
  stepsFrom(at, known).flatMap(({ text, to }) => (text === undefined ? [] : [{ steps: [...steps, text], at: to }]));

const stepsFrom = (type: GraphQLObjectType, known: KnownValues): readonly Step[] =>
  Object.values(type.getFields()).flatMap((field) => {
    const to = getNamedType(field.type);
    return isObjectType(to) ? [{ field: field.name, text: callOf(type, field, known), to }] : [];
  });

function callOf(
  type: GraphQLObjectType,
  field: GraphQLField<unknown, unknown>,
  known: KnownValues,
): string | undefined {
  const values = field.args
    .filter(isRequiredArgument)
    .map((argument) => given(`${type.name}.${field.name}`, argument, known));
  if (values.includes(undefined)) return undefined;
  return values.length === 0 ? field.name : `${field.name}(${values.join(", ")})`;
}

function given(place: string, { name }: GraphQLArgument, known: KnownValues): string | undefined {
  const value = known[`${place}.${name}`];
  return value === undefined ? undefined : `${name}: ${JSON.stringify(value)}`;
}

/** Scalars and enums of a type that need no arguments. */
const leavesOf = (type: GraphQLObjectType): readonly string[] =>
  Object.values(type.getFields())
    .filter((field) => isLeafType(getNamedType(field.type)) && !field.args.some(isRequiredArgument))
    .map(({ name }) => name);

/** A query that goes the way and then over the field, and reads everything plain at its end. */
export function queryOver(schema: GraphQLSchema, way: Way, { field }: Crossing | AddedField): string {
  const target = getNamedType(way.at.getFields()[field]?.type ?? schema.getQueryType() ?? way.at);
  const leaves = isObjectType(target) ? ["__typename", ...leavesOf(target)].join(" ") : "__typename";
  const own = "id" in way.at.getFields() ? "id" : "__typename";
  const inside = `${own} ${field} { ${leaves} }`;
  return `{ ${way.steps.join(" { ")} { ${inside} }${" }".repeat(way.steps.length)}`;
}
