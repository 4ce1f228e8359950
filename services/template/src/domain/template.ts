import { badInput, type TemplateId, type TenantId, type Word } from "@greentick/kernel";
import { type Finding } from "./check/finding.js";
import { isSubmittable, preCheck } from "./check/pre-check.js";
import { type Category, type TemplateContent } from "./content.js";
import { templateErrors } from "./errors.js";
import {
  categoryHistory,
  type CategoryStep,
  type MetaReport,
  type MetaSide,
  type MetaStatus,
  metaStatusOf,
  nothingFromMeta,
  withReport,
} from "./meta-side.js";

/** Where a template stands before Meta has it. */
export type OurStatus = "draft" | "checked" | "in_bsp_review" | "submitting" | "submission_failed";
export const templateStatuses = [
  "draft",
  "checked",
  "in_bsp_review",
  "submitting",
  "submission_failed",
  "unknown",
  "pending",
  "approved",
  "rejected",
  "in_appeal",
  "paused",
  "limited",
  "archived",
  "disabled",
  "deleting",
  "deleted",
] as const satisfies readonly (OurStatus | MetaStatus)[];
export type TemplateStatus = (typeof templateStatuses)[number];

export interface Review {
  readonly decision: "approved" | "refused";
  readonly reason: string;
  /** The reviewer's person id. */
  readonly by: string;
  readonly at: Date;
}

/** Why Meta did not take a submission at all; nothing exists at Meta then. */
export interface SubmissionFailure {
  readonly at: Date;
  /** Meta's error code and subcode, or a word of ours. */
  readonly code: string;
  readonly message: string;
}

/** One language of a message template. Languages of one name in one account are a family. */
export interface Template {
  readonly id: TemplateId;
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  readonly version: number;
  /** Meta's id of the account. */
  readonly wabaId: string;
  readonly name: string;
  readonly language: string;
  readonly draftedAt: Date;
  /** Ours until Meta has the template; from then on read from Meta's side, and kept so that lists can be filtered by it. */
  readonly status: TemplateStatus;
  /** Absent for a template that was made at Meta directly. */
  readonly content?: TemplateContent;
  readonly findings?: readonly Finding[];
  readonly reviews: readonly Review[];
  readonly failure?: SubmissionFailure;
  readonly metaTemplateId?: string;
  readonly meta: MetaSide;
}

type Draft = Pick<Template, "id" | "tenantId" | "ancestorIds" | "livemode" | "wabaId"> & {
  readonly content: TemplateContent;
};

export const draft = (wanted: Draft, now: Date): Template => ({
  ...wanted,
  name: wanted.content.name,
  language: wanted.content.language,
  version: 0,
  draftedAt: now,
  status: "draft",
  reviews: [],
  meta: nothingFromMeta,
});

/** A template that Meta speaks of and we did not make. */
export const adopt = (
  found: Omit<Draft, "content"> & { readonly name: string; readonly language: string; readonly metaTemplateId: string },
  now: Date,
): Template => ({ ...found, version: 0, draftedAt: now, status: "unknown", reviews: [], meta: nothingFromMeta });

const without = <T extends object, K extends keyof T & string>(value: T, ...names: readonly K[]): Omit<T, K> =>
  Object.fromEntries(Object.entries(value).filter(([name]) => !(names as readonly string[]).includes(name))) as Omit<
    T,
    K
  >;

const ours = (template: Omit<Template, "status">, status: OurStatus): Template => ({ ...template, status });
const atMeta = (template: Template): Template => ({ ...template, status: metaStatusOf(template.meta) });

const changeable: readonly TemplateStatus[] = ["draft", "checked", "submission_failed"];

/** Other words for a template that Meta does not have. @throws CONFLICT/template_transition_not_allowed. */
export function revise(template: Template, parts: Omit<TemplateContent, "name" | "language">): Template {
  if (!changeable.includes(template.status))
    throw templateErrors.transitionNotAllowed(template.id, template.status, "change it");
  const content = { ...parts, name: template.name, language: template.language };
  return ours({ ...without(template, "findings", "failure"), content }, "draft");
}

