import { getNamedType, type GraphQLObjectType, type GraphQLSchema, isObjectType } from "graphql";

/** `Type.field` of everything that a query or the payload of a mutation can reach. */
export function reachableFields(schema: GraphQLSchema): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (type: GraphQLObjectType, isMutation = false): void => {
    for (const field of Object.values(type.getFields())) {
      const name = `${type.name}.${field.name}`;
      if (found.has(name)) continue;
      if (!isMutation) found.add(name);
      const to = getNamedType(field.type);
      if (isObjectType(to)) visit(to);
    }
  };
  const [query, mutation] = [schema.getQueryType(), schema.getMutationType()];
  if (query != null) visit(query);
  if (mutation != null) visit(mutation, true);
  return found;
}
