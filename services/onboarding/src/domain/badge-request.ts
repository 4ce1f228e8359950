import { after, type BadgeRequestId, dayMs, type PhoneNumberRecordId } from "@greentick/kernel";
import { type BadgeEvidence, mostLinks } from "./badge-evidence.js";
import { type Readiness, type RuleResult } from "./badge-readiness.js";
import { badgeErrors } from "./errors.js";
import { type Owned, without } from "./owned.js";

/** Nothing leaves `approved`. After a refusal by Meta the request rests for 30 days and becomes a draft again. */
export const badgeStatuses = [
  "draft",
  "evidence",
  "ready",
  "internal_review",
  "submitting",
  "submitted",
  "approved",
  "rejected",
  "cooling_off",
] as const;
export type BadgeStatus = (typeof badgeStatuses)[number];

/** The words of Meta's form (Meta: Official Business Accounts, request by API). */
export interface BadgeApplication {
  readonly websiteUrl: string;
  readonly primaryCountry: string;
  readonly primaryLanguage?: string;
  readonly parentBrand?: string;
  readonly additionalInformation?: string;
}

/** `refused_at_submission`: Meta did not take the request; no 30 days are lost. */
export type AttemptOutcome = "open" | "refused_at_submission" | "approved" | "rejected";

/** One request to Meta, word for word. */
export interface BadgeAttempt {
  readonly number: number;
  readonly sentAt: Date;
  /** JSON of the form's fields as they were sent. */
  readonly sent: string;
  /** JSON of Meta's answer to the request. */
  readonly received?: string;
  readonly outcome: AttemptOutcome;
  readonly decidedAt?: Date;
  /** JSON of Meta's decision: the alert's text, or the status that was read. */
  readonly decision?: string;
}

export interface Review {
  readonly at: Date;
  readonly by: string;
  readonly approved: boolean;
  readonly reason: string;
}

export interface BadgeRequest extends Owned {
  readonly id: BadgeRequestId;
  readonly numberRecordId: PhoneNumberRecordId;
  readonly phoneNumberId: string;
  readonly status: BadgeStatus;
  readonly openedAt: Date;
  readonly application: BadgeApplication;
  readonly evidence: readonly BadgeEvidence[];
  readonly reviews: readonly Review[];
  readonly attempts: readonly BadgeAttempt[];
  /** The rules as they stood when the request went to review. */
  readonly rulesAtReview?: readonly RuleResult[];
  readonly coolingUntil?: Date;
}

/** Days between a refusal and the next request (Meta: Official Business Accounts). */
const coolingOffDays = 30;

export type OpenBadgeFacts = Owned & Pick<BadgeRequest, "id" | "numberRecordId" | "phoneNumberId" | "application">;

export const openBadge = (facts: OpenBadgeFacts, now: Date): BadgeRequest => ({
  ...facts,
  status: "draft",
  openedAt: now,
  evidence: [],
  reviews: [],
  attempts: [],
});

const must = (one: BadgeRequest, ...wanted: readonly BadgeStatus[]): void => {
  if (!wanted.includes(one.status)) throw badgeErrors.wrongState(one.id, one.status, wanted);
};

/** draft | evidence | ready -> evidence | ready, as the rules then stand. */
const collected = (one: BadgeRequest, evidence: readonly BadgeEvidence[], rules: Readiness): BadgeRequest => ({
  ...one,
  evidence,
  status: rules.ready ? "ready" : "evidence",
});

type Judge = (evidence: readonly BadgeEvidence[]) => Readiness;

/** @throws CONFLICT/badge_wrong_state, CONFLICT/badge_evidence_full. */
export function addEvidence(one: BadgeRequest, added: BadgeEvidence, judge: Judge): BadgeRequest {
  must(one, "draft", "evidence", "ready");
  if (one.evidence.length >= mostLinks) throw badgeErrors.evidenceFull(one.id, mostLinks);
  const evidence = [...one.evidence, added];
  return collected(one, evidence, judge(evidence));
}

/** @throws CONFLICT/badge_wrong_state, NOT_FOUND/badge_evidence_not_found. */
export function withdrawEvidence(one: BadgeRequest, evidenceId: string, judge: Judge): BadgeRequest {
  must(one, "draft", "evidence", "ready");
  const evidence = one.evidence.filter((item) => item.id !== evidenceId);
  if (evidence.length === one.evidence.length) throw badgeErrors.evidenceMissing(evidenceId);
  return collected(one, evidence, judge(evidence));
}

/**
 * draft | evidence | ready -> internal_review. A failing rule stops it unless the risk is accepted: Meta's refusal costs 30 days.
 * @throws CONFLICT/badge_wrong_state, CONFLICT/badge_not_ready naming the rules.
 */
