import { badInput, dayMs, type Month, type UtcDay } from "@greentick/kernel";
import { billingErrors } from "../domain/errors.js";
import { type DaysOfUsage } from "../ports.js";
import { isDay } from "../domain/calendar.js";

/** @throws BAD_USER_INPUT naming `month`. */
export function readMonth(text: string): Month {
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) throw billingErrors.notAMonth(text);
  return text as Month;
}

const longestDays = 92;

interface AskedStretch {
  readonly month?: string;
  readonly from?: string;
  readonly to?: string;
  readonly bucket?: string;
}

/** A month, or the days from `from` to `to`, 92 at most. @throws BAD_USER_INPUT naming the field. */
export function readStretch({ month, from, to, bucket }: AskedStretch): DaysOfUsage {
  const more = bucket === undefined ? {} : { bucket };
  if (month !== undefined) {
    if (from !== undefined || to !== undefined) throw badInput("month", "give a month, or `from` and `to`, not both");
    const read = readMonth(month);
    return { from: `${read}-01` as UtcDay, to: `${read}-31` as UtcDay, ...more };
  }
  const [first, last] = [readDay("from", from), readDay("to", to)];
  const days = (Date.parse(last) - Date.parse(first)) / dayMs + 1;
  if (days < 1) throw badInput("to", `is before ${first}; give the later day`);
  if (days > longestDays) throw badInput("to", `is ${days} days after ${first}; ask for ${longestDays} at most`);
  return { from: first, to: last, ...more };
}

function readDay(field: string, text: string | undefined): UtcDay {
  if (text === undefined) throw badInput(field, "is missing; give a month, or `from` and `to`");
  if (!isDay(text)) throw billingErrors.notADay(field, text);
  return text as UtcDay;
}
