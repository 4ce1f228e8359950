import { inForce, type MarketRow } from "./markets.js";
import { type RateRow } from "./rate-card.js";

/** What is wrong with one place of a file. */
export interface Problem {
  /** The header is line 1. */
  readonly line: number;
  /** As the header writes it; empty where the whole line is meant. */
  readonly column: string;
  /** What stands there, cut to a length that can be read. */
  readonly value: string;
  /** What may stand there, as the end of a sentence that begins with "must". */
  readonly allowed: string;
}

export const problemText = ({ line, column, value, allowed }: Problem): string =>
  `line ${line}${column === "" ? "" : `, ${column}`}: ${JSON.stringify(value)} must ${allowed}`;

const series = ({ market, category }: Pick<RateRow, "market" | "category">): string => `${market}, ${category}`;

function groupedBy<T>(rows: readonly T[], keyOf: (row: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row)) ?? [];
    group.push(row);
    groups.set(keyOf(row), group);
  }
  return groups;
}

/** The rows of a market and category follow each other without gap or overlap from the first message of the month to the open end. */
function seriesProblems(rows: readonly RateRow[]): readonly Problem[] {
  const ordered = [...rows].sort((a, b) => a.tierFrom - b.tierFrom || a.line - b.line);
  const problems = ordered.flatMap((row, at): Problem[] => {
    const before = ordered[at - 1];
    const place = { line: row.line, column: "tier_from", value: String(row.tierFrom) };
    if (before === undefined)
      return row.tierFrom <= 1 ? [] : [{ ...place, allowed: `be 0 in the first tier of ${series(row)}` }];
    if (before.tierTo === undefined || row.tierFrom <= before.tierTo)
      return [{ ...place, allowed: `not lie in the tier of ${series(row)} that line ${before.line} has` }];
    const next = before.tierTo + 1;
    return row.tierFrom === next ? [] : [{ ...place, allowed: `be ${next}, next to the tier of line ${before.line}` }];
  });
  const last = ordered.at(-1);
  if (problems.length > 0 || last?.tierTo === undefined) return problems;
  return [
    {
      line: last.line,
      column: "tier_to",
      value: String(last.tierTo),
      allowed: `be empty in the last tier of ${series(last)}`,
    },
  ];
}

/** What only the whole of a list or tier card shows. */
export const rateProblems = (rows: readonly RateRow[]): readonly Problem[] =>
  [...groupedBy(rows, series).values()].flatMap(seriesProblems);

const sameDays = (a: MarketRow, b: MarketRow): boolean => inForce(a, b.effectiveFrom) || inForce(b, a.effectiveFrom);

type Placed = MarketRow & { readonly line: number };

/** Rows that say another market than an earlier one of the same digits, or of the same country, on the same days. */
function contradictions(rows: readonly Placed[], column: string, keyOf: (row: Placed) => string): readonly Problem[] {
  return [...groupedBy(rows, keyOf).values()].flatMap((group) =>
    group
      .filter((row, at) => group.slice(0, at).some((one) => one.market !== row.market && sameDays(one, row)))
      .map((row) => ({ line: row.line, column, value: keyOf(row), allowed: "be in one market on one day" })),
  );
}

/** What only the whole of a grouping shows: digits or a country in two markets, nobody for everybody else. */
export const groupingProblems = (rows: readonly Placed[]): readonly Problem[] => [
  ...contradictions(rows, "prefix", ({ digits }) => digits),
  ...contradictions(rows, "iso2", ({ country }) => country),
  ...(rows.some(({ digits }) => digits === "*")
    ? []
    : [{ line: 1, column: "calling_code", value: "", allowed: "be * in one row, for every number not listed" }]),
];
