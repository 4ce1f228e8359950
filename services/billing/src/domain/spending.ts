import { type Month, type TenantId, type UtcDay } from "@greentick/kernel";
import { type Once, type Reservation, type SpentEntry } from "./reservation.js";
import { type CardCategory } from "./words.js";

/**
 * Which messages a budget counts. Meta's statuses name neither template nor key: budgets of those two count what was sent under a
 * reservation that names them.
 */
export type BudgetScope =
  | { readonly kind: "all" }
  | { readonly kind: "category"; readonly category: CardCategory }
  | { readonly kind: "template"; readonly templateId: string }
  | { readonly kind: "api_key"; readonly apiKeyId: string };

/** `month`: each calendar month in UTC, by accounting day. `total`: from the day it was set on, for ever. */
export const budgetPeriods = ["month", "total"] as const;
export type BudgetPeriod = (typeof budgetPeriods)[number];

/** What was spent in one period, and which alerts were told in it. */
export interface PeriodSpending {
  /** `2026-11`, or `total`. */
  readonly period: string;
  readonly micros: bigint;
  /** `hard:80`, `soft:100`: each is told once. */
  readonly told: readonly string[];
}

/** A client's own limit on what messages cost. Amounts in micros of the spending's currency. */
export interface Budget {
  readonly id: string;
  readonly name: string;
  readonly scope: BudgetScope;
  readonly period: BudgetPeriod;
  /** Passing it is told and refused nobody. */
  readonly softMicros?: bigint;
  /** No reservation is granted beyond it. */
  readonly hardMicros?: bigint;
  /** Percents of the hard limit, or of the soft one where there is no hard one. */
  readonly alertPercents: readonly number[];
  readonly since: UtcDay;
  /** Held for messages under way, whichever period they will be counted in. */
  readonly reservedMicros: bigint;
  /** The newest three periods, oldest first. */
  readonly spent: readonly PeriodSpending[];
}

/** Money that the client paid in advance. */
export interface Prepaid {
  /** Entries of this accounting day (UTC) and later are paid from it. */
  readonly since: UtcDay;
  readonly toppedUpMicros: bigint;
  /** Sum of the ledger entries it paid: messages, fees, corrections. */
  readonly chargedMicros: bigint;
  readonly reservedMicros: bigint;
  /** How far it may go below zero. */
  readonly overdraftMicros: bigint;
  /** It is told when what is available falls below one of these. */
  readonly alertsBelow: readonly bigint[];
  /** Those that were told since it was last above them. */
  readonly told: readonly bigint[];
}

export interface TopUp {
  readonly id: string;
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  readonly currency: string;
  readonly micros: bigint;
  /** `bank_transfer`, `card`, `credit_note`, `other`. */
  readonly source: TopUpSource;
  /** What it is found by elsewhere, e.g. the transfer's reference. */
  readonly reference: string;
  readonly at: Date;
  /** What had been paid in with it. */
  readonly toppedUpMicros: bigint;
  readonly once: Once;
}
export const topUpSources = ["bank_transfer", "card", "credit_note", "other"] as const;
export type TopUpSource = (typeof topUpSources)[number];

/** What of an entry is noted when it was counted. */
export interface CountedMark {
  readonly id: string;
  readonly templateId?: string;
  readonly apiKeyId?: string;
}

/**
 * What the last write of a client's spending says about other documents. It is written with the sums it belongs to, and carried out before
 * the next write: so a process that dies in between leaves nothing half counted.
 */
export interface Journal {
  readonly reservations: readonly Reservation[];
  readonly counted: readonly CountedMark[];
  readonly topUps: readonly TopUp[];
}
export const emptyJournal: Journal = { reservations: [], counted: [], topUps: [] };

/** All of a client's budgets and its prepaid balance, in one document: so several are asked and changed at once or not at all. */
export interface Spending {
  /** The client's own id. */
  readonly id: string;
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  readonly version: number;
  /** What is in another currency is neither counted nor reserved. */
  readonly currency: string;
  readonly budgets: readonly Budget[];
  readonly prepaid?: Prepaid;
  /** The first month whose ledger entries are all noted for counting; absent while there is nothing to count for. */
  readonly countedFrom?: Month;
  /** Entries in another currency. */
  readonly otherCurrency: number;
  readonly journal: Journal;
  /** The last requests that set something here. */
  readonly requests: readonly Request[];
}

/** A request and the id of what it made. */
export interface Request extends Once {
  readonly made: string;
}

export const maxBudgets = 50;
const periodsKept = 3;

export const newSpending = (
  owner: Pick<Spending, "tenantId" | "ancestorIds" | "livemode">,
  currency: string,
): Spending => ({
  id: owner.tenantId,
  tenantId: owner.tenantId,
  ancestorIds: owner.ancestorIds,
  livemode: owner.livemode,
  version: 0,
  currency,
  budgets: [],
  otherCurrency: 0,
  journal: emptyJournal,
  requests: [],
});

export const periodOf = ({ period }: Pick<Budget, "period">, month: Month): string =>
  period === "month" ? month : "total";

export const spentIn = (budget: Budget, month: Month): bigint =>
  budget.spent.find(({ period }) => period === periodOf(budget, month))?.micros ?? 0n;

/** Spent in the month's period and held for what is under way. */
export const usedIn = (budget: Budget, month: Month): bigint => spentIn(budget, month) + budget.reservedMicros;

export const withSpent = (
  budget: Budget,
  period: string,
  change: (before: PeriodSpending) => PeriodSpending,
): Budget => {
  const before = budget.spent.find((one) => one.period === period) ?? { period, micros: 0n, told: [] };
  const others = budget.spent.filter((one) => one.period !== period);
  const spent = [...others, change(before)].sort((a, b) => (a.period < b.period ? -1 : 1)).slice(-periodsKept);
  return { ...budget, spent };
};

/** What can still be reserved or charged. */
export const availableIn = ({ toppedUpMicros, chargedMicros, reservedMicros, overdraftMicros }: Prepaid): bigint =>
  toppedUpMicros - chargedMicros - reservedMicros + overdraftMicros;

/** Paid in and not spent; what is reserved is still in it. */
export const balanceOf = ({ toppedUpMicros, chargedMicros }: Prepaid): bigint => toppedUpMicros - chargedMicros;

/** What a message or an entry is, as far as budgets ask. */
export interface Counted {
  readonly categories: readonly CardCategory[];
  readonly templateId?: string;
  readonly apiKeyId?: string;
}

export function countsFor({ scope }: Pick<Budget, "scope">, { categories, templateId, apiKeyId }: Counted): boolean {
  switch (scope.kind) {
    case "all":
      return true;
    case "category":
      return categories.includes(scope.category);
    case "template":
      return scope.templateId === templateId;
    case "api_key":
      return scope.apiKeyId === apiKeyId;
  }
}

/** Whether a budget counts an entry of the ledger: entries about messages only, since the day the budget was set where it has no period. */
export const countsEntry = (budget: Budget, entry: SpentEntry): boolean =>
  entry.factId !== undefined &&
  (budget.period === "month" || entry.day >= budget.since) &&
  countsFor(budget, {
    categories: entry.category === undefined ? [] : [entry.category],
    ...(entry.templateId !== undefined && { templateId: entry.templateId }),
    ...(entry.apiKeyId !== undefined && { apiKeyId: entry.apiKeyId }),
  });
