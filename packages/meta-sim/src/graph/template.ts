import { graphErrors } from "../graph-error.js";
import { reviewDelayMs } from "../reviews.js";
import { type TemplateNode } from "../store.js";
import { type World, change, days, emit, later, schedule } from "../world.js";
import { asNumber } from "../body.js";
import { askedFields, selected } from "./fields.js";
import { oneOf, optionalText, paged, text, words } from "./params.js";
import { type GraphCall, type Params, type Reply, type Route, nodeTypes, on, success } from "./route.js";
import { checkedComponents } from "./template-components.js";

const categories = ["MARKETING", "UTILITY", "AUTHENTICATION"] as const;
const usual = ["name", "parameter_format", "components", "language", "status", "category", "id"];
const selection = { nodeType: nodeTypes["template"] ?? "", usual };

export const templateRoutes: readonly Route[] = [
  on(["waba", "GET", "/{waba}/message_templates"], {
    params: ["fields", "name", "language", "category", "status", "limit", "after", "before"],
    handle: async (call) => listTemplates(call),
  }),
  on(["waba", "POST", "/{waba}/message_templates"], {
    params: [
      "name",
      "language",
      "category",
      "components",
      "parameter_format",
      "allow_category_change",
      "message_send_ttl_seconds",
    ],
    handle: async (call) => createTemplate(call),
  }),
  on(["waba", "DELETE", "/{waba}/message_templates"], {
    params: ["name", "hsm_id", "hsm_ids"],
    handle: async (call) => deleteTemplates(call),
  }),
  on(["template", "GET", "/{template}"], {
    params: ["fields"],
    handle: async ({ node, params }) => Promise.resolve(selected(templateTable(node), askedFields(params), selection)),
  }),
  on(["template", "POST", "/{template}"], {
    params: ["category", "components", "message_send_ttl_seconds"],
    handle: async (call) => editTemplate(call),
  }),
  on(["template", "DELETE", "/{template}"], {
    handle: async ({ world, node }) => {
      await remove(world, [node]);
      return success;
    },
  }),
];

const templateTable = (node: TemplateNode): Record<string, unknown> => ({
  id: node._id,
  name: node.name,
  language: node.language,
  status: node.status,
  category: node.category,
  previous_category: node.previousCategory,
  correct_category: undefined,
  sub_category: undefined,
  components: node.components,
  parameter_format: node.parameterFormat,
  rejected_reason: node.rejectedReason,
  quality_score: { score: "UNKNOWN", date: Math.floor(node.updatedAt.getTime() / 1000) },
  last_updated_time: node.updatedAt.toISOString(),
});

async function templatesOf(world: World, wabaId: string): Promise<TemplateNode[]> {
  const rows = await world.store.nodes
    .find({ kind: "template", wabaId, status: { $ne: "DELETED" } })
    .sort({ _id: 1 })
    .toArray();
  return rows.flatMap((row) => (row.kind === "template" ? [row] : []));
}

async function listTemplates({ world, node, params }: GraphCall<"waba">): Promise<Reply> {
  const matches = (value: string, name: string): boolean => {
    const wanted = optionalText(params, name);
    return wanted === undefined || value.toLowerCase() === wanted.toLowerCase();
  };
  const name = optionalText(params, "name");
  const found = (await templatesOf(world, node._id)).filter(
    (row) =>
      (name === undefined || row.name.includes(name)) &&
      matches(row.language, "language") &&
      matches(row.category, "category") &&
      matches(row.status, "status"),
  );
  return {
    ...paged(
      params,
      found.map((row) => selected(templateTable(row), askedFields(params), selection)),
    ),
  };
}

