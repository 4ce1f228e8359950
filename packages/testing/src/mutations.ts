type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A value with one of its fields changed. */
export interface Mutation {
  /** Which field, and to what. */
  readonly what: string;
  readonly value: Json | undefined;
}

const absent = Symbol("absent");
const others: readonly (Json | typeof absent)[] = [
  absent,
  null,
  "text",
  -7.5,
  9_007_199_254_740_991,
  [],
  {},
  { $gt: "" },
];
const wordOf = (value: Json | typeof absent): string => (value === absent ? "absent" : JSON.stringify(value));

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

function* placesIn(value: Json, path: readonly (string | number)[] = []): Generator<readonly (string | number)[]> {
  if (path.length > 0) yield path;
  if (isList(value)) for (const [at, item] of value.entries()) yield* placesIn(item, [...path, at]);
  else if (typeof value === "object" && value !== null)
    for (const [key, item] of Object.entries(value)) yield* placesIn(item, [...path, key]);
}

function changed(value: Json, path: readonly (string | number)[], to: Json | typeof absent): Json | undefined {
  const [first, ...rest] = path;
  if (first === undefined) return to === absent ? undefined : to;
  if (isList(value))
    return value.flatMap((item, at) => {
      const kept = at === first ? changed(item, rest, to) : item;
      return kept === undefined ? [] : [kept];
    });
  return Object.fromEntries(
    Object.entries(value as Readonly<Record<string, Json>>).flatMap(([key, item]) => {
      const kept = key === first ? changed(item, rest, to) : item;
      return kept === undefined ? [] : [[key, kept]];
    }),
  );
}

/** The value with each of its fields in turn, however deep, absent, null and of every other type. */
export const mutationsOf = (value: unknown): readonly Mutation[] =>
  [...placesIn(value as Json)].flatMap((path) =>
    others.map((to) => ({ what: `${path.join(".")} ${wordOf(to)}`, value: changed(value as Json, path, to) })),
  );

/** How many fields `mutationsOf` changes. */
export const fieldsOf = (value: unknown): number => [...placesIn(value as Json)].length;
