import { type LocalDate, microsFromDecimal, money, type Money } from "@greentick/kernel";
import { type MarketIndex, marketOf, type Recipient } from "./markets.js";
import { type AppliedRate } from "./exchange.js";
import { type PricePlan, priceUnder } from "./price-plan.js";
import { findRate, type RateIndex, type RateRef, type Regime, regimeOn } from "./rate-card.js";
import { type Reason } from "./reason.js";
import { seriesOf } from "./tier.js";
import {
  type CardCategory,
  type CategoryReading,
  plainWord,
  readCategory,
  readModel,
  readType,
  type TypeReading,
} from "./words.js";

/** What Meta said about the price of a message or conversation, in Meta's words. */
export interface Pricing {
  readonly model: string;
  readonly type?: string;
  readonly category: string;
  readonly subtype?: string;
  /** Digits as Meta wrote them, in units of the currency. */
  readonly cost?: { readonly amount: string; readonly currency: string };
}

/** Everything that a price is made of. An entry keeps it, so that it can be rated again for ever. */
export interface RatingBasis {
  /** Currency of the WhatsApp account: Meta publishes a card for each, none is derived from another. */
  readonly currency: string;
  /** Day of delivery in the account's zone; for a conversation the day it was opened by its first delivery. */
  readonly localDate: LocalDate;
  readonly recipient: Recipient;
  readonly group: boolean;
  readonly pricing: Pricing;
  /** Position in Meta's volume counter that the portfolio had reached, where Meta has told one; absent: the list rate. */
  readonly position?: number;
  /** Since when, by Meta's clock. */
  readonly positionSince?: Date;
  /** Into the plan's currency, where that is another one. */
  readonly exchange?: AppliedRate;
}

export interface Charge {
  readonly kind: "charge";
  /** Nothing is charged by Meta. */
  readonly free: boolean;
  readonly market: string;
  readonly category: CardCategory;
  /** What Meta charges us, volume discounts taken off. */
  readonly cost: Money;
  /** What Meta charges without volume discounts. */
  readonly list: Money;
  readonly charge: Money;
  /** The list rate. */
  readonly rate?: RateRef;
  /** The rate of the volume tier that was reached, which is what Meta charges. The provider's business, not its clients'. */
  readonly tier?: RateRef;
  /** From delivery to the client's price, step by step. */
  readonly reasons: readonly Reason[];
  /** Why Meta charges another rate than the list's; as little as the cost for clients' eyes. */
  readonly costReasons: readonly Reason[];
}

/** Why something delivered has no price. It stays unrated and is shown until the reason is gone. */
export const unratedReasons = {
  awaiting_pricing: "Delivered, but no status has said yet how Meta prices it. It is rated when one does.",
  awaiting_conversation:
    "Delivered and priced by conversation, but no status has named the conversation yet. It is rated when one does.",
  awaiting_account:
    "The WhatsApp account is not known here yet, so currency and zone are missing. It is rated when onboarding has linked the account.",
  awaiting_plan: "The client has no price plan in force on that day. Release one that begins on that day or before it.",
  awaiting_billing:
    "The client's billing account is not open, or Stripe does not have its customer and subscription yet. Open it, or see why it is still opening.",
  currency_differs:
    "The WhatsApp account is in another currency than the client's billing, and the price plan has no exchange rule. Release a plan that has one, or bill that account through a client of its currency.",
  no_exchange_rate:
    "The plan's exchange rule finds no rate that is young enough on that day. It is rated when one is set with setExchangeRate.",
  unknown_category: "Meta used a category that no rate card of ours knows. Add the card that has it.",
  unknown_type: "Meta used a pricing type that this version does not know. It is rated after an update that does.",
  unknown_model: "Meta used a pricing model that this version does not know. It is rated after an update that does.",
  model_mismatch: "The pricing model does not belong to the day of delivery. Compare the webhook with Meta's invoice.",
  group_without_card: "Charged messages to groups have no published card. Compare the webhook with Meta's invoice.",
  recipient_unknown:
    "Neither number nor country of the recipient is known, so there is no market. Compare the webhook with Meta's invoice.",
  no_card_in_force:
    "No rate card of this currency, or no grouping of countries into markets, is in force on that day. Add Meta's card.",
  no_rate_in_card:
    "The card in force has no rate for this market and category. Compare the card with what Meta publishes.",
  cost_unreadable: "Meta stated a price that is not a plain decimal number. Compare the webhook with Meta's invoice.",
  cost_currency_differs:
    "Meta stated a price in another currency than the account's. Compare the webhook with Meta's invoice.",
  no_price_in_plan:
    "The client's own price list has no price for this market and category. Release a plan whose list has one.",
} as const;
export type UnratedReason = keyof typeof unratedReasons;

/** What an account, a plan or a billing account can resolve when it arrives. */
export const resolvedByArrival: readonly UnratedReason[] = [
  "awaiting_account",
  "awaiting_plan",
  "awaiting_billing",
  "currency_differs",
  "no_exchange_rate",
  "no_price_in_plan",
];

