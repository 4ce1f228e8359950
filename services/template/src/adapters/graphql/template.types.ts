import "reflect-metadata";
import { connectionOf, DateTime, wordOf } from "@greentick/graphql";
import { type Word } from "@greentick/kernel";
import { templateEvents } from "@greentick/meta";
import { Directive, Field, ID, ObjectType, registerEnumType } from "type-graphql";
import { categories, type Category } from "../../domain/content.js";
import { type TemplateStatus, templateStatuses } from "../../domain/template.js";
import { BodyShape, ButtonShape, FooterShape, HeaderShape } from "./content.types.js";

export const TemplateStatusEnum = Object.fromEntries(
  templateStatuses.map((status) => [status.toUpperCase(), status]),
) as Readonly<Record<string, TemplateStatus>>;
registerEnumType(TemplateStatusEnum, {
  name: "TemplateStatus",
  description:
    "Where a template stands: with the client (DRAFT, CHECKED), with the provider's reviewers (IN_BSP_REVIEW), on the way to Meta (SUBMITTING, SUBMISSION_FAILED), or at Meta. UNKNOWN: Meta mentioned it without its status.",
});
const severities = { HARD: "hard", SOFT: "soft" } as const;
registerEnumType(severities, {
  name: "TemplateFindingSeverity",
  description: "HARD: Meta would refuse it. SOFT: it is likely to be refused or moved to another category.",
});
export const ReviewDecisionEnum = { APPROVED: "approved", REFUSED: "refused" } as const;
registerEnumType(ReviewDecisionEnum, {
  name: "TemplateReviewDecision",
  description: "What the provider's reviewer says.",
});
const categorySources = { REQUESTED: "requested", ACCEPTED: "accepted", REPORTED: "reported" } as const;
registerEnumType(categorySources, {
  name: "TemplateCategorySource",
  description: "Asked for by us, answered by Meta at creation, or reported by Meta.",
});

const MetaTemplateStatus = wordOf("MetaTemplateStatus", templateEvents, "Meta's own word about a template.");
const TemplateCategory = wordOf("TemplateCategory", categories, "The category that sets the price.");
const TemplateQuality = wordOf("TemplateQuality", ["GREEN", "YELLOW", "RED"], "How users take the template.");
export const rejectionReasons = [
  "ABUSIVE_CONTENT",
  "CATEGORY_NOT_AVAILABLE",
  "INCORRECT_CATEGORY",
  "INVALID_FORMAT",
  "PROMOTIONAL",
  "SCAM",
  "TAG_CONTENT_MISMATCH",
] as const;
const TemplateRejectionReason = wordOf("TemplateRejectionReason", rejectionReasons, "Why Meta refused.");

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType("Tenant")
export class TenantRef {
  @Field(() => ID)
  id!: string;
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType("Waba")
export class WabaRef {
  @Field(() => ID)
  id!: string;
}

@ObjectType("TemplateFinding", { description: "One thing the pre-check found: what, where, and how to put it right." })
export class FindingType {
  @Field(() => severities)
  severity!: "hard" | "soft";

  @Field(() => String, { description: "Stable word for machines." })
  code!: string;

  @Field(() => String, { description: "`name`, `body`, `buttons[1].url`, …" })
  place!: string;

  @Field(() => String)
  problem!: string;

  @Field(() => String)
  fix!: string;
}

@ObjectType("TemplateReview", { description: "A decision of the provider's reviewers." })
export class ReviewType {
  @Field(() => ReviewDecisionEnum)
  decision!: "approved" | "refused";

  @Field(() => String)
  reason!: string;

  @Field(() => ID, { description: "The reviewer." })
  by!: string;

  @Field(() => DateTime)
  at!: Date;
}

@ObjectType("TemplateSubmissionFailure", { description: "Meta did not take the submission; nothing exists at Meta." })
export class SubmissionFailureType {
  @Field(() => DateTime)
  at!: Date;

  @Field(() => String, { description: "Meta's code and subcode, e.g. `100/2388024`, or `name_taken_at_meta`." })
  code!: string;

  @Field(() => String)
  message!: string;
}

@ObjectType("TemplateRejection", { description: "Meta's refusal." })
export class RejectionType {
  @Field(() => TemplateRejectionReason, { nullable: true })
  reason?: Word<string>;

