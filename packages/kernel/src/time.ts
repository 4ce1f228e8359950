/** Reads business time. Live tenants: the system's; sandbox tenants: a clock that can be set. */
export type Clock = () => Date;

/** A stretch of time: the start belongs to it, the end does not. */
export interface Period {
  readonly start: Date;
  readonly end: Date;
}

/** A calendar day in UTC, `2026-11-30`: the unit of usage windows, statements and invoices. */
export type UtcDay = string & { readonly __utcDay: true };
/** A calendar day in some named zone, `2026-11-30`: Meta prices by the day in the WABA's zone. */
export type LocalDate = string & { readonly __localDate: true };
/** A calendar month, `2026-11`. */
export type Month = string & { readonly __month: true };

export const dayMs = 86_400_000;
export const hourMs = 3_600_000;
export const minuteMs = 60_000;

export const utcDayOf = (instant: Date): UtcDay => dayText(instant) as UtcDay;
export const utcMonthOf = (instant: Date): Month => dayText(instant).slice(0, 7) as Month;

/** As an ISO text begins, for the years that have four digits without the rest of it, which takes its time. */
function dayText(instant: Date): string {
  const year = instant.getUTCFullYear();
  if (!(year >= 1000 && year <= 9999)) return instant.toISOString().slice(0, 10);
  return `${year}-${twoDigits(instant.getUTCMonth() + 1)}-${twoDigits(instant.getUTCDate())}`;
}
const twoDigits = (value: number): string => (value < 10 ? `0${value}` : `${value}`);

export const monthOfDay = (day: UtcDay): Month => day.slice(0, 7) as Month;
export const startOfUtcDay = (day: UtcDay): Date => new Date(`${day}T00:00:00.000Z`);

/** The month as a period in UTC. @throws RangeError for text that is no month. */
export function utcMonth(month: Month): Period {
  const start = new Date(`${month}-01T00:00:00.000Z`);
  if (!/^\d{4}-\d\d$/.test(month) || Number.isNaN(start.getTime()))
    throw new RangeError(`"${month}" is not a month such as 2026-11`);
  return { start, end: new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1)) };
}

export const nextMonth = (month: Month): Month => utcMonthOf(utcMonth(month).end);
export const after = (instant: Date, ms: number): Date => new Date(instant.getTime() + ms);
export const contains = (period: Period, instant: Date): boolean => instant >= period.start && instant < period.end;
