import {
  type DocumentNode,
  type FieldNode,
  getNamedType,
  type GraphQLField,
  type GraphQLSchema,
  isCompositeType,
  isListType,
  isObjectType,
  isInterfaceType,
  getNullableType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from "graphql";
import { fieldsOf, type Fragments, fragmentsOf } from "./fragments.js";
import { assumedListSize, maxPageSize } from "./table.js";

type Variables = Readonly<Record<string, unknown>>;

export interface Asked {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Variables;
}

interface Estimate {
  readonly schema: GraphQLSchema;
  readonly fragments: Fragments;
  readonly variables: Variables;
  /** The page size that an enclosing connection passes on to the lists directly in it. */
  readonly page: number | undefined;
}

/**
 * How many fields an operation can touch when every page it asks for is full: a field costs one, what lies below a list costs as often as
 * the list may be long (`first` of a connection, else a fixed guess). Introspection is free.
 */
export function costOf({ schema, document, operation, variables }: Asked): number {
  const root = schema.getRootType(operation.operation);
  const estimate = { schema, fragments: fragmentsOf(document), variables, page: undefined };
  return root === undefined || root === null ? 0 : costBelow(estimate, root.name, operation.selectionSet);
}

function costBelow(estimate: Estimate, typeName: string, selections: SelectionSetNode): number {
  const type = estimate.schema.getType(typeName);
  const known = isObjectType(type) || isInterfaceType(type) ? type.getFields() : {};
  let total = 0;
  for (const node of fieldsOf(selections, estimate.fragments)) {
    const field = known[node.name.value];
    total += field === undefined ? costOfUnknown(node) : costOfField(estimate, node, field);
  }
  return total;
}

/** A field of a union's member, or of introspection. */
const costOfUnknown = (node: FieldNode): number => (node.name.value.startsWith("__") ? 0 : 1 + assumedListSize);

function costOfField(estimate: Estimate, node: FieldNode, field: GraphQLField<unknown, unknown>): number {
  const named = getNamedType(field.type);
  if (node.selectionSet === undefined || !isCompositeType(named)) return 1;
  const page = pageSize(node, field, estimate.variables);
  const times = isListType(getNullableType(field.type)) ? (estimate.page ?? assumedListSize) : 1;
  return 1 + times * costBelow({ ...estimate, page }, named.name, node.selectionSet);
}

/** What `first` asks for; undefined for a field without pages. */
function pageSize(node: FieldNode, field: GraphQLField<unknown, unknown>, variables: Variables): number | undefined {
  const argument = field.args.find(({ name }) => name === "first");
  if (argument === undefined) return undefined;
  const value = node.arguments?.find(({ name }) => name.value === "first")?.value;
  const asked =
    value === undefined ? undefined : value.kind === Kind.VARIABLE ? variables[value.name.value] : numberIn(value);
  const size =
    typeof asked === "number" ? asked : typeof argument.defaultValue === "number" ? argument.defaultValue : maxPageSize;
  return Math.min(Math.max(size, 1), maxPageSize);
}

const numberIn = (value: ValueNode): number | undefined => (value.kind === Kind.INT ? Number(value.value) : undefined);
