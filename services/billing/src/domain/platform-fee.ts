import { type LocalDate, money, type Month, type UtcDay, utcDayOf, utcMonthOf } from "@greentick/kernel";
import { accountingDay, firstDayOf } from "./calendar.js";
import { type FeeInput } from "./ledger-entry.js";
import { type PricePlan, planOn } from "./price-plan.js";

export interface FeeQuestion {
  readonly month: Month;
  /** When the client's first number went live. */
  readonly liveSince: Date;
  readonly billedFrom: UtcDay;
  readonly plans: readonly PricePlan[];
  readonly now: Date;
}

export const feeKey = (month: Month): string => `fee:${month}`;

/**
 * The platform fee of a month: due on its first day, in the month the client went live on that day; undefined when none is due. It is the
 * fee of the plan in force on the day it falls due.
 */
export function feeOf(
  question: FeeQuestion,
): (FeeInput & { readonly day: UtcDay; readonly dueDay: UtcDay }) | undefined {
  const { month, liveSince, plans, now } = question;
  const liveMonth = utcMonthOf(liveSince);
  if (month < liveMonth) return undefined;
  const dueDay = month === liveMonth ? utcDayOf(liveSince) : firstDayOf(month);
  if (dueDay > utcDayOf(now)) return undefined;
  const plan = planOn(plans, dueDay as string as LocalDate);
  if (plan === undefined || plan.platformFeeMicros === 0n) return undefined;
  const says = `Plan ${plan.number}: ${plan.platformFeeMicros} micros of ${plan.currency} for ${month}, due on ${dueDay}.`;
  return {
    dueDay,
    day: accountingDay(dueDay, now, question.billedFrom),
    amount: money(plan.currency, plan.platformFeeMicros),
    reasons: [{ rule: "platform_fee", says }],
  };
}
