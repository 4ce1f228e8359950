import { after, badInput, dayMs, type Month, startOfUtcDay, type UtcDay, utcDayOf, utcMonth } from "@greentick/kernel";
import { billingErrors } from "../domain/errors.js";
import { type DaysOfUsage } from "../ports.js";
import { isDay } from "./set-price-plan.js";

/** @throws BAD_USER_INPUT naming `month`. */
export function readMonth(text: string): Month {
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) throw billingErrors.notAMonth(text);
  return text as Month;
}

const longestDays = 92;

/** A month, or days from one to another, which take the place of the month's own. */
export interface AskedStretch {
  readonly month?: string;
  readonly from?: string;
  readonly to?: string;
  readonly bucket?: string;
}

/**
 * The days asked for, 92 at most: without `to` those from `from` on, without `from` those up to `to`, with neither those up to now.
 * @throws BAD_USER_INPUT naming the field.
 */
export function readStretch({ month, from, to, bucket }: AskedStretch, now: Date): DaysOfUsage {
  const within = month === undefined ? undefined : daysOfMonth(readMonth(month));
  const last = readDay("to", to) ?? within?.to ?? (from === undefined ? utcDayOf(now) : undefined);
  const first = readDay("from", from) ?? within?.from ?? daysFrom(last, 1 - longestDays);
  const end = last ?? daysFrom(first, longestDays - 1);
  const days = (Date.parse(end) - Date.parse(first)) / dayMs + 1;
  if (days < 1) throw badInput("to", `is before ${first}; give the later day`);
  if (days > longestDays) throw badInput("to", `is ${days} days after ${first}; ask for ${longestDays} at most`);
  return { from: first, to: end, ...(bucket !== undefined && { bucket }) };
}

const daysOfMonth = (month: Month): { readonly from: UtcDay; readonly to: UtcDay } => {
  const { start, end } = utcMonth(month);
  return { from: utcDayOf(start), to: utcDayOf(after(end, -dayMs)) };
};

const daysFrom = (day: UtcDay | undefined, days: number): UtcDay =>
  utcDayOf(after(startOfUtcDay(day as UtcDay), days * dayMs));

function readDay(field: string, text: string | undefined): UtcDay | undefined {
  if (text === undefined) return undefined;
  if (!isDay(text)) throw billingErrors.notADay(field, text);
  return text as UtcDay;
}
