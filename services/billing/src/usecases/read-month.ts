import { after, badInput, dayMs, type Month, startOfUtcDay, type UtcDay, utcDayOf, utcMonth } from "@greentick/kernel";
import { billingErrors } from "../domain/errors.js";
import { type DaysOfUsage } from "../ports.js";
import { isDay } from "../domain/calendar.js";

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
  const given = { first: readDay("from", from), last: readDay("to", to) };
  const days = bounds(given, month === undefined ? undefined : daysOfMonth(readMonth(month)), utcDayOf(now));
  const count = (Date.parse(days.to) - Date.parse(days.from)) / dayMs + 1;
  if (count < 1) throw badInput("to", `is before ${days.from}; give the later day`);
  if (count > longestDays) throw badInput("to", `is ${count} days after ${days.from}; ask for ${longestDays} at most`);
  return { ...days, ...(bucket !== undefined && { bucket }) };
}

type Days = Pick<DaysOfUsage, "from" | "to">;

function bounds(
  { first, last }: { readonly first: UtcDay | undefined; readonly last: UtcDay | undefined },
  within: Days | undefined,
  today: UtcDay,
): Days {
  if (within !== undefined) return { from: first ?? within.from, to: last ?? within.to };
  if (first !== undefined) return { from: first, to: last ?? daysFrom(first, longestDays - 1) };
  return { from: daysFrom(last ?? today, 1 - longestDays), to: last ?? today };
}

const daysOfMonth = (month: Month): { readonly from: UtcDay; readonly to: UtcDay } => {
  const { start, end } = utcMonth(month);
  return { from: utcDayOf(start), to: utcDayOf(after(end, -dayMs)) };
};

const daysFrom = (day: UtcDay, days: number): UtcDay => utcDayOf(after(startOfUtcDay(day), days * dayMs));

function readDay(field: string, text: string | undefined): UtcDay | undefined {
  if (text === undefined) return undefined;
  if (!isDay(text)) throw billingErrors.notADay(field, text);
  return text as UtcDay;
}
