import { allow, type Call, tenantScope } from "@greentick/kernel";
import { check, type Template } from "../domain/template.js";
import { type TemplateStore } from "../ports.js";
import { advanced } from "./template-events.js";

export type CheckTemplate = (call: Call, templateId: string) => Promise<Template>;

/** Runs the pre-check and keeps what it found; safe to repeat. */
export const checkTemplate =
  ({ templates }: { readonly templates: TemplateStore }): CheckTemplate =>
  async (call, templateId) => {
    allow(call, "template:write");
    const checked = check(await templates.get(tenantScope(call), templateId));
    const kept = await templates.save(call, checked, [advanced(checked)]);
    call.log.info({ templateId, findings: kept.findings?.length ?? 0, status: kept.status }, "template checked");
    return kept;
  };
