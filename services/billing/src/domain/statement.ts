import { money, type Month } from "@greentick/kernel";
import { addLines, type BalanceLine } from "./balance.js";
import { type Bucket } from "./bucket.js";
import { type StatementRow } from "./invoice.js";

/** What a client is charged for in a month, row by row, and the sums of the rows. */
export interface Statement {
  readonly month: Month;
  readonly rows: readonly StatementRow[];
  readonly totals: readonly StatementTotal[];
}

/** The sum of the rows in one currency. */
export interface StatementTotal {
  readonly currency: string;
  readonly entries: number;
  readonly units: number;
  readonly freeUnits: number;
  readonly chargeMicros: bigint;
  /** What Meta charges us for it, by currency. */
  readonly costs: ReadonlyMap<string, bigint>;
}

/** The rows of some windows: one for each bucket, kind, market, category, type and rate. */
export function statementRows(days: readonly { bucket: Bucket; lines: readonly BalanceLine[] }[]): StatementRow[] {
  const buckets = new Map<Bucket, BalanceLine[]>();
  for (const { bucket, lines } of days) {
    const known = buckets.get(bucket);
    if (known === undefined) buckets.set(bucket, [...lines]);
    else known.push(...lines);
  }
  return [...buckets]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([bucket, lines]) => addLines(lines).map((line) => rowOf(bucket, line)));
}

const rowOf = (bucket: Bucket, line: BalanceLine): StatementRow => ({
  bucket,
  market: line.market,
  category: line.category,
  pricingType: line.pricingType,
  kind: line.kind,
  entries: line.entries,
  units: line.units,
  freeUnits: line.freeUnits,
  ...(line.rateMicros !== undefined && { rateMicros: line.rateMicros }),
  cost: money(line.costCurrency, line.costMicros),
  charge: money(line.currency, line.chargeMicros),
});

export function statementOf(
  month: Month,
  days: readonly { bucket: Bucket; lines: readonly BalanceLine[] }[],
): Statement {
  const rows = statementRows(days);
  const currencies = [...new Set(rows.map(({ charge }) => charge.currency))].sort();
  return { month, rows, totals: currencies.map((currency) => totalIn(currency, rows)) };
}

function totalIn(currency: string, rows: readonly StatementRow[]): StatementTotal {
  const own = rows.filter(({ charge }) => charge.currency === currency);
  const costs = new Map<string, bigint>();
  for (const { cost } of own) costs.set(cost.currency, (costs.get(cost.currency) ?? 0n) + cost.amountMicros);
  const count = (of: (row: StatementRow) => number): number => own.reduce((sum, row) => sum + of(row), 0);
  return {
    currency,
    entries: count(({ entries }) => entries),
    units: count(({ units }) => units),
    freeUnits: count(({ freeUnits }) => freeUnits),
    chargeMicros: own.reduce((sum, { charge }) => sum + charge.amountMicros, 0n),
    costs,
  };
}
