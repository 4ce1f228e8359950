import { type LocalDate, type Month, type TenantId } from "@greentick/kernel";
import { plainWord } from "./words.js";

/** Why two sides differ. */
export type Cause =
  | "late"
  | "missing_webhook"
  | "rejected"
  | "duplicate"
  | "rate_changed"
  | "category_changed"
  | "timezone"
  | "fx"
  | "rounding"
  | "manual"
  | "unrated"
  | "unknown";

/** Between which two sides. */
export type Level = "meta_volume" | "meta_invoice" | "period" | "ledger_windows" | "windows_meter" | "meter_invoice";

export interface Difference {
  readonly level: Level;
  readonly tenantId?: TenantId;
  readonly day?: string;
  readonly bucket?: string;
  /** What was compared, e.g. account, market, category and type. */
  readonly key: string;
  readonly expected: string;
  readonly found: string;
  /** Messages, or rows of a file: how much is affected. */
  readonly units: number;
  readonly cause: Cause;
  /** The cause is proven by what the ledger holds; otherwise it is a suspicion and counts as unexplained. */
  readonly explained: boolean;
  readonly note: string;
}

export const unexplainedUnits = (differences: readonly Difference[]): number =>
  differences.reduce((sum, one) => (one.explained ? sum : sum + one.units), 0);

/** Deliveries of one account on one of its days, to one market, in one category and type. */
export interface VolumeCell {
  readonly tenantId: TenantId;
  readonly wabaId: string;
  readonly day: LocalDate;
  readonly market: string;
  readonly category: string;
  readonly type: string;
  readonly volume: number;
}

export interface UnratedCell {
  readonly wabaId: string;
  readonly day: LocalDate;
  readonly market?: string;
  readonly reason: string;
  readonly count: number;
}

const categoryWord = (raw: string): string => plainWord(raw).replace("marketing_lite_dynamic", "marketing_lite");
export const cellKey = ({ wabaId, day, market, category, type }: Omit<VolumeCell, "tenantId" | "volume">): string =>
  [wabaId, day, market, categoryWord(category), plainWord(type)].join(" / ");

const added = <K, V>(map: Map<K, V[]>, key: K, value: V): void => {
  map.set(key, [...(map.get(key) ?? []), value]);
};

function byCell(cells: readonly VolumeCell[]): Map<string, VolumeCell[]> {
  const map = new Map<string, VolumeCell[]>();
  for (const cell of cells) added(map, cellKey(cell), cell);
  return map;
}
const volumeOf = (cells: readonly VolumeCell[] | undefined): number =>
  (cells ?? []).reduce((sum, { volume }) => sum + volume, 0);

/**
 * Meta's count of deliveries against the ledger's, cell by cell. What Meta counted more is first explained by facts that are known and
 * still unrated; the rest is a webhook that never came. What the ledger counted more has no proven cause.
 */
export function compareVolumes(
  meta: readonly VolumeCell[],
  ledger: readonly VolumeCell[],
  unrated: readonly UnratedCell[],
): readonly Difference[] {
  const theirs = byCell(meta);
  const ours = byCell(ledger);
  const open = unrated.map((cell) => ({ ...cell }));
  const keys = [...new Set([...theirs.keys(), ...ours.keys()])].sort();
  return keys.flatMap((key) => {
    const expected = volumeOf(theirs.get(key));
    const found = volumeOf(ours.get(key));
    const cell = (theirs.get(key) ?? ours.get(key))?.[0];
    return cell === undefined || expected === found ? [] : volumeDifference({ key, expected, found, cell }, open);
  });
}

interface VolumeGap {
  readonly key: string;
  readonly expected: number;
  readonly found: number;
  readonly cell: VolumeCell;
}

