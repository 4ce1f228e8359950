import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type LocalDate, makeId, microsFromDecimal } from "@greentick/kernel";
import { parse } from "csv-parse/sync";
import { z } from "zod";
import { type PublishedPrices } from "../../domain/card-book.js";
import { type MarketRow } from "../../domain/markets.js";
import { type RateCard, type RateRow, regimeOn } from "../../domain/rate-card.js";
import { cardCategories } from "../../domain/words.js";

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, "must be a day such as 2026-10-01");
const optionalDay = z.union([z.literal(""), day]);
const position = z.string().regex(/^\d+$/);

const rateRow = z.object({
  effective_from: day,
  effective_to: optionalDay,
  currency: z.string().regex(/^[A-Z]{3}$/),
  market: z.string().min(1),
  category: z.enum(cardCategories),
  tier_from: position,
  tier_to: z.union([z.literal(""), position]),
  rate: z.string().regex(/^\d+(\.\d{1,6})?$/, "must be a plain decimal with at most six places"),
});
const marketRow = z.object({
  effective_from: day,
  effective_to: optionalDay,
  calling_code: z.string().regex(/^(\d+|\*)$/),
  prefix: z.string().regex(/^\d*$/),
  iso2: z.string().regex(/^([A-Z]{2}|\*)$/),
  market: z.string().min(1),
});

/**
 * Reads every card of a folder: `markets.csv`, and one file per published card; a name that ends in `-tiers.csv` holds volume tiers.
 * @throws Error naming file, line and column of the first value that is not as the format says.
 */
export function readPublishedPrices(folder: string): PublishedPrices {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith(".csv"))
    .sort();
  if (!files.includes("markets.csv")) throw new Error(`The rate-card folder ${folder} has no markets.csv.`);
  return {
    cards: files
      .filter((name) => name !== "markets.csv")
      .map((name) => readCard(name, readFileSync(join(folder, name)))),
    markets: rowsOf("markets.csv", readFileSync(join(folder, "markets.csv")), marketRow).map(toMarket),
  };
}

function rowsOf<S extends z.ZodType>(name: string, bytes: Buffer, schema: S): z.infer<S>[] {
  const raw: unknown[] = parse(bytes, { columns: true, skip_empty_lines: true });
  return raw.map((row, at) => {
    const read = schema.safeParse(row);
    if (read.success) return read.data;
    const issue = read.error.issues[0];
    throw new Error(`${name}, line ${at + 2}, ${issue?.path.join(".") ?? ""}: ${issue?.message ?? "not readable"}`);
  });
}

/** One card; its id is made of its first day and the hash of its bytes, so that a changed file is another card. */
function readCard(name: string, bytes: Buffer): RateCard {
  const rows = rowsOf(name, bytes, rateRow);
  const [first] = rows;
  if (first === undefined) throw new Error(`${name} has no rows.`);
  const odd = rows.findIndex(
    (row) =>
      row.currency !== first.currency ||
      row.effective_from !== first.effective_from ||
      row.effective_to !== first.effective_to,
  );
  if (odd >= 0) throw new Error(`${name}, line ${odd + 2}: a card has one currency and one range of days.`);
  const sha256 = createHash("sha256").update(bytes);
  const digest = sha256.digest();
  const effectiveFrom = first.effective_from as LocalDate;
  return {
    id: makeId("rateCard", Date.parse(effectiveFrom), digest.subarray(0, 10)),
    sha256: digest.toString("hex"),
    name: name.replace(/\.csv$/, ""),
    kind: name.endsWith("-tiers.csv") ? "tiers" : "list",
    currency: first.currency,
    regime: regimeOn(effectiveFrom),
    effectiveFrom,
    ...(first.effective_to !== "" && { effectiveTo: first.effective_to as LocalDate }),
    rows: rows.map(toRateRow),
  };
}

const toRateRow = (row: z.infer<typeof rateRow>, at: number): RateRow => ({
  market: row.market,
  category: row.category,
  tierFrom: Number(row.tier_from),
  ...(row.tier_to !== "" && { tierTo: Number(row.tier_to) }),
  rateMicros: microsFromDecimal(row.rate),
  line: at + 2,
});

const toMarket = (row: z.infer<typeof marketRow>): MarketRow => ({
  effectiveFrom: row.effective_from as LocalDate,
  ...(row.effective_to !== "" && { effectiveTo: row.effective_to as LocalDate }),
  digits: `${row.calling_code}${row.prefix}`,
  country: row.iso2,
  market: row.market,
});