/** What a rate card or a grouping that is released can resolve. */
export const resolvedByCards: readonly UnratedReason[] = ["no_card_in_force", "no_rate_in_card"];

export interface NotRatable {
  readonly kind: "not_ratable";
  readonly reason: UnratedReason;
}
const notRatable = (reason: UnratedReason): NotRatable => ({ kind: "not_ratable", reason });

export interface Tariffs {
  readonly rates: RateIndex;
  readonly markets: MarketIndex;
  /**
   * Published cards on all their own days, whether or not others have replaced them: what they rated is rated again by themselves. Undefined when
   * one of them is not known.
   */
  readonly named?: (cardIds: readonly string[]) => RateIndex | undefined;
}

/** Utility conversations opened before 2025-07-01 may still be named on the day after it; they were paid when they opened. */
const lastDayOfOldConversations = "2025-07-02";
/** Conversations that an ad opened lasted 72 hours instead of 24. */
const lastDayOfOldEntries = "2025-07-04";

interface Base {
  readonly free: boolean;
  readonly market: string;
  readonly category: CardCategory;
  readonly cost: Money;
  /** The same without a volume discount. */
  readonly list: Money;
  readonly rate?: RateRef;
  readonly tier?: RateRef;
  readonly reasons: readonly Reason[];
  readonly costReasons: readonly Reason[];
}

/**
 * What a delivery costs at Meta and what the client pays for it. Pure: the same basis, cards and plan give the same micros and reasons.
 * The pricing type and category of the webhook decide windows and free tiers; cards decide rates (Meta: pricing).
 */
export function rate(basis: RatingBasis, tariffs: Tariffs, plan: PricePlan): Charge | NotRatable {
  const base = costOf(basis, tariffs);
  if ("kind" in base) return base;
  const { exchange } = basis;
  const price = priceUnder(plan, exchange === undefined ? base : { ...base, exchange });
  if (typeof price === "string") return notRatable(price);
  const says = `Plan ${plan.number}, in force from ${plan.effectiveFrom}: ${price.clause}; ${price.arithmetic} = ${price.charge.amountMicros} micros.`;
  // A client to whom discounts are passed on has to see which; to others they are the provider's cost.
  const passed = plan.volumeDiscounts === "pass" ? base.costReasons : [];
  const reasons = [...base.reasons, ...passed, ...price.reasons, { rule: "plan", says }];
  return {
    kind: "charge",
    free: base.free,
    market: base.market,
    category: base.category,
    cost: base.cost,
    list: base.list,
    charge: price.charge,
    reasons,
    costReasons: [...base.costReasons, ...price.costReasons],
    ...(base.rate && { rate: base.rate }),
    ...(base.tier && { tier: base.tier }),
  };
}

/** Meta's side alone. */
function costOf(basis: RatingBasis, tariffs: Tariffs): Base | NotRatable {
  const reading = readCategory(basis.pricing.category);
  const refusal = modelRefusal(basis, reading);
  if (refusal !== undefined) return notRatable(refusal);
  const free = freeRule(basis, reading);
  if (typeof free === "string") return notRatable(free);
  return free === undefined ? charged(basis, reading, tariffs) : freeOfCharge(basis, tariffs, { reading, why: free });
}

/** Conversation-based pricing ended, and per-message pricing began, at 00:00 of 2025-07-01 in the account's zone. */
function modelRefusal({ pricing, localDate }: RatingBasis, reading: CategoryReading): UnratedReason | undefined {
  const model = readModel(pricing.model);
  if (model === "unknown") return "unknown_model";
  const conversations = regimeOn(localDate) === "CBP";
  if (model === "messages") return conversations ? "model_mismatch" : undefined;
  const lastDay = reading.as === "free_entry" ? lastDayOfOldEntries : lastDayOfOldConversations;
  return conversations || localDate <= lastDay ? undefined : "model_mismatch";
}

/** The rule that makes it free, undefined when it is charged, or why nobody can say. */
function freeRule(basis: RatingBasis, reading: CategoryReading): Reason | UnratedReason | undefined {
  const { pricing, localDate } = basis;
  if (reading.as === "free_entry") return { rule: "category.free", says: `${pricing.category} is never charged.` };
  if (pricing.subtype !== undefined && plainWord(pricing.subtype) === "paid_exempt")
    return { rule: "subtype.exempt", says: "The organisation is exempt from service charges." };
  const type = typeOf(pricing);
  if (type === "unknown") return "unknown_type";
  if (type === "free") return { rule: "type.free", says: `Meta decided ${pricing.type ?? ""}: not charged.` };
  if (isByConversation(pricing) && regimeOn(localDate) !== "CBP")
    return { rule: "cbp.tail", says: "Part of a conversation paid before 2025-07-01." };
  return undefined;
}

const isByConversation = ({ model }: Pricing): boolean => readModel(model) === "conversations";

