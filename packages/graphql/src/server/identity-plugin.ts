import { type ApolloServerPlugin } from "@apollo/server";
import { type AppError, unauthenticated } from "@greentick/kernel";
import { type DocumentNode, GraphQLError, type OperationDefinitionNode } from "graphql";
import { fieldsOf, fragmentsOf } from "../limits/fragments.js";
import { type Context, isVisitor } from "./visitor.js";

/** The one text for every missing, expired, forged or misdirected token: it tells an attacker nothing. */
export const tokenRequired = (): AppError =>
  unauthenticated(
    "token_required",
    "Sign in first: send `Authorization: Bearer <access token>` with a valid, unexpired token.",
  );

/** Lets visitors ask about the schema only, and not even that when `introspection` is off. */
export const identityPlugin = (introspection: boolean): ApolloServerPlugin<Context> => ({
  requestDidStart: () =>
    Promise.resolve({
      didResolveOperation: ({ contextValue, document, operation }) => {
        if (isVisitor(contextValue) && !(introspection && operation && asksAboutSchema(document, operation)))
          throw withStatus(tokenRequired(), 401);
        return Promise.resolve();
      },
    }),
});

const withStatus = ({ message, extensions }: AppError, status: number): GraphQLError =>
  new GraphQLError(message, { extensions: { ...extensions, http: { status } } });

const asksAboutSchema = (document: DocumentNode, operation: OperationDefinitionNode): boolean =>
  fieldsOf(operation.selectionSet, fragmentsOf(document)).every(({ name }) => name.value.startsWith("__"));
