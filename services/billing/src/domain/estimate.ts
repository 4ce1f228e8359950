import {
  after,
  dayMs,
  type LocalDate,
  type Money,
  startOfUtcDay,
  type TenantId,
  type UtcDay,
  utcDayOf,
} from "@greentick/kernel";
import { type AppliedRate, type ExchangeRate, rateOn } from "./exchange.js";
import { type Recipient } from "./markets.js";
import { planOn, type PricePlan } from "./price-plan.js";
import { type Charge, type NotRatable, type Pricing, rate, type Tariffs, type UnratedReason } from "./rate.js";
import { regimeOn } from "./rate-card.js";
import { type CardCategory, plainWord } from "./words.js";

/** Whether the recipient wrote within the last 24 hours (Meta: customer service window). */
export type ServiceWindow = "open" | "closed" | "unknown";

/** A message that was not sent yet, as far as a price needs it. */
export interface Intended {
  readonly recipient: Recipient;
  /** Meta's words; more than one while it is in doubt which of them Meta will use. */
  readonly categories: readonly string[];
  readonly window: ServiceWindow;
}

/** Where it would be priced: the WhatsApp account's currency, a day in its zone, the client's plans, and what their exchange rules look at. */
export interface PricingPlace {
  readonly currency: string;
  readonly localDate: LocalDate;
  readonly plans: readonly PricePlan[];
  readonly tariffs: Tariffs;
  /** Of the client and those above it. */
  readonly rates: readonly ExchangeRate[];
  /** The client first, then those above it. */
  readonly owners: readonly TenantId[];
}

/** Why a message has no estimated price although cards and plan do. */
export interface NotSendable {
  readonly kind: "not_sendable";
  readonly reason: "outside_window";
}

/** One way in which Meta may price the message, and what the client would pay then. */
export interface EstimateCase {
  readonly category: string;
  readonly window: "open" | "closed";
  /** Meta's pricing type that is assumed; none under conversation-based pricing. */
  readonly pricingType?: string;
  readonly assumes: string;
  readonly planNumber?: number;
  readonly outcome: Charge | NotRatable | NotSendable;
}

/** What a message can cost. Without `lowest` nothing could be priced. */
export interface PriceRange {
  readonly lowest?: Money;
  readonly highest?: Money;
  readonly cases: readonly EstimateCase[];
}

export interface Estimate {
  readonly localDate: LocalDate;
  readonly now: PriceRange;
  readonly ifWindowCloses: PriceRange;
}

interface Assumption {
  readonly type?: string;
  readonly assumes: string;
}

const regular = (assumes: string): Assumption => ({ type: "regular", assumes });
const inWindow = (assumes: string): Assumption => ({ type: "free_customer_service", assumes });

/** The pricing types that Meta may decide on (Meta: pricing; free entry points are left out: nobody knows of one before Meta says so). */
function assumptionsFor(category: string, window: "open" | "closed", date: LocalDate): readonly Assumption[] {
  const word = plainWord(category);
  const regime = regimeOn(date);
  if (regime === "CBP") return [{ assumes: "it opens a new conversation" }];
  if (word === "service" && window === "closed") return [];
  if (regime === "PMP_FREE_WINDOW") {
    const free = window === "open" && (word === "utility" || word === "service");
    return [free ? inWindow("inside the service window it is free") : regular("every delivery is charged")];
  }
  if (word !== "service") return [regular("every delivery is charged")];
  return [
    inWindow("the number's free service messages of this month are not used up"),
    regular("the number's free service messages of this month are used up"),
  ];
}

const pricingOf = (category: string, type: string | undefined): Pricing =>
  type === undefined ? { model: "CBP", category } : { model: "PMP", category, type };

/** The rate into the plan's currency as far as it is known today; undefined where none is needed or none is known. */
function exchangeIn(
  { currency: from, localDate: date, rates, owners }: PricingPlace,
  plan: PricePlan,
): { readonly exchange?: AppliedRate } {
  if (plan.exchange === undefined || plan.currency === from) return {};
  const exchange = rateOn(rates, { from, to: plan.currency, date, rule: plan.exchange, owners });
  return exchange === undefined ? {} : { exchange };
}

