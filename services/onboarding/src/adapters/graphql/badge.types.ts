import { connectionOf, DateTime, PageArgs } from "@greentick/graphql";
import { ArgsType, Directive, Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { type Check, type Verdict, verdicts } from "../../domain/badge-evidence.js";
import { type RuleResult } from "../../domain/badge-readiness.js";
import {
  type AttemptOutcome,
  type BadgeAttempt,
  type BadgeRequest,
  type BadgeStatus,
  badgeStatuses,
} from "../../domain/badge-request.js";
import { type BadgeOutlook } from "../../usecases/read-onboarding.js";
import { enumOf, TenantRef } from "./shared.types.js";

const outcomes: readonly AttemptOutcome[] = ["open", "refused_at_submission", "approved", "rejected"];

const StatusEnum = enumOf(
  "BadgeRequestStatus",
  badgeStatuses,
  "After a refusal by Meta a request cools off for 30 days and becomes a draft again.",
);
const VerdictEnum = enumOf("RuleVerdict", verdicts, "UNKNOWN: nobody could tell; it stops nothing.");
const OutcomeEnum = enumOf(
  "BadgeAttemptOutcome",
  outcomes,
  "REFUSED_AT_SUBMISSION: Meta did not take the request; no 30 days are lost.",
);

@ObjectType("BadgeCheck", { description: "A check that was run on a piece of evidence." })
export class CheckType {
  @Field(() => String)
  rule!: string;

  @Field(() => VerdictEnum)
  verdict!: Verdict;

  @Field(() => String, { description: "What tells it." })
  proof!: string;
}

@ObjectType("BadgeRule", { description: "An eligibility rule of Meta's, as it stands." })
export class RuleType {
  @Field(() => String)
  rule!: string;

  @Field(() => String)
  title!: string;

  @Field(() => VerdictEnum)
  verdict!: Verdict;

  @Field(() => String, { description: "What tells it." })
  proof!: string;

  @Field(() => String, { description: "What to do when it fails." })
  fix!: string;
}

@ObjectType("BadgeReadiness", { description: "The eligibility rules as they stand now." })
export class ReadinessType {
  @Field(() => Int, { description: "Rules that pass, in whole percent of all." })
  scorePercent!: number;

  @Field(() => Boolean, { description: "No rule fails." })
  ready!: boolean;

  @Field(() => [RuleType])
  rules!: RuleType[];
}

@ObjectType("BadgeEvidence", { description: "Press about the business." })
export class EvidenceType {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  url!: string;

  @Field(() => String)
  note!: string;

  @Field(() => DateTime)
  addedAt!: Date;

  @Field(() => [CheckType], { description: "The checks run when it was added." })
  checks!: CheckType[];
}

@ObjectType("BadgeReview", { description: "A decision of our own reviewers." })
export class ReviewType {
  @Field(() => DateTime)
  at!: Date;

  @Field(() => ID, { description: "Who decided." })
  by!: string;

  @Field(() => Boolean)
  approved!: boolean;

  @Field(() => String)
  reason!: string;
}

@ObjectType("BadgeAttempt", { description: "One request to Meta, word for word." })
export class AttemptType {
  @Field(() => Int)
  number!: number;

  @Field(() => DateTime)
  sentAt!: Date;

  @Field(() => String, { description: "JSON of the form's fields as they were sent." })
  sent!: string;

  @Field(() => String, { nullable: true, description: "JSON of Meta's answer to the request." })
  received!: string | null;

  @Field(() => OutcomeEnum)
  outcome!: AttemptOutcome;

  @Field(() => DateTime, { nullable: true })
  decidedAt!: Date | null;

  @Field(() => String, { nullable: true, description: "JSON of Meta's decision." })
  decision!: string | null;
}

@ObjectType("BadgeDifference", { description: "A field of the form that differs from the last refused request." })
export class DifferenceType {
  @Field(() => String)
  field!: string;

  @Field(() => String, { nullable: true })
  before!: string | null;

  @Field(() => String, { nullable: true })
  after!: string | null;
}

@Directive('@key(fields: "id")')
@ObjectType("BadgeRequest", { description: "The way of a number to the badge (Official Business Account)." })
export class BadgeRequestType {
  @Field(() => ID)
  id!: string;

  @Field(() => Boolean, { description: "False in a sandbox." })
  livemode!: boolean;

  @Field(() => TenantRef, { nullable: true })
  tenant!: TenantRef | null;

  @Field(() => StatusEnum)
  status!: BadgeStatus;

  @Field(() => String)
  websiteUrl!: string;

  @Field(() => String)
  primaryCountry!: string;

  @Field(() => String, { nullable: true })
  primaryLanguage!: string | null;

  @Field(() => String, { nullable: true })
  parentBrand!: string | null;

  @Field(() => String, { nullable: true })
  additionalInformation!: string | null;

  @Field(() => DateTime)
  openedAt!: Date;

  @Field(() => [EvidenceType])
  evidence!: EvidenceType[];

  @Field(() => [ReviewType])
  reviews!: ReviewType[];

  @Field(() => [AttemptType], { description: "Newest first." })
  attempts!: AttemptType[];

  @Field(() => [RuleType], { nullable: true, description: "The rules as they stood when the request went to review." })
  rulesAtReview!: RuleType[] | null;

  @Field(() => DateTime, { nullable: true, description: "When a refused request becomes a draft again." })
  coolingUntil!: Date | null;

  source!: BadgeRequest;
}
export const BadgeRequestConnection = connectionOf("BadgeRequest", BadgeRequestType);

@ArgsType()
export class BadgeRequestsArgs extends PageArgs {
  @Field(() => StatusEnum, { nullable: true })
  status?: BadgeStatus;
}

@InputType()
export class OpenBadgeRequestInput {
  @Field(() => ID, { description: "Our id of the number." })
  phoneNumberId!: string;

  @Field(() => String, { description: "The business's website, https." })
  websiteUrl!: string;

  @Field(() => String, {
    description: "The country the business mainly works in, as Meta's form asks: its English name.",
  })
  primaryCountry!: string;

  @Field(() => String, { nullable: true })
  primaryLanguage?: string;

  @Field(() => String, { nullable: true, description: "At most 255 characters." })
  parentBrand?: string;

  @Field(() => String, { nullable: true, description: "At most 1,000 characters." })
  additionalInformation?: string;

  @Field(() => String, { nullable: true, description: "The same key with the same input gives the same request." })
  idempotencyKey?: string;
}

@InputType()
export class AddBadgeEvidenceInput {
  @Field(() => ID)
  badgeRequestId!: string;

  @Field(() => String, { description: "https address of an article by independent media." })
  url!: string;

  @Field(() => String, { defaultValue: "", description: "What it shows, for the reviewer. At most 1,000 characters." })
  note!: string;
}

@InputType()
export class WithdrawBadgeEvidenceInput {
  @Field(() => ID)
  badgeRequestId!: string;

  @Field(() => ID)
  evidenceId!: string;
}

@InputType()
export class SubmitBadgeForReviewInput {
  @Field(() => ID)
  badgeRequestId!: string;

  @Field(() => Boolean, {
    defaultValue: false,
    description: "Go on although rules fail; a refusal by Meta costs 30 days.",
  })
  acceptRisks!: boolean;
}

@InputType()
export class DecideBadgeReviewInput {
  @Field(() => ID)
  badgeRequestId!: string;

  @Field(() => Boolean, { description: "True: on to Meta. False: back for better evidence." })
  approve!: boolean;

  @Field(() => String)
  reason!: string;
}

@ObjectType()
export class BadgeRequestPayload {
  @Field(() => BadgeRequestType)
  badgeRequest!: BadgeRequestType;
}

const toChecks = (checks: readonly Check[]): CheckType[] => checks.map((check) => ({ ...check }));
const toRules = (rules: readonly RuleResult[]): RuleType[] => rules.map((rule) => ({ ...rule }));
const toAttempt = ({ received, decidedAt, decision, ...attempt }: BadgeAttempt): AttemptType => ({
  ...attempt,
  received: received ?? null,
  decidedAt: decidedAt ?? null,
  decision: decision ?? null,
});

const toForm = ({
  application,
}: BadgeRequest): Pick<
  BadgeRequestType,
  "websiteUrl" | "primaryCountry" | "primaryLanguage" | "parentBrand" | "additionalInformation"
> => ({
  websiteUrl: application.websiteUrl,
  primaryCountry: application.primaryCountry,
  primaryLanguage: application.primaryLanguage ?? null,
  parentBrand: application.parentBrand ?? null,
  additionalInformation: application.additionalInformation ?? null,
});

export const toBadgeRequest = (one: BadgeRequest): BadgeRequestType => ({
  ...toForm(one),
  id: one.id,
  livemode: one.livemode,
  tenant: { id: one.tenantId },
  status: one.status,
  openedAt: one.openedAt,
  evidence: one.evidence.map((item) => ({ ...item, checks: toChecks(item.checks) })),
  reviews: one.reviews.map((review) => ({ ...review })),
  attempts: one.attempts.map(toAttempt).reverse(),
  rulesAtReview: one.rulesAtReview ? toRules(one.rulesAtReview) : null,
  coolingUntil: one.coolingUntil ?? null,
  source: one,
});

export const toReadiness = ({ readiness }: BadgeOutlook): ReadinessType => ({
  ...readiness,
  rules: toRules(readiness.rules),
});
export const toDifferences = ({ differences }: BadgeOutlook): DifferenceType[] =>
  differences.map(({ field, before, after }) => ({ field, before: before ?? null, after: after ?? null }));
