import { dayMs } from "@greentick/kernel";
import { ask, control, type Target } from "@greentick/gateway";
import { end } from "./clock.js";
import { type Side } from "./sides.js";

const draft = `mutation Draft($input: DraftTemplateInput!) { draftTemplate(input: $input) { template { id } } }`;
const check = `mutation Check($input: TemplateInput!) { checkTemplate(input: $input) { template { status } } }`;
const send = `mutation Send($input: TemplateInput!) { sendTemplateToReview(input: $input) { template { status } } }`;

type Content = Readonly<Record<string, unknown>>;

/** Drafts that between them use everything a template can hold. */
const contents = (canary: string): Readonly<Record<string, Content>> => ({
  todo_de_texto: {
    category: "MARKETING",
    header: { format: "TEXT", text: `${canary} {{1}}`, samples: [{ variable: "1", value: "Ana" }] },
    body: { text: `Hola {{1}}, visite ${canary} esta semana.`, samples: [{ variable: "1", value: "Ana" }] },
    footer: { text: `Equipo de ${canary}` },
    buttons: [
      { type: "QUICK_REPLY", text: "Gracias" },
      { type: "URL", text: "Ver", url: "https://casa.example/{{1}}", urlSample: `https://casa.example/${canary}` },
      { type: "PHONE_NUMBER", text: "Llamar", phoneNumber: "+576015550147" },
      { type: "COPY_CODE", code: canary.slice(0, 8) },
    ],
  },
  todo_de_imagen: {
    category: "MARKETING",
    header: { format: "IMAGE", mediaHandle: `4::aW1hZ2U${canary}` },
    body: { text: `Un saludo de ${canary}.` },
  },
  codigo_de_acceso: {
    category: "AUTHENTICATION",
    body: { addSecurityRecommendation: true },
    footer: { codeExpirationMinutes: 10 },
    buttons: [
      {
        type: "OTP",
        text: "Copiar",
        otpType: "ZERO_TAP",
        autofillText: "Usar",
        packageName: `com.${canary.toLowerCase()}.app`,
        signatureHash: "K8a1AINcGX7",
        zeroTapTermsAccepted: true,
      },
    ],
  },
  sin_arreglo: { category: "UTILITY", body: { text: `{{1}} ${canary} {{2}}` } },
});

/** Drafts the same names at both sides; each is checked, and one stands before the reviewers. */
export async function draftEverything(target: Target, side: Side): Promise<void> {
  const { owner } = side.tokens;
  for (const [name, content] of Object.entries(contents(side.canary))) {
    const input = { wabaId: side.wabaIds[0], name, language: "es_CO", content, idempotencyKey: `draft:${name}` };
    // One of them by a program, so that the trail has something that a key did.
    const by = name === "sin_arreglo" ? side.tokens.api_key : owner;
    const { draftTemplate } = await ask<{ draftTemplate: { template: { id: string } } }>(target, by, draft, { input });
    const templateId = draftTemplate.template.id;
    await ask(target, owner, check, { input: { templateId } });
    if (name === "todo_de_texto") await ask(target, owner, send, { input: { templateId } });
  }
}

const decide = `mutation Decide($input: DecideTemplateReviewInput!) { decideTemplateReview(input: $input) { template { id } } }`;
const atMeta = `query AtMeta { templates(first: 50, name: "pedido_enviado") { nodes { metaTemplateId } } }`;

/** A template that our reviewers let through and Meta does not take. */
export async function failSubmission(target: Target, side: Side): Promise<void> {
  const { owner, visiting_staff: staff } = side.tokens;
  const content = { category: "UTILITY", body: { text: `Su mesa en ${side.canary} espera.` } };
  const input = { wabaId: side.wabaIds[0], name: "no_llega", language: "es_CO", content };
  const { draftTemplate } = await ask<{ draftTemplate: { template: { id: string } } }>(target, owner, draft, { input });
  const templateId = draftTemplate.template.id;
  for (const document of [check, send]) await ask(target, owner, document, { input: { templateId } });
  await control(target.metaUrl, "faults", {
    ...{ route: "POST /{waba}/message_templates", action: "refuse", httpStatus: 400, code: 100, isTransient: false },
    message: `Invalid parameter of ${side.canary}`,
  });
  await ask(target, staff, decide, { input: { templateId, decision: "APPROVED", reason: "Clear" } });
  await target.settle();
}

/** Meta announces another category for a template, three days ahead. */
export async function announceCategory(target: Target, side: Side): Promise<void> {
  const { templates } = await ask<{ templates: { nodes: { metaTemplateId: string }[] } }>(
    target,
    side.tokens.owner,
    atMeta,
  );
  const now = end.getTime();
  const value = {
    message_template_id: Number(templates.nodes[0]?.metaTemplateId),
    message_template_name: "pedido_enviado",
    message_template_language: "es_CO",
    new_category: "UTILITY",
    correct_category: "MARKETING",
    category_update_timestamp: Math.floor((now + 3 * dayMs) / 1000),
  };
  const entry = [
    { id: side.wabaIds[0], time: Math.floor(now / 1000), changes: [{ value, field: "template_category_update" }] },
  ];
  await control(target.metaUrl, "webhooks/post", {
    body: JSON.stringify({ object: "whatsapp_business_account", entry }),
  });
  await target.settle();
}
