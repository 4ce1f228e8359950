import { GraphQLScalarType } from "graphql";
import { GraphQLDateTimeISO } from "graphql-scalars";

/** An instant: a `Date` inside, RFC 3339 in UTC with milliseconds outside (`2026-11-30T23:59:59.999Z`). */
export const DateTime = new GraphQLScalarType<Date, string>({
  name: "DateTime",
  description: "An instant as RFC 3339 in UTC with milliseconds: `2026-11-30T23:59:59.999Z`. Any offset is read.",
  serialize: (value) => text(GraphQLDateTimeISO.serialize(value)),
  parseValue: (value) => GraphQLDateTimeISO.parseValue(value),
  parseLiteral: (node, variables) => GraphQLDateTimeISO.parseLiteral(node, variables),
});

const text = (value: unknown): string => (value instanceof Date ? value.toISOString() : String(value));
