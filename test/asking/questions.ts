import {
  getNamedType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  isLeafType,
  isObjectType,
  isRequiredArgument,
} from "graphql";

/** A field of Query, asked with these arguments and everything below it. */
export interface Question {
  readonly field: string;
  /** The field with its arguments, for people. */
  readonly what: string;
  readonly query: string;
  /** The question is about one page of a list: `$first` and `$after` choose it. */
  readonly paged: boolean;
}

type Field = GraphQLField<unknown, unknown>;

/** Items of a list inside another answer. */
const innerPage = 3;

const pageable = (field: Field): boolean => field.args.some(({ name }) => name === "first");
const leaves = (type: GraphQLObjectType): readonly Field[] =>
  Object.values(type.getFields()).filter(
    (field) => isLeafType(getNamedType(field.type)) && !field.args.some(isRequiredArgument),
  );

export interface Writer {
  /** Everything below a type. Each type is opened once in a query, where it is met first; elsewhere only its plain fields are read. */
  readonly below: (type: GraphQLObjectType) => string;
  /** `Type.field` of all that was written. */
  readonly written: ReadonlySet<string>;
}

/** `deep`: how many levels of objects are opened. */
export function writer(deep: number): Writer {
  const opened = new Set<string>();
  const written = new Set<string>();
  const note = (type: GraphQLObjectType, field: Field): string => {
    written.add(`${type.name}.${field.name}`);
    return field.name;
  };
  const below = (type: GraphQLObjectType, depth = 0): string => {
    const plain = leaves(type).map((field) => note(type, field));
    if (opened.has(type.name) || depth >= deep) return ["__typename", ...plain].join(" ");
    opened.add(type.name);
    const inner = Object.values(type.getFields()).flatMap((field) => {
      const to = getNamedType(field.type);
      if (!isObjectType(to) || field.args.some(isRequiredArgument)) return [];
      if (type.name.endsWith("Edge") && field.name === "node") return [`${note(type, field)} { __typename }`];
      const page = pageable(field) ? `(first: ${String(innerPage)})` : "";
      return [`${note(type, field)}${page} { ${below(to, isWrapper(to) ? depth : depth + 1)} }`];
    });
    return ["__typename", ...plain, ...inner].join(" ");
  };
  return { below: (type) => below(type), written };
}

/** What stands around the items of a list. */
const isWrapper = ({ name }: GraphQLObjectType): boolean => /(?:Connection|Edge|PageInfo)$/.test(name);

const given = (args: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.entries(args).map(([name, value]) => `${name}: ${literal(value)}`);

/** As written in a query; enums come as `{ enum: "NAME" }`. */
const literal = (value: unknown): string => {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if ("enum" in value) return String(value.enum);
  return `{ ${given(value as Readonly<Record<string, unknown>>).join(", ")} }`;
};

export interface Asking {
  readonly schema: GraphQLSchema;
  readonly deep: number;
  /** Collects what was asked, as `Type.field`. */
  readonly asked: Set<string>;
}

export const queryFields = (schema: GraphQLSchema): readonly Field[] =>
  Object.values(schema.getQueryType()?.getFields() ?? {});

/** Whether a field cannot be asked without values of ours: `first` and `after` are the interview's. */
export const needsArguments = (field: Field): boolean => field.args.some(isRequiredArgument);

/** The question about one field of Query. */
export function questionOf(
  { schema, deep, asked }: Asking,
  name: string,
  args: Readonly<Record<string, unknown>> = {},
): Question {
  const field = schema.getQueryType()?.getFields()[name];
  if (field === undefined) throw new Error(`Query has no ${name}`);
  const to = getNamedType(field.type);
  const paged = pageable(field);
  const { below, written } = writer(deep);
  const inside = isObjectType(to) ? ` { ${below(to)} }` : "";
  for (const one of [`Query.${name}`, ...written]) asked.add(one);
  const all = [...(paged ? ["first: $first", "after: $after"] : []), ...given(args)];
  const head = paged ? "query Ask($first: Int!, $after: String)" : "query Ask";
  const what = `${name}(${given(args).join(", ")})`;
  return {
    field: name,
    what,
    paged,
    query: `${head} { ${name}${all.length > 0 ? `(${all.join(", ")})` : ""}${inside} }`,
  };
}

/** `Type.field` of everything that a query can reach. */
export function reachable(schema: GraphQLSchema): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (type: GraphQLObjectType): void => {
    for (const field of Object.values(type.getFields())) {
      const name = `${type.name}.${field.name}`;
      if (found.has(name)) continue;
      found.add(name);
      const to = getNamedType(field.type);
      if (isObjectType(to)) visit(to);
    }
  };
  const query = schema.getQueryType();
  if (query != null) visit(query);
  return found;
}
