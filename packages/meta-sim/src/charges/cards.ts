import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";

/** A price of Meta's: which tier it belongs to, and millionths of the currency unit per delivery. */
export interface Rate {
  /** `lower:upper`, `MAX` for the open end, as Meta's analytics print it. */
  readonly tier: string;
  readonly micros: number;
}

interface CardRow {
  readonly from: string;
  readonly to: string;
  readonly currency: string;
  readonly market: string;
  readonly category: string;
  readonly tierFrom: number;
  readonly tierTo: number;
  readonly micros: number;
}
interface MarketRow {
  readonly from: string;
  readonly to: string;
  readonly digits: string;
  readonly iso2: string;
  readonly market: string;
}

export interface Market {
  readonly country: string;
  readonly market: string;
}

/** Meta's published prices and its list of markets, as the simulated Meta itself applies them. */
export interface PriceBook {
  /** The market of a number's digits, or of the country of a business-scoped user id. */
  readonly marketOf: (to: { readonly digits?: string; readonly iso2?: string }, date: string) => Market;
  /** Undefined where no card is in force or the card has no such price. `position` is the delivery's place in its series, from 1. */
  readonly rateOf: (of: PricedThing) => Rate | undefined;
  readonly hasCard: (currency: string, date: string) => boolean;
}
export interface PricedThing {
  readonly currency: string;
  readonly market: string;
  /** Lower case with underscores, as in the card files. */
  readonly category: string;
  /** The day in the account's zone. */
  readonly date: string;
  readonly position: number;
}

/** Reads every card in the folder. @throws Error naming the file when a column is missing or a figure is no figure. */
export function readPriceBook(folder: string): PriceBook {
  const files = readdirSync(folder).filter((file) => file.endsWith(".csv") && file !== "markets.csv");
  const lists = indexed(files.filter((file) => !file.includes("-tiers")).flatMap((file) => cardRows(folder, file)));
  const tiers = indexed(files.filter((file) => file.includes("-tiers")).flatMap((file) => cardRows(folder, file)));
  const markets = marketRows(folder);
  const currencies = new Map<string, CardRow[]>();
  for (const row of [...lists.values()].flat())
    currencies.set(row.currency, [...(currencies.get(row.currency) ?? []), row]);
  return {
    marketOf: (to, date) => findMarket(markets, to, date),
    rateOf: (thing) => {
      const list = inForce(lists.get(keyOf(thing)) ?? [], thing);
      const tier = inForce(tiers.get(keyOf(thing)) ?? [], thing);
      const row = tier !== undefined && list !== undefined && tier.from >= list.from ? tier : list;
      return row === undefined ? undefined : { tier: tierName(row), micros: row.micros };
    },
    hasCard: (currency, date) => (currencies.get(currency) ?? []).some((row) => covers(row, date)),
  };
}

const keyOf = (of: { readonly currency: string; readonly market: string; readonly category: string }): string =>
  `${of.currency}|${of.market}|${of.category}`;

function indexed(rows: readonly CardRow[]): Map<string, CardRow[]> {
  const index = new Map<string, CardRow[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const found = index.get(key);
    if (found === undefined) index.set(key, [row]);
    else found.push(row);
  }
  return index;
}

const covers = (row: { readonly from: string; readonly to: string }, date: string): boolean =>
  row.from <= date && (row.to === "" || row.to >= date);

/** Of the rows in force the latest card's, and of that the tier that holds the position. */
function inForce(rows: readonly CardRow[], { date, position }: PricedThing): CardRow | undefined {
  const candidates = rows.filter((row) => covers(row, date) && position >= row.tierFrom && position <= row.tierTo);
  return candidates.reduce<CardRow | undefined>(
    (best, row) => (best === undefined || row.from > best.from ? row : best),
    undefined,
  );
}

const tierName = (row: CardRow): string =>
  `${row.tierFrom}:${row.tierTo === Number.POSITIVE_INFINITY ? "MAX" : row.tierTo}`;

function cardRows(folder: string, file: string): CardRow[] {
  return readRows(folder, file, [
    "effective_from",
    "effective_to",
    "currency",
    "market",
    "category",
    "tier_from",
    "tier_to",
    "rate",
  ]).map(([from = "", to = "", currency = "", market = "", category = "", tierFrom = "", tierTo = "", rate = ""]) => ({
    from,
    to,
    currency,
    market,
    category,
    tierFrom: Number(tierFrom),
    tierTo: tierTo === "" ? Number.POSITIVE_INFINITY : Number(tierTo),
    micros: microsOf(rate, file),
  }));
}

function marketRows(folder: string): MarketRow[] {
  const columns = ["effective_from", "effective_to", "calling_code", "prefix", "iso2", "market"];
  const rows = readRows(folder, "markets.csv", columns).map(
    ([from = "", to = "", code = "", prefix = "", iso2 = "", market = ""]) => ({
      from,
      to,
      digits: code + prefix,
      iso2,
      market,
    }),
  );
  return rows.sort((one, other) => other.digits.length - one.digits.length);
}

function readRows(folder: string, file: string, columns: readonly string[]): string[][] {
  const [header = [], ...rows] = parse(readFileSync(join(folder, file), "utf8"), { skip_empty_lines: true });
  const places = columns.map((column) => header.indexOf(column));
  const missing = columns.filter((_column, at) => places[at] === -1);
  if (missing.length > 0) throw new Error(`${file} lacks the columns ${missing.join(", ")}`);
  return rows.map((row) => places.map((place) => row[place] ?? ""));
}

/** Decimal text → millionths, digit by digit. */
export function microsOf(decimal: string, where: string): number {
  const match = /^(\d+)(?:\.(\d{1,6}))?$/.exec(decimal);
  if (match === null) throw new Error(`${where}: "${decimal}" is no price with at most six decimals`);
  return Number(match[1]) * 1_000_000 + Number((match[2] ?? "").padEnd(6, "0"));
}

/** Millionths → decimal text with all six places. */
export const decimalOf = (micros: number): string => {
  const digits = String(micros).padStart(7, "0");
  return `${digits.slice(0, -6)}.${digits.slice(-6)}`;
};

/** The longest dialling prefix decides, before the country of the user id; where several countries share a prefix Meta's last row (+1: US) stands. */
function findMarket(
  rows: readonly MarketRow[],
  to: { readonly digits?: string; readonly iso2?: string },
  date: string,
): Market {
  const valid = rows.filter((row) => covers(row, date));
  const matches = valid.filter((row) => row.digits !== "*" && to.digits?.startsWith(row.digits) === true);
  const longest = matches.filter((row) => row.digits.length === matches[0]?.digits.length).at(-1);
  const byCountry = to.digits === undefined ? valid.find((row) => row.iso2 === to.iso2) : undefined;
  const found = longest ?? byCountry;
  if (found !== undefined) return { country: found.iso2, market: found.market };
  return { country: to.iso2 ?? "ZZ", market: valid.find((row) => row.iso2 === "*")?.market ?? "Other" };
}
