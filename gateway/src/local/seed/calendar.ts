import { after, dayMs, type Month, utcMonth, utcMonthOf } from "@greentick/kernel";

/** When the things of a first filling happen, all in UTC. */
export interface SeedCalendar {
  /** The first client comes then: the first of the month that is closed. */
  readonly from: Date;
  /** The newest month that is over for good by `today`. */
  readonly closed: Month;
  /** Days on which the clients write to their customers; each starts at midnight. */
  readonly campaigns: readonly Date[];
  /** When Meta's invoice, Stripe's invoice and our ledger of the closed month are all there to be compared. */
  readonly reconcileAt: Date;
  /** Instants at which time stands still for a moment, in order, before `today`. */
  readonly stops: readonly Date[];
}

/** Ledger and drafts of a month are open for two days, and Meta's invoice comes on the second day of its own zone. */
const closesAfterMs = 2 * dayMs;
const reconciledAfterMs = 4 * dayMs;
const campaignCount = 8;
/** The numbers are live by then. */
const firstCampaignMs = 2 * dayMs;

/** The same picture on any day: one closed month, and the days since. */
export function seedCalendar(today: Date): SeedCalendar {
  const closed = closedMonth(today);
  const { start: from, end } = utcMonth(closed);
  const reconcileAt = after(end, reconciledAfterMs);
  const campaigns = campaignDays(from, today);
  const months = monthStarts(from, today).flatMap((start) => [start, after(start, closesAfterMs)]);
  const stops = [...campaigns.map((day) => after(day, dayMs)), ...months, reconcileAt].map((stop) => stop.getTime());
  const passed = [...new Set(stops)].filter((stop) => stop < today.getTime()).sort((one, other) => one - other);
  return { from, closed, campaigns, reconcileAt, stops: passed.map((stop) => new Date(stop)) };
}

/** The month before, or the one before that while the month before can still change. */
function closedMonth(today: Date): Month {
  const thisMonth = utcMonth(utcMonthOf(today)).start;
  const before = after(thisMonth, -dayMs);
  const isOver = today.getTime() - thisMonth.getTime() > reconciledAfterMs;
  return utcMonthOf(isOver ? before : after(utcMonth(utcMonthOf(before)).start, -dayMs));
}

/** Spread evenly from the third day to yesterday. */
function campaignDays(from: Date, today: Date): readonly Date[] {
  const first = from.getTime() + firstCampaignMs;
  const last = Math.floor(today.getTime() / dayMs) * dayMs - dayMs;
  const gap = (last - first) / (campaignCount - 1);
  return Array.from({ length: campaignCount }, (_none, at) => {
    const moment = first + Math.round((at * gap) / dayMs) * dayMs;
    return new Date(moment);
  });
}

function monthStarts(from: Date, today: Date): readonly Date[] {
  const starts: Date[] = [];
  for (let next = utcMonth(utcMonthOf(from)).end; next < today; next = utcMonth(utcMonthOf(next)).end)
    starts.push(next);
  return starts;
}
