import { divideHalfUp, money, type Money } from "@greentick/kernel";
import { type Bucket } from "./bucket.js";
import { type AppliedRate, costIn } from "./exchange.js";
import { type StatementRow } from "./invoice.js";
import { type Adjustment, adjustmentsOf, type MonthCell, type MonthTerms, type OwedDays } from "./month-terms.js";
import { type NoPrice, type PricingTerms, priceUnder } from "./price-plan.js";
import { type CardCategory, isCardCategory } from "./words.js";

/** Past messages that Meta priced alike. */
export interface TrafficCell {
  readonly market: string;
  readonly category: CardCategory;
  readonly bucket: Bucket;
  readonly free: boolean;
  readonly messages: number;
  /** What Meta charges for one, and what its list says for one. */
  readonly unitCost: Money;
  readonly unitList: Money;
  /** What Meta charged for all of them, and what the client paid. */
  readonly cost: Money;
  readonly charge: Money;
}

/** One market and category before and after; amounts in the plan's currency. */
export interface WhatIfLine {
  readonly market: string;
  readonly category: CardCategory;
  readonly messages: number;
  readonly before: Money;
  readonly after: Money;
  /** Of the messages that have a price under the draft; undefined when a rate into the plan's currency is missing. */
  readonly cost?: Money;
  /** Messages that would have no price, by reason. */
  readonly unpriced: readonly { readonly reason: NoPrice; readonly messages: number }[];
}

export interface WhatIf {
  readonly lines: readonly WhatIfLine[];
  /** What bundles, tiers and minimum would add or take back. */
  readonly adjustments: readonly Adjustment[];
}

export interface DraftTerms extends PricingTerms {
  readonly month?: MonthTerms;
}

/** Meta's list rate of a cell; undefined where no card has one. */
export type ListRate = (
  cell: Pick<TrafficCell, "market" | "category"> & { readonly currency: string },
) => bigint | undefined;

/** The messages among a month's statement, without fees, carries and adjustments. A price that Meta stated counts by its average. */
export function trafficOf(rows: readonly StatementRow[], listRate: ListRate): readonly TrafficCell[] {
  return rows.flatMap((row) => {
    const { market, category, bucket, units, freeUnits, rateMicros, cost, charge } = row;
    if (!isCardCategory(category) || market === "" || units === 0) return [];
    const free = freeUnits === units;
    const paid = rateMicros ?? divideHalfUp(cost.amountMicros * BigInt(Math.sign(units)), BigInt(Math.abs(units)));
    const list =
      free || rateMicros === undefined ? paid : (listRate({ market, category, currency: cost.currency }) ?? paid);
    return [
      {
        market,
        category,
        bucket,
        free,
        messages: units,
        unitCost: money(cost.currency, free ? 0n : paid),
        unitList: money(cost.currency, free ? 0n : list),
        cost,
        charge,
      },
    ];
  });
}

/** What a month's terms are settled over: charged messages by market, category and line. */
export function monthCellsOf(rows: readonly StatementRow[]): readonly MonthCell[] {
  const cells = rows.flatMap(({ market, category, bucket, units, freeUnits, charge }) =>
    !isCardCategory(category) || market === "" || (units !== 0 && freeUnits === units)
      ? []
      : [{ market, category, bucket, messages: units - freeUnits, chargeMicros: charge.amountMicros }],
  );
  return merged(cells);
}

function merged(cells: readonly MonthCell[]): readonly MonthCell[] {
  const sums = new Map<string, MonthCell>();
  for (const cell of cells) {
    const key = `${cell.market}|${cell.category}|${cell.bucket}`;
    const before = sums.get(key);
    sums.set(key, {
      ...cell,
      messages: cell.messages + (before?.messages ?? 0),
      chargeMicros: cell.chargeMicros + (before?.chargeMicros ?? 0n),
    });
  }
  return [...sums.values()];
}

export interface WhatIfQuestion {
  readonly draft: DraftTerms;
  readonly traffic: readonly TrafficCell[];
  /** The rate into the plan's currency. */
  readonly exchange: (from: string) => AppliedRate | undefined;
  readonly owed?: OwedDays;
}

interface Repriced extends TrafficCell {
  readonly after: bigint | NoPrice;
  readonly costMicros?: bigint;
}

/** Past traffic under a draft: the same function prices it that prices messages. Nothing is kept. */
export function whatIf({ draft, traffic, exchange, owed }: WhatIfQuestion): WhatIf {
  const repriced = traffic.map((cell): Repriced => {
    const rate = exchange(cell.cost.currency);
    const price = priceUnder(draft, {
      cost: cell.unitCost,
      list: cell.unitList,
      free: cell.free,
      market: cell.market,
      category: cell.category,
      ...(rate && { exchange: rate }),
    });
    const costMicros = costIn(draft.currency, cell.cost, rate);
    return {
      ...cell,
      after: typeof price === "string" ? price : price.charge.amountMicros * BigInt(cell.messages),
      ...(costMicros !== undefined && { costMicros }),
    };
  });
  const cells = repriced.flatMap(({ after, free, ...cell }): MonthCell[] =>
    typeof after === "bigint" && !free ? [{ ...cell, chargeMicros: after }] : [],
  );
  return {
    lines: linesOf(draft.currency, repriced),
    adjustments: draft.month === undefined ? [] : adjustmentsOf(draft.month, merged(cells), owed),
  };
}

function linesOf(currency: string, cells: readonly Repriced[]): readonly WhatIfLine[] {
  const groups = new Map<string, Repriced[]>();
  for (const cell of cells) {
    const key = `${cell.market}|${cell.category}`;
    groups.set(key, [...(groups.get(key) ?? []), cell]);
  }
  return [...groups.keys()].sort().map((key) => lineOf(currency, groups.get(key) ?? []));
}

function lineOf(currency: string, cells: readonly Repriced[]): WhatIfLine {
  const [first] = cells;
  if (first === undefined) throw new RangeError("a line has at least one cell");
  const priced = cells.filter(({ after }) => typeof after === "bigint");
  const costs = priced.flatMap(({ costMicros }) => (costMicros === undefined ? [] : [costMicros]));
  const of = (micros: bigint): Money => money(currency, micros);
  return {
    market: first.market,
    category: first.category,
    messages: cells.reduce((sum, { messages }) => sum + messages, 0),
    before: of(cells.reduce((sum, { charge }) => sum + charge.amountMicros, 0n)),
    after: of(priced.reduce((sum, { after }) => sum + (typeof after === "bigint" ? after : 0n), 0n)),
    ...(costs.length === priced.length && { cost: of(costs.reduce((sum, one) => sum + one, 0n)) }),
    unpriced: unpricedIn(cells),
  };
}

function unpricedIn(cells: readonly Repriced[]): WhatIfLine["unpriced"] {
  const counts = new Map<NoPrice, number>();
  for (const { after, messages } of cells)
    if (typeof after === "string") counts.set(after, (counts.get(after) ?? 0) + messages);
  return [...counts].map(([reason, messages]) => ({ reason, messages }));
}
