/** The `error` part of every refusal, in Stripe's words (Stripe: api/errors). */
export interface StripeErrorBody {
  readonly type: "invalid_request_error" | "api_error" | "idempotency_error" | "card_error";
  readonly message: string;
  readonly code?: string;
  readonly param?: string;
  readonly decline_code?: string;
}

/** A request that is answered with an error in Stripe's shape. Always carries an `error` key: the SDK takes anything else for success. */
export class StripeRefusal extends Error {
  constructor(
    readonly status: number,
    readonly error: StripeErrorBody,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(error.message);
  }
}

interface Details {
  readonly code?: string | undefined;
  readonly param?: string | undefined;
}

const invalid = (status: number, message: string, { code, param }: Details = {}): StripeRefusal =>
  new StripeRefusal(status, {
    type: "invalid_request_error",
    ...(code === undefined ? {} : { code }),
    message,
    ...(param === undefined ? {} : { param }),
  });

const maskedKey = (key: string): string => `${key.slice(0, 8)}${"*".repeat(8)}${key.slice(-4)}`;

/** Everything the local Stripe refuses, on one screen. */
export const refusals = {
  noKey: (): StripeRefusal =>
    invalid(401, "You did not provide an API key. Use the header Authorization: Bearer YOUR_SECRET_KEY."),
  wrongKey: (key: string): StripeRefusal => invalid(401, `Invalid API Key provided: ${maskedKey(key)}`),
  unsupportedRoute: (method: string, path: string): StripeRefusal =>
    invalid(501, `The local Stripe does not serve ${method} ${path}. Its README lists what it serves.`, {
      code: "unsupported_endpoint",
    }),
  malformed: (message: string, param?: string): StripeRefusal => invalid(400, message, { param }),
  tooLarge: (): StripeRefusal => invalid(413, "Request body too large."),
  unknownParameter: (param: string): StripeRefusal =>
    invalid(400, `Received unknown parameter: ${param}`, { code: "parameter_unknown", param }),
  missingParameter: (param: string): StripeRefusal =>
    invalid(400, `Missing required param: ${param}.`, { code: "parameter_missing", param }),
  invalidParameter: (param: string, message: string, code = "parameter_invalid"): StripeRefusal =>
    invalid(400, message, { code, param }),
  missing: (what: string, id: string, param = "id"): StripeRefusal =>
    invalid(404, `No such ${what}: '${id}'`, { code: "resource_missing", param }),
  rejected: (code: string | undefined, message: string, param?: string): StripeRefusal =>
    invalid(400, message, { code, param }),
  alreadyExists: (message: string, param?: string): StripeRefusal =>
    invalid(400, message, { code: "resource_already_exists", param }),
  duplicateMeterEvent: (identifier: string): StripeRefusal =>
    new StripeRefusal(
      400,
      {
        type: "invalid_request_error",
        message: `An event already exists with identifier ${identifier}.`,
        param: "identifier",
      },
      { "stripe-should-retry": "false" },
    ),
  rateLimited: (reason: string): StripeRefusal =>
    new StripeRefusal(
      429,
      { type: "invalid_request_error", code: "rate_limit", message: "Request rate limit exceeded." },
      { "Stripe-Rate-Limited-Reason": reason },
    ),
  lockTimeout: (): StripeRefusal =>
    new StripeRefusal(
      429,
      {
        type: "invalid_request_error",
        code: "lock_timeout",
        message:
          "This object cannot be accessed right now because another API request or Stripe process is currently accessing it.",
      },
      { "stripe-should-retry": "true" },
    ),
  serverError: (): StripeRefusal =>
    new StripeRefusal(500, { type: "api_error", message: "An unknown error occurred." }),
  keyReused: (key: string): StripeRefusal =>
    new StripeRefusal(400, {
      type: "idempotency_error",
      message: `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
    }),
  keyInFlight: (key: string): StripeRefusal =>
    new StripeRefusal(409, {
      type: "idempotency_error",
      code: "idempotency_key_in_use",
      message: `There is currently another in-progress request using this Idempotent Key: ${key}. Please try again later.`,
    }),
  cardDeclined: (): StripeRefusal =>
    new StripeRefusal(402, {
      type: "card_error",
      code: "card_declined",
      decline_code: "generic_decline",
      message: "Your card was declined.",
    }),
};
