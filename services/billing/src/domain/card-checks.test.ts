import { join } from "node:path";
import { readPublishedPrices } from "../adapters/csv/rate-card-files.js";
import { aRateCard, type CardOptions } from "../fixtures/rate-cards.js";
import { situationOf } from "../usecases/card-situation.js";
import { findingsOf } from "./card-checks.js";
import { type RateCardImport } from "./rate-card-import.js";

const published = readPublishedPrices(join(__dirname, "..", "..", "rate-cards"));
const shipped = (name: string): { readonly id: string; readonly rows: CardOptions["rates"] } => {
  const card = published.cards.find((one) => one.name === name);
  if (card === undefined) throw new Error("a shipped card");
  return card;
};
const october = shipped("usd-2026-10-01");
const now = new Date("2026-11-10T12:00:00Z");

interface Given {
  readonly supersedes?: readonly string[];
  readonly released?: readonly RateCardImport[];
}
const codes = (
  options: Partial<CardOptions>,
  { supersedes = [october.id], released = [] }: Given = {},
): readonly string[] => {
  const card = aRateCard({ status: "rehearsed", effectiveFrom: "2027-01-01", rates: october.rows ?? [], ...options });
  return findingsOf(card, situationOf(published, card, { released, supersedes, now })).map(
    ({ code, level }) => `${level} ${code}`,
  );
};

describe("a card before its release", () => {
  it("has nothing against it when it follows the last one at Meta's notice with every market", () => {
    expect(codes({})).toEqual([]);
  });

  it("has to name the card in force on its days, and only such", () => {
    expect(codes({}, { supersedes: [] })).toEqual(["error overlap"]);
    expect(codes({}, { supersedes: [october.id, shipped("usd-2026-07-01").id] })).toEqual(["error supersedes_nothing"]);
    expect(codes({}, { supersedes: [october.id, "crd_of_nobody"] })).toEqual(["error supersedes_nothing"]);
  });

  it("stands beside cards of other currencies and kinds", () => {
    expect(codes({ currency: "EUR" }, { supersedes: [] })).toEqual([]);
  });

  it("warns of days on which nothing would be in force, before it, behind it, and not of those that were there before", () => {
    expect(codes({ effectiveTo: "2027-03-31" })).toEqual(["warning gap"]);
    const first = aRateCard({ currency: "EUR", effectiveFrom: "2026-10-01", effectiveTo: "2026-12-31" });
    expect(codes({ currency: "EUR", effectiveFrom: "2027-04-01" }, { supersedes: [], released: [first] })).toEqual([
      "warning gap",
    ]);
    expect(codes({ currency: "EUR", effectiveFrom: "2027-01-01" }, { supersedes: [], released: [first] })).toEqual([]);
  });

  it("warns of a first day that is none of Meta's, of short notice, and of days that are booked", () => {
    expect(codes({ effectiveFrom: "2027-01-15" })).toEqual(["warning unusual_first_day"]);
    expect(codes({ effectiveFrom: "2026-12-01" })).toEqual(["warning unusual_first_day", "warning short_notice"]);
    expect(codes({ effectiveFrom: "2026-11-01" })).toEqual([
      "warning unusual_first_day",
      "warning short_notice",
      "warning days_booked",
    ]);
  });

  it("warns while nobody has rehearsed it", () => {
    expect(codes({ status: "draft" })).toEqual(["warning not_rehearsed"]);
  });

  it("is refused with a market that nobody knows, and warns of markets without countries, without rates, without an invoice line", () => {
    const row = { category: "marketing", tierFrom: 0, rateMicros: 1n } as const;
    const rows = october.rows ?? [];
    expect(codes({ rates: [...rows, { ...row, market: "Brasil" }] })).toEqual(["error market_unknown"]);
    expect(codes({ rates: rows.filter(({ market }) => market !== "Peru") })).toEqual(["warning grouping_without_rate"]);
    const grouping = aRateCard({
      kind: "markets",
      currency: "",
      effectiveFrom: "2027-01-01",
      markets: published.markets.map((one) => (one.country === "PE" ? { ...one, market: "Andes" } : one)),
    });
    const andes = [...rows, { ...row, market: "Andes" }];
    expect(codes({ rates: andes }, { supersedes: [october.id], released: [grouping] })).toEqual([
      "warning market_without_grouping",
      "warning market_without_line",
    ]);
  });
});

describe("a tier card before its release", () => {
  const tiers = shipped("usd-2026-10-01-tiers");
  const of = (change: (micros: bigint, tierFrom: number) => bigint): readonly string[] => {
    const rates = (tiers.rows ?? []).map((row) => ({ ...row, rateMicros: change(row.rateMicros, row.tierFrom) }));
    return codes({ kind: "tiers", rates }, { supersedes: [tiers.id] }).filter((code) => code.includes("tier_"));
  };

  it("begins at the list rate and never rises", () => {
    expect(of((micros) => micros)).toEqual([]);
    expect(of((micros, tierFrom) => (tierFrom > 1 ? micros : micros + 1n))).toEqual(["warning first_tier_differs"]);
    expect(of((micros, tierFrom) => (tierFrom > 1 ? micros * 2n : micros))).toEqual(["warning tier_rises"]);
  });
});

describe("a grouping before its release", () => {
  const of = (effectiveFrom: string, market = "Peru"): readonly string[] =>
    codes(
      {
        kind: "markets",
        currency: "",
        effectiveFrom,
        markets: published.markets.map((row) => (row.country === "PE" ? { ...row, market } : row)),
      },
      { supersedes: [] },
    ).filter((code) => !code.includes("grouping_without_rate"));

  it("begins on a day that has begun nowhere yet", () => {
    expect(of("2027-01-01")).toEqual([]);
    expect(of("2026-11-11")).toEqual(["error begins_too_soon", "warning unusual_first_day", "warning short_notice"]);
    expect(of("2026-11-12")).toEqual(["warning unusual_first_day", "warning short_notice"]);
  });

  it("warns of a market for which a card in force has no rate, by currency", () => {
    const markets = published.markets.map((row) => (row.country === "PE" ? { ...row, market: "Andes" } : row));
    const card = aRateCard({
      status: "rehearsed",
      kind: "markets",
      currency: "",
      effectiveFrom: "2027-01-01",
      markets,
    });
    const found = findingsOf(card, situationOf(published, card, { released: [], supersedes: [], now }));
    expect(found.map(({ code }) => code)).toEqual(["grouping_without_rate", "market_without_line"]);
    expect(found[0]?.about.filter((one) => !one.startsWith("INR"))).toEqual(["USD Andes", "COP Andes"].sort());
    expect(found[1]?.about).toEqual(["Andes"]);
  });
});
