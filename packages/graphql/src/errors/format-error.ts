import { errorCodes } from "@greentick/kernel";
import { GraphQLError, type GraphQLFormattedError } from "graphql";
import { requestLimits } from "../limits/table.js";
import { inputFieldOf, isAboutInput } from "./input-field.js";

/** Codes of GraphQL itself that tell a client what is wrong with its request. */
const protocolCodes: ReadonlySet<unknown> = new Set([
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "BAD_USER_INPUT",
  "BAD_REQUEST",
  "OPERATION_RESOLUTION_FAILURE",
  "PERSISTED_QUERY_NOT_FOUND",
  "PERSISTED_QUERY_NOT_SUPPORTED",
]);
const ourCodes: ReadonlySet<unknown> = new Set(errorCodes);

/** True for a refusal of ours: known by its shape, since it may have crossed a process. */
const isRefusal = (extensions: Readonly<Record<string, unknown>>): boolean =>
  ourCodes.has(extensions["code"]) && typeof extensions["reason"] === "string";

/** A protocol error is graphql's or the server's own; a thrown thing that merely looks like one is a bug of ours. */
const isProtocolError = (code: unknown, error: unknown): boolean =>
  protocolCodes.has(code) &&
  (!(error instanceof GraphQLError) || (error.originalError ?? error) instanceof GraphQLError);

/** True when an error must not be shown: everything outside the vocabulary is a bug, and bugs are for the log. */
export function isMasked(formatted: GraphQLFormattedError, error: unknown): boolean {
  const extensions = formatted.extensions ?? {};
  return !isRefusal(extensions) && !isProtocolError(extensions["code"], error);
}

/**
 * The one way an error leaves, in the gateway and in every service: `{ code, reason, details }` of a refusal, GraphQL's own parse,
 * validation and input errors, and INTERNAL_SERVER_ERROR for the rest. Input that does not fit is BAD_USER_INPUT and names its field. An error
 * of a field says its path and no place in the document: a gateway over services knows the one and not the other.
 */
export function formatError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const { message, locations, path } = formatted;
  const place = path ? { path } : { ...(locations && { locations }) };
  if (isMasked(formatted, error))
    return {
      message: "Something went wrong on our side. The request id of this answer leads to the log.",
      ...place,
      extensions: { code: "INTERNAL_SERVER_ERROR", reason: "internal_error" },
    };
  return { message: shortened(message), ...place, extensions: extensionsOf(formatted, error) };
}

function extensionsOf(formatted: GraphQLFormattedError, error: unknown): Record<string, unknown> {
  const { code, reason, details, validationErrorCode } = formatted.extensions ?? {};
  const limit = limitOf(code, validationErrorCode, formatted.message);
  if (limit !== undefined) return { code, reason: "limit_exceeded", details: { limit, maximum: requestLimits[limit] } };
  if (typeof reason === "string") return { code, reason, ...(details !== undefined && { details }) };
  if (code === "BAD_USER_INPUT" || isAboutInput(error)) {
    const field = inputFieldOf(formatted.message, error);
    return { code: "BAD_USER_INPUT", reason: "invalid_input", ...(field !== undefined && { details: { field } }) };
  }
  return { code, reason: String(code).toLowerCase() };
}

/** Limits that the libraries check for us, in their own words. */
function limitOf(
  code: unknown,
  validationErrorCode: unknown,
  message: string,
): "tokens" | "recursiveSelections" | undefined {
  if (code === "GRAPHQL_PARSE_FAILED" && message.endsWith("Parsing aborted.")) return "tokens";
  return validationErrorCode === "MAX_RECURSIVE_SELECTIONS_EXCEEDED" ? "recursiveSelections" : undefined;
}

const longestMessage = 500;
/** A message may quote the caller's own input, which can be long. */
const shortened = (text: string): string =>
  text.length <= longestMessage ? text : `${text.slice(0, longestMessage)}…`;
