import { type ASTNode, GraphQLError, Kind, type Token, TokenKind } from "graphql";

const valueKinds: ReadonlySet<string> = new Set([
  Kind.ARGUMENT,
  Kind.OBJECT_FIELD,
  Kind.OBJECT,
  Kind.LIST,
  Kind.INT,
  Kind.FLOAT,
  Kind.STRING,
  Kind.BOOLEAN,
  Kind.ENUM,
  Kind.NULL,
]);
const requiredArgument = /argument "(\w+)" of type .* is required/;

/** True for a validation error about a value the caller wrote, as opposed to the shape of the query. */
export function isAboutInput(error: unknown): boolean {
  if (!(error instanceof GraphQLError)) return false;
  const kind = error.nodes?.[0]?.kind;
  return (kind !== undefined && valueKinds.has(kind)) || requiredArgument.test(error.message);
}

const named = [
  /Field "(?:\w+\.)*(\w+)" of required type/,
  /Field "(\w+)" is not defined by type/,
  /Unknown argument "(\w+)"/,
  requiredArgument,
];

/** The name of the input field or argument an error is about, with its path where graphql gives one (`input.lines[0].amount`). */
export function inputFieldOf(message: string, error: unknown): string | undefined {
  const path = / at "([\w.[\]]+)"/.exec(message)?.[1];
  const name = named.map((pattern) => pattern.exec(message)?.[1]).find((found) => found !== undefined);
  if (path !== undefined) return name === undefined || path.endsWith(name) ? path : `${path}.${name}`;
  return name ?? nameInDocument(error) ?? /Variable "\$(\w+)"/.exec(message)?.[1];
}

function nameInDocument(error: unknown): string | undefined {
  const node: ASTNode | undefined = error instanceof GraphQLError ? error.nodes?.[0] : undefined;
  if (node === undefined || !valueKinds.has(node.kind)) return undefined;
  if (node.kind === Kind.ARGUMENT || node.kind === Kind.OBJECT_FIELD) return node.name.value;
  return nameBefore(node.loc?.startToken.prev ?? null);
}

/** Walks back from a value to the `name:` it belongs to, over finished lists and objects. */
function nameBefore(from: Token | null): string | undefined {
  let depth = 0;
  for (let token = from; token !== null; token = token.prev) {
    if (token.kind === TokenKind.BRACKET_R || token.kind === TokenKind.BRACE_R) depth++;
    else if (depth > 0 && (token.kind === TokenKind.BRACKET_L || token.kind === TokenKind.BRACE_L)) depth--;
    else if (depth === 0 && token.kind === TokenKind.COLON) return token.prev?.value;
  }
  return undefined;
}