function casesOf(
  { recipient, categories }: Intended,
  window: "open" | "closed",
  place: PricingPlace,
): readonly EstimateCase[] {
  const { currency, localDate, plans, tariffs } = place;
  const plan = planOn(plans, localDate);
  const basis = { currency, localDate, recipient, group: false, ...(plan && exchangeIn(place, plan)) };
  return categories.flatMap((category): EstimateCase[] => {
    const assumptions = assumptionsFor(category, window, localDate);
    if (assumptions.length === 0) {
      const outcome = { kind: "not_sendable", reason: "outside_window" } as const;
      return [{ category, window, assumes: "Meta refuses what is no template outside the service window", outcome }];
    }
    return assumptions.map(({ type, assumes }) => ({
      category,
      window,
      ...(type !== undefined && { pricingType: type }),
      assumes,
      ...(plan && { planNumber: plan.number }),
      outcome: plan
        ? rate({ ...basis, pricing: pricingOf(category, type) }, tariffs, plan)
        : { kind: "not_ratable", reason: "awaiting_plan" },
    }));
  });
}

const chargesIn = (cases: readonly EstimateCase[]): readonly Money[] =>
  cases.flatMap(({ outcome }) => (outcome.kind === "charge" ? [outcome.charge] : []));

const lower = (a: Money, b: Money): Money => (b.amountMicros < a.amountMicros ? b : a);
const higher = (a: Money, b: Money): Money => (b.amountMicros > a.amountMicros ? b : a);

/** All cases are in one currency: the plan's. */
function rangeOf(cases: readonly EstimateCase[]): PriceRange {
  const charges = chargesIn(cases);
  const [first] = charges;
  if (first === undefined) return { cases };
  return { lowest: charges.reduce(lower, first), highest: charges.reduce(higher, first), cases };
}

/**
 * What a message would cost if it were delivered on that day: as the window is now, and if it closes first. With several categories, an
 * unknown window, or Meta's free service messages in doubt the price is a range. At the list rate: volume tiers, and what a plan settles over a
 * whole month, are not in it. Nothing of it is kept, and Meta decides at delivery.
 */
export function estimate(intended: Intended, place: PricingPlace): Estimate {
  const { window } = intended;
  const open = window === "closed" ? [] : casesOf(intended, "open", place);
  const closed = casesOf(intended, "closed", place);
  const now = window === "open" ? open : [...open, ...closed];
  return { localDate: place.localDate, now: rangeOf(now), ifWindowCloses: rangeOf(closed) };
}

/** Meta tries to deliver for so long (Meta: messages, time to live). */
export const longestDeliveryDays = 30;

export interface CategoryPrice {
  readonly category: CardCategory;
  /** Highest price that a case of the category has. */
  readonly charge: Money;
}
export type WorstCase =
  | { readonly kind: "priced"; readonly highest: Money; readonly byCategory: readonly CategoryPrice[] }
  | { readonly kind: "not_ratable"; readonly reason: UnratedReason }
  | NotSendable;

/**
 * The most that one message can cost: over the categories in doubt, the window as it may become, and every day of the next thirty on
 * which another card or plan begins. A later day that has no price yet does not count; today must have one for every case.
 */
export function worstCase(intended: Intended, place: PricingPlace): WorstCase {
  const today = casesNow(intended, place);
  const gap = today.find(({ outcome }) => outcome.kind === "not_ratable")?.outcome;
  if (gap?.kind === "not_ratable") return gap;
  const later = changeDays(place).flatMap((localDate) => casesNow(intended, { ...place, localDate }));
  const highest = rangeOf([...today, ...later]).highest;
  if (highest === undefined) return { kind: "not_sendable", reason: "outside_window" };
  return {
    kind: "priced",
    highest,
    byCategory: byCategory([...today, ...later]),
  };
}

function byCategory(cases: readonly EstimateCase[]): readonly CategoryPrice[] {
  const charges = cases.flatMap(({ outcome }) => (outcome.kind === "charge" ? [outcome] : []));
  const categories = [...new Set(charges.map(({ category }) => category))];
  return categories.map((category) => ({
    category,
    charge: charges
      .filter((one) => one.category === category)
      .map(({ charge }) => charge)
      .reduce(higher),
  }));
}

const casesNow = (intended: Intended, place: PricingPlace): readonly EstimateCase[] => {
  const { now, ifWindowCloses } = estimate(intended, place);
  return [...now.cases, ...ifWindowCloses.cases];
};

/** The days ahead on which prices can change. */
function changeDays({ localDate, currency, plans, tariffs }: PricingPlace): readonly LocalDate[] {
  const last = utcDayOf(after(startOfUtcDay(localDate as string as UtcDay), longestDeliveryDays * dayMs));
  const cards = tariffs.rates.cards.filter((card) => card.currency === currency);
  const begins = [...cards, ...plans].map(({ effectiveFrom }) => effectiveFrom);
  return [...new Set(begins)].filter((day) => day > localDate && day <= (last as string)).sort();
}
