/** What the caller should do about a refusal. Anything outside this vocabulary is a bug and is masked at the edge. */
export const errorCodes = [
  "BAD_USER_INPUT",
  "UNAUTHENTICATED",
  "FORBIDDEN",
  "NOT_FOUND",
  "CONFLICT",
  "RATE_LIMITED",
  "PROVIDER_UNAVAILABLE",
] as const;
export type ErrorCode = (typeof errorCodes)[number];

/** Values without secrets that tell what a refusal is about. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/**
 * A refusal of ours. `code` says what to do, `reason` is the stable word for machines, the message is for people: what happened,
 * to what, what to do next. `details` are values without secrets. The `extensions` getter is what GraphQL copies into a response.
 */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly details: ErrorDetails;

  constructor(
    readonly code: ErrorCode,
    readonly reason: string,
    ...[message, details = {}, options]: [message: string, details?: ErrorDetails, options?: { cause?: unknown }]
  ) {
    super(message, options);
    this.details = details;
  }

  get extensions(): Record<string, unknown> {
    return {
      code: this.code,
      reason: this.reason,
      ...(Object.keys(this.details).length > 0 ? { details: this.details } : {}),
    };
  }
}

export const badInput = (field: string, problem: string): AppError =>
  new AppError("BAD_USER_INPUT", "invalid_input", `${field}: ${problem}`, { field });

export const unauthenticated = (reason: string, message: string): AppError =>
  new AppError("UNAUTHENTICATED", reason, message);

/** A lost update: somebody saved this object in between. Read it again and repeat. */
export const versionConflict = (kind: string, id: string): AppError =>
  new AppError(
    "CONFLICT",
    "version_conflict",
    `The ${kind} ${id} was changed by somebody else meanwhile. Read it again and repeat.`,
    {
      id,
    },
  );
