import { type DocumentNode, GraphQLError, Kind, type SelectionSetNode, type ValidationRule, visit } from "graphql";
import { fieldsOf, type Fragments, fragmentsOf } from "./fragments.js";
import { requestLimits } from "./table.js";

/** The refusal of a request that is too large: which limit, how much of it, and how much was asked for. */
export const tooLarge = (limit: keyof typeof requestLimits, found: number): GraphQLError =>
  new GraphQLError(
    `The request is too large: ${limit} is limited to ${requestLimits[limit]}, this one has ${found}. Ask for less, or in several requests.`,
    {
      extensions: {
        code: "GRAPHQL_VALIDATION_FAILED",
        reason: "limit_exceeded",
        details: { limit, maximum: requestLimits[limit], found },
        http: { status: 400 },
      },
    },
  );

interface Counts {
  aliases: number;
  directives: number;
  operations: number;
}

/** One pass over a document; fragments are counted once where they are written. */
function countsOf(document: DocumentNode): Counts {
  const counts: Counts = { aliases: 0, directives: 0, operations: 0 };
  visit(document, {
    Field: (node) => {
      if (node.alias !== undefined) counts.aliases++;
    },
    Directive: () => {
      counts.directives++;
    },
    OperationDefinition: () => {
      counts.operations++;
    },
  });
  return counts;
}

/**
 * Refuses documents beyond the table's limits; each breach is one error. It runs after graphql's own rules and the limit on recursive
 * selections, so fragments neither form circles nor explode here.
 */
export const sizeRule: ValidationRule = (context) => ({
  Document: (document) => {
    const counts = countsOf(document);
    const fragments = fragmentsOf(document);
    const check = (limit: keyof typeof requestLimits, found: number): void => {
      if (found > requestLimits[limit]) context.reportError(tooLarge(limit, found));
    };
    check("aliases", counts.aliases);
    check("directives", counts.directives);
    check("operations", counts.operations);
    for (const node of document.definitions)
      if (node.kind === Kind.OPERATION_DEFINITION) {
        check("rootFields", fieldsOf(node.selectionSet, fragments).length);
        check("depth", depthOf(node.selectionSet, fragments, false));
        check("introspectionDepth", depthOf(node.selectionSet, fragments, true));
      }
    return false;
  },
});

const introspective = new Set(["__schema", "__type"]);

/** Depth of all fields, or of all but those below introspection. */
function depthOf(selections: SelectionSetNode, fragments: Fragments, introspection: boolean): number {
  const depths = fieldsOf(selections, fragments).map(({ name, selectionSet }) => {
    const skip = selectionSet === undefined || (!introspection && introspective.has(name.value));
    return skip ? 1 : 1 + depthOf(selectionSet, fragments, introspection);
  });
  return Math.max(0, ...depths);
}
