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

/** A word of Meta's in one spelling: lower case, underscores. */
export const plainWord = (raw: string): string => raw.toLowerCase().replaceAll("-", "_");

/** Reads words by their plain spelling. Meta writes nearly all of them so, or in capitals: those are found without being spelled again. */
function readerOf<T>(known: Readonly<Record<string, T>>): (raw: string) => T | undefined {
  const found = new Map(
    Object.entries(known).flatMap(([word, read]) => [[word, read] as const, [word.toUpperCase(), read] as const]),
  );
  return (raw) => found.get(raw) ?? found.get(plainWord(raw));
}

const categoryIn = readerOf<CategoryReading>({
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
});
const unknown: CategoryReading = { as: "unknown" };

export const readCategory = (raw: string): CategoryReading => categoryIn(raw) ?? unknown;

/** What is priced: conversations, until June 2025, or messages. */
export type ModelReading = "conversations" | "messages" | "unknown";
const modelIn = readerOf<ModelReading>({ cbp: "conversations", pmp: "messages" });

export const readModel = (raw: string): ModelReading => modelIn(raw) ?? "unknown";

export type TypeReading = "regular" | "free" | "unknown";
const typeIn = readerOf<TypeReading>({
  regular: "regular",
  free_customer_service: "free",
  free_entry_point: "free",
  free_group_customer_service: "free",
});

/** Whether Meta's word for a pricing type charges; Meta decides windows and free tiers and tells the outcome here. */
export const readType = (raw: string): TypeReading => typeIn(raw) ?? "unknown";

/** Statuses that prove a delivery: `read` and `played` imply it even when `delivered` never came. */
const proofIn = readerOf({ delivered: true, read: true, played: true });
export const provesDelivery = (status: string): boolean => proofIn(status) ?? false;
