import { type DeliveryId, type EndpointId, type EventId, type TenantId } from "@greentick/kernel";
import { nextTryAt } from "./schedule.js";

/** `waiting` for its time or its turn, `sending`, taken by the receiver, or given up. */
export type DeliveryStatus = "waiting" | "sending" | "delivered" | "failed";

/** One event on its way to one endpoint. The same two always make the same delivery. */
export interface Delivery {
  readonly id: DeliveryId;
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  readonly endpointId: EndpointId;
  readonly eventId: EventId;
  readonly kind: string;
  /** What the event is about: an ordered endpoint gets those of one key one after the other. */
  readonly key: string;
  /** Place of the event among all of its tenant. */
  readonly place: number;
  readonly status: DeliveryStatus;
  /** Business time; absent while an earlier one of the key holds it back. */
  readonly dueAt?: Date;
  readonly createdAt: Date;
  /** When the event happened. */
  readonly occurredAt: Date;
  readonly attempts: readonly Attempt[];
  /** Tries since it was last sent off: by itself, or by hand. */
  readonly tries: number;
  readonly firstTriedAt?: Date;
  readonly finishedAt?: Date;
  readonly test: boolean;
  /** It goes behind what is before it of its key: the endpoint was ordered when the event came. */
  readonly inOrder: boolean;
}

/** One try and what came of it. */
export interface Attempt {
  /** Business time. */
  readonly at: Date;
  readonly dnsMs?: number;
  readonly connectMs?: number;
  readonly totalMs: number;
  readonly statusCode?: number;
  /** What went wrong, in words; absent for a success. */
  readonly problem?: string;
  /** The beginning of the answer, sealed (base64). */
  readonly sealedResponse?: string;
}

/** What came back, or did not. */
export interface Outcome {
  readonly dnsMs?: number;
  readonly connectMs?: number;
  readonly totalMs: number;
  readonly statusCode?: number;
  readonly problem?: string;
  readonly response: string;
  readonly retryAfterMs?: number;
}

export type Verdict = "delivered" | "gone" | "again";

/** 2xx is taken, 410 says never again, everything else is tried again: a redirect is not followed, and may be a mistake that somebody mends. */
export function verdictOf({ statusCode }: Pick<Outcome, "statusCode">): Verdict {
  if (statusCode === undefined) return "again";
  if (statusCode >= 200 && statusCode < 300) return "delivered";
  return statusCode === 410 ? "gone" : "again";
}

/** In words what is wrong with an answer; undefined for a good one. */
export function problemOfStatus(statusCode: number): string | undefined {
  if (statusCode >= 200 && statusCode < 300) return undefined;
  if (statusCode === 410) return "The receiver answered 410: the endpoint wants nothing any more and was disabled.";
  if (statusCode >= 300 && statusCode < 400)
    return `The receiver answered ${statusCode}. Redirects are not followed: set the endpoint to the final address.`;
  if (statusCode === 429) return "The receiver answered 429: it is asked less often. Lower the endpoint's rate.";
  return `The receiver answered ${statusCode}; only 2xx counts as taken.`;
}

const mostAttemptsKept = 50;

/** The delivery after a try. */
export function afterTry(
  delivery: Delivery,
  { attempt, outcome, random }: { readonly attempt: Attempt; readonly outcome: Outcome; readonly random: number },
): Delivery {
  const { at: now } = attempt;
  const firstTriedAt = delivery.firstTriedAt ?? now;
  const tries = delivery.tries + 1;
  const attempts = [...delivery.attempts, attempt].slice(-mostAttemptsKept);
  const tried = { ...delivery, attempts, tries, firstTriedAt };
  const verdict = verdictOf(outcome);
  if (verdict === "delivered") return finished(tried, "delivered", now);
  const { retryAfterMs: askedMs } = outcome;
  const next =
    verdict === "gone"
      ? undefined
      : nextTryAt({ tries, firstTriedAt, now, random, ...(askedMs !== undefined && { askedMs }) });
  return next === undefined ? finished(tried, "failed", now) : { ...tried, status: "waiting", dueAt: next };
}

/** It cannot be sent at all; trying again would not help. */
export const cannotBeSent = (delivery: Delivery, at: Date, problem: string): Delivery => {
  const attempts = [...delivery.attempts, { at, totalMs: 0, problem }].slice(-mostAttemptsKept);
  return finished({ ...delivery, attempts }, "failed", at);
};

function finished(delivery: Delivery, status: "delivered" | "failed", finishedAt: Date): Delivery {
  const over: { -readonly [K in keyof Delivery]: Delivery[K] } = { ...delivery, status, finishedAt };
  delete over.dueAt;
  return over;
}

export const isOpen = ({ status }: Pick<Delivery, "status">): boolean => status === "waiting" || status === "sending";
