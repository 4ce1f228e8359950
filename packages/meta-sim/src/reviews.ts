import { type PhoneNode, type TemplateNode } from "./store.js";
import { days, minutes } from "./world.js";

/**
 * How the simulated Meta decides: by words, so that a test can force any outcome. Lower and upper case do not matter.
 * The README lists the same words.
 */
export const reviewDelayMs = {
  account: minutes(2),
  template: minutes(5),
  displayName: minutes(60),
  badge: days(2),
  capability: minutes(10),
} as const;

export type TemplateDecision =
  | { readonly status: "APPROVED"; readonly category: string }
  | {
      readonly status: "REJECTED";
      readonly reason: string;
      readonly explanation: string;
      readonly recommendation: string;
    };

interface Refusal {
  readonly pattern: RegExp;
  readonly reason: string;
  readonly explanation: string;
  readonly recommendation: string;
}

const refusals: readonly Refusal[] = [
  {
    pattern: /casino|gambl|apuesta/i,
    reason: "ABUSIVE_CONTENT",
    explanation: "The content is about gambling, which the messaging policy does not allow.",
    recommendation: "Remove the offer of gambling.",
  },
  {
    pattern: /password|card number|contraseña|senha/i,
    reason: "SCAM",
    explanation: "The template asks the user for confidential data.",
    recommendation: "Do not ask for passwords, card numbers or identity documents.",
  },
  {
    pattern: /\}\}\s*\{\{/,
    reason: "INVALID_FORMAT",
    explanation: "Two parameters stand next to each other with no text between them.",
    recommendation: "Put descriptive words between the parameters.",
  },
];

const promotional =
  /\b(sale|discount|offer|promo\w*|coupon|descuento\w*|oferta\w*|promoç\w*|desconto\w*)\b|% off|black friday/i;
const otp = /verification code|one-time|código de verificaci|código de verificaç/i;

/** The decision about a template (Meta: template categorization; UTILITY that reads like promotion is approved as MARKETING). */
export function decideTemplate(template: TemplateNode): TemplateDecision {
  const text = textOf(template);
  const refusal = template.name.includes("refuse") ? namedRefusal : refusals.find(({ pattern }) => pattern.test(text));
  if (refusal !== undefined) return { status: "REJECTED", ...reasonsOf(refusal) };
  if (template.category !== "AUTHENTICATION" && otp.test(text))
    return { status: "REJECTED", ...reasonsOf(wrongCategory) };
  const flips = template.category === "UTILITY" && promotional.test(text);
  return { status: "APPROVED", category: flips ? "MARKETING" : template.category };
}

const namedRefusal = {
  reason: "INVALID_FORMAT",
  explanation: "The template does not follow the guidelines.",
  recommendation: "Compare it with the template guidelines and submit it again.",
};
const wrongCategory = {
  reason: "INCORRECT_CATEGORY",
  explanation: "A one-time code belongs into an authentication template.",
  recommendation: "Submit it with the category AUTHENTICATION.",
};
const reasonsOf = ({ reason, explanation, recommendation }: Omit<Refusal, "pattern">): Omit<Refusal, "pattern"> => ({
  reason,
  explanation,
  recommendation,
});

const textOf = (template: TemplateNode): string => JSON.stringify(template.components);

export type NameDecision =
  { readonly decision: "APPROVED" } | { readonly decision: "REJECTED"; readonly reason: string };

/** The decision about a display name. */
export function decideName(phone: PhoneNode): NameDecision {
  if (/refuse/i.test(phone.verifiedName)) return { decision: "REJECTED", reason: "NAME_FORMAT_UNACCEPTABLE" };
  if (/whatsapp|facebook|meta\b/i.test(phone.verifiedName))
    return { decision: "REJECTED", reason: "NAME_ENDCLIENT_NOTRELATED" };
  return { decision: "APPROVED" };
}

/** The decision about a badge: granted unless the application holds the word. */
export const decideBadge = (phone: PhoneNode): "APPROVED" | "REJECTED" =>
  /refuse/i.test(JSON.stringify(phone.badge.application ?? {})) ? "REJECTED" : "APPROVED";
