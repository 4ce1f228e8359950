import { type LocalDate } from "@greentick/kernel";
import { type Reason } from "./reason.js";

/** As much of a recipient as a price needs: at most six leading digits of the number, and the country of a business-scoped id. */
export interface Recipient {
  readonly dialPrefix?: string;
  readonly country?: string;
}

/** One row of Meta's grouping of countries into markets. */
export interface MarketRow {
  readonly effectiveFrom: LocalDate;
  readonly effectiveTo?: LocalDate;
  /** Calling code and network prefix in one; `*` for every number not listed. */
  readonly digits: string;
  /** ISO 3166 alpha-2, or `*`. */
  readonly country: string;
  readonly market: string;
}

/** Where a message went, and what said so. Made once for each row, and shared by all that it finds. */
export interface MarketFinding {
  readonly market: string;
  readonly by: "number" | "country" | "default";
  /** The digits or the country that decided; `*` for the default. */
  readonly match: string;
  readonly reason: Reason;
}

/** A row under what it is looked up by. */
interface Listed {
  readonly row: MarketRow;
  readonly finding: MarketFinding;
}

function listedBy(row: MarketRow, by: MarketFinding["by"], match: string): Listed {
  const { market } = row;
  const says = `The recipient belongs to the market ${market} by ${by === "default" ? "default" : `${by} ${match}`}.`;
  return { row, finding: { market, by, match, reason: { rule: `market.${by}`, says } } };
}

export interface MarketIndex {
  readonly rows: readonly MarketRow[];
  readonly byDigits: DigitTree;
  readonly byCountry: ReadonlyMap<string, readonly Listed[]>;
  readonly byDefault: readonly Listed[];
  readonly longest: number;
}

/** Listed digits as a tree: one digit leads to what is listed so far and to the digits that can follow. */
interface DigitTree {
  readonly listed: readonly Listed[];
  readonly next: ReadonlyMap<string, DigitTree>;
}

export const inForce = (
  row: { readonly effectiveFrom: LocalDate; readonly effectiveTo?: LocalDate },
  date: LocalDate,
): boolean => row.effectiveFrom <= date && (row.effectiveTo === undefined || date <= row.effectiveTo);

function grouped<T>(rows: readonly T[], keyOf: (row: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row]);
  return groups;
}

/** Of rows that all begin with the same `depth` digits. */
function digitTree(listed: readonly Listed[], depth = 0): DigitTree {
  const longer = grouped(
    listed.filter(({ row }) => row.digits.length > depth),
    ({ row }) => row.digits.charAt(depth),
  );
  return {
    listed: listed.filter(({ row }) => row.digits.length === depth),
    next: new Map([...longer].map(([digit, some]) => [digit, digitTree(some, depth + 1)])),
  };
}

const everyOther = "*";

export const marketIndex = (rows: readonly MarketRow[]): MarketIndex => ({
  rows: [...grouped(rows, (row) => row.digits).values()].flat(),
  byDigits: digitTree(rows.map((row) => listedBy(row, "number", row.digits))),
  byCountry: grouped(
    rows.map((row) => listedBy(row, "country", row.country)),
    ({ row }) => row.country,
  ),
  byDefault: rows.filter(({ digits }) => digits === everyOther).map((row) => listedBy(row, "default", everyOther)),
  longest: Math.max(1, ...rows.map((row) => row.digits.length)),
});

const found = (listed: readonly Listed[] | undefined, date: LocalDate): MarketFinding | undefined =>
  listed?.find(({ row }) => inForce(row, date))?.finding;

/**
 * The market of a recipient on a day in the account's zone: the longest listed prefix of the number, else the country of the
 * business-scoped id, else the default market. The number beats the country (Meta: rate cards). Undefined when nothing is known of the
 * recipient or no grouping is in force.
 */
export function marketOf(index: MarketIndex, recipient: Recipient, date: LocalDate): MarketFinding | undefined {
  const { dialPrefix, country } = recipient;
  if (dialPrefix === undefined && country === undefined) return undefined;
  const listed =
    dialPrefix === undefined ? found(index.byCountry.get(country ?? ""), date) : byNumber(index, dialPrefix, date);
  return listed ?? found(index.byDefault, date);
}

function byNumber(index: MarketIndex, digits: string, date: LocalDate): MarketFinding | undefined {
  let [best, tree] = [undefined as MarketFinding | undefined, index.byDigits];
  for (let place = 0; place < digits.length; place++) {
    const next = tree.next.get(digits.charAt(place));
    if (next === undefined) break;
    best = found(next.listed, date) ?? best;
    tree = next;
  }
  return best;
}

/** The market of a country on a day; the default market for a country not listed. */
export const marketOfCountry = (index: MarketIndex, country: string, date: LocalDate): string | undefined =>
  marketOf(index, { country }, date)?.market;
