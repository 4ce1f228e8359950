import { type LocalDate, money, type Month, monthOfDay, type UtcDay, utcDayOf, utcMonthOf } from "@greentick/kernel";
import { accountingDay, firstDayOf, lastDayOf, later, shareOfMonth } from "./calendar.js";
import { type FeeInput } from "./ledger-entry.js";
import { type PricePlan, planOn } from "./price-plan.js";

/** What a fee is for: the client, one of its WhatsApp accounts, one of its numbers. */
export interface FeeSubject {
  readonly kind: "client" | "waba" | "number";
  /** Meta's id; absent for the client. */
  readonly id?: string;
  /** When it went live, or was linked. */
  readonly since: Date;
}

export interface FeeQuestion {
  readonly month: Month;
  readonly subject: FeeSubject;
  readonly billedFrom: UtcDay;
  readonly plans: readonly PricePlan[];
  readonly now: Date;
  /** When the client was closed. */
  readonly endedAt?: Date;
}

export const feeKey = (month: Month, { kind, id }: Pick<FeeSubject, "kind" | "id">): string =>
  id === undefined ? `fee:${month}` : `fee:${month}:${kind}:${id}`;

const words: Readonly<Record<FeeSubject["kind"], string>> = {
  client: "",
  waba: " for the account",
  number: " for the number",
};

const microsOf = ({ platformFeeMicros, fees }: PricePlan, { kind }: FeeSubject): bigint => {
  if (kind === "client") return platformFeeMicros;
  return (kind === "waba" ? fees?.wabaMicros : fees?.numberMicros) ?? 0n;
};

/**
 * A fee of a month: due on its first day, in the month its subject went live on that day; undefined when none is due. It is the fee of the plan
 * in force on the day it falls due. By days, when the plan says so: the first month from that day on, the last one to the day of the client's
 * closing, both included, rounded once.
 */
export function feeOf(
  question: FeeQuestion,
): (FeeInput & { readonly day: UtcDay; readonly dueDay: UtcDay }) | undefined {
  const { month, subject, plans, now, endedAt } = question;
  if (month < utcMonthOf(subject.since) || (endedAt !== undefined && subject.since > endedAt)) return undefined;
  const dueDay = later(firstDayOf(month), utcDayOf(subject.since));
  if (dueDay > utcDayOf(now)) return undefined;
  const plan = planOn(plans, dueDay as string as LocalDate);
  if (plan === undefined) return undefined;
  const whole = microsOf(plan, subject);
  if (whole === 0n) return undefined;
  const lastDay = endedAt !== undefined && utcMonthOf(endedAt) === month ? utcDayOf(endedAt) : lastDayOf(month);
  const { micros, arithmetic } =
    plan.fees?.byDays === true ? shareOfMonth(whole, dueDay, later(lastDay, dueDay)) : { micros: whole };
  const share = arithmetic === undefined ? "" : ` (${arithmetic})`;
  const about = subject.id === undefined ? "" : `${words[subject.kind]} ${subject.id}`;
  const says = `Plan ${plan.number}: ${micros} micros of ${plan.currency} for ${monthOfDay(dueDay)}${about}, due on ${dueDay}${share}.`;
  return {
    dueDay,
    day: accountingDay(dueDay, now, question.billedFrom),
    amount: money(plan.currency, micros),
    reasons: [{ rule: "platform_fee", says }],
  };
}
