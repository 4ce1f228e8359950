import { type LocalDate, type TenantId } from "@greentick/kernel";
import { type Difference } from "./reconcile.js";
import { plainWord } from "./words.js";

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
const cellKey = ({ wabaId, day, market, category, type }: Omit<VolumeCell, "tenantId" | "volume">): string =>
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

/** Meta's own count, and what `compareVolumes` found between it and the ledger. */
export interface ComparedVolumes {
  readonly meta: readonly VolumeCell[];
  readonly differences: readonly Difference[];
}

/**
 * Meta's invoice against the ledger's cost side. A row that says
 * the same again, whatever its number, is a duplicate and counts once, as a row. A loss that
 * the volumes already show is not counted again here: where Meta's own count and invoice agree, the difference is that of the volumes, and has its cause, of
 * several the one that is not proven. What these messages cannot cost is a difference of rates.
 */
export function compareInvoice(
  rows: readonly MetaInvoiceRow[],
  ledger: readonly CostCell[],
  volumes: ComparedVolumes,
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
  return [...duplicates, ...invoiceGaps(once, ledger, volumes)];
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
  volumes: ComparedVolumes,
): Difference[] {
  const billed = new Map<string, MetaInvoiceRow[]>();
  for (const row of rows) added(billed, cellKey(row), row);
  const ours = new Map<string, CostCell[]>();
  for (const cell of ledger) added(ours, cellKey(cell), cell);
  const counted = byCell(volumes.meta);
  const shown = new Map<string, Difference[]>();
  for (const one of volumes.differences) added(shown, one.key, one);
  const keys = [
    ...new Set([...billed.keys(), ...[...ours].filter(([, cells]) => microsOf(cells) !== 0n).map(([key]) => key)]),
  ];
  return keys.sort().flatMap((key) => {
    const [theirs, own] = [billed.get(key) ?? [], ours.get(key) ?? []];
    const cell = theirs[0] ?? own[0];
    const [expected, found] = [billedMicros(theirs), microsOf(own)];
    if (cell === undefined || expected === found) return [];
    const sameCount = volumeOf(theirs) === volumeOf(counted.get(key));
    const more = volumeOf(theirs) - volumeOf(own);
    const priced = more > 0 ? theirs.map(billedPrice) : own.map(ledgerPrice);
    return amountDifferences(
      { key, cell, expected, found, units: Math.abs(more), sameCount },
      {
        shown: sameCount ? (shown.get(key) ?? []) : [],
        isTheirs: couldCost(priced, BigInt(more), expected - found),
      },
    );
  });
}

const microsOf = (cells: readonly CostCell[]): bigint => cells.reduce((sum, { costMicros }) => sum + costMicros, 0n);
const billedMicros = (rows: readonly MetaInvoiceRow[]): bigint =>
  rows.reduce((sum, { amountMicros }) => sum + amountMicros, 0n);

/** An amount, and the messages it is for. */
interface Priced {
  readonly volume: bigint;
  readonly micros: bigint;
}
const billedPrice = ({ volume, amountMicros }: MetaInvoiceRow): Priced => ({
  volume: BigInt(volume),
  micros: amountMicros,
});
const ledgerPrice = ({ volume, costMicros }: CostCell): Priced => ({ volume: BigInt(volume), micros: costMicros });

/** Whether so many messages, at prices between the lowest and the highest of these, can make this amount. */
function couldCost(priced: readonly Priced[], messages: bigint, micros: bigint): boolean {
  const above = priced
    .filter(({ volume }) => volume !== 0n)
    .map(({ volume, micros: paid }) => (micros * volume - messages * paid) * (volume * messages < 0n ? -1n : 1n));
  return above.some((one) => one >= 0n) && above.some((one) => one <= 0n);
}

interface AmountGap {
  readonly key: string;
  readonly cell: VolumeCell;
  readonly expected: bigint;
  readonly found: bigint;
  readonly units: number;
  /** Meta's invoice bills as many messages as Meta counted. */
  readonly sameCount: boolean;
}

/** What the volumes tell of the same messages, and whether the difference can be the amount of those that they show. */
interface ShownVolumes {
  readonly shown: readonly Difference[];
  readonly isTheirs: boolean;
}

function amountDifferences(
  { key, cell, expected, found, units, sameCount }: AmountGap,
  { shown, isTheirs }: ShownVolumes,
): Difference[] {
  const base = {
    level: "meta_invoice" as const,
    tenantId: cell.tenantId,
    day: cell.day,
    key,
    expected: `${expected}`,
    found: `${found}`,
  };
  const otherRate = (note: string): Difference => ({
    ...base,
    units: 1,
    cause: "rate_changed",
    explained: false,
    note,
  });
  if (units === 0) return [otherRate("Same messages, another amount: the rate or tier differs.")];
  const [first] = shown;
  if (first === undefined) {
    const note = sameCount
      ? "Meta's invoice and its own count agree, and no count of messages tells why the ledger differs."
      : "Meta's invoice and Meta's own count do not agree.";
    return [{ ...base, units, cause: "unknown", explained: false, note }];
  }
  const ofVolumes: Difference = {
    ...base,
    units,
    cause: (shown.find(({ explained }) => !explained) ?? first).cause,
    explained: true,
    note: "The amount of the messages that the volumes show as different.",
  };
  const rest =
    "The messages that the volumes show as different cannot cost this: the rate or tier of others differs, too.";
  return isTheirs ? [ofVolumes] : [ofVolumes, otherRate(rest)];
}