function volumeDifference(
  { key, expected, found, cell }: VolumeGap,
  open: { count: number }[] & UnratedCell[],
): Difference[] {
  const base = {
    level: "meta_volume" as const,
    tenantId: cell.tenantId,
    day: cell.day,
    key,
    expected: `${expected}`,
    found: `${found}`,
  };
  if (found > expected) {
    const note =
      "The ledger counts more deliveries than Meta: look at category changes and at reports Meta still completes.";
    return [{ ...base, units: found - expected, cause: "unknown", explained: false, note }];
  }
  const waiting = takeUnrated(open, cell, expected - found);
  const missing = expected - found - waiting.reduce((sum, { count }) => sum + count, 0);
  const explained = waiting.map(({ count, reason }): Difference => ({
    ...base,
    units: count,
    cause: "unrated",
    explained: true,
    note: `Delivered and known, but without a price: ${reason}.`,
  }));
  if (missing === 0) return explained;
  const note = "Meta delivered these and we never heard of it: no webhook about them was received.";
  return [...explained, { ...base, units: missing, cause: "missing_webhook", explained: false, note }];
}

/** Facts without pricing have no category, so they answer for any cell of their account, day and market, each once. */
function takeUnrated(
  open: ({ count: number } & UnratedCell)[],
  cell: VolumeCell,
  wanted: number,
): { count: number; reason: string }[] {
  const taken: { count: number; reason: string }[] = [];
  for (const one of open) {
    const left = wanted - taken.reduce((sum, { count }) => sum + count, 0);
    const fits =
      one.wabaId === cell.wabaId && one.day === cell.day && (one.market === undefined || one.market === cell.market);
    const count = fits ? Math.min(left, one.count) : 0;
    if (count === 0) continue;
    (one as { count: number }).count -= count;
    taken.push({ count, reason: one.reason });
  }
  return taken;
}

/** A row of Meta's invoice file. */
export interface MetaInvoiceRow extends VolumeCell {
  readonly lineId: string;
  /** Volume tier as Meta writes it; an account, day, market, category, type and tier have one row. */
  readonly tier: string;
  readonly amountMicros: bigint;
  readonly currency: string;
}

/** The ledger's cost side of a cell. */
export interface CostCell extends VolumeCell {
  readonly costMicros: bigint;
}

/**
 * Meta's invoice against the ledger's cost side. A row that says
 * the same again, whatever its number, is a duplicate and counts once, as a row. A loss that
 * the volumes already show is not counted again here: where Meta's own count and invoice agree, the difference is that of the volumes.
 */
export function compareInvoice(
  rows: readonly MetaInvoiceRow[],
  ledger: readonly CostCell[],
  meta: readonly VolumeCell[],
): readonly Difference[] {
  const { once, doubled } = withoutDoubles(rows);
  const duplicates = doubled.map((row): Difference => ({
    level: "meta_invoice",
    tenantId: row.tenantId,
    day: row.day,
    key: `${cellKey(row)} / line ${row.lineId}`,
    expected: "1",
    found: "2",
    units: 1,
    cause: "duplicate",
    explained: false,
    note: `Meta's invoice bills this row again: ${row.volume} messages, ${row.amountMicros} micros of ${row.currency}. Dispute it.`,
  }));
  return [...duplicates, ...invoiceGaps(once, ledger, meta)];
}

const rowWords = (row: MetaInvoiceRow): string =>
  [cellKey(row), row.tier, row.volume, row.amountMicros, row.currency].join("|");

function withoutDoubles(rows: readonly MetaInvoiceRow[]): { once: MetaInvoiceRow[]; doubled: MetaInvoiceRow[] } {
  const seen = new Set<string>();
  const once: MetaInvoiceRow[] = [];
  const doubled: MetaInvoiceRow[] = [];
  for (const row of rows) {
    (seen.has(rowWords(row)) ? doubled : once).push(row);
    seen.add(rowWords(row));
  }
  return { once, doubled };
}