  @Field(() => String, { nullable: true, description: "Meta's words." })
  explanation?: string;

  @Field(() => DateTime)
  at!: Date;
}

@ObjectType("TemplateStatusStep", { description: "One report of Meta's about the status." })
export class StatusStepType {
  @Field(() => DateTime, { description: "Meta's time." })
  at!: Date;

  @Field(() => MetaTemplateStatus)
  word!: Word<string>;

  @Field(() => String, { nullable: true })
  reason?: string;

  @Field(() => String, { nullable: true, description: "Meta's words." })
  explanation?: string;
}

@ObjectType("TemplateCategoryStep", { description: "A category and since when the template has it." })
export class CategoryStepType {
  @Field(() => DateTime)
  at!: Date;

  @Field(() => TemplateCategory)
  category!: Word<Category>;

  @Field(() => categorySources)
  source!: "requested" | "accepted" | "reported";
}

@ObjectType("TemplateCategoryAnnouncement", {
  description: "Meta will store another category; until then it can be changed or appealed.",
})
export class AnnouncementType {
  @Field(() => TemplateCategory)
  to!: Word<Category>;

  @Field(() => DateTime, { description: "From then on the new category sets the price." })
  effectiveAt!: Date;
}

@ObjectType("TemplateQualityStep", { description: "A rating and since when." })
export class QualityStepType {
  @Field(() => DateTime)
  at!: Date;

  @Field(() => TemplateQuality)
  quality!: Word<string>;
}

@Directive('@key(fields: "id")')
@ObjectType("Template", {
  description: "One language of a message template. Languages of one name in one account are a family.",
})
export class TemplateType {
  @Field(() => ID)
  id!: string;

  @Field(() => Boolean, { description: "False in a sandbox." })
  livemode!: boolean;

  @Field(() => ID, { description: "Meta's id of the WhatsApp Business Account." })
  wabaId!: string;

  @Field(() => String)
  name!: string;

  @Field(() => String, { description: "Meta's code, e.g. `es_CO`." })
  language!: string;

  @Field(() => TemplateStatusEnum)
  status!: TemplateStatus;

  @Field(() => ID, { nullable: true, description: "Meta's id; absent until Meta has it." })
  metaTemplateId?: string;

  @Field(() => MetaTemplateStatus, {
    nullable: true,
    description: "Meta's latest word, also when it is one we do not know.",
  })
  metaStatus?: Word<string>;

  @Field(() => TemplateCategory, {
    nullable: true,
    description: "Meta's stored category, which sets the price; before Meta has the template the one asked for.",
  })
  category?: Word<Category>;

  @Field(() => AnnouncementType, { nullable: true, description: "A change of category that Meta announced." })
  upcomingCategory?: AnnouncementType;

  @Field(() => TemplateQuality, { nullable: true })
  quality?: Word<string>;

  @Field(() => HeaderShape, { nullable: true })
  header?: HeaderShape;

  @Field(() => BodyShape, { nullable: true, description: "Absent for a template that was made at Meta directly." })
  body?: BodyShape;

  @Field(() => FooterShape, { nullable: true })
  footer?: FooterShape;

  @Field(() => [ButtonShape])
  buttons!: readonly ButtonShape[];

  @Field(() => [FindingType], {
    nullable: true,
    description: "Of the last check, hard ones first; null before the first check.",
  })
  findings?: readonly FindingType[];

  @Field(() => [ReviewType], { description: "The provider's decisions, oldest first." })
  reviews!: readonly ReviewType[];

  @Field(() => SubmissionFailureType, { nullable: true })
  submissionFailure?: SubmissionFailureType;

  @Field(() => RejectionType, { nullable: true, description: "Present while Meta's answer is no." })
  rejection?: RejectionType;

  @Field(() => [StatusStepType], { description: "What Meta said, in Meta's order of time." })
  statusHistory!: readonly StatusStepType[];

  @Field(() => [CategoryStepType], { description: "Oldest first." })
  categoryHistory!: readonly CategoryStepType[];

  @Field(() => [QualityStepType], { description: "Oldest first." })
  qualityHistory!: readonly QualityStepType[];

  @Field(() => DateTime)
  draftedAt!: Date;

  @Field(() => TenantRef, { nullable: true, description: "The business whose template it is." })
  tenant?: TenantRef | null;
}
export const TemplateConnection = connectionOf("Template", TemplateType);
