import { type LocalDate, multiply, money, type Money, type TenantId } from "@greentick/kernel";
import { type CardCategory } from "./words.js";

/** What a client pays for a message, given what Meta charges for it. Amounts in micros of the plan's currency. */
export type PlanTerms =
  | { readonly kind: "pass_through" }
  /** Basis points on top of Meta's price: 1500 is 15 %. */
  | { readonly kind: "percent"; readonly basisPoints: number }
  /** An amount on top of Meta's price for each delivered message; for messages that are free at Meta only when `freeToo`. */
  | { readonly kind: "fixed"; readonly microsPerMessage: bigint; readonly freeToo: boolean }
  /** Own prices by market and category; `*` stands for every market. Messages that are free at Meta stay free. */
  | { readonly kind: "own_list"; readonly prices: readonly OwnPrice[] };

export interface OwnPrice {
  readonly market: string;
  readonly category: CardCategory;
  readonly micros: bigint;
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
  readonly currency: string;
  readonly terms: PlanTerms;
  /** Per calendar month in UTC; zero for none. */
  readonly platformFeeMicros: bigint;
}

/** The version in force on a day: the one that began last, and of two that began on the same day the one released last. */
export function planOn(plans: readonly PricePlan[], date: LocalDate): PricePlan | undefined {
  let best: PricePlan | undefined;
  for (const plan of plans) if (plan.effectiveFrom <= date && (best === undefined || isLater(plan, best))) best = plan;
  return best;
}

const isLater = (a: PricePlan, b: PricePlan): boolean =>
  a.effectiveFrom > b.effectiveFrom || (a.effectiveFrom === b.effectiveFrom && a.number > b.number);

export interface Priced {
  readonly cost: Money;
  readonly free: boolean;
  readonly market: string;
  readonly category: CardCategory;
}
export type PlanPrice =
  { readonly charge: Money; readonly clause: string; readonly arithmetic: string } | "no_price_in_plan";

/** The one function that turns Meta's price into the client's, in whole micros, rounded once. */
export function priceUnder(terms: PlanTerms, { cost, free, market, category }: Priced): PlanPrice {
  const clause = clauseOf(terms);
  const plain = (charge: Money, arithmetic: string): PlanPrice => ({ charge, clause, arithmetic });
  if (terms.kind === "pass_through") return plain(cost, `${cost.amountMicros} × 1`);
  if (terms.kind === "percent") {
    const charge = multiply(cost, BigInt(10_000 + terms.basisPoints), 10_000n);
    return plain(charge, `${cost.amountMicros} × ${10_000 + terms.basisPoints} / 10000, half up`);
  }
  if (terms.kind === "fixed") {
    const extra = free && !terms.freeToo ? 0n : terms.microsPerMessage;
    return plain(money(cost.currency, cost.amountMicros + extra), `${cost.amountMicros} + ${extra}`);
  }
  if (free) return plain(money(cost.currency, 0n), "free at Meta");
  const own = ownPrice(terms.prices, market, category);
  return own === undefined ? "no_price_in_plan" : plain(money(cost.currency, own.micros), `own price ${own.micros}`);
}

const ownPrice = (prices: readonly OwnPrice[], market: string, category: CardCategory): OwnPrice | undefined =>
  prices.find((one) => one.market === market && one.category === category) ??
  prices.find((one) => one.market === "*" && one.category === category);

export function clauseOf(terms: PlanTerms): string {
  switch (terms.kind) {
    case "pass_through":
      return "pass-through";
    case "percent":
      return `Meta's price plus ${terms.basisPoints} basis points`;
    case "fixed":
      return `Meta's price plus ${terms.microsPerMessage} micros per ${terms.freeToo ? "delivered" : "charged"} message`;
    case "own_list":
      return "own price list";
  }
}
