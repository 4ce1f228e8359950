import { type ApolloServerPlugin } from "@apollo/server";
import { type AppError, unauthenticated } from "@greentick/kernel";
import { type DocumentNode, GraphQLError, type OperationDefinitionNode, OperationTypeNode } from "graphql";
import { fieldsOf, fragmentsOf } from "../limits/fragments.js";
import { type Context, isVisitor, visitorMutations } from "./visitor.js";

/** The one text for every missing, expired, forged or misdirected token: it tells an attacker nothing. */
export const tokenRequired = (): AppError =>
  unauthenticated(
    "token_required",
    "Sign in first: send `Authorization: Bearer <access token>` with a valid, unexpired token.",
  );

/** Lets visitors in by the mutations of their table, and ask about the schema unless `introspection` is off; nothing else. */
export const identityPlugin = (introspection: boolean): ApolloServerPlugin<Context> => ({
  requestDidStart: () =>
    Promise.resolve({
      didResolveOperation: ({ contextValue, document, operation }) => {
        if (isVisitor(contextValue) && !(operation && openToVisitors(document, operation, introspection)))
          throw withStatus(tokenRequired(), 401);
        return Promise.resolve();
      },
    }),
});

const withStatus = ({ message, extensions }: AppError, status: number): GraphQLError =>
  new GraphQLError(message, { extensions: { ...extensions, http: { status } } });

function openToVisitors(document: DocumentNode, operation: OperationDefinitionNode, introspection: boolean): boolean {
  const asked = fieldsOf(operation.selectionSet, fragmentsOf(document)).map(({ name }) => name.value);
  const aboutSchema = asked.every((name) => name.startsWith("__"));
  if (aboutSchema) return introspection;
  return (
    operation.operation === OperationTypeNode.MUTATION &&
    asked.every((name) => name === "__typename" || visitorMutations.has(name))
  );
}
