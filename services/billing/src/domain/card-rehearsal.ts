import { type LocalDate } from "@greentick/kernel";
import { marketOf, type Recipient } from "./markets.js";
import { findRate } from "./rate-card.js";
import { type RehearsedCell } from "./rate-card-import.js";
import { type Tariffs } from "./rate.js";
import { type CardCategory } from "./words.js";

/** Deliveries of a month that were charged by a card, alike in all that a rate asks for. */
export interface TrafficCell {
  readonly currency: string;
  readonly category: CardCategory;
  readonly recipient: Recipient;
  /** Of the tier that they were rated by; absent for the list rate. */
  readonly position?: number;
  readonly units: number;
  /** What they cost at Meta. Micros. */
  readonly costMicros: bigint;
}

/**
 * Past deliveries as if they were made on a day of the new tariffs: their market is that of the day, their tier the one that holds the first
 * position of the tier they were rated by. What has no rate then is counted with its reason, beside what it cost.
 */
export function rehearse(traffic: readonly TrafficCell[], tariffs: Tariffs, date: LocalDate): readonly RehearsedCell[] {
  const sums = new Map<string, RehearsedCell>();
  for (const cell of traffic) {
    const next = rehearsedCell(cell, tariffs, date);
    const key = JSON.stringify([next.currency, next.market, next.category, next.unratable ?? ""]);
    const sum = sums.get(key);
    sums.set(key, sum === undefined ? next : added(sum, next));
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, cell]) => cell);
}

const added = (a: RehearsedCell, b: RehearsedCell): RehearsedCell => ({
  ...a,
  units: a.units + b.units,
  beforeMicros: a.beforeMicros + b.beforeMicros,
  ...(a.afterMicros !== undefined && b.afterMicros !== undefined && { afterMicros: a.afterMicros + b.afterMicros }),
});

function rehearsedCell(cell: TrafficCell, tariffs: Tariffs, date: LocalDate): RehearsedCell {
  const { currency, category, units, costMicros: beforeMicros, position } = cell;
  const market = marketOf(tariffs.markets, cell.recipient, date)?.market;
  const plain = { currency, market: market ?? "", category, units, beforeMicros };
  if (market === undefined) return { ...plain, unratable: "recipient_unknown" };
  const found = findRate(tariffs.rates, {
    currency,
    date,
    market,
    category,
    ...(position !== undefined && { position }),
  });
  if (typeof found === "string") return { ...plain, unratable: found };
  return { ...plain, afterMicros: found.rateMicros * BigInt(units) };
}
