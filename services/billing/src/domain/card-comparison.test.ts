import { join } from "node:path";
import { type LocalDate } from "@greentick/kernel";
import fc from "fast-check";
import { readPublishedPrices } from "../adapters/csv/rate-card-files.js";
import { compareRates, movedMarkets } from "./card-comparison.js";
import { type RateRow } from "./rate-card.js";
import { cardCategories } from "./words.js";

const published = readPublishedPrices(join(__dirname, "..", "..", "rate-cards"));
const rowsOf = (name: string): readonly RateRow[] => published.cards.find((card) => card.name === name)?.rows ?? [];

describe("October 2026 beside July", () => {
  const found = compareRates(rowsOf("usd-2026-07-01"), rowsOf("usd-2026-10-01"));

  it("has the nine markets that left their regions", () => {
    expect(found.appeared).toEqual([
      "Bangladesh",
      "Iraq",
      "Kazakhstan",
      "Kuwait",
      "Morocco",
      "Nepal",
      "Oman",
      "Sri Lanka",
      "Ukraine",
    ]);
    expect(found.disappeared).toEqual([]);
  });

  it("names each rate that changed, with the old one, the new one and the change in per cent", () => {
    const marketing = found.changes.filter(
      ({ category, oldMicros }) => category === "marketing" && oldMicros !== undefined,
    );
    expect(marketing.map(({ market }) => market)).toEqual([
      "Mexico",
      "Rest of Asia Pacific",
      "Rest of Middle East",
      "Saudi Arabia",
      "United Arab Emirates",
    ]);
    expect(marketing[0]).toEqual({
      market: "Mexico",
      category: "marketing",
      tierFrom: 0,
      oldMicros: 30_500n,
      newMicros: 39_700n,
      percentMicros: 30_163_934n,
    });
  });

  it("knows which prefixes moved with them", () => {
    const moved = movedMarkets(
      { rows: published.markets, date: "2026-09-30" as LocalDate },
      { rows: published.markets, date: "2026-10-01" as LocalDate },
    );
    expect(moved).toContainEqual({ digits: "977", country: "NP", from: "Rest of Asia Pacific", to: "Nepal" });
    expect(new Set(moved.map(({ to }) => to))).toEqual(new Set(found.appeared));
  });
});

describe("two cards side by side", () => {
  const some = fc.uniqueArray(
    fc.record({
      market: fc.constantFrom("Brazil", "India", "Peru", "Oman"),
      category: fc.constantFrom(...cardCategories),
      rateMicros: fc.bigInt({ min: 0n, max: 500_000n }),
    }),
    { selector: ({ market, category }) => `${market}|${category}` },
  );
  const placed = (rows: readonly Pick<RateRow, "market" | "category" | "rateMicros">[]): RateRow[] =>
    rows.map((row, at) => ({ ...row, tierFrom: 0, line: at + 2 }));

  it("differ in nothing when they are one", () => {
    fc.assert(
      fc.property(some, (rows) => {
        expect(compareRates(placed(rows), placed([...rows].reverse()))).toEqual({
          appeared: [],
          disappeared: [],
          changes: [],
          unchanged: rows.length,
        });
      }),
    );
  });

  it("differ in exactly the cells in which they say something else, and the new card follows from the old one and its changes", () => {
    fc.assert(
      fc.property(some, some, (before, after) => {
        const { changes, unchanged } = compareRates(placed(before), placed(after));
        const result = new Map(before.map((row) => [`${row.market}|${row.category}`, row.rateMicros]));
        for (const { market, category, newMicros } of changes)
          if (newMicros === undefined) result.delete(`${market}|${category}`);
          else result.set(`${market}|${category}`, newMicros);
        expect([...result].sort()).toEqual(
          after.map((row) => [`${row.market}|${row.category}`, row.rateMicros] as const).sort(),
        );
        expect(unchanged).toBe(
          before.filter((row) =>
            after.some(
              (one) => one.market === row.market && one.category === row.category && one.rateMicros === row.rateMicros,
            ),
          ).length,
        );
      }),
    );
  });

  it("never divide by a rate of zero", () => {
    const row = { market: "Brazil", category: "service" } as const;
    expect(compareRates(placed([{ ...row, rateMicros: 0n }]), placed([{ ...row, rateMicros: 5n }])).changes).toEqual([
      { ...row, tierFrom: 0, oldMicros: 0n, newMicros: 5n },
    ]);
  });
});