async function createTemplate({ world, node, params, now }: GraphCall<"waba">): Promise<Reply> {
  const name = text(params, "name");
  if (!/^[a-z0-9_]{1,512}$/.test(name))
    throw graphErrors.invalid("name", "must hold lower-case letters, digits and underscores only.");
  const language = text(params, "language");
  if (!/^[a-z]{2,3}(_[A-Z]{2})?$/.test(language))
    throw graphErrors.invalid("language", "is not a supported language code.");
  const category = oneOf(params, "category", categories);
  const components = checkedComponents(params["components"], category);
  const same = (await templatesOf(world, node._id)).find((row) => row.name === name && row.language === language);
  if (same !== undefined) {
    throw graphErrors.refused(
      "Content in this language already exists",
      `There is already ${language} content for this template.`,
      2388024,
    );
  }
  const round = await world.store.nodes.countDocuments({ kind: "template", wabaId: node._id, name, language });
  const _id = world.names.bigId("template", node._id, name, language, round);
  const parameterFormat = optionalText(params, "parameter_format") ?? "POSITIONAL";
  await world.store.nodes.insertOne({
    _id,
    kind: "template",
    wabaId: node._id,
    businessId: node.businessId,
    name,
    language,
    status: "PENDING",
    category,
    rejectedReason: "NONE",
    components,
    parameterFormat,
    updatedAt: now,
    submission: 1,
  });
  await schedule(world, { kind: "template", about: _id, dueAt: later(now, reviewDelayMs.template), submission: 1 });
  return { id: _id, status: "PENDING", category };
}

/** Editing replaces the components and starts a new review; an approved template once in 24 hours, its category never (Meta: template management). */
async function editTemplate({ world, node, params, now }: GraphCall<"template">): Promise<Reply> {
  if (!["APPROVED", "REJECTED", "PAUSED"].includes(node.status)) {
    throw graphErrors.refused(
      "Template cannot be edited",
      "A template can be edited when it is approved, rejected or paused.",
      2388039,
    );
  }
  const category = params["category"] === undefined ? node.category : oneOf(params, "category", categories);
  const approved = node.status === "APPROVED";
  if (approved && category !== node.category)
    throw graphErrors.refused(
      "Category cannot be changed",
      "The category of an approved template cannot be edited.",
      2388039,
    );
  if (approved && node.submission > 1 && later(node.updatedAt, days(1)) > now) {
    throw graphErrors.refused("Edit limit reached", "An approved template can be edited once in 24 hours.", 2388039);
  }
  const components =
    params["components"] === undefined ? node.components : checkedComponents(params["components"], category);
  const submission = node.submission + 1;
  await world.store.nodes.updateOne(
    { _id: node._id },
    {
      $set: { category, components, status: "PENDING", rejectedReason: "NONE", updatedAt: now, submission },
      $unset: { previousCategory: "" },
    },
  );
  await schedule(world, { kind: "template", about: node._id, dueAt: later(now, reviewDelayMs.template), submission });
  return success;
}

async function deleteTemplates({ world, node, params }: GraphCall<"waba">): Promise<Reply> {
  const ids = words(params, "hsm_ids") ?? [];
  const id = optionalText(params, "hsm_id");
  const wanted = (row: TemplateNode): boolean =>
    ids.length > 0 ? ids.includes(row._id) : row.name === text(params, "name") && (id === undefined || row._id === id);
  const found = (await templatesOf(world, node._id)).filter(wanted);
  if (found.length === 0)
    throw graphErrors.refused("Message template not found", "No template of this name exists in the account.", 2593002);
  await remove(world, found);
  return success;
}

async function remove(world: World, templates: readonly TemplateNode[]): Promise<void> {
  for (const node of templates) {
    await change<"template">(world, node, { status: "DELETED", updatedAt: world.clock.now() });
    await emit(world, {
      entryId: node.wabaId,
      wabaId: node.wabaId,
      field: "message_template_status_update",
      value: deletion(node),
    });
  }
}

const deletion = (node: TemplateNode): Params => ({
  event: "PENDING_DELETION",
  message_template_id: asNumber(node._id),
  message_template_name: node.name,
  message_template_language: node.language,
  reason: null,
  message_template_category: node.category,
});
