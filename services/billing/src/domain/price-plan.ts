import { type LocalDate, money, type Money, type TenantId } from "@greentick/kernel";
import { type AppliedRate, exchangeReason, type ExchangeRule, factorOf } from "./exchange.js";
import { type Exact, exactly, plusMicros, rounded, times, withBasisPoints } from "./exact.js";
import { type MonthTerms } from "./month-terms.js";
import { type Reason } from "./reason.js";
import { type CardCategory } from "./words.js";

/** What a client pays for a message, given what Meta charges for it. Amounts in micros of the plan's currency. */
export type PlanTerms =
  | { readonly kind: "pass_through" }
  /** Basis points on top of Meta's price: 1500 is 15 %. */
  | { readonly kind: "percent"; readonly basisPoints: number }
  /** An amount on top of Meta's price for each delivered message; for messages that are free at Meta only when `freeToo`. */
  | { readonly kind: "fixed"; readonly microsPerMessage: bigint; readonly freeToo: boolean }
  /** One price for every message, whatever Meta's. Messages that are free at Meta stay free. */
  | { readonly kind: "own_price"; readonly micros: bigint }
  /** Own prices by market and category; `*` stands for every market. Messages that are free at Meta stay free. */
  | { readonly kind: "own_list"; readonly prices: readonly OwnPrice[] };

export interface OwnPrice {
  readonly market: string;
  readonly category: CardCategory;
  readonly micros: bigint;
}

/** Terms of their own for some messages. Absent market or category: all of them. */
export interface PlanClause {
  readonly market?: string;
  readonly category?: CardCategory;
  readonly terms: PlanTerms;
}

/**
 * Who has Meta's volume discounts. `keep`: the client's price is built on Meta's list rate, whatever tier the provider pays; `pass`: on the
 * rate of the tier.
 */
export type VolumeDiscounts = "keep" | "pass";

/** Fees beside the monthly one. Micros per calendar month in UTC; zero for none. */
export interface FeeTerms {
  /** For each WhatsApp account, from the day it was linked. */
  readonly wabaMicros: bigint;
  /** For each number, from the day it went live. */
  readonly numberMicros: bigint;
  /** The first and the last month of every fee by their days; else each month is owed whole. */
  readonly byDays: boolean;
}

/** Why a plan below its floor was released all the same. */
export interface BelowFloor {
  readonly reason: string;
  readonly floorBasisPoints: number;
  /** Market and category of each cell below the floor. */
  readonly cells: readonly string[];
}

/** One released version of a client's prices; a later version replaces it from its own first day on. Never changed. */
export interface PricePlan {
  readonly id: string;
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  readonly version: number;
  /** 1 for the client's first plan, and so on. */
  readonly number: number;
  /** By the day of delivery in the account's zone. */
  readonly effectiveFrom: LocalDate;
  /** The client's: what Meta charges in another one is brought into it by `exchange`. */
  readonly currency: string;
  /** Looked through in order; the first that fits holds, and `terms` where none does. */
  readonly clauses?: readonly PlanClause[];
  readonly terms: PlanTerms;
  /** Absent: keep. */
  readonly volumeDiscounts?: VolumeDiscounts;
  /** Per calendar month in UTC; zero for none. */
  readonly platformFeeMicros: bigint;
  readonly fees?: FeeTerms;
  /** What is settled over the messages of a whole month. */
  readonly month?: MonthTerms;
  /** Absent: messages of accounts in another currency than the plan's have no price. */
  readonly exchange?: ExchangeRule;
  /** The least share of a charge that must be left after Meta's cost; absent: the organisation's floor, see its settings. */
  readonly floorBasisPoints?: number;
  readonly belowFloor?: BelowFloor;
}

/** The version in force on a day: the one that began last, and of two that began on the same day the one released last. */
export function planOn(plans: readonly PricePlan[], date: LocalDate): PricePlan | undefined {
  let best: PricePlan | undefined;
  for (const plan of plans) if (plan.effectiveFrom <= date && (best === undefined || isLater(plan, best))) best = plan;
  return best;
}

/** The plans that take over after one, in their order. */
export const plansAfter = (plans: readonly PricePlan[], plan: PricePlan): readonly PricePlan[] =>
  plans.filter((one) => isLater(one, plan)).sort((a, b) => (isLater(a, b) ? 1 : -1));

const isLater = (a: PricePlan, b: PricePlan): boolean =>
  a.effectiveFrom > b.effectiveFrom || (a.effectiveFrom === b.effectiveFrom && a.number > b.number);

/** What a plan says of the price of a message. */
export type PricingTerms = Pick<PricePlan, "currency" | "clauses" | "terms" | "volumeDiscounts" | "exchange">;

export interface Priced {
  /** What Meta charges the provider. */
  readonly cost: Money;
  /** What Meta's list says: the same without a volume discount. */
  readonly list: Money;
  readonly free: boolean;
  readonly market: string;
  readonly category: CardCategory;
  /** Known when the plan is in another currency than Meta's price. */
  readonly exchange?: AppliedRate;
}
const nothing: readonly Reason[] = [];
export type NoPrice = "no_price_in_plan" | "no_exchange_rate" | "currency_differs";
export interface PlanPrice {
  readonly charge: Money;
  readonly clause: string;
  readonly arithmetic: string;
  /** What else had a say: the exchange. */
  readonly reasons: readonly Reason[];
  /** That the provider keeps a volume discount; not for clients' eyes. */
  readonly costReasons: readonly Reason[];
}

