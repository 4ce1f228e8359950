import { type Month } from "@greentick/kernel";
import { availableIn, type Budget, periodOf, type Prepaid, type Spending, usedIn, withSpent } from "./spending.js";

/** A limit that is reached: told once per budget, period and percentage. */
export interface BudgetAlert {
  readonly kind: "budget";
  readonly budget: Budget;
  readonly period: string;
  readonly of: "soft" | "hard";
  readonly percent: number;
  readonly limitMicros: bigint;
  readonly usedMicros: bigint;
}
/** What is available of the prepaid balance fell below an amount: told once until it was above it again. */
export interface BalanceAlert {
  readonly kind: "balance";
  readonly belowMicros: bigint;
  readonly availableMicros: bigint;
}
export type SpendingAlert = BudgetAlert | BalanceAlert;

interface Mark {
  readonly of: "soft" | "hard";
  readonly percent: number;
  readonly limitMicros: bigint;
}

/** The percentages that were asked for, of the limit that refuses or else of the one that warns; and each limit itself. */
function marksOf({ softMicros, hardMicros, alertPercents }: Budget): readonly Mark[] {
  const soft: Mark[] = softMicros === undefined ? [] : [{ of: "soft", percent: 100, limitMicros: softMicros }];
  const [of, limitMicros] =
    hardMicros === undefined ? (["soft", softMicros] as const) : (["hard", hardMicros] as const);
  const asked = limitMicros === undefined ? [] : alertPercents.map((percent) => ({ of, percent, limitMicros }));
  return [...soft, ...asked.filter((one) => one.of !== "soft" || one.percent !== 100)];
}

function alertsOf(budget: Budget, month: Month): readonly BudgetAlert[] {
  const period = periodOf(budget, month);
  const told = budget.spent.find((one) => one.period === period)?.told ?? [];
  const usedMicros = usedIn(budget, month);
  return marksOf(budget)
    .filter(
      ({ of, percent, limitMicros }) =>
        usedMicros * 100n >= limitMicros * BigInt(percent) && !told.includes(`${of}:${percent}`),
    )
    .filter(() => usedMicros > 0n)
    .map((mark) => ({ kind: "budget", budget, period, usedMicros, ...mark }));
}

function balanceAlerts(prepaid: Prepaid): readonly BalanceAlert[] {
  const availableMicros = availableIn(prepaid);
  return prepaid.alertsBelow
    .filter((belowMicros) => availableMicros < belowMicros && !prepaid.told.includes(belowMicros))
    .map((belowMicros) => ({ kind: "balance", belowMicros, availableMicros }));
}

/**
 * The spending with every alert that is due in one of these months noted as told, and those alerts. Written together with their events, an
 * alert is neither lost nor told twice. An amount of the balance is ready to be told again once the balance is above it.
 */
export function withAlerts(
  spending: Spending,
  months: readonly Month[],
): { readonly spending: Spending; readonly alerts: readonly SpendingAlert[] } {
  const alerts: SpendingAlert[] = [];
  const budgets = spending.budgets.map((before) =>
    [...new Set(months)].reduce((budget, month) => {
      const due = alertsOf(budget, month);
      if (due.length === 0) return budget;
      alerts.push(...due);
      const marks = due.map(({ of, percent }) => `${of}:${percent}`);
      return withSpent(budget, periodOf(budget, month), (one) => ({ ...one, told: [...one.told, ...marks] }));
    }, before),
  );
  const { prepaid } = spending;
  if (prepaid === undefined) return { spending: { ...spending, budgets }, alerts };
  const due = balanceAlerts(prepaid);
  const still = prepaid.told.filter((below) => availableIn(prepaid) < below);
  const told = [...still, ...due.map(({ belowMicros }) => belowMicros)];
  return { spending: { ...spending, budgets, prepaid: { ...prepaid, told } }, alerts: [...alerts, ...due] };
}
