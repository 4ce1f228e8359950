import {
  getNamedType,
  getNullableType,
  type GraphQLInputType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isListType,
  isRequiredArgument,
  isRequiredInputField,
} from "graphql";

/** A leaf of an argument: where a caller can put a value. */
export interface InputPlace {
  /** From the argument's name down; `[]` stands for an item of a list. */
  readonly path: readonly string[];
  readonly scalar: string;
  /** The values of an enum. */
  readonly words: readonly string[];
  readonly required: boolean;
}

interface Walk {
  readonly path: readonly string[];
  readonly required: boolean;
  readonly inside: readonly string[];
}

function leavesOf(type: GraphQLInputType, walk: Walk): readonly InputPlace[] {
  const inner = getNullableType(type);
  if (isListType(inner)) return leavesOf(inner.ofType, { ...walk, path: [...walk.path, "[]"] });
  if (isInputObjectType(inner)) {
    if (walk.inside.includes(inner.name)) return [];
    return Object.values(inner.getFields()).flatMap((field) =>
      leavesOf(field.type, {
        path: [...walk.path, field.name],
        required: walk.required && isRequiredInputField(field),
        inside: [...walk.inside, inner.name],
      }),
    );
  }
  const named = getNamedType(type);
  const words = isEnumType(named) ? named.getValues().map(({ name }) => name) : [];
  return [{ path: walk.path, scalar: named.name, words, required: walk.required }];
}

type RootField = NonNullable<ReturnType<NonNullable<ReturnType<GraphQLSchema["getQueryType"]>>["getFields"]>[string]>;

/** Every leaf of every argument of a root field, but for those that choose a page. */
export const inputPlaces = (field: RootField): readonly InputPlace[] =>
  field.args
    .filter(({ name }) => name !== "first" && name !== "after")
    .flatMap((argument) =>
      leavesOf(argument.type, { path: [argument.name], required: isRequiredArgument(argument), inside: [] }),
    );

export const rootFields = (schema: GraphQLSchema, kind: "query" | "mutation"): readonly RootField[] =>
  Object.values((kind === "query" ? schema.getQueryType() : schema.getMutationType())?.getFields() ?? {});

type Json = Readonly<Record<string, unknown>>;
const isJson = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

/** The value at a path; of a list the first item's. */
export function valueAt(args: unknown, [head, ...rest]: readonly string[]): unknown {
  if (head === undefined) return args;
  if (head === "[]") return valueAt(Array.isArray(args) ? (args as unknown[])[0] : undefined, rest);
  return isJson(args) ? valueAt(args[head], rest) : undefined;
}

/** The same arguments with another value at a path; what is missing on the way is made. */
export function withValue(args: unknown, [head, ...rest]: readonly string[], value: unknown): unknown {
  if (head === undefined) return value;
  if (head === "[]") {
    const [first, ...others] = Array.isArray(args) ? (args as unknown[]) : [];
    return [withValue(first, rest, value), ...others];
  }
  const fields = isJson(args) ? args : {};
  return { ...fields, [head]: withValue(fields[head], rest, value) };
}
