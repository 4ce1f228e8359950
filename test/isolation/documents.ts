import { getNamedType, isObjectType } from "graphql";
import { type Asked } from "../asking/answers.js";
import { writer } from "../asking/questions.js";
import { type rootFields } from "./schema-places.js";

type RootField = ReturnType<typeof rootFields>[number];

/** Values of a root field's arguments, by name. */
export type Arguments = Readonly<Record<string, unknown>>;

/** Everything below a field, asked with variables for all of its arguments that have a value. */
export function asking(kind: "query" | "mutation", field: RootField, args: Arguments, deep = 9): Asked {
  const to = getNamedType(field.type);
  const inside = isObjectType(to) ? ` { ${writer(deep).below(to)} }` : "";
  const given = field.args.filter(({ name }) => args[name] !== undefined);
  const declared = given.map(({ name, type }) => `$${name}: ${String(type)}`);
  const passed = given.map(({ name }) => `${name}: $${name}`);
  const bracket = (parts: readonly string[]): string => (parts.length === 0 ? "" : `(${parts.join(", ")})`);
  return {
    query: `${kind} Ask${bracket(declared)} { ${field.name}${bracket(passed)}${inside} }`,
    variables: Object.fromEntries(given.map(({ name }) => [name, args[name]])),
  };
}

export const isPaged = (field: RootField): boolean => field.args.some(({ name }) => name === "first");
