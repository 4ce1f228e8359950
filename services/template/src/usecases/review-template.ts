import { allow, type Call, tenantScope } from "@greentick/kernel";
import { decideReview, sendToReview, type Template } from "../domain/template.js";
import { type TemplateStore } from "../ports.js";
import { changesBetween } from "./template-events.js";
import { inSight } from "./templates-in-sight.js";

export type SendTemplateToReview = (call: Call, templateId: string) => Promise<Template>;

/** Hands a checked template to the provider's reviewers; a repeat changes nothing. */
export const sendTemplateToReview =
  ({ templates }: { readonly templates: TemplateStore }): SendTemplateToReview =>
  async (call, templateId) => {
    allow(call, "template:submit");
    const before = await templates.get(tenantScope(call), templateId);
    const sent = sendToReview(before);
    return sent === before ? before : templates.save(call, sent, changesBetween(before, sent));
  };

interface DecideTemplateReviewInput {
  readonly templateId: string;
  readonly decision: "approved" | "refused";
  /** The client reads it; needed for a refusal. */
  readonly reason: string;
}
export type DecideTemplateReview = (call: Call, input: DecideTemplateReviewInput) => Promise<Template>;

/** A reviewer decides. Approval keeps the intent to submit; a handler of its event talks to Meta. */
export const decideTemplateReview =
  ({ templates }: { readonly templates: TemplateStore }): DecideTemplateReview =>
  async (call, { templateId, decision, reason }) => {
    allow(call, "template:review");
    const before = await templates.get(inSight(call), templateId);
    const decided = decideReview(before, { decision, reason, by: call.actor.id, at: call.now() });
    const kept = await templates.save(call, decided, changesBetween(before, decided, reasonOf(reason)));
    call.log.info({ templateId, decision }, "template review decided");
    return kept;
  };

const reasonOf = (reason: string): { readonly reason?: string } => (reason === "" ? {} : { reason });
