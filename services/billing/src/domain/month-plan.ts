import { type LocalDate, type Month, utcDayOf, utcMonthOf } from "@greentick/kernel";
import { billedFrom, type ReadyAccount } from "./account.js";
import { firstDayOf, lastDayOf, later } from "./calendar.js";
import { type OwedDays } from "./month-terms.js";
import { planOn, type PricePlan } from "./price-plan.js";

/**
 * The plan whose bundles, tiers and minimum hold for a whole month: the one in force on its first day in UTC, and where none was, the first
 * that began in it. A plan that begins later in a month has its say from the next one on.
 */
export function planOfMonth(plans: readonly PricePlan[], month: Month): PricePlan | undefined {
  const first = planOn(plans, firstDayOf(month) as string as LocalDate);
  if (first !== undefined) return first;
  const starts = plans.map(({ effectiveFrom }) => effectiveFrom).filter((day) => day.startsWith(month));
  const [start] = starts.sort();
  return start === undefined ? undefined : planOn(plans, start);
}

/**
 * The days of a month for which a minimum is owed: from the first day that is billed, and that the plan is in force, to the client's closing.
 * Undefined before the one and after the other.
 */
export function owedDays(account: ReadyAccount, month: Month, planFrom?: LocalDate): OwedDays | undefined {
  const { endedAt } = account;
  if (endedAt !== undefined && utcMonthOf(endedAt) < month) return undefined;
  const from = [billedFrom(account), planFrom ?? ""].reduce<string>(later, firstDayOf(month));
  const to = endedAt !== undefined && utcMonthOf(endedAt) === month ? utcDayOf(endedAt) : lastDayOf(month);
  return from > to ? undefined : { from: from as OwedDays["from"], to };
}
