import { type ApolloServerPlugin, type GraphQLRequestContext } from "@apollo/server";
import { GraphQLError, type GraphQLFormattedError } from "graphql";
import { isMasked } from "../errors/format-error.js";
import { costOf } from "../limits/cost.js";
import { tooLarge } from "../limits/rules.js";
import { requestLimits } from "../limits/table.js";
import { type Context } from "./visitor.js";

/** Refuses an operation whose full pages would touch more fields than the table allows. */
export const costPlugin: ApolloServerPlugin<Context> = {
  requestDidStart: () =>
    Promise.resolve({
      didResolveOperation: ({ schema, document, operation, request }) => {
        const cost = operation ? costOf({ schema, document, operation, variables: request.variables ?? {} }) : 0;
        if (cost > requestLimits.cost) throw tooLarge("cost", cost);
        return Promise.resolve();
      },
    }),
};

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
