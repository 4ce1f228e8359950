import { allow, type Call, tenantScope } from "@greentick/kernel";
import { templateErrors } from "../domain/errors.js";
import { type MetaReport } from "../domain/meta-side.js";
import { adopt, reported, type Template } from "../domain/template.js";
import { type Named, type TemplateStore } from "../ports.js";
import { changesBetween } from "./template-events.js";

interface ReportOnTemplate {
  readonly metaTemplateId: string;
  readonly wabaId: string;
  readonly name?: string;
  readonly language?: string;
  readonly report: MetaReport;
}
export type NoteReport = (call: Call, input: ReportOnTemplate) => Promise<void>;

/**
 * Takes in what Meta reports about a template, in any order and any number of times. A template that was made at Meta directly is
 * adopted. @throws NOT_FOUND/template_not_found for an unknown template whose name the report does not say.
 */
export const noteReport =
  ({ templates }: { readonly templates: TemplateStore }): NoteReport =>
  async (call, input) => {
    allow(call, "template:write");
    const known = await find(templates, call, input);
    const before = known ?? adoptFrom(call, input);
    const after = reported(before, input.metaTemplateId, input.report);
    if (known === undefined) {
      const fresh = { ...before, metaTemplateId: "" };
      await templates.insert(call, after, changesBetween(fresh, after, reasonOf(input)));
    } else if (after !== before) await templates.save(call, after, changesBetween(before, after, reasonOf(input)));
  };

async function find(templates: TemplateStore, call: Call, input: ReportOnTemplate): Promise<Template | undefined> {
  const known = await templates.findByMetaId(tenantScope(call), input.metaTemplateId);
  const named = namedBy(input);
  if (known !== undefined || named === undefined) return known;
  const sameName = await templates.findByName(tenantScope(call), named);
  return sameName?.metaTemplateId === undefined ? sameName : undefined;
}

const namedBy = ({ wabaId, name, language }: ReportOnTemplate): Named | undefined =>
  name === undefined || language === undefined ? undefined : { wabaId, name, language };

function adoptFrom(call: Call, input: ReportOnTemplate): Template {
  const named = namedBy(input);
  if (named === undefined) throw templateErrors.unnamedReport(input.metaTemplateId);
  const { tenantId, ancestorIds, livemode } = call;
  const owner = { id: call.newId("template"), tenantId, ancestorIds, livemode };
  return adopt({ ...owner, ...named, metaTemplateId: input.metaTemplateId }, call.now());
}

const reasonOf = ({ report }: ReportOnTemplate): { readonly reason?: string } => {
  const reason = report.status?.reason;
  return reason === undefined ? {} : { reason };
};