/** The one function that turns Meta's price into the client's, in whole micros, rounded once. */
export function priceUnder(plan: PricingTerms, message: Priced): PlanPrice | NoPrice {
  if (plan.currency !== message.cost.currency && plan.exchange === undefined) return "currency_differs";
  const { terms, words } = termsFor(plan, message);
  const own = ownPriceOf(terms, message);
  if (own === "no_price_in_plan") return own;
  if (own === undefined) return onMetasPrice(plan, message, { terms, clause: words });
  const arithmetic = message.free ? "free at Meta" : `own price ${own}`;
  return { charge: money(plan.currency, own), clause: words, arithmetic, reasons: nothing, costReasons: nothing };
}

/** The first clause that fits, and its words. */
function termsFor({ clauses, terms }: PricingTerms, message: Priced): { terms: PlanTerms; words: string } {
  if (clauses === undefined) return { terms, words: clauseOf(terms) };
  const at = clauses.findIndex(
    ({ market, category }) =>
      (market === undefined || market === message.market) && (category === undefined || category === message.category),
  );
  const clause = clauses[at];
  if (clause === undefined) return { terms, words: clauseOf(terms) };
  return { terms: clause.terms, words: `clause ${at + 1}, ${placeOf(clause)}: ${clauseOf(clause.terms)}` };
}

const placeOf = ({ market, category }: PlanClause): string =>
  `${category ?? "every category"} in ${market ?? "every market"}`;

/** A price that is not built on Meta's; undefined for terms that are. */
function ownPriceOf(terms: PlanTerms, { free, market, category }: Priced): bigint | "no_price_in_plan" | undefined {
  if (terms.kind !== "own_price" && terms.kind !== "own_list") return undefined;
  if (free) return 0n;
  if (terms.kind === "own_price") return terms.micros;
  return ownPrice(terms.prices, market, category)?.micros ?? "no_price_in_plan";
}

const ownPrice = (prices: readonly OwnPrice[], market: string, category: CardCategory): OwnPrice | undefined =>
  prices.find((one) => one.market === market && one.category === category) ??
  prices.find((one) => one.market === "*" && one.category === category);

interface Clause {
  readonly terms: PlanTerms;
  readonly clause: string;
}

/** Meta's price, brought into the plan's currency, and what the terms add to it: one fraction, rounded at its end. */
function onMetasPrice(plan: PricingTerms, message: Priced, { terms, clause }: Clause): PlanPrice | NoPrice {
  const { cost, list, exchange, free } = message;
  const keeps = plan.volumeDiscounts !== "pass";
  const base = keeps ? list : cost;
  const needed = base.currency !== plan.currency && base.amountMicros !== 0n;
  if (needed && exchange === undefined) return "no_exchange_rate";
  const applied = needed ? exchange : undefined;
  const { exact, words } = calculated(base.amountMicros, terms, { free, applied });
  return {
    charge: money(plan.currency, rounded(exact)),
    clause,
    arithmetic: exact.denominator === 1n ? words : `${words}, half up`,
    reasons: applied === undefined ? nothing : [exchangeReason(applied)],
    costReasons: keeps && list.amountMicros !== cost.amountMicros ? [keptReason(list, cost)] : nothing,
  };
}

/** The steps from Meta's price to the client's, and the same in words. */
function calculated(
  micros: bigint,
  terms: PlanTerms,
  { free, applied }: { readonly free: boolean; readonly applied: AppliedRate | undefined },
): { readonly exact: Exact; readonly words: string } {
  let [exact, words] = [exactly(micros), micros.toString()];
  if (terms.kind === "percent") {
    exact = times(exact, withBasisPoints(terms.basisPoints));
    words += ` × ${10_000 + terms.basisPoints} / 10000`;
  }
  if (applied !== undefined) {
    exact = times(exact, factorOf(applied));
    words += ` × ${applied.rate} × ${10_000 + applied.markupBasisPoints} / 10000`;
  }
  if (terms.kind === "fixed") {
    const plus = free && !terms.freeToo ? 0n : terms.microsPerMessage;
    exact = plusMicros(exact, plus);
    words += ` + ${plus}`;
  }
  return terms.kind === "pass_through" && applied === undefined ? { exact, words: `${words} × 1` } : { exact, words };
}

const keptReason = (list: Money, cost: Money): Reason => ({
  rule: "plan.volume_discount",
  says: `The plan keeps volume discounts: the price is built on the list rate of ${list.amountMicros} micros, the cost is ${cost.amountMicros}.`,
});

/** Terms in words. */
export function clauseOf(terms: PlanTerms): string {
  switch (terms.kind) {
    case "pass_through":
      return "pass-through";
    case "percent":
      return `Meta's price plus ${terms.basisPoints} basis points`;
    case "fixed":
      return `Meta's price plus ${terms.microsPerMessage} micros per ${terms.freeToo ? "delivered" : "charged"} message`;
    case "own_price":
      return `own price of ${terms.micros} micros per message`;
    case "own_list":
      return "own price list";
  }
}