function invoiceGaps(
  rows: readonly MetaInvoiceRow[],
  ledger: readonly CostCell[],
  meta: readonly VolumeCell[],
): Difference[] {
  const billed = new Map<string, MetaInvoiceRow[]>();
  for (const row of rows) added(billed, cellKey(row), row);
  const ours = new Map<string, CostCell[]>();
  for (const cell of ledger) added(ours, cellKey(cell), cell);
  const counted = byCell(meta);
  const keys = [
    ...new Set([...billed.keys(), ...[...ours].filter(([, cells]) => microsOf(cells) !== 0n).map(([key]) => key)]),
  ];
  return keys.sort().flatMap((key) => {
    const cell = billed.get(key)?.[0] ?? ours.get(key)?.[0];
    if (cell === undefined) return [];
    const expected = billedMicros(billed.get(key));
    const found = microsOf(ours.get(key));
    if (expected === found) return [];
    const sameCount = volumeOf(billed.get(key)) === volumeOf(counted.get(key));
    const gap = { key, cell, expected, found, units: Math.abs(volumeOf(billed.get(key)) - volumeOf(ours.get(key))) };
    return [amountDifference(gap, sameCount)];
  });
}

const microsOf = (cells: readonly CostCell[] | undefined): bigint =>
  (cells ?? []).reduce((sum, { costMicros }) => sum + costMicros, 0n);
const billedMicros = (rows: readonly MetaInvoiceRow[] | undefined): bigint =>
  (rows ?? []).reduce((sum, { amountMicros }) => sum + amountMicros, 0n);

interface AmountGap {
  readonly key: string;
  readonly cell: VolumeCell;
  readonly expected: bigint;
  readonly found: bigint;
  readonly units: number;
}

function amountDifference({ key, cell, expected, found, units }: AmountGap, sameCount: boolean): Difference {
  const base = {
    level: "meta_invoice" as const,
    tenantId: cell.tenantId,
    day: cell.day,
    key,
    expected: `${expected}`,
    found: `${found}`,
  };
  if (units > 0 && sameCount)
    return {
      ...base,
      units,
      cause: "missing_webhook",
      explained: true,
      note: "The amount of the messages that the volumes show as different.",
    };
  if (units === 0)
    return {
      ...base,
      units: 1,
      cause: "rate_changed",
      explained: false,
      note: "Same messages, another amount: the rate or tier differs.",
    };
  return {
    ...base,
    units,
    cause: "unknown",
    explained: false,
    note: "Meta's invoice and Meta's own count do not agree.",
  };
}

/** Ledger entries of one Meta month that are invoiced in another of ours. */
export interface PeriodShift {
  readonly tenantId: TenantId;
  readonly bucket: string;
  readonly metaMonth: Month;
  readonly month: Month;
  /** The accounting day is not the day of service. */
  readonly moved: boolean;
  readonly late: boolean;
  readonly units: number;
}

/** Both months are right: Meta's by the account's zone, ours by UTC and the close calendar. */
export const periodDifferences = (shifts: readonly PeriodShift[]): readonly Difference[] =>
  shifts.map((shift) => ({
    level: "period",
    tenantId: shift.tenantId,
    bucket: shift.bucket,
    key: `${shift.bucket} ${shift.metaMonth}`,
    expected: shift.metaMonth,
    found: shift.month,
    units: Math.abs(shift.units),
    cause: shift.moved ? "late" : "timezone",
    explained: true,
    note: shift.moved
      ? "Known after the month was closed, so invoiced in the month of booking."
      : "The day of delivery lies in another month in UTC than in the account's zone.",
  }));

/** A window as we and Stripe know it. Micros. */
export interface WindowView {
  readonly tenantId: TenantId;
  readonly bucket: string;
  readonly day: string;
  readonly ledgerMicros: bigint;
  readonly windowMicros?: bigint;
  readonly meterMicros?: bigint;
  readonly rejected?: string;
  /** It changed after its invoice was final; the change was carried. */
  readonly afterInvoice: boolean;
}

