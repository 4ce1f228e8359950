import { AppError } from "@greentick/kernel";
import Stripe from "stripe";
import { type SendOutcome } from "../../ports.js";

/** Stripe keeps an identifier of a meter event for at least a day; a repeat in that time means that the event is there. */
const isDuplicateEvent = (error: Stripe.errors.StripeError): boolean =>
  error.statusCode === 400 &&
  (error.code === "duplicate_meter_event" || /already exists with identifier/i.test(error.message));

/**
 * What a failed call at Stripe means, decided here and nowhere else: `done` (a repeat of what is there), `later` (429, 409, 5xx, no answer
 * or an unreadable one), `stop` (401, 403: no call can succeed), `never` (every other refusal).
 */
export function outcomeOf(error: unknown): SendOutcome {
  const why = error instanceof Error ? error.message : "unknown failure";
  if (error instanceof AppError && error.code === "CONFLICT") return { kind: "never", why };
  if (!(error instanceof Stripe.errors.StripeError)) return { kind: "later", why };
  if (isDuplicateEvent(error)) return { kind: "done" };
  const status = error.statusCode;
  if (status === 401 || status === 403) return { kind: "stop", why };
  if (status === undefined || status === 409 || status === 429 || status >= 500) return { kind: "later", why };
  return { kind: "never", why };
}

export const isMissing = (error: unknown): boolean =>
  error instanceof Stripe.errors.StripeError && error.statusCode === 404;

/** A failed call as an error of ours: what may succeed later is PROVIDER_UNAVAILABLE, a refusal is CONFLICT with Stripe's words. */
function toAppError(what: string, error: unknown): AppError {
  const outcome = outcomeOf(error);
  const why = "why" in outcome ? outcome.why.replace(/\.$/, "") : "";
  if (outcome.kind === "never")
    return new AppError(
      "CONFLICT",
      "stripe_refused",
      `Stripe refused to ${what}: ${why}. Remove the cause, then repeat.`,
      { what },
      { cause: error },
    );
  return new AppError(
    "PROVIDER_UNAVAILABLE",
    "stripe_unavailable",
    `Stripe could not be asked to ${what}: ${why}. It will be tried again.`,
    { what },
    { cause: error },
  );
}

/** Runs a call and turns its failure into ours. */
export const asking = async <T>(what: string, call: () => Promise<T>): Promise<T> => {
  try {
    return await call();
  } catch (error) {
    throw error instanceof AppError ? error : toAppError(what, error);
  }
};
