import { minuteMs, money, type Money, type TenantId } from "@greentick/kernel";
import { type Bucket } from "./bucket.js";
import { type EntryKind } from "./ledger-entry.js";

/** What a statement keeps apart: entries with all of this in common are one line. */
export interface BalanceKey {
  readonly kind: EntryKind;
  /** Empty for what is no message. */
  readonly market: string;
  readonly category: string;
  /** Meta's word; empty when Meta gave none. */
  readonly pricingType: string;
  /** Meta's rate per message, in the currency of the cost. */
  readonly rateMicros?: bigint;
  /** Of the charge. */
  readonly currency: string;
  readonly costCurrency: string;
}

/** What some entries of a window amount to. */
export interface BalanceLine extends BalanceKey {
  readonly entries: number;
  /** Messages: reversals count against what they take back. */
  readonly units: number;
  readonly freeUnits: number;
  readonly chargeMicros: bigint;
  readonly costMicros: bigint;
}

/**
 * Entries of a window are counted by the time at which they were booked. What is booked from now on falls into the newest of these
 * stretches, whatever day it is about: the older ones need not be added again.
 */
const slotMs = minuteMs / 2;

export const slotOf = (bookedAt: Date): number => Math.floor(bookedAt.getTime() / slotMs);
/** First instant of a slot, and the first behind it. */
export const slotBounds = (slot: number): { readonly start: Date; readonly end: Date } => ({
  start: new Date(slot * slotMs),
  end: new Date((slot + 1) * slotMs),
});
export const slotLengthMs = slotMs;

const keyOf = (line: BalanceKey): string =>
  [
    line.kind,
    line.market,
    line.category,
    line.pricingType,
    line.rateMicros?.toString() ?? "",
    line.currency,
    line.costCurrency,
  ].join("|");

/** One line for each key, in the order of the keys. Amounts of two currencies never meet: the currency is part of the key. */
export function addLines(lines: Iterable<BalanceLine>): readonly BalanceLine[] {
  const sums = new Map<string, BalanceLine>();
  for (const line of lines) {
    const key = keyOf(line);
    const before = sums.get(key);
    sums.set(key, before === undefined ? line : plus(before, line));
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => line);
}

const plus = (a: BalanceLine, b: BalanceLine): BalanceLine => ({
  ...a,
  entries: a.entries + b.entries,
  units: a.units + b.units,
  freeUnits: a.freeUnits + b.freeUnits,
  chargeMicros: a.chargeMicros + b.chargeMicros,
  costMicros: a.costMicros + b.costMicros,
});

/** What the client owes for these lines, in micros. */
export const chargeOf = (lines: readonly BalanceLine[]): bigint =>
  lines.reduce((sum, { chargeMicros }) => sum + chargeMicros, 0n);

/** What a client's bucket amounts to. Charges are in one currency; costs of accounts in several stay apart. */
export interface BucketTotal {
  readonly tenantId: TenantId;
  readonly bucket: Bucket;
  /** The client's: of every charge. */
  readonly currency: string;
  readonly chargeMicros: bigint;
  /** What Meta charges, one sum for each currency of the WhatsApp accounts; without zeros. */
  readonly costs: readonly Money[];
  readonly units: number;
}

/** The sums of some windows by client, bucket and currency of the charge. */
export function bucketTotals(
  days: readonly { tenantId: TenantId; bucket: Bucket; lines: readonly BalanceLine[] }[],
): readonly BucketTotal[] {
  const sums = new Map<string, BucketTotal>();
  for (const { tenantId, bucket, lines } of days)
    for (const { currency, costCurrency, chargeMicros, costMicros, units } of lines) {
      const key = `${tenantId}|${bucket}|${currency}`;
      const before = sums.get(key) ?? { tenantId, bucket, currency, chargeMicros: 0n, costs: [], units: 0 };
      sums.set(key, {
        ...before,
        chargeMicros: before.chargeMicros + chargeMicros,
        costs: plusCost(before.costs, money(costCurrency, costMicros)),
        units: before.units + units,
      });
    }
  return [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, total]) => ({ ...total, costs: total.costs.filter(({ amountMicros }) => amountMicros !== 0n) }));
}

/** One sum for each currency, in the order of their names. */
const plusCost = (costs: readonly Money[], more: Money): readonly Money[] => {
  const before = costs.find(({ currency }) => currency === more.currency);
  const others = costs.filter((one) => one !== before);
  const sum = money(more.currency, (before?.amountMicros ?? 0n) + more.amountMicros);
  return [...others, sum].sort((a, b) => (a.currency < b.currency ? -1 : 1));
};

/** True when both say the same of every key, to the micro. */
export function sameBalance(a: readonly BalanceLine[], b: readonly BalanceLine[]): boolean {
  const words = (lines: readonly BalanceLine[]): string =>
    addLines(lines)
      .filter(({ entries }) => entries !== 0)
      .map((line) =>
        [keyOf(line), line.entries, line.units, line.freeUnits, line.chargeMicros, line.costMicros].join("|"),
      )
      .join("\n");
  return words(a) === words(b);
}
