import { minuteMs } from "@greentick/kernel";
import { type Client } from "./clients.js";
import { ask, type Target } from "./target.js";

export interface TemplatePlan {
  readonly name: string;
  readonly language: string;
  readonly category: "MARKETING" | "UTILITY" | "AUTHENTICATION";
  readonly body: string;
  readonly samples?: readonly { readonly variable: string; readonly value: string }[];
}

export interface DecidedTemplate {
  readonly name: string;
  readonly status: string;
  readonly requestedCategory: string;
  readonly category: string;
  readonly reason: string | null;
}

interface Template {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly category: { readonly raw: string } | null;
  readonly rejection: { readonly reason: { readonly raw: string } | null } | null;
}

const draft = `mutation DraftTemplate($input: DraftTemplateInput!) { draftTemplate(input: $input) { template { id } } }`;
const check = `mutation CheckTemplate($input: TemplateInput!) { checkTemplate(input: $input) { template { status findings { severity code problem } } } }`;
const send = `mutation SendTemplateToReview($input: TemplateInput!) { sendTemplateToReview(input: $input) { template { id } } }`;
const decide = `mutation DecideTemplateReview($input: DecideTemplateReviewInput!) { decideTemplateReview(input: $input) { template { id } } }`;
const read = `query Template($id: ID!) { template(id: $id) { id name status category { raw } rejection { reason { raw } } } }`;

/** Drafts, checks, reviews and submits the templates, and waits for Meta's decisions. Moves the clock on by ten minutes from `now`. */
export async function decideTemplates(
  target: Target,
  client: Client,
  wabaId: string,
  plans: readonly TemplatePlan[],
  now: Date,
): Promise<readonly DecidedTemplate[]> {
  const ids: string[] = [];
  for (const plan of plans) ids.push(await submitTemplate(target, client, wabaId, plan));
  await target.settle();
  await target.moveClock(new Date(now.getTime() + 10 * minuteMs));
  const decided: DecidedTemplate[] = [];
  for (const [at, id] of ids.entries()) {
    const { template } = await ask<{ template: Template }>(target, client.token, read, { id });
    decided.push({
      name: template.name,
      status: template.status,
      requestedCategory: plans[at]?.category ?? "",
      category: template.category?.raw ?? "",
      reason: template.rejection?.reason?.raw ?? null,
    });
  }
  return decided;
}

/** Drafts and checks a template and hands it to our reviewers. Answers its id. @throws Error when the check finds fault. */
export async function sendToReview(
  target: Target,
  client: Client,
  wabaId: string,
  plan: TemplatePlan,
): Promise<string> {
  const content = {
    category: plan.category,
    body: { text: plan.body, ...(plan.samples && { samples: plan.samples }) },
  };
  const input = { wabaId, name: plan.name, language: plan.language, content, idempotencyKey: `story:${plan.name}` };
  const { draftTemplate } = await ask<{ draftTemplate: { template: { id: string } } }>(target, client.token, draft, {
    input,
  });
  const templateId = draftTemplate.template.id;
  const checked = await ask<{ checkTemplate: { template: { status: string; findings: unknown } } }>(
    target,
    client.token,
    check,
    { input: { templateId } },
  );
  if (checked.checkTemplate.template.status !== "CHECKED")
    throw new Error(
      `The template ${plan.name} fails the check: ${JSON.stringify(checked.checkTemplate.template.findings)}`,
    );
  await ask(target, client.token, send, { input: { templateId } });
  return templateId;
}

/** Sends a template through our review on to Meta, which decides five minutes later. Answers its id. */
export async function submitTemplate(
  target: Target,
  client: Client,
  wabaId: string,
  plan: TemplatePlan,
): Promise<string> {
  const templateId = await sendToReview(target, client, wabaId, plan);
  await ask(target, target.tokens.template_reviewer, decide, {
    input: { templateId, decision: "APPROVED", reason: "Clear and specific" },
  });
  return templateId;
}
