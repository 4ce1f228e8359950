import { type Month } from "@greentick/kernel";
import { dayAfter, firstOpenDay, isClosed, later } from "./calendar.js";
import { billingErrors } from "./errors.js";
import { planOn, type PricePlan } from "./price-plan.js";

/** What a client's next plan says. */
export type PlanOffer = Pick<
  PricePlan,
  | "effectiveFrom"
  | "currency"
  | "clauses"
  | "terms"
  | "volumeDiscounts"
  | "platformFeeMicros"
  | "fees"
  | "month"
  | "exchange"
  | "floorBasisPoints"
>;

/** What is known of the client when the plan is released. */
export interface PlanSituation {
  readonly plans: readonly PricePlan[];
  /** Absent while no billing account is open. */
  readonly account?: { readonly currency: string };
  /** The latest day that is booked, see the ledger. */
  readonly lastBookedDay?: string;
  readonly now: Date;
}

/** The same text for offers that say the same, in whatever order fields, and prices of a list, are given. */
const textOf = (offer: PlanOffer): string => {
  const { effectiveFrom, currency, clauses = [], terms, volumeDiscounts = "keep", ...rest } = offer;
  const { platformFeeMicros, fees, month, exchange, floorBasisPoints } = rest;
  const parts = [effectiveFrom, currency, clauses, terms, volumeDiscounts];
  return canonical([
    ...parts,
    platformFeeMicros,
    fees ?? null,
    month ?? null,
    exchange ?? null,
    floorBasisPoints ?? null,
  ]);
};

function canonical(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== "object" || value === null) return `${typeof value}:${String(value)}`;
  const fields = Object.entries(value).filter(([, one]) => one !== undefined);
  return `{${fields
    .map(([name, one]) => `${name}:${name === "prices" ? sorted(one) : canonical(one)}`)
    .sort()
    .join()}}`;
}

const sorted = (prices: unknown): string => (Array.isArray(prices) ? prices.map(canonical).sort().join() : "");

/** The plan in force from that very day, when it says the same as the offer: releasing it again changes nothing. */
export function samePlan(plans: readonly PricePlan[], offer: PlanOffer): PricePlan | undefined {
  const plan = planOn(plans, offer.effectiveFrom);
  return plan?.effectiveFrom === offer.effectiveFrom && textOf(plan) === textOf(offer) ? plan : undefined;
}

/**
 * Whether the plan may be released. It is in the account's currency. Where it replaces another plan it begins after the last booked day and in
 * an open month, because what is booked is not priced again. Where no plan was in force nothing can be booked under another one, so a first
 * plan may begin at any day in the past.
 * @throws BAD_USER_INPUT/currency_differs, BAD_USER_INPUT/price_plan_days_booked, BAD_USER_INPUT/price_plan_too_early.
 */
export function checkRelease(offer: PlanOffer, { plans, account, lastBookedDay, now }: PlanSituation): void {
  if (account === undefined) return;
  if (offer.currency !== account.currency) throw billingErrors.planCurrency(offer.currency, account.currency);
  if (planOn(plans, offer.effectiveFrom) === undefined) return;
  const { effectiveFrom } = offer;
  const month = effectiveFrom.slice(0, 7) as Month;
  if (lastBookedDay !== undefined && effectiveFrom <= lastBookedDay) {
    const earliest = later<string>(dayAfter(lastBookedDay), firstOpenDay(now));
    throw billingErrors.planDaysBooked({ effectiveFrom, lastBookedDay, earliest });
  }
  if (isClosed(month, now)) throw billingErrors.planTooEarly(effectiveFrom, month, firstOpenDay(now));
}

/**
 * An account opens in the currency of the plans that are or come into force; a plan that another one of the same day replaced has no say.
 * @throws BAD_USER_INPUT/currency_differs.
 */
export function checkAccountCurrency(plans: readonly PricePlan[], currency: string): void {
  const inForce = plans.filter((plan) => planOn(plans, plan.effectiveFrom) === plan);
  const other = inForce.find((plan) => plan.currency !== currency);
  if (other !== undefined) throw billingErrors.accountCurrency(currency, other);
}
