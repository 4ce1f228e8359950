import { type LocalDate } from "@greentick/kernel";

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

/** Where a message went, and what said so. */
export interface MarketFinding {
  readonly market: string;
  readonly by: "number" | "country" | "default";
  /** The digits or the country that decided; `*` for the default. */
  readonly match: string;
}

export interface MarketIndex {
  readonly byDigits: ReadonlyMap<string, readonly MarketRow[]>;
  readonly byCountry: ReadonlyMap<string, readonly MarketRow[]>;
  readonly longest: number;
}

export const inForce = (
  row: { readonly effectiveFrom: LocalDate; readonly effectiveTo?: LocalDate },
  date: LocalDate,
): boolean => row.effectiveFrom <= date && (row.effectiveTo === undefined || date <= row.effectiveTo);

function grouped(rows: readonly MarketRow[], keyOf: (row: MarketRow) => string): Map<string, MarketRow[]> {
  const groups = new Map<string, MarketRow[]>();
  for (const row of rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row]);
  return groups;
}

export const marketIndex = (rows: readonly MarketRow[]): MarketIndex => ({
  byDigits: grouped(rows, (row) => row.digits),
  byCountry: grouped(rows, (row) => row.country),
  longest: Math.max(1, ...rows.map((row) => row.digits.length)),
});

export const groupingRows = ({ byDigits }: MarketIndex): readonly MarketRow[] => [...byDigits.values()].flat();

const found = (rows: readonly MarketRow[] | undefined, date: LocalDate): string | undefined =>
  rows?.find((row) => inForce(row, date))?.market;

/**
 * The market of a recipient on a day in the account's zone: the longest listed prefix of the number, else the country of the
 * business-scoped id, else the default market. The number beats the country (Meta: rate cards). Undefined when nothing is known of the
 * recipient or no grouping is in force.
 */
export function marketOf(index: MarketIndex, recipient: Recipient, date: LocalDate): MarketFinding | undefined {
  const { dialPrefix, country } = recipient;
  if (dialPrefix === undefined && country === undefined) return undefined;
  const listed = dialPrefix === undefined ? byCountry(index, country ?? "", date) : byNumber(index, dialPrefix, date);
  if (listed !== undefined) return listed;
  const market = found(index.byDigits.get("*"), date);
  return market === undefined ? undefined : { market, by: "default", match: "*" };
}

function byNumber(index: MarketIndex, digits: string, date: LocalDate): MarketFinding | undefined {
  for (let length = Math.min(index.longest, digits.length); length > 0; length--) {
    const match = digits.slice(0, length);
    const market = found(index.byDigits.get(match), date);
    if (market !== undefined) return { market, by: "number", match };
  }
  return undefined;
}

function byCountry(index: MarketIndex, country: string, date: LocalDate): MarketFinding | undefined {
  const market = found(index.byCountry.get(country), date);
  return market === undefined ? undefined : { market, by: "country", match: country };
}

/** The market of a country on a day; the default market for a country not listed. */
export const marketOfCountry = (index: MarketIndex, country: string, date: LocalDate): string | undefined =>
  marketOf(index, { country }, date)?.market;
