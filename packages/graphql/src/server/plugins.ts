import { type ApolloServerPlugin, type GraphQLRequestContext, HeaderMap } from "@apollo/server";
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLFormattedError,
  type OperationDefinitionNode,
  OperationTypeNode,
} from "graphql";
import { isMasked } from "../errors/format-error.js";
import { type Budget } from "../limits/budget.js";
import { RateLimitedError, type Spent } from "../limits/charge.js";
import { costOf } from "../limits/cost.js";
import { fieldsOf, fragmentsOf } from "../limits/fragments.js";
import { tooLarge } from "../limits/rules.js";
import { requestLimits } from "../limits/table.js";
import { type Context } from "./visitor.js";

/**
 * Refuses an operation whose full pages would touch more fields than the table allows, and takes what it costs from the caller's budget where
 * there is one. Every answer to an operation says its cost in `extensions.cost`.
 */
export const costPlugin = (budget?: Budget): ApolloServerPlugin<Context> => ({
  requestDidStart: () => {
    let cost: number | undefined;
    let headers: Spent["headers"] = {};
    return Promise.resolve({
      didResolveOperation: ({ schema, document, operation, request, contextValue }) => {
        if (operation === undefined) return Promise.resolve();
        cost = costOf({ schema, document, operation, variables: request.variables ?? {} });
        if (cost > requestLimits.cost) throw tooLarge("cost", cost);
        headers = budget === undefined ? {} : spent(budget, contextValue, { cost, ...writesOf(document, operation) });
        return Promise.resolve();
      },
      willSendResponse: ({ response }) => {
        for (const [name, value] of Object.entries(headers)) response.http.headers.set(name, value);
        if (cost === undefined || response.body.kind !== "single") return Promise.resolve();
        const { singleResult } = response.body;
        singleResult.extensions = {
          ...singleResult.extensions,
          cost: { requested: cost, maximum: requestLimits.cost },
        };
        return Promise.resolve();
      },
    });
  },
});

/** What a mutation writes counts by its root fields, so that aliases do not multiply the allowance. */
const writesOf = (document: DocumentNode, operation: OperationDefinitionNode): { readonly writes?: number } =>
  operation.operation === OperationTypeNode.MUTATION
    ? { writes: fieldsOf(operation.selectionSet, fragmentsOf(document)).length }
    : {};

function spent(budget: Budget, caller: Context, amounts: Parameters<Budget["spend"]>[1]): Spent["headers"] {
  try {
    return budget.spend(caller, amounts).headers;
  } catch (error) {
    if (!(error instanceof RateLimitedError)) throw error;
    const { message, extensions, headers } = error;
    const sent = new HeaderMap(Object.entries(headers));
    throw new GraphQLError(message, { extensions: { ...extensions, http: { status: 429, headers: sent } } });
  }
}

const nothingToRun = (message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code: "OPERATION_RESOLUTION_FAILURE", http: { status: 400 } } });

/**
 * Refuses a document of which nothing can be run: none of its operations has the name, several have no choice among them, or the schema has no such
 * kind of operation. The libraries below would each say it in their own words, and one of them as a bug of ours.
 */
export const operationPlugin: ApolloServerPlugin<Context> = {
  requestDidStart: () =>
    Promise.resolve({
      didResolveOperation: ({ schema, operation, request: { operationName } }) => {
        if (operation == null)
          throw nothingToRun(
            operationName == null || operationName === ""
              ? "Must provide operation name if query contains multiple operations."
              : `Unknown operation named "${operationName}".`,
          );
        if (schema.getRootType(operation.operation) == null)
          throw nothingToRun(`The schema has no ${operation.operation} operations.`);
        return Promise.resolve();
      },
    }),
};

/** Every masked error is a bug: it goes to the log in full, under the request id that the caller sees. */
export const logPlugin: ApolloServerPlugin<Context> = {
  requestDidStart: () =>
    Promise.resolve({
      didEncounterErrors: ({ errors, contextValue, operationName }) => {
        for (const error of errors) {
          const code = error.extensions["code"] ?? "INTERNAL_SERVER_ERROR";
          if (!isMasked({ message: error.message, extensions: { ...error.extensions, code } }, error)) continue;
          const { requestId } = contextValue;
          const err = error.originalError ?? error;
          contextValue.log.error({ err, requestId, operationName, path: error.path }, "GraphQL field failed");
        }
        return Promise.resolve();
      },
    }),
};

/**
 * GraphQL over HTTP (draft of 2025): a client that accepts only `application/json` gets 200 with the errors of a well-formed request that
 * was refused before it ran; the newer media type gets 4xx. Refusals for size or identity keep their status for everybody. At most five
 * errors of such a refusal are sent.
 */
export const overHttpPlugin: ApolloServerPlugin<Context> = {
  requestDidStart: () =>
    Promise.resolve({
      willSendResponse: (context) => {
        const refused = refusalOf(context);
        if (refused === undefined) return Promise.resolve();
        refused.errors.splice(requestLimits.errors);
        if (!acceptsNewMediaType(context) && refused.errors.every(isOrdinary)) context.response.http.status = 200;
        return Promise.resolve();
      },
    }),
};

const ordinaryCodes: ReadonlySet<unknown> = new Set([
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "BAD_USER_INPUT",
]);
const isOrdinary = ({ extensions }: GraphQLFormattedError): boolean =>
  ordinaryCodes.has(extensions?.["code"]) && extensions?.["reason"] !== "limit_exceeded";

const acceptsNewMediaType = ({ request }: GraphQLRequestContext<Context>): boolean =>
  (request.http?.headers.get("accept") ?? "").includes("application/graphql-response+json");

function refusalOf({
  response,
  request,
}: GraphQLRequestContext<Context>): { errors: GraphQLFormattedError[] } | undefined {
  if (response.body?.kind !== "single" || request.query === undefined) return undefined;
  const { errors, data } = response.body.singleResult;
  return data === undefined && errors !== undefined ? { errors: errors as GraphQLFormattedError[] } : undefined;
}
