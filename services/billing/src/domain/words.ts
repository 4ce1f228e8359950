/** Categories that a rate card has rows for. Webhooks write `authentication-international` with a hyphen, cards with an underscore. */
export const cardCategories = [
  "marketing",
  "utility",
  "authentication",
  "authentication_international",
  "service",
] as const;
export type CardCategory = (typeof cardCategories)[number];

export const isCardCategory = (text: string): text is CardCategory =>
  (cardCategories as readonly string[]).includes(text);

/** How Meta's word for a category is priced (Meta: pricing, 2026-10-01). */
export type CategoryReading =
  | { readonly as: "card"; readonly category: CardCategory }
  /** Delivered to members of a group: Meta names the category but publishes no card for it. */
  | { readonly as: "group"; readonly category: CardCategory }
  /** Never has a price: a conversation that a click on an ad opened. */
  | { readonly as: "free_entry" }
  | { readonly as: "unknown" };

const readings: Readonly<Record<string, CategoryReading>> = {
  marketing: { as: "card", category: "marketing" },
  marketing_lite: { as: "card", category: "marketing" },
  marketing_lite_dynamic: { as: "card", category: "marketing" },
  utility: { as: "card", category: "utility" },
  authentication: { as: "card", category: "authentication" },
  authentication_international: { as: "card", category: "authentication_international" },
  service: { as: "card", category: "service" },
  referral_conversion: { as: "free_entry" },
  group_marketing: { as: "group", category: "marketing" },
  group_marketing_lite: { as: "group", category: "marketing" },
  group_utility: { as: "group", category: "utility" },
  group_service: { as: "group", category: "service" },
};

/** A word of Meta's in one spelling: lower case, underscores. */
export const plainWord = (raw: string): string => raw.toLowerCase().replaceAll("-", "_");

export const readCategory = (raw: string): CategoryReading => readings[plainWord(raw)] ?? { as: "unknown" };

const freeTypes = ["free_customer_service", "free_entry_point", "free_group_customer_service"];
export type TypeReading = "regular" | "free" | "unknown";

/** Whether Meta's word for a pricing type charges; Meta decides windows and free tiers and tells the outcome here. */
export function readType(raw: string): TypeReading {
  const plain = plainWord(raw);
  if (plain === "regular") return "regular";
  return freeTypes.includes(plain) ? "free" : "unknown";
}

/** Statuses that prove a delivery: `read` and `played` imply it even when `delivered` never came. */
const proofs = ["delivered", "read", "played"];
export const provesDelivery = (status: string): boolean => proofs.includes(plainWord(status));
