import {
  after,
  dayMs,
  divideHalfUp,
  hourMs,
  type Month,
  monthOfDay,
  nextMonth,
  startOfUtcDay,
  type UtcDay,
  utcDayOf,
  utcMonth,
  utcMonthOf,
} from "@greentick/kernel";

/** Late reports of Meta's still count into a month for this long after its end. */
const ledgerGraceMs = 48 * hourMs;
/** Stripe takes usage with a timestamp of at most 35 days ago (Stripe: recording usage); one day is kept in hand. */
const maxBookingAgeDays = 34;
/** Clocks differ by seconds, which may be the next day; a delivery further ahead could not be told to Stripe until then. */
const maxAheadDays = 1;
/** A status that arrives longer than this after the delivery counts as late. */
export const lateAfterMs = 24 * hourMs;

export const closesAt = (month: Month): Date => after(utcMonth(month).end, ledgerGraceMs);
export const isClosed = (month: Month, now: Date): boolean => now >= closesAt(month);
export const firstDayOf = (month: Month): UtcDay => utcDayOf(utcMonth(month).start);

/** The first day whose month is still open. */
export const firstOpenDay = (now: Date): UtcDay => firstDayOf(utcMonthOf(after(now, -ledgerGraceMs)));

export const dayAfter = (day: string): UtcDay => utcDayOf(after(startOfUtcDay(day as UtcDay), dayMs));
export const dayBefore = <D extends string>(day: D): D =>
  utcDayOf(after(startOfUtcDay(day as unknown as UtcDay), -dayMs)) as unknown as D;
export const later = <D extends string>(a: D, b: D): D => (a > b ? a : b);
export const earlier = <D extends string>(a: D, b: D): D => (a < b ? a : b);

/** 2026-02-31 reads as a date in March and is no day. */
export function isDay(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** The same day of the next month, or its last day where there is none. */
export function monthLater<D extends string>(day: D): D {
  const month = nextMonth(day.slice(0, 7) as Month);
  const last = new Date(utcMonth(month).end.getTime() - dayMs).getUTCDate();
  return `${month}-${String(Math.min(Number(day.slice(8)), last)).padStart(2, "0")}` as D;
}

/**
 * The day under which an amount is metered and invoiced: its own UTC day while that month is open, the day is recent enough for Stripe, and
 * the client was already billed then; else the UTC day on which it is booked, and never one before the client is billed.
 */
export function accountingDay(serviceDay: UtcDay, now: Date, billedFrom: UtcDay): UtcDay {
  const today = utcDayOf(now);
  // Its month is open then, and nothing is as recent: nearly every message.
  if (serviceDay === today) return later(today, billedFrom);
  const ageDays = (startOfUtcDay(today).getTime() - startOfUtcDay(serviceDay).getTime()) / dayMs;
  const open =
    ageDays <= maxBookingAgeDays &&
    ageDays >= -maxAheadDays &&
    !isClosed(monthOfDay(serviceDay), now) &&
    serviceDay >= billedFrom;
  return open ? serviceDay : later(today, billedFrom);
}

export const previousMonth = (month: Month): Month => utcMonthOf(after(utcMonth(month).start, -dayMs));
export const lastDayOf = (month: Month): UtcDay => utcDayOf(after(utcMonth(month).end, -dayMs));

/** The part of a month's amount that falls on some of its days, both included: by days, half-up, rounded once. */
export function shareOfMonth(
  wholeMicros: bigint,
  from: UtcDay,
  to: UtcDay,
): { readonly micros: bigint; readonly arithmetic?: string } {
  const all = daysBetween(firstDayOf(monthOfDay(from)), lastDayOf(monthOfDay(from)));
  const mine = daysBetween(from, to);
  if (mine === all) return { micros: wholeMicros };
  const arithmetic = `${wholeMicros} × ${mine} of ${all} days, half up`;
  return { micros: divideHalfUp(wholeMicros * BigInt(mine), BigInt(all)), arithmetic };
}

/** Both included. */
const daysBetween = (from: UtcDay, to: UtcDay): number =>
  Math.round((startOfUtcDay(to).getTime() - startOfUtcDay(from).getTime()) / dayMs) + 1;