/** Webhooks about conversations have no type, or one that means the same. */
function typeOf(pricing: Pricing): TypeReading {
  if (pricing.type !== undefined) return readType(pricing.type);
  return isByConversation(pricing) ? "regular" : "unknown";
}

function freeOfCharge(
  basis: RatingBasis,
  tariffs: Tariffs,
  { reading, why }: { reading: CategoryReading; why: Reason },
): Base {
  const finding = marketOf(tariffs.markets, basis.recipient, basis.localDate);
  return {
    free: true,
    market: finding?.market ?? "Other",
    category: "category" in reading ? reading.category : "service",
    cost: money(basis.currency, 0n),
    list: money(basis.currency, 0n),
    reasons: [regimeReason(basis), ...(finding === undefined ? [] : [finding.reason]), why],
    costReasons: [],
  };
}

function charged(basis: RatingBasis, reading: CategoryReading, tariffs: Tariffs): Base | NotRatable {
  if (reading.as === "group" || basis.group) return notRatable("group_without_card");
  if (reading.as !== "card") return notRatable("unknown_category");
  const finding = marketOf(tariffs.markets, basis.recipient, basis.localDate);
  if (finding === undefined) return notRatable(isKnown(basis.recipient) ? "no_card_in_force" : "recipient_unknown");
  const { category } = reading;
  const known = { market: finding.market, category };
  const reasons = [regimeReason(basis), finding.reason, categoryReason(basis, category)];
  const { cost } = basis.pricing;
  if (cost !== undefined) return statedCost(cost, basis.currency, { ...known, reasons });
  return byCard(basis, known, { tariffs, reasons });
}

/** Whoever is known belongs to a market, if only to the default one, on every day of which a grouping was published. */
const isKnown = ({ dialPrefix, country }: Recipient): boolean => dialPrefix !== undefined || country !== undefined;

/** The list rate, and with it the volume tier that the portfolio had reached; a tier of which no card tells costs the list rate. */
function byCard(
  { currency, localDate: date, position, positionSince }: RatingBasis,
  known: Pick<Base, "market" | "category">,
  { tariffs, reasons }: { readonly tariffs: Tariffs; readonly reasons: readonly Reason[] },
): Base | NotRatable {
  const ask = { currency, date, ...known };
  const list = findRate(tariffs.rates, ask);
  if (typeof list === "string") return notRatable(list);
  const tiered = position !== undefined && seriesOf(known.category) !== undefined;
  const tier = tiered ? findRate(tariffs.rates, { ...ask, position }) : list;
  const found = typeof tier === "string" ? list : tier;
  return {
    free: found.rateMicros === 0n,
    market: known.market,
    category: known.category,
    cost: found.price,
    list: list.price,
    rate: list.ref,
    reasons: [...reasons, list.reason],
    costReasons: tiered ? [tierReason(position, positionSince), { ...found.reason, rule: "tier.card" }] : [],
    ...(tiered && { tier: found.ref }),
  };
}

/** Below a thousand million units: more is no price of one message, and its sums would not fit the 64 bits of an amount in the store. */
const readablePrice = /^\d{1,9}(\.\d{1,30})?$/;

/** A price on the event beats the card; Meta's invoice has the last word (Meta: marketing messages, maximum price). */
function statedCost(
  { amount, currency }: NonNullable<Pricing["cost"]>,
  accountCurrency: string,
  known: Pick<Base, "market" | "category" | "reasons">,
): Base | NotRatable {
  if (currency !== accountCurrency) return notRatable("cost_currency_differs");
  if (!readablePrice.test(amount)) return notRatable("cost_unreadable");
  const micros = microsFromDecimal(amount, "round");
  const says = `Meta stated ${amount} ${currency} for this message: ${micros} micros.`;
  return {
    free: micros === 0n,
    ...known,
    cost: money(currency, micros),
    list: money(currency, micros),
    reasons: [...known.reasons, { rule: "cost.stated", says }],
    costReasons: [],
  };
}

const regimeRules: Readonly<Record<Regime, string>> = {
  CBP: "regime.cbp",
  PMP_FREE_WINDOW: "regime.pmp_free_window",
  PMP_CHARGED_WINDOW: "regime.pmp_charged_window",
};

const regimeReason = ({ localDate }: RatingBasis): Reason => ({
  rule: regimeRules[regimeOn(localDate)],
  says: `Delivered on ${localDate} in the account's zone.`,
});

const categoryReason = ({ pricing }: RatingBasis, category: CardCategory): Reason => ({
  rule: "category",
  says: `Meta priced it as ${pricing.category}${pricing.type === undefined ? "" : `, ${pricing.type}`}: the ${category} rate.`,
});

const tierReason = (position: number, since: Date | undefined): Reason => ({
  rule: "tier",
  says: `Meta told that the portfolio was at message ${position} of the month or later${since === undefined ? "" : ` from ${since.toISOString()} on`}.`,
});
