import { aggregateStore, type Database } from "@greentick/runtime";
import { Schema } from "mongoose";
import { templateErrors } from "../../domain/errors.js";
import { type Template } from "../../domain/template.js";
import { type TemplateStore } from "../../ports.js";

export const templateCollection = "templates";

const text = { type: String, required: true } as const;
const optionalText = { type: String } as const;
const value = { type: Schema.Types.Mixed, required: true } as const;
const optionalValue = { type: Schema.Types.Mixed } as const;

const ownPart = ["id", "tenantId", "ancestorIds", "livemode", "version"];
const without = (object: object, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));

/** Of the templates made here, one per account, name and language; a deleted one gives its place up. */
const slotOf = ({ content, status, wabaId, name, language }: Template): { readonly slot?: string } =>
  content === undefined || status === "deleted" ? {} : { slot: `${wabaId}/${name}/${language}` };

export function mongoTemplateStore(
  database: Database,
): TemplateStore & { readonly ensureIndexes: () => Promise<void> } {
  const rows = aggregateStore<Template>({
    database,
    collection: templateCollection,
    kind: "template",
    schemaVersion: 1,
    state: {
      wabaId: text,
      name: text,
      language: text,
      draftedAt: { type: Date, required: true },
      status: text,
      content: optionalValue,
      findings: { type: [Schema.Types.Mixed], default: undefined },
      reviews: { type: [Schema.Types.Mixed], required: true },
      failure: optionalValue,
      metaTemplateId: optionalText,
      meta: value,
      slot: optionalText,
    },
    indexes: [
      { on: ["slot"], unique: true, name: "one_of_a_name" },
      { on: ["metaTemplateId"], unique: true, name: "meta_template" },
      { on: ["wabaId", "name", "language"], name: "family" },
      { on: ["status"], name: "status" },
    ],
    notFound: templateErrors.notFound,
    onDuplicate: templateErrors.exists,
    toRow: (template) => ({ ...without(template, ownPart), ...slotOf(template) }),
    fromRow: (row) => without(row, ["slot"]) as unknown as Template,
  });
  return {
    get: rows.get,
    getMany: rows.getMany,
    list: (scope, page, filter) => rows.list(scope, page, { ...filter }),
    findByMetaId: (scope, metaTemplateId) => rows.findOne(scope, { metaTemplateId }),
    findByName: async (scope, { wabaId, name, language }) => {
      const found = await rows.findAll(scope, { wabaId, name, language });
      const alive = found.filter((template) => template.status !== "deleted");
      return alive.find((template) => template.metaTemplateId === undefined) ?? alive.at(-1);
    },
    insert: rows.insert,
    save: rows.save,
    ensureIndexes: rows.ensureIndexes,
  };
}
