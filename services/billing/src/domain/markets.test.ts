import { type LocalDate } from "@greentick/kernel";
import { inForce, marketIndex, marketOf, marketOfCountry, type MarketRow, type Recipient } from "./markets.js";

const day = (text: string): LocalDate => text as LocalDate;
const row = (digits: string, country: string, market: string, more: Partial<MarketRow> = {}): MarketRow => ({
  ...{ digits, country, market, effectiveFrom: day("2026-01-01") },
  ...more,
});
const rows = [
  row("1", "US", "North America"),
  row("1809", "DO", "Rest of Latin America"),
  row("55", "BR", "Brazil"),
  row("7", "RU", "Russia", { effectiveTo: day("2026-06-30") }),
  row("7", "RU", "Rest of Europe", { effectiveFrom: day("2026-07-01") }),
  row("77", "KZ", "Kazakhstan", { effectiveFrom: day("2026-07-01") }),
  row("*", "*", "Other"),
];
const index = marketIndex(rows);
const found = (recipient: Recipient, date = "2026-10-01") => marketOf(index, recipient, day(date));
const by = (recipient: Recipient, date?: string): string => {
  const finding = found(recipient, date);
  return finding === undefined ? "none" : `${finding.market} by ${finding.by} ${finding.match}`;
};

describe("a row in force", () => {
  it("is so on its first day, on its last day, and without a last day for ever", () => {
    const until = { effectiveFrom: day("2026-02-01"), effectiveTo: day("2026-02-28") };
    const on = (date: string): boolean => inForce(until, day(date));
    expect(["2026-01-31", "2026-02-01", "2026-02-28", "2026-03-01"].map(on)).toEqual([false, true, true, false]);
    expect(inForce({ effectiveFrom: until.effectiveFrom }, day("2999-01-01"))).toBe(true);
  });
});

describe("the market of a recipient", () => {
  it.each([
    [{ dialPrefix: "551195" }, "Brazil by number 55"],
    [{ dialPrefix: "55" }, "Brazil by number 55"],
    [{ dialPrefix: "120255" }, "North America by number 1"],
    [{ dialPrefix: "180955" }, "Rest of Latin America by number 1809"],
    [{ dialPrefix: "180" }, "North America by number 1"],
    [{ dialPrefix: "771234" }, "Kazakhstan by number 77"],
    [{ dialPrefix: "999" }, "Other by default *"],
    [{ dialPrefix: "5" }, "Other by default *"],
    [{ country: "BR" }, "Brazil by country BR"],
    [{ country: "XX" }, "Other by default *"],
    [{ dialPrefix: "551195", country: "US" }, "Brazil by number 55"],
    [{ dialPrefix: "999", country: "US" }, "Other by default *"],
    [{}, "none"],
  ] as const)("%j is %s", (recipient, expected) => {
    expect(by(recipient)).toBe(expected);
  });

  it("goes by the rows of the day, and by a shorter number while a longer one is not in force", () => {
    expect([by({ dialPrefix: "771" }, "2026-06-30"), by({ dialPrefix: "771" }, "2026-07-01")]).toEqual(["Russia by number 7", "Kazakhstan by number 77"]); // prettier-ignore
    expect([by({ country: "RU" }, "2026-06-30"), by({ country: "RU" }, "2026-07-01")]).toEqual(["Russia by country RU", "Rest of Europe by country RU"]); // prettier-ignore
  });

  it("is none before any grouping is in force, and the default from then on", () => {
    expect([by({ dialPrefix: "55" }, "2025-12-31"), by({ country: "BR" }, "2025-12-31")]).toEqual(["none", "none"]);
    expect(by({ country: "KZ" }, "2026-06-30")).toBe("Other by default *");
  });

  it("says what decided", () => {
    const reason = (recipient: Recipient): unknown => found(recipient)?.reason;
    expect(reason({ dialPrefix: "5511" })).toStrictEqual({ rule: "market.number", says: "The recipient belongs to the market Brazil by number 55." }); // prettier-ignore
    expect(reason({ country: "BR" })).toStrictEqual({ rule: "market.country", says: "The recipient belongs to the market Brazil by country BR." }); // prettier-ignore
    expect(reason({ country: "XX" })).toStrictEqual({ rule: "market.default", says: "The recipient belongs to the market Other by default." }); // prettier-ignore
  });

  it("of a country is found by its name alone", () => {
    const of = (country: string, date: string): unknown => marketOfCountry(index, country, day(date));
    expect([of("BR", "2026-10-01"), of("XX", "2026-10-01"), of("BR", "2025-12-31")]).toEqual(["Brazil", "Other", undefined]); // prettier-ignore
  });
});

describe("a grouping", () => {
  it("keeps its rows, those of the same digits together, and knows the longest of them", () => {
    const [us, , brazil, russia] = rows;
    const apart = [us, brazil, { ...russia, market: "later" }, us].flatMap((one) => (one ? [one as MarketRow] : []));
    expect(marketIndex(apart).rows.map(({ digits }) => digits)).toEqual(["1", "1", "55", "7"]);
    expect([index.rows.length, index.longest, marketIndex([]).longest]).toEqual([7, 4, 1]);
  });
});
