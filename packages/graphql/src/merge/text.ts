import { mergeTypeDefs } from "@graphql-tools/merge";
import { type DocumentNode, Kind, visit } from "graphql";
import { type Subgraph } from "../subgraph/subgraph.js";

const ofGraphql = new Set(["deprecated", "specifiedBy", "oneOf"]);

/** The text of the whole graph: types of one name become one, everything of federation is gone. */
export const mergedText = (subgraphs: readonly Subgraph[]): DocumentNode =>
  mergeTypeDefs(subgraphs.map(({ typeDefs }) => withoutFederation(typeDefs)));

const withoutFederation = (document: DocumentNode): DocumentNode =>
  visit(document, {
    SchemaExtension: () => null,
    Directive: (node) => (ofGraphql.has(node.name.value) ? undefined : null),
    Document: { leave: (node) => ({ ...node, kind: Kind.DOCUMENT }) },
  });
