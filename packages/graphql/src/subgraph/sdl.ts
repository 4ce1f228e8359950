import { getDocumentNodeFromSchema } from "@graphql-tools/utils";
import {
  type DocumentNode,
  type GraphQLSchema,
  isTypeDefinitionNode,
  Kind,
  parse,
  type TypeDefinitionNode,
} from "graphql";

const link = parse(`
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@shareable", "@inaccessible", "@tag"])
`).definitions;

/** The schema as a Federation 2 document; types are sorted by name so that its text changes only when the API does. */
export function federatedDocument(schema: GraphQLSchema): DocumentNode {
  const types = getDocumentNodeFromSchema(schema).definitions.filter(isTypeDefinitionNode);
  return { kind: Kind.DOCUMENT, definitions: [...link, ...types.toSorted(byName)] };
}

const byName = (a: TypeDefinitionNode, b: TypeDefinitionNode): number => sortKey(a).localeCompare(sortKey(b), "en");

const roots = ["Query", "Mutation"];
const sortKey = ({ name: { value } }: TypeDefinitionNode): string =>
  roots.includes(value) ? ` ${roots.indexOf(value)}` : value;
