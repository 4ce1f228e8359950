import { stringify } from "csv-stringify/sync";
import { type CountedRow } from "../store.js";
import { type World } from "../world.js";
import { decimalOf } from "./cards.js";

/** One line of the invoice; rate and amount follow from `micros`. */
export interface Line {
  readonly invoice_id: string;
  readonly line_id: string;
  readonly billing_period: string;
  readonly waba_id: string;
  readonly waba_name: string;
  readonly date: string;
  readonly market: string;
  readonly category: string;
  readonly pricing_type: string;
  readonly tier: string;
  readonly volume: number;
  readonly micros: number;
  readonly currency: string;
}

/** The columns of the file behind an invoice. */
export const invoiceColumns = [
  "invoice_id",
  "line_id",
  "billing_period",
  "waba_id",
  "waba_name",
  "date",
  "market",
  "category",
  "pricing_type",
  "tier",
  "volume",
  "rate",
  "amount",
  "currency",
];

export const toCsv = (lines: readonly Line[]): string =>
  stringify(
    lines.map((line) => ({ ...line, rate: decimalOf(line.micros), amount: decimalOf(line.micros * line.volume) })),
    { header: true, columns: invoiceColumns },
  );

export interface Bill {
  readonly invoiceId: string;
  readonly month: string;
  readonly currency: string;
}

/** Sums the counted deliveries of the accounts that pay through our line. */
export async function invoiceLines(world: World, bill: Bill): Promise<Map<string, Line>> {
  const wabas = await world.store.nodes.find({ kind: "waba", fundingId: { $exists: true } }).toArray();
  const names = new Map(wabas.flatMap((node) => (node.kind === "waba" ? [[node._id, node.name] as const] : [])));
  const rows = await world.store.counted.find({ month: bill.month, currency: bill.currency }).toArray();
  const lines = new Map<string, Line>();
  for (const row of rows) {
    const name = names.get(row.wabaId);
    if (name === undefined) continue;
    const key = lineKey(row);
    const volume = (lines.get(key)?.volume ?? 0) + row.volume;
    lines.set(key, {
      ...lineOf(bill, row),
      waba_name: name,
      line_id: world.names.id("line", bill.invoiceId, key),
      volume,
    });
  }
  return lines;
}

/** What one line of the invoice stands for. */
export const lineKey = (row: Omit<CountedRow, "_id" | "source" | "volume">): string =>
  [row.wabaId, row.date, row.market, row.category, row.type, row.tier, row.rateMicros].join("|");

const lineOf = (bill: Bill, row: CountedRow): Omit<Line, "waba_name" | "line_id" | "volume"> => ({
  invoice_id: bill.invoiceId,
  billing_period: bill.month,
  waba_id: row.wabaId,
  date: row.date,
  market: row.market,
  category: row.category,
  pricing_type: row.type,
  tier: row.tier,
  micros: row.rateMicros,
  currency: row.currency,
});

/**
 * Repeats the lines that a traffic asked to double, each under a line id of its own: an error of Meta's that only a comparison finds.
 */
export async function withDoubled(world: World, month: string, lines: ReadonlyMap<string, Line>): Promise<Line[]> {
  const traffics = await world.store.traffics.find({ months: month }).toArray();
  const doubled = new Set(traffics.flatMap((traffic) => traffic.doubled));
  const sorted = [...lines.entries()].sort(([one], [other]) => (one < other ? -1 : 1));
  return sorted.flatMap(([key, line]) =>
    doubled.has(key) ? [line, { ...line, line_id: world.names.id("doubled", line.line_id) }] : [line],
  );
}
