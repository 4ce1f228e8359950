import { allow, type Call, tenantScope } from "@greentick/kernel";
import { type TemplateContent } from "../domain/content.js";
import { templateErrors } from "../domain/errors.js";
import { draft, revise, type Template } from "../domain/template.js";
import { type TemplateStore, type WabaDirectory } from "../ports.js";
import { advanced } from "./template-events.js";

interface DraftTemplateInput {
  /** Meta's id of an account of the caller's tenant. */
  readonly wabaId: string;
  readonly content: TemplateContent;
}
export type DraftTemplate = (call: Call, input: DraftTemplateInput) => Promise<Template>;

/**
 * A draft in the caller's tenant. With `call.idempotencyKey` a repeat returns the first one.
 * @throws NOT_FOUND/waba_not_found for an account of somebody else, CONFLICT/template_exists.
 */
export const draftTemplate =
  ({ templates, wabas }: { readonly templates: TemplateStore; readonly wabas: WabaDirectory }): DraftTemplate =>
  async (call, input) => {
    allow(call, "template:write");
    const waba = await wabas.find(tenantScope(call), input.wabaId);
    if (waba === undefined) throw templateErrors.wabaNotFound(input.wabaId);
    const { name, language } = input.content;
    const { tenantId, ancestorIds, livemode } = call;
    const drafted = draft({ id: call.newId("template"), tenantId, ancestorIds, livemode, ...input }, call.now());
    const known = await templates.findByName(tenantScope(call), { wabaId: input.wabaId, name, language });
    if (known?.content === undefined && known !== undefined) throw templateErrors.exists();
    const kept = await templates.insert(call, drafted, [advanced(drafted)], { mutation: "draftTemplate", input });
    call.log.info({ templateId: kept.id }, "template drafted");
    return kept;
  };

interface ReviseTemplateInput {
  readonly templateId: string;
  readonly content: Omit<TemplateContent, "name" | "language">;
}
export type ReviseTemplate = (call: Call, input: ReviseTemplateInput) => Promise<Template>;

/** Other words for a template that Meta does not have yet; it has to be checked again. */
export const reviseTemplate =
  ({ templates }: { readonly templates: TemplateStore }): ReviseTemplate =>
  async (call, { templateId, content }) => {
    allow(call, "template:write");
    const before = await templates.get(tenantScope(call), templateId);
    const revised = revise(before, content);
    return templates.save(call, revised, [advanced(revised)]);
  };
