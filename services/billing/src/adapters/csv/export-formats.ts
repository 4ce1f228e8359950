import { decimalFromMicros, type Money, type Month } from "@greentick/kernel";
import { stringify } from "csv-stringify/sync";
import { type StatementRow } from "../../domain/invoice.js";
import { type LedgerEntry } from "../../domain/ledger-entry.js";
import { type Statement } from "../../domain/statement.js";
import { type ExportFormat, type ExportFormats } from "../../usecases/export-ledger.js";

/** A line of an export. Amounts are micros until they are written. */
type Line = Readonly<Record<string, string | number | bigint | boolean | undefined>>;

/**
 * Text that a spreadsheet would take for a formula is written behind an apostrophe (OWASP: CSV injection); amounts are numbers and keep their sign.
 * Lines end as RFC 4180 has it.
 */
const csv = (lines: readonly Line[]): string =>
  lines.length === 0
    ? ""
    : stringify(
        lines.map((line) => Object.values(line)),
        {
          escape_formulas: true,
          record_delimiter: "windows",
          cast: { bigint: decimalFromMicros, boolean: (value) => (value ? "true" : "false") },
        },
      );
const csvHeader = (columns: readonly string[]): string => stringify([columns], { record_delimiter: "windows" });

const json = (line: Line): string =>
  JSON.stringify(line, (_, value: unknown) => (typeof value === "bigint" ? decimalFromMicros(value) : value));

const costOf = (withCost: boolean, cost: Money | undefined): Line =>
  withCost ? { cost: cost?.amountMicros, costCurrency: cost?.currency } : {};

const rowLine = (month: Month, row: StatementRow, withCost: boolean): Line => ({
  month,
  bucket: row.bucket,
  kind: row.kind,
  market: row.market,
  category: row.category,
  pricingType: row.pricingType,
  rate: row.rateMicros,
  rateCurrency: row.rateMicros === undefined ? "" : row.cost.currency,
  entries: row.entries,
  messages: row.units,
  freeMessages: row.freeUnits,
  charge: row.charge.amountMicros,
  currency: row.charge.currency,
  ...costOf(withCost, row.cost),
});

/** A sum has no bucket, market or rate; its cost stands there when it is in one currency. */
function totalLines({ month, totals }: Statement, withCost: boolean): Line[] {
  return totals.map((total) => {
    const [first, ...others] = [...total.costs];
    const cost =
      first !== undefined && others.length === 0 ? { currency: first[0], amountMicros: first[1] } : undefined;
    return {
      month,
      bucket: "",
      kind: "total",
      market: "",
      category: "",
      pricingType: "",
      rate: undefined,
      rateCurrency: "",
      entries: total.entries,
      messages: total.units,
      freeMessages: total.freeUnits,
      charge: total.chargeMicros,
      currency: total.currency,
      ...costOf(withCost, cost),
    };
  });
}

const entryLine = (entry: LedgerEntry, withCost: boolean): Line => ({
  id: entry.id,
  kind: entry.kind,
  corrects: entry.corrects ?? "",
  day: entry.day,
  month: entry.month,
  bucket: entry.bucket,
  messages: entry.units,
  free: entry.free,
  market: entry.service?.market ?? "",
  category: entry.service?.category ?? "",
  pricingType: entry.service?.pricingType ?? "",
  wabaId: entry.service?.wabaId ?? "",
  deliveredAt: entry.service?.deliveredAt.toISOString() ?? "",
  priceDate: entry.service?.localDate ?? "",
  rateCardId: entry.service?.rate?.cardId ?? "",
  rate: entry.service?.rate?.rateMicros,
  planNumber: entry.service?.planNumber,
  webhook: entry.service === undefined ? "" : `${entry.service.webhook.sha256}:${entry.service.webhook.index}`,
  bookedAt: entry.bookedAt.toISOString(),
  charge: entry.charge.amountMicros,
  currency: entry.charge.currency,
  ...costOf(withCost, entry.cost),
});

const costColumns = (withCost: boolean): readonly string[] => (withCost ? ["cost", "costCurrency"] : []);
const statementColumns = [
  ...["month", "bucket", "kind", "market", "category", "pricingType", "rate", "rateCurrency"],
  ...["entries", "messages", "freeMessages", "charge", "currency"],
];
const entryColumns = [
  ...["id", "kind", "corrects", "day", "month", "bucket", "messages", "free", "market", "category", "pricingType"],
  ...["wabaId", "deliveredAt", "priceDate", "rateCardId", "rate", "planNumber", "webhook", "bookedAt", "charge"],
  "currency",
];

const csvFormat = (withCost: boolean): ExportFormat => ({
  statement: (statement) =>
    csvHeader([...statementColumns, ...costColumns(withCost)]) +
    csv([...statement.rows.map((row) => rowLine(statement.month, row, withCost)), ...totalLines(statement, withCost)]),
  entriesBegin: () => csvHeader([...entryColumns, ...costColumns(withCost)]),
  entries: (entries) => csv(entries.map((entry) => entryLine(entry, withCost))),
  entriesEnd: () => "",
});

const jsonList = (lines: readonly Line[]): string => lines.map(json).join(",\n");

const jsonFormat = (withCost: boolean): ExportFormat => ({
  statement: (statement) => {
    const rows = jsonList(statement.rows.map((row) => rowLine(statement.month, row, withCost)));
    return `{"month":"${statement.month}","rows":[\n${rows}\n],"totals":[\n${jsonList(totalLines(statement, withCost))}\n]}\n`;
  },
  entriesBegin: (month) => `{"month":"${month}","entries":[\n`,
  entries: (entries, first) =>
    (first || entries.length === 0 ? "" : ",\n") + jsonList(entries.map((entry) => entryLine(entry, withCost))),
  entriesEnd: (statement) => `\n],"totals":[\n${jsonList(totalLines(statement, withCost))}\n]}\n`,
});

export const exportFormats: ExportFormats = (format, withCost) =>
  format === "csv" ? csvFormat(withCost) : jsonFormat(withCost);
