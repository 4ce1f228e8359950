import { type Word } from "@greentick/kernel";
import { z } from "zod";
import { type Graph } from "./graph.js";
import { metaId, success, wordOf } from "./replies.js";
import { everyPage, get } from "./waba.js";
import { type TemplateCategory, type TemplateStatus, templateCategories, templateStatuses } from "./words.js";

export interface TemplateFacts {
  readonly id: string;
  readonly name: string;
  readonly language: string;
  readonly status: Word<TemplateStatus>;
  readonly category: Word<TemplateCategory>;
  readonly previousCategory?: Word<TemplateCategory>;
  /** Absent unless Meta announced a change. */
  readonly correctCategory?: Word<TemplateCategory>;
  readonly rejectedReason?: string;
  readonly components?: readonly unknown[];
}

export interface NewTemplate {
  readonly wabaId: string;
  readonly name: string;
  readonly language: string;
  readonly category: TemplateCategory;
  /** In Meta's own component grammar. */
  readonly components: readonly unknown[];
  readonly parameterFormat?: "POSITIONAL" | "NAMED";
}

export interface CreatedTemplate {
  readonly id: string;
  readonly status: Word<TemplateStatus>;
  /** May already differ from the one asked for. */
  readonly category: Word<TemplateCategory>;
}

export interface TemplateCalls {
  /** Submits a template for review. Not repeated: look with `findTemplate` first. @throws MetaError subcode 2388024 when name and language exist. */
  readonly createTemplate: (token: string, template: NewTemplate) => Promise<CreatedTemplate>;
  /** The account's template of exactly this name and language, or undefined. */
  readonly findTemplate: (
    token: string,
    find: { readonly wabaId: string; readonly name: string; readonly language: string },
  ) => Promise<TemplateFacts | undefined>;
  readonly getTemplate: (token: string, templateId: string) => Promise<TemplateFacts>;
  /** Replaces components or category of an approved, rejected or paused template; Meta reviews it again. */
  readonly editTemplate: (
    token: string,
    edit: {
      readonly templateId: string;
      readonly category?: TemplateCategory;
      readonly components?: readonly unknown[];
    },
  ) => Promise<void>;
  /** Deletes one language of a template. */
  readonly deleteTemplate: (
    token: string,
    remove: { readonly wabaId: string; readonly templateId: string; readonly name: string },
  ) => Promise<void>;
}

const templateFields = "id,name,language,status,category,previous_category,correct_category,rejected_reason,components";

const templateReply = z
  .object({
    id: metaId,
    name: z.string(),
    language: z.string(),
    status: wordOf(templateStatuses),
    category: wordOf(templateCategories),
    previous_category: wordOf(templateCategories).optional(),
    correct_category: wordOf(templateCategories).optional(),
    rejected_reason: z.string().nullish(),
    components: z.array(z.unknown()).optional(),
  })
  .transform((raw): TemplateFacts => ({
    id: raw.id,
    name: raw.name,
    language: raw.language,
    status: raw.status,
    category: raw.category,
    ...(raw.previous_category === undefined ? {} : { previousCategory: raw.previous_category }),
    ...(raw.correct_category === undefined ? {} : { correctCategory: raw.correct_category }),
    ...(raw.rejected_reason == null || raw.rejected_reason === "NONE" ? {} : { rejectedReason: raw.rejected_reason }),
    ...(raw.components === undefined ? {} : { components: raw.components }),
  }));

const createdReply = z.object({
  id: metaId,
  status: wordOf(templateStatuses),
  category: wordOf(templateCategories),
});

export function templateCalls(graph: Graph): TemplateCalls {
  return {
    createTemplate: async (token, { wabaId, name, language, category, components, parameterFormat }) =>
      graph({
        method: "POST",
        route: "/{waba}/message_templates",
        ids: [wabaId],
        token,
        params: { name, language, category, components, parameter_format: parameterFormat },
        repeatable: false,
        reply: createdReply,
      }),
    findTemplate: async (token, { wabaId, name, language }) => {
      const request = get("/{waba}/message_templates", [wabaId], token);
      const params = { name, language, fields: templateFields, limit: "100" };
      const found = await everyPage(graph, { ...request, params }, templateReply);
      return found.find((template) => template.name === name && template.language.replace("-", "_") === language);
    },
    getTemplate: async (token, templateId) =>
      graph({ ...get("/{template}", [templateId], token), params: { fields: templateFields }, reply: templateReply }),
    ...changingCalls(graph),
  };
}

function changingCalls(graph: Graph): Pick<TemplateCalls, "editTemplate" | "deleteTemplate"> {
  return {
    editTemplate: async (token, { templateId, category, components }) => {
      const params = { category, components };
      await graph({
        method: "POST",
        route: "/{template}",
        ids: [templateId],
        token,
        params,
        repeatable: false,
        reply: success,
      });
    },
    deleteTemplate: async (token, { wabaId, templateId, name }) => {
      await graph({
        method: "DELETE",
        route: "/{waba}/message_templates",
        ids: [wabaId],
        token,
        params: { hsm_id: templateId, name },
        repeatable: false,
        reply: success,
      });
    },
  };
}
