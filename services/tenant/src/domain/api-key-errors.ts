import { AppError } from "@greentick/kernel";

/** What can go wrong with API keys of a client. */
export const keyErrors = {
  notFound: (id: string): AppError =>
    new AppError("NOT_FOUND", "api_key_not_found", `There is no API key ${id} here.`, { apiKeyId: id }),
  duplicate: (): AppError =>
    new AppError("CONFLICT", "duplicate", "An API key with this secret exists already. Repeat the request."),
  ended: (id: string, status: string): AppError =>
    new AppError("CONFLICT", "api_key_ended", `The API key ${id} is ${status}. Create a new one.`, {
      apiKeyId: id,
      status,
    }),
  scopeNotHeld: (scopes: readonly string[]): AppError =>
    new AppError(
      "FORBIDDEN",
      "scope_not_held",
      `You cannot give a key what you do not hold yourself, nor renew one that holds it: ${scopes.join(", ")}. Ask somebody who holds it.`,
      { scopes },
    ),
  clientsOnly: (): AppError =>
    new AppError(
      "BAD_USER_INPUT",
      "api_keys_for_clients_only",
      "API keys belong to client businesses and their branches. Staff use their own tokens.",
    ),
};
