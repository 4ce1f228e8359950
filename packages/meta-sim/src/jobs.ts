import { asNumber } from "./body.js";
import { type TemplateDecision, decideBadge, decideName, decideTemplate } from "./reviews.js";
import { type JobRow } from "./store.js";
import { type World, change, emit, nodeOf } from "./world.js";

/**
 * Runs what Meta does by itself at the job's time: decides and reports. Every job can run twice: it changes what is still waiting and
 * its reports carry the job's name.
 */
export async function runJob(world: World, job: JobRow): Promise<void> {
  await (jobs[job.kind] ?? unknownJob)(world, job);
}

type Run = (world: World, job: JobRow) => Promise<void>;

const unknownJob: Run = async (world, job) => {
  world.options.log?.warn({ kind: job.kind }, "job of an unknown kind is dropped");
  return Promise.resolve();
};

const jobs: Readonly<Record<string, Run>> = {
  template: decideAboutTemplate,
  name: decideAboutName,
  badge: decideAboutBadge,
  account: async (world, job) => {
    const waba = await nodeOf(world, "waba", job.about);
    if (waba === undefined) return;
    await change<"waba">(world, waba, { review: "APPROVED" });
    await report(world, job, { wabaId: waba._id, field: "account_review_update", value: { decision: "APPROVED" } });
  },
  capability: async (world, job) => {
    const value = { max_daily_conversations_per_business: "TIER_2K", max_phone_numbers_per_business: 20 };
    await report(world, job, { wabaId: job.about, field: "business_capability_update", value });
  },
};

async function decideAboutTemplate(world: World, job: JobRow): Promise<void> {
  const template = await nodeOf(world, "template", job.about);
  if (template === undefined || template.submission !== job.submission || template.status === "DELETED") return;
  const decision = decideTemplate(template);
  const category = decision.status === "APPROVED" ? decision.category : template.category;
  const previous = category === template.category ? template.previousCategory : template.category;
  await change<"template">(world, template, {
    status: decision.status,
    category,
    rejectedReason: decision.status === "APPROVED" ? "NONE" : decision.reason,
    updatedAt: world.clock.now(),
    ...(previous === undefined ? {} : { previousCategory: previous }),
  });
  const about = templateWords(template._id, template.name, template.language);
  const status = { ...about, ...decisionWords(decision), message_template_category: category };
  await report(world, job, { wabaId: template.wabaId, field: "message_template_status_update", value: status });
  if (previous === undefined) return;
  const value = { ...about, previous_category: previous, new_category: category };
  await report(world, job, { wabaId: template.wabaId, field: "template_category_update", value });
}

const decisionWords = (decision: TemplateDecision): Record<string, unknown> =>
  decision.status === "APPROVED"
    ? { event: "APPROVED", reason: "NONE" }
    : {
        event: "REJECTED",
        reason: decision.reason,
        rejection_info: { reason: decision.explanation, recommendation: decision.recommendation },
      };

const templateWords = (id: string, name: string, language: string): Record<string, unknown> => ({
  message_template_id: asNumber(id),
  message_template_name: name,
  message_template_language: language,
});
async function decideAboutName(world: World, job: JobRow): Promise<void> {
  const phone = await nodeOf(world, "phone", job.about);
  if (phone === undefined) return;
  const result = decideName(phone);
  await change<"phone">(world, phone, { nameStatus: result.decision === "APPROVED" ? "APPROVED" : "DECLINED" });
  await report(world, job, {
    wabaId: phone.wabaId,
    field: "phone_number_name_update",
    value: {
      display_phone_number: phone.cc + phone.national,
      decision: result.decision,
      requested_verified_name: phone.verifiedName,
      rejection_reason: result.decision === "APPROVED" ? null : result.reason,
    },
  });
}

async function decideAboutBadge(world: World, job: JobRow): Promise<void> {
  const phone = await nodeOf(world, "phone", job.about);
  if (phone === undefined) return;
  const status = decideBadge(phone);
  await change<"phone">(world, phone, { badge: { ...phone.badge, status, decidedAt: world.clock.now() } });
  const granted = status === "APPROVED";
  await report(world, job, {
    wabaId: phone.wabaId,
    field: "account_alerts",
    value: {
      entity_type: "PHONE_NUMBER",
      entity_id: phone._id,
      alert_info: {
        alert_severity: granted ? "INFORMATIONAL" : "CRITICAL",
        alert_status: "NONE",
        alert_type: granted ? "OBA_APPROVED" : "OBA_REJECTED",
        alert_description: granted
          ? "The phone number now has an official business account."
          : "The request for an official business account was not granted for this number.",
      },
    },
  });
}

interface AccountReport {
  readonly wabaId: string;
  readonly field: string;
  readonly value: Record<string, unknown>;
}

const report = async (world: World, job: JobRow, { wabaId, field, value }: AccountReport): Promise<void> =>
  emit(world, { entryId: wabaId, wabaId, field, value, id: `${job._id}:${field}` });
