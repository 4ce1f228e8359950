import { DateTime } from "luxon";
import { type Price, type Subscription } from "../shapes.js";

type Recurring = NonNullable<Price["recurring"]>;
type AnchorConfig = NonNullable<Subscription["billing_cycle_anchor_config"]>;

const at = (seconds: number): DateTime => DateTime.fromSeconds(seconds, { zone: "utc" });
const units = { day: "days", week: "weeks", month: "months", year: "years" } as const;

/** The given day of a month, or its last day when the month is shorter. */
function anchorIn(month: DateTime, config: AnchorConfig): DateTime {
  const day = Math.min(config.day_of_month, month.daysInMonth ?? 28);
  const { hour, minute, second } = config;
  return month.set({ day, hour: hour ?? month.hour, minute: minute ?? month.minute, second: second ?? month.second });
}

/** The first instant from `start` on that the configuration names (Stripe: billing_cycle_anchor_config, in UTC). */
export function firstAnchor(start: number, config: AnchorConfig): number {
  const from = at(start);
  const wanted = (step: number): DateTime => anchorIn(from.plus({ months: step }), config);
  for (let step = 0; step <= 12; step += 1) {
    const candidate = wanted(step);
    const rightMonth = config.month === null || candidate.month === config.month;
    if (rightMonth && candidate >= from) return candidate.toSeconds();
  }
  throw new RangeError(`no anchor within a year of ${from.toISO() ?? start}`);
}

/** The first boundary of the billing cycle after `time`: the anchor plus whole intervals, each counted from the anchor itself. */
export function nextBoundary(time: number, anchor: number, { interval, interval_count: count }: Recurring): number {
  const unit = units[interval];
  const passed = Math.max(0, Math.floor(at(time).diff(at(anchor), unit).as(unit) / count) - 1);
  for (let cycles = passed; ; cycles += 1) {
    const boundary = at(anchor)
      .plus({ [unit]: cycles * count })
      .toSeconds();
    if (boundary > time) return boundary;
  }
}
