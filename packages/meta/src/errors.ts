import { type JsonObject, objectAt, textAt } from "./json.js";

/**
 * What to do about a refusal of Meta's (Meta: support, error codes): `transient` may pass by itself; `throttle` asks to slow down;
 * `refused` concerns this one recipient; `config` needs another request; `account` needs a person: the token, the account or the payment.
 */
export type RetryClass = "transient" | "throttle" | "refused" | "config" | "account";

export interface MetaErrorFacts {
  /** What we asked, without ids of tokens or people: `POST /{waba}/phone_numbers`. */
  readonly operation: string;
  /** Meta's code; null when there was no readable answer. */
  readonly code: number | null;
  readonly subcode: number | null;
  /** Null when there was no answer at all. */
  readonly httpStatus: number | null;
  readonly fbtraceId: string | null;
  /** Meta's words for people, when given. */
  readonly userTitle: string | null;
  readonly userMessage: string | null;
  readonly retryClass: RetryClass;
  readonly isTransient: boolean;
  /** Whether Meta may have done what we asked although we have no proof: look before repeating. */
  readonly mayHaveHappened: boolean;
}

/**
 * A call to Meta that did not succeed. The message names the operation, Meta's code and what to do; it holds no token, number or
 * content: Meta's own text is in `userTitle` and `userMessage` only, for the person whose request it was.
 */
export class MetaError extends Error {
  override readonly name = "MetaError";
  readonly operation: string;
  readonly code: number | null;
  readonly subcode: number | null;
  readonly httpStatus: number | null;
  readonly fbtraceId: string | null;
  readonly userTitle: string | null;
  readonly userMessage: string | null;
  readonly retryClass: RetryClass;
  readonly isTransient: boolean;
  readonly mayHaveHappened: boolean;

  constructor(facts: MetaErrorFacts, options?: { cause?: unknown }) {
    super(describe(facts), options);
    this.operation = facts.operation;
    this.code = facts.code;
    this.subcode = facts.subcode;
    this.httpStatus = facts.httpStatus;
    this.fbtraceId = facts.fbtraceId;
    this.userTitle = facts.userTitle;
    this.userMessage = facts.userMessage;
    this.retryClass = facts.retryClass;
    this.isTransient = facts.isTransient;
    this.mayHaveHappened = facts.mayHaveHappened;
  }
}

const advice: Readonly<Record<RetryClass, string>> = {
  transient: "It may pass: try again after a while.",
  throttle: "Slow down and try again later.",
  refused: "This recipient cannot be reached now: do not repeat.",
  config: "Change the request before repeating it.",
  account: "Somebody has to look at the token, the account or its payment.",
};

function describe(facts: MetaErrorFacts): string {
  const subcode = facts.subcode === null ? "" : `, subcode ${facts.subcode}`;
  const answer = facts.httpStatus === null ? "gave no answer" : `answered HTTP ${facts.httpStatus}`;
  const code = facts.code === null ? "" : ` with code ${facts.code}${subcode}`;
  return `Meta ${answer} to ${facts.operation}${code}. ${advice[facts.retryClass]}`;
}

/** Codes by class (Meta: support, error codes; 2026-09). Codes 200 to 299 are permissions; all others ask for another request. */
const classes: readonly (readonly [RetryClass, ReadonlySet<number>])[] = [
  ["transient", new Set([1, 2, 131000, 131016, 133004])],
  ["throttle", new Set([4, 17, 80007, 130429, 131048, 131056, 131057, 133016])],
  ["refused", new Set([130472, 131049, 131050, 131026, 130403])],
  ["account", new Set([0, 3, 10, 190, 368, 131031, 131042, 130497, 133010])],
];

/** The class of an answer. A code decides before the HTTP status, whose use Meta no longer documents. */
export function retryClassOf(code: number | null, httpStatus: number | null, isTransient: boolean): RetryClass {
  if (isTransient || httpStatus === null) return "transient";
  const known = code === null ? undefined : classOfCode(code);
  return known ?? (httpStatus >= 500 ? "transient" : "config");
}

function classOfCode(code: number): RetryClass | undefined {
  if (code >= 200 && code <= 299) return "account";
  return classes.find(([, codes]) => codes.has(code))?.[0];
}

/** The error behind an answer that is no success; an answer without Meta's envelope keeps its HTTP status. */
export function errorOfReply(operation: string, httpStatus: number, body: JsonObject | undefined): MetaError {
  const error = objectAt(body, "error");
  const code = numberAt(error, "code");
  const isTransient = error?.["is_transient"] === true;
  const retryClass = retryClassOf(code, httpStatus, isTransient);
  return new MetaError({
    operation,
    code,
    subcode: numberAt(error, "error_subcode"),
    httpStatus,
    fbtraceId: textAt(error, "fbtrace_id") ?? null,
    userTitle: textAt(error, "error_user_title") ?? null,
    userMessage: textAt(error, "error_user_msg") ?? textAt(objectAt(error, "error_data"), "details") ?? null,
    retryClass,
    isTransient: retryClass === "transient",
    mayHaveHappened: httpStatus >= 500,
  });
}

/** The error of a call that got no answer: the connection failed or the time ran out. */
export const errorOfSilence = (operation: string, cause: unknown): MetaError =>
  new MetaError({ ...silent, operation, retryClass: "transient", isTransient: true, mayHaveHappened: true }, { cause });

/** The error of an answer that is not of the documented shape. */
export const errorOfShape = (operation: string, httpStatus: number, cause: unknown): MetaError =>
  new MetaError(
    { ...silent, operation, httpStatus, retryClass: "config", isTransient: false, mayHaveHappened: true },
    { cause },
  );

const silent = {
  code: null,
  subcode: null,
  httpStatus: null,
  fbtraceId: null,
  userTitle: null,
  userMessage: null,
} as const;

function numberAt(value: JsonObject | undefined, key: string): number | null {
  const found = Number(textAt(value, key) ?? Number.NaN);
  return Number.isInteger(found) ? found : null;
}