/** draft | checked | submission_failed -> checked, or draft when Meta would refuse it; the findings are kept either way. */
export function check(template: Template): Template {
  if (!changeable.includes(template.status))
    throw templateErrors.transitionNotAllowed(template.id, template.status, "check it");
  if (template.content === undefined) throw templateErrors.withoutContent(template.id);
  const findings = preCheck(template.content);
  return ours({ ...template, findings }, isSubmittable(findings) ? "checked" : "draft");
}

/** checked -> in_bsp_review; a repeat changes nothing. @throws CONFLICT/template_not_checked, CONFLICT/template_transition_not_allowed. */
export function sendToReview(template: Template): Template {
  if (template.status === "in_bsp_review") return template;
  if (template.status === "draft" || template.status === "submission_failed")
    throw templateErrors.notChecked(template.id, hardCodes(template));
  if (template.status === "submitting" || template.status === "pending") throw templateErrors.underReview(template.id);
  if (template.status !== "checked")
    throw templateErrors.transitionNotAllowed(template.id, template.status, "review it");
  return ours(template, "in_bsp_review");
}

const hardCodes = ({ findings = [] }: Template): readonly string[] =>
  findings.filter((one) => one.severity === "hard").map((one) => `${one.place}: ${one.code}`);

/** in_bsp_review -> submitting or draft. A refusal needs words. @throws CONFLICT/template_not_in_review, BAD_USER_INPUT. */
export function decideReview(template: Template, review: Review): Template {
  if (template.status !== "in_bsp_review") throw templateErrors.notInReview(template.id, template.status);
  if (review.reason.length > 1000 || (review.decision === "refused" && review.reason.trim() === ""))
    throw badInput("reason", "a refusal needs 1 to 1000 characters that tell the client what to change");
  const reviewed = { ...without(template, "failure"), reviews: [...template.reviews, review] };
  return ours(reviewed, review.decision === "approved" ? "submitting" : "draft");
}

/** What Meta has under a name and language. */
export interface KnownAtMeta {
  readonly metaTemplateId: string;
  readonly status: Word<string>;
  readonly category: Word<Category>;
  /** Absent for authentication templates and in the answer to a creation. */
  readonly bodyText?: string;
}

/** Whether what Meta has is what we submitted: another text under our name is somebody else's work. */
export function isOurs(template: Template, known: KnownAtMeta): boolean {
  const ours = template.content?.body.text?.trim();
  return ours === undefined || known.bodyText === undefined || known.bodyText.trim() === ours;
}

/** submitting -> what Meta says. When reports came first, they have the last word. */
export function accepted(template: Template, known: KnownAtMeta, now: Date): Template {
  if (template.meta.accepted !== undefined) return template;
  const { metaTemplateId, status, category } = known;
  return atMeta({ ...template, metaTemplateId, meta: { ...template.meta, accepted: { at: now, status, category } } });
}

/** submitting -> submission_failed: Meta did not take it. Anything else stays. */
export function submissionFailed(template: Template, failure: SubmissionFailure): Template {
  return template.status === "submitting" ? ours({ ...template, failure }, "submission_failed") : template;
}

/** Takes a report of Meta's in; the same report again, or one that changes nothing, gives the same object. */
export function reported(template: Template, metaTemplateId: string, report: MetaReport): Template {
  const meta = withReport(template.meta, report);
  const isNews = (["statuses", "categories", "announcements", "qualities"] as const).some(
    (list) => meta[list] !== template.meta[list],
  );
  if (!isNews && template.metaTemplateId === metaTemplateId) return template;
  return atMeta({ ...template, metaTemplateId, meta });
}

/** The categories it had, what we asked for first. */
export const categoriesOf = ({ content, draftedAt, meta }: Template): readonly CategoryStep[] =>
  categoryHistory(meta, content && { at: draftedAt, word: { known: content.category, raw: content.category } });

/** Meta's stored category, which sets the price; before Meta has it, the one asked for. */
export const categoryOf = (template: Template): Word<Category> | undefined => categoriesOf(template).at(-1)?.word;