export function compareWindows(windows: readonly WindowView[]): readonly Difference[] {
  return windows.flatMap((one) => {
    const base = { tenantId: one.tenantId, bucket: one.bucket, day: one.day, key: `${one.bucket} ${one.day}` };
    const ours = {
      ...base,
      level: "ledger_windows" as const,
      expected: `${one.ledgerMicros}`,
      found: `${one.windowMicros ?? "none"}`,
    };
    const theirs = {
      ...base,
      level: "windows_meter" as const,
      expected: `${one.windowMicros ?? 0n}`,
      found: `${one.meterMicros ?? "none"}`,
    };
    const settled = one.afterInvoice
      ? {
          cause: "late" as const,
          explained: true,
          note: "Changed after the invoice was final; the change is carried into the next month.",
        }
      : { cause: "unknown" as const, explained: false, note: "Not told to Stripe yet, or told another total." };
    const refused = {
      cause: "rejected" as const,
      explained: false,
      note: `Stripe refused the total: ${one.rejected ?? ""}`,
    };
    return [
      ...(one.ledgerMicros === one.windowMicros
        ? []
        : [{ ...ours, units: 1, ...(one.rejected === undefined ? settled : refused) }]),
      ...((one.windowMicros ?? 0n) === (one.meterMicros ?? 0n) ? [] : [{ ...theirs, units: 1, ...settled }]),
    ];
  });
}

/** One bucket of one client's month: the ledger, the invoice line, and what was carried on. */
export interface BilledBucket {
  readonly tenantId: TenantId;
  readonly bucket: string;
  readonly ledgerMicros: bigint;
  readonly billedMicros: bigint;
  readonly carryMicros: bigint;
  readonly roundingOnly: boolean;
  /** A window of the bucket changed after the invoice was final. */
  readonly changedLate: boolean;
}

/** `ledger = invoice line + carry`, to the micro; what was carried must have a proven cause. */
export const compareBilled = (buckets: readonly BilledBucket[]): readonly Difference[] =>
  buckets
    .filter(({ ledgerMicros, billedMicros }) => ledgerMicros !== billedMicros)
    .map((one) => ({
      level: "meter_invoice",
      tenantId: one.tenantId,
      bucket: one.bucket,
      key: one.bucket,
      expected: `${one.ledgerMicros}`,
      found: `${one.billedMicros}`,
      units: 1,
      ...carryCause(one),
    }));

function carryCause(one: BilledBucket): Pick<Difference, "cause" | "explained" | "note"> {
  const carried = `Carried into the next month: ${one.carryMicros} micros.`;
  if (one.ledgerMicros !== one.billedMicros + one.carryMicros)
    return { cause: "unknown", explained: false, note: "Ledger, invoice line and carry do not add up." };
  if (one.roundingOnly) return { cause: "rounding", explained: true, note: carried };
  if (one.changedLate)
    return { cause: "late", explained: true, note: `Changed after the invoice was final. ${carried}` };
  if (one.ledgerMicros < 0n && one.billedMicros === 0n)
    return { cause: "rounding", explained: true, note: `Stripe bills a negative month as zero. ${carried}` };
  return {
    cause: "unknown",
    explained: false,
    note: `Usage that Stripe was told in time is not on the line. ${carried}`,
  };
}

/** A reconciliation of one month over all clients of a provider. */
export interface ReconciliationRun {
  readonly id: string;
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  readonly version: number;
  readonly month: Month;
  readonly status: "requested" | "done" | "failed";
  readonly requestedAt: Date;
  readonly finishedAt?: Date;
  readonly failure?: string;
  readonly unexplained: number;
  readonly differences: readonly Difference[];
  readonly totals: readonly RunTotals[];
  /** What could not be compared, and why. */
  readonly notes: readonly string[];
}

/** The sides of a month in one currency. Micros; counts are messages. */
export interface RunTotals {
  readonly currency: string;
  readonly metaVolume: number;
  readonly ledgerVolume: number;
  readonly metaInvoiceMicros: bigint;
  readonly ledgerCostMicros: bigint;
  readonly ledgerChargeMicros: bigint;
  readonly windowMicros: bigint;
  readonly meterMicros: bigint;
  readonly invoicedMicros: bigint;
  readonly carryMicros: bigint;
}
