import { decimalOf, microsOf, readPriceBook } from "./cards.js";
import { rateCardDir } from "../test-support.js";

const book = readPriceBook(rateCardDir);
const usd = (market: string, category: string, date: string, position = 1): number | undefined =>
  book.rateOf({ currency: "USD", market, category, date, position })?.micros;

describe("Meta's prices as the local Meta applies them", () => {
  it.each([
    ["marketing to Brazil in August 2026", usd("Brazil", "marketing", "2026-08-10"), 62_500],
    ["utility to Brazil in October 2026", usd("Brazil", "utility", "2026-10-05"), 6_800],
    ["service to Colombia above the free thousand", usd("Colombia", "service", "2026-10-05", 1_001), 800],
    ["the 25,000,000th utility message to India", usd("India", "utility", "2026-10-05", 25_000_000), 1_400],
    ["the one after it", usd("India", "utility", "2026-10-05", 25_000_001), 1_300],
    [
      "authentication-international to India, second tier",
      usd("India", "authentication_international", "2026-10-05", 750_001),
      28_600,
    ],
    ["marketing to Mexico on the last day of September", usd("Mexico", "marketing", "2026-09-30"), 30_500],
    ["marketing to Mexico on the first day of October", usd("Mexico", "marketing", "2026-10-01"), 39_700],
    ["a conversation of utility in Brazil in January 2025", usd("Brazil", "utility", "2025-01-20"), 8_000],
  ])("charges %s", (_what, micros, expected) => {
    expect(micros).toBe(expected);
  });

  it("names the tier as Meta's analytics do", () => {
    const tier = (position: number): string | undefined =>
      book.rateOf({ currency: "USD", market: "Brazil", category: "utility", date: "2026-11-01", position })?.tier;
    expect([tier(1), tier(250_001), tier(80_000_000)]).toEqual(["0:250000", "250001:2000000", "70000001:MAX"]);
    expect(
      book.rateOf({ currency: "COP", market: "Brazil", category: "utility", date: "2026-11-01", position: 1 })?.tier,
    ).toBe("0:MAX");
  });

  it("knows no price where no card is in force", () => {
    expect(usd("Brazil", "marketing", "2025-03-01")).toBeUndefined();
    expect(
      book.rateOf({ currency: "EUR", market: "Brazil", category: "marketing", date: "2026-11-01", position: 1 }),
    ).toBeUndefined();
  });

  it.each([
    ["5511955550142", "2026-11-01", "BR", "Brazil"],
    ["14155550142", "2026-11-01", "US", "North America"],
    ["18095550142", "2026-11-01", "DO", "Rest of Latin America"],
    ["77015550142", "2026-11-01", "KZ", "Kazakhstan"],
    ["77015550142", "2026-09-30", "KZ", "Other"],
    ["263771550142", "2025-09-30", "ZW", "Other"],
    ["263771550142", "2025-10-01", "ZW", "Rest of Africa"],
  ])("finds the market of %s on %s", (digits, date, country, market) => {
    expect(book.marketOf({ digits }, date)).toMatchObject({ country, market });
  });

  it("finds the market of a user without a number by country", () => {
    expect(book.marketOf({ iso2: "MX" }, "2026-11-01")).toEqual({ country: "MX", market: "Mexico" });
    expect(book.marketOf({ iso2: "XX" }, "2026-11-01")).toEqual({ country: "XX", market: "Other" });
  });

  it("reads and writes prices digit by digit", () => {
    expect(microsOf("227.5361", "x")).toBe(227_536_100);
    expect(decimalOf(227_536_100)).toBe("227.536100");
    expect(decimalOf(0)).toBe("0.000000");
    expect(() => microsOf("0.12345678", "cop.csv")).toThrow(/cop\.csv/);
  });
});