export function submitForReview(one: BadgeRequest, rules: Readiness, acceptRisks: boolean): BadgeRequest {
  must(one, "draft", "evidence", "ready");
  const failing = rules.rules.filter((rule) => rule.verdict === "fail").map((rule) => rule.rule);
  if (failing.length > 0 && !acceptRisks) throw badgeErrors.notReady(one.id, failing);
  return { ...one, status: "internal_review", rulesAtReview: rules.rules };
}

/** internal_review -> submitting, or back to evidence with the reason. */
export function decideReview(one: BadgeRequest, review: Review): BadgeRequest {
  must(one, "internal_review");
  return { ...one, status: review.approved ? "submitting" : "evidence", reviews: [...one.reviews, review] };
}

/** The form's fields as Meta names them. */
export function formOf(one: BadgeRequest): Readonly<Record<string, string | readonly string[]>> {
  const { application } = one;
  return {
    business_website_url: application.websiteUrl,
    primary_country_of_operation: application.primaryCountry,
    ...(application.primaryLanguage !== undefined && { primary_language: application.primaryLanguage }),
    ...(application.parentBrand !== undefined && { parent_business_or_brand: application.parentBrand }),
    supporting_links: one.evidence.map((item) => item.url),
    ...(application.additionalInformation !== undefined && {
      additional_supporting_information: application.additionalInformation,
    }),
  };
}

/** The attempt under way, if one is. */
const openAttempt = (one: BadgeRequest): BadgeAttempt | undefined =>
  one.attempts.find((attempt) => attempt.outcome === "open");

const close = (one: BadgeRequest, how: Partial<BadgeAttempt>): readonly BadgeAttempt[] =>
  one.attempts.map((attempt) => (attempt.outcome === "open" ? { ...attempt, ...how } : attempt));

/** submitting, with what will be sent on record before it is sent. Safe to repeat. */
export function beginAttempt(one: BadgeRequest, now: Date): BadgeRequest {
  must(one, "submitting");
  if (openAttempt(one) !== undefined) return one;
  const attempt: BadgeAttempt = {
    number: one.attempts.length + 1,
    sentAt: now,
    sent: JSON.stringify(formOf(one)),
    outcome: "open",
  };
  return { ...one, attempts: [...one.attempts, attempt] };
}

/** submitting -> submitted: Meta has the request. */
export function submitted(one: BadgeRequest, received: string): BadgeRequest {
  must(one, "submitting");
  return { ...one, status: "submitted", attempts: close(one, { received }) };
}

/** submitting -> evidence: Meta did not take the request; its words stay with the attempt. */
export function refusedAtSubmission(one: BadgeRequest, received: string, now: Date): BadgeRequest {
  must(one, "submitting");
  return {
    ...one,
    status: "evidence",
    attempts: close(one, { received, outcome: "refused_at_submission", decidedAt: now }),
  };
}

/** Whether a decision of that time may belong to the attempt under way. */
export const awaitsDecision = (one: BadgeRequest): boolean => one.status === "submitting" || one.status === "submitted";

/** submitting | submitted -> approved | rejected, with Meta's words. */
export function decided(
  one: BadgeRequest,
  {
    outcome,
    decision,
    at,
  }: { readonly outcome: "approved" | "rejected"; readonly decision: string; readonly at: Date },
): BadgeRequest {
  must(one, "submitting", "submitted");
  return { ...one, status: outcome, attempts: close(one, { outcome, decision, decidedAt: at }) };
}

/** rejected -> cooling_off until 30 days after Meta's decision. */
export function coolOff(one: BadgeRequest, now: Date): BadgeRequest {
  must(one, "rejected");
  const refused = one.attempts.at(-1)?.decidedAt ?? now;
  return { ...one, status: "cooling_off", coolingUntil: after(refused, coolingOffDays * dayMs) };
}

/** cooling_off -> draft once the 30 days are over; unchanged before. Evidence is kept, to be bettered. */
export function reopen(one: BadgeRequest, now: Date): BadgeRequest {
  must(one, "cooling_off");
  if (one.coolingUntil !== undefined && one.coolingUntil > now) return one;
  return { ...without(one, "coolingUntil", "rulesAtReview"), status: "draft" };
}

/** A field of the form that differs from the last request Meta refused. */
export interface FormDifference {
  readonly field: string;
  readonly before?: string;
  readonly after?: string;
}

const text = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === "string" || value === undefined ? value : value.join("\n");

/** What the form would say otherwise than at the last refused attempt; empty without one. */
export function differenceToRefused(one: BadgeRequest): readonly FormDifference[] {
  const refused = one.attempts.findLast(
    (attempt) => attempt.outcome === "rejected" || attempt.outcome === "refused_at_submission",
  );
  if (refused === undefined) return [];
  const before = JSON.parse(refused.sent) as ReturnType<typeof formOf>;
  const now = formOf(one);
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].flatMap((field) => {
    const [was, is] = [text(before[field]), text(now[field])];
    if (was === is) return [];
    return [{ field, ...(was !== undefined && { before: was }), ...(is !== undefined && { after: is }) }];
  });
}
