import { moneyOf } from "@greentick/graphql";
import { type Month } from "@greentick/kernel";
import { type Estimate, type EstimateCase, type PriceRange } from "../../domain/estimate.js";
import { unratedReasons } from "../../domain/rate.js";
import { prepaidHold, type Reservation } from "../../domain/reservation.js";
import {
  availableIn,
  balanceOf,
  type Budget,
  type BudgetScope,
  type Prepaid,
  spentIn,
  type Spending,
  type TopUp,
  usedIn,
} from "../../domain/spending.js";
import {
  type BudgetNode,
  type ChargeEstimateNode,
  type EstimateCaseNode,
  type PrepaidBalanceNode,
  type PriceRangeNode,
  type ReservationNode,
  type SendCategory,
  type SpendingNode,
  type TopUpNode,
} from "./spending-types.js";
import { amount } from "./amounts.js";

type Outcome = Pick<EstimateCaseNode, "charge" | "problem" | "message" | "market" | "rate" | "reasons">;

const noPrice: Outcome = { charge: null, problem: null, message: null, market: null, rate: null, reasons: [] };

function outcomeOf({ outcome }: EstimateCase): Outcome {
  if (outcome.kind === "not_sendable") {
    const message = "A service message cannot be sent outside the service window. Send a template.";
    return { ...noPrice, problem: outcome.reason, message };
  }
  if (outcome.kind === "not_ratable")
    return { ...noPrice, problem: outcome.reason, message: unratedReasons[outcome.reason] };
  const { charge, market, rate, reasons, cost } = outcome;
  return {
    ...noPrice,
    charge: moneyOf(charge),
    market,
    rate: rate
      ? {
          rateCardId: rate.cardId,
          rateCard: rate.cardName,
          line: rate.line,
          rate: amount(cost.currency, rate.rateMicros),
        }
      : null,
    reasons: [...reasons],
  };
}

const toCase = (one: EstimateCase): EstimateCaseNode => ({
  category: one.category as SendCategory,
  window: one.window,
  pricingType: one.pricingType ?? null,
  assumes: one.assumes,
  planNumber: one.planNumber ?? null,
  ...outcomeOf(one),
});
const toRange = ({ lowest, highest, cases }: PriceRange): PriceRangeNode => ({
  lowest: lowest ? moneyOf(lowest) : null,
  highest: highest ? moneyOf(highest) : null,
  cases: cases.map(toCase),
});
export const toEstimate = ({ localDate, now, ifWindowCloses }: Estimate): ChargeEstimateNode => ({
  priceDate: localDate,
  now: toRange(now),
  ifWindowCloses: toRange(ifWindowCloses),
});

function scopeValue(scope: BudgetScope): string | null {
  switch (scope.kind) {
    case "all":
      return null;
    case "category":
      return scope.category;
    case "template":
      return scope.templateId;
    case "api_key":
      return scope.apiKeyId;
  }
}

/** @param month the running one. */
export function toBudget(budget: Budget, currency: string, month: Month): BudgetNode {
  const { hardMicros, softMicros } = budget;
  const left = hardMicros === undefined ? undefined : hardMicros - usedIn(budget, month);
  const limit = (micros: bigint | undefined): ReturnType<typeof moneyOf> | null =>
    micros === undefined ? null : amount(currency, micros);
  return {
    id: budget.id,
    name: budget.name,
    scope: budget.scope.kind,
    scopeValue: scopeValue(budget.scope),
    period: budget.period,
    softLimit: limit(softMicros),
    hardLimit: limit(hardMicros),
    alertPercents: [...budget.alertPercents],
    spent: amount(currency, spentIn(budget, month)),
    reserved: amount(currency, budget.reservedMicros),
    left: limit(left),
  };
}

const toPrepaid = (prepaid: Prepaid, currency: string): PrepaidBalanceNode => ({
  since: prepaid.since,
  balance: amount(currency, balanceOf(prepaid)),
  reserved: amount(currency, prepaid.reservedMicros),
  available: amount(currency, availableIn(prepaid)),
  toppedUp: amount(currency, prepaid.toppedUpMicros),
  charged: amount(currency, prepaid.chargedMicros),
  overdraft: amount(currency, prepaid.overdraftMicros),
  alertsBelow: prepaid.alertsBelow.map((below) => amount(currency, below)),
});

export const toSpending = (spending: Spending, month: Month): SpendingNode => ({
  id: spending.id,
  livemode: spending.livemode,
  currency: spending.currency,
  budgets: spending.budgets.map((budget) => toBudget(budget, spending.currency, month)),
  prepaid: spending.prepaid ? toPrepaid(spending.prepaid, spending.currency) : null,
  entriesInOtherCurrency: spending.otherCurrency,
});

export const toReservation = (one: Reservation): ReservationNode => ({
  id: one.id,
  livemode: one.livemode,
  status: one.status,
  closedAs: one.closedAs ?? null,
  openedAt: one.openedAt,
  expiresAt: one.expiresAt,
  wabaId: one.wabaId,
  templateId: one.templateId ?? null,
  apiKeyId: one.apiKeyId ?? null,
  messages: one.messages,
  ended: one.ended.length,
  perMessage: amount(one.currency, one.unitMicros),
  holds: one.holds.map((hold) => ({
    budgetId: hold.in === prepaidHold ? null : hold.in,
    perMessage: amount(one.currency, hold.unitMicros),
  })),
  overSoftLimit: [...one.overSoftLimit],
});

export const toTopUp = (one: TopUp): TopUpNode => ({
  id: one.id,
  livemode: one.livemode,
  amount: amount(one.currency, one.micros),
  source: one.source,
  reference: one.reference,
  at: one.at,
  toppedUp: amount(one.currency, one.toppedUpMicros),
});
