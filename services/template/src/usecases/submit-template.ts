import { allow, type Call, tenantScope } from "@greentick/kernel";
import {
  accepted,
  isOurs,
  type KnownAtMeta,
  submissionFailed,
  type SubmissionFailure,
  type Template,
} from "../domain/template.js";
import { type RefusedByMeta, type TemplateStore, type Whatsapp } from "../ports.js";
import { changesBetween } from "./template-events.js";

export type SubmitTemplate = (call: Call, templateId: string) => Promise<void>;

/**
 * Carries out the intent to submit: asks Meta whether it has the template already, else creates it, and keeps the outcome. Safe to
 * repeat at any point: Meta has no idempotency keys, so every try looks first.
 * @throws PROVIDER_UNAVAILABLE when a later try may succeed.
 */
export const submitTemplate =
  (ports: { readonly templates: TemplateStore; readonly whatsapp: Whatsapp }): SubmitTemplate =>
  async (call, templateId) => {
    allow(call, "template:submit");
    const before = await ports.templates.get(tenantScope(call), templateId);
    if (before.status !== "submitting") return;
    const after = outcomeOf(before, await atMeta(ports.whatsapp, call, before), call.now());
    await ports.templates.save(call, after, changesBetween(before, after, reasonOf(after)));
    call.log.info({ templateId, status: after.status }, "template submitted");
  };

async function atMeta(whatsapp: Whatsapp, call: Call, template: Template): Promise<KnownAtMeta | RefusedByMeta> {
  const known = await whatsapp.find(call, template);
  if (known !== undefined) return known;
  const answer = await whatsapp.create(call, template);
  if ("refused" in answer && answer.exists) return (await whatsapp.find(call, template)) ?? answer;
  return answer;
}

function outcomeOf(template: Template, answer: KnownAtMeta | RefusedByMeta, now: Date): Template {
  if ("refused" in answer) return submissionFailed(template, { at: now, ...answer.refused });
  return isOurs(template, answer) ? accepted(template, answer, now) : submissionFailed(template, { at: now, ...taken });
}

const taken: Omit<SubmissionFailure, "at"> = {
  code: "name_taken_at_meta",
  message:
    "Meta has another template of this name and language in this account. Choose another name, or delete that one first.",
};

const reasonOf = ({ failure }: Template): { readonly reason?: string } =>
  failure === undefined ? {} : { reason: failure.code };
