import { type Decimal, decimalOf, formatDecimal, sumDecimals, zeroDecimal } from "../lib/decimal.js";
import { type Meter } from "../shapes.js";
import { type StoredMeterEvent } from "../store/kinds.js";
import { type Store } from "../store/store.js";

/** Whose usage of what, from `start` (included) to `end` (excluded), in Unix seconds. */
export interface UsageQuery {
  readonly meter: Meter;
  readonly customer: string;
  readonly start: number;
  readonly end: number;
}

export interface UsageSum {
  readonly start: number;
  readonly end: number;
  /** Exact decimal as text. */
  readonly value: string;
}

const windowSeconds: Readonly<Record<string, number>> = { hour: 3600, day: 86_400 };
const floorTo = (time: number, step: number): number => time - (time % step);

/** A pre-aggregated meter counts one event per UTC window: the one received last (Stripe: usage-based/meters/configure). */
function lastPerWindow(events: readonly StoredMeterEvent[], step: number): StoredMeterEvent[] {
  const latest = new Map<number, StoredMeterEvent>();
  for (const event of events) latest.set(floorTo(event.timestamp, step), event);
  return [...latest.values()];
}

/** Events that count, in order of receipt. */
async function countingEvents(store: Store, { meter, customer, start, end }: UsageQuery): Promise<StoredMeterEvent[]> {
  const step = windowSeconds[meter.event_time_window ?? ""];
  const $gte = step === undefined ? start : floorTo(start, step);
  const $lt = step === undefined ? end : floorTo(end + step - 1, step);
  const events = await store.find(
    "meter_events",
    {
      "object.meter": meter.id,
      "object.customer": customer,
      "object.timestamp": { $gte, $lt },
      "object.cancelled": false,
    },
    { sort: { "object.order": 1 } },
  );
  const counting = step === undefined ? events : lastPerWindow(events, step);
  return counting.filter(({ timestamp }) => timestamp >= start && timestamp < end);
}

const aggregations: Readonly<Record<string, (events: readonly StoredMeterEvent[]) => Decimal>> = {
  sum: (events) => sumDecimals(events.map(({ value }) => decimalOf(value))),
  count: (events) => ({ units: BigInt(events.length), places: 0 }),
  last: (events) => {
    const last = events.reduce<StoredMeterEvent | undefined>(
      (best, event) => (!best || event.timestamp >= best.timestamp ? event : best),
      undefined,
    );
    return last ? decimalOf(last.value) : zeroDecimal;
  },
};

function aggregate(meter: Meter, events: readonly StoredMeterEvent[]): Decimal {
  const formula = aggregations[meter.default_aggregation.formula];
  if (!formula) throw new RangeError(`meter ${meter.id} has the unknown formula ${meter.default_aggregation.formula}`);
  return formula(events);
}

/** The exact usage of a range. May be negative: an invoice line bills that as zero. */
export async function usageOf(store: Store, query: UsageQuery): Promise<Decimal> {
  return aggregate(query.meter, await countingEvents(store, query));
}

/** One sum for the whole range, or one per window of `step` seconds that holds usage, oldest first. */
export async function summarize(store: Store, query: UsageQuery, step: number | undefined): Promise<UsageSum[]> {
  const events = await countingEvents(store, query);
  const { meter, start, end } = query;
  if (step === undefined) return [{ start, end, value: formatDecimal(aggregate(meter, events)) }];
  const starts = [...new Set(events.map(({ timestamp }) => floorTo(timestamp, step)))].sort((a, b) => a - b);
  return starts.map((windowStart) => {
    const mine = events.filter(({ timestamp }) => floorTo(timestamp, step) === windowStart);
    return { start: windowStart, end: windowStart + step, value: formatDecimal(aggregate(meter, mine)) };
  });
}

/** What an invoice line bills: the usage, but never less than nothing. */
export const billable = (usage: Decimal): Decimal => (usage.units < 0n ? zeroDecimal : usage);
