import { join } from "node:path";
import { type LocalDate } from "@greentick/kernel";
import fc from "fast-check";
import { readPublishedPrices } from "../adapters/csv/rate-card-files.js";
import { aRateCard } from "../fixtures/rate-cards.js";
import {
  type BookCard,
  type Days,
  daysInForce,
  gapsOf,
  overlap,
  type PublishedPrices,
  tariffsOf,
  tariffsWith,
} from "./card-book.js";
import { inForce, marketOf } from "./markets.js";
import { findRate } from "./rate-card.js";

const start = Date.parse("2026-01-01");
const dayAt = (at: number): LocalDate => new Date(start + at * 86_400_000).toISOString().slice(0, 10) as LocalDate;
const span = 40;
const everyDay = Array.from({ length: span + 5 }, (_, at) => dayAt(at));

const someDays: fc.Arbitrary<Days> = fc
  .record({ from: fc.nat(span), length: fc.option(fc.nat(12)) })
  .map(({ from, length }) => ({
    effectiveFrom: dayAt(from),
    ...(length !== null && { effectiveTo: dayAt(from + length) }),
  }));

/** Cards released one after the other, each naming some of those before it. */
const someBook: fc.Arbitrary<readonly BookCard[]> = fc
  .array(fc.tuple(someDays, fc.array(fc.nat(8)), fc.boolean()), { maxLength: 8 })
  .map((given) =>
    given.map(([days, named, shipped], at) => ({
      ...days,
      id: String(at),
      name: String(at),
      kind: "list",
      currency: "USD",
      shipped,
      supersedes: shipped ? [] : named.filter((other) => other < at).map(String),
    })),
  );

describe("the cards of a kind and currency", () => {
  it("overlap exactly when they share a day", () => {
    fc.assert(
      fc.property(someDays, someDays, (a, b) => {
        expect(overlap(a, b)).toBe(everyDay.concat(dayAt(span + 60)).some((day) => inForce(a, day) && inForce(b, day)));
      }),
    );
  });

  it("leave exactly the days without a card as gaps, from the first card on", () => {
    fc.assert(
      fc.property(fc.array(someDays, { maxLength: 6 }), (cards) => {
        const first = cards.map(({ effectiveFrom }) => effectiveFrom).sort()[0];
        const open = everyDay.filter(
          (day) => first !== undefined && day >= first && !cards.some((card) => inForce(card, day)),
        );
        expect(everyDay.filter((day) => gapsOf(cards).some((gap) => inForce(gap, day)))).toEqual(open);
      }),
    );
  });

  it("are in force on their own days until one that replaces them begins, day by day, and never again", () => {
    fc.assert(
      fc.property(someBook, (book) => {
        const found = daysInForce(book);
        for (const card of book) {
          const replacing = book.filter(
            (next) => next.supersedes.includes(card.id) || (card.shipped && !next.shipped && overlap(next, card)),
          );
          for (const day of everyDay) {
            const replaced = replacing.some(({ effectiveFrom }) => effectiveFrom <= day);
            const days = found.get(card.id);
            expect(days !== undefined && inForce(days, day)).toBe(inForce(card, day) && !replaced);
          }
        }
      }),
    );
  });

  it("do not let an older card come back when the one that replaced it ends", () => {
    const released = [
      aRateCard({ effectiveFrom: "2026-11-01", effectiveTo: "2026-11-30", supersedes: [october().id] }),
    ];
    const tariffs = tariffsOf(published, released);
    const rateOn = (date: string): unknown => findRate(tariffs.rates, { ...brazil, date: date as LocalDate });
    expect(rateOn("2026-10-31")).toMatchObject({ cardName: "usd-2026-10-01", rateMicros: 62_500n });
    expect(rateOn("2026-11-30")).toMatchObject({ cardName: "usd-2026-11-01", rateMicros: 100_000n });
    expect(rateOn("2026-12-01")).toBe("no_card_in_force");
  });

  it("let an imported card stand in for a shipped one of the same days, whichever came first", () => {
    const tariffs = tariffsOf(published, [aRateCard({ effectiveFrom: "2026-10-01" })]);
    expect(findRate(tariffs.rates, { ...brazil, date: "2026-10-15" as LocalDate })).toMatchObject({
      cardName: "usd-2026-10-01",
      rateMicros: 100_000n,
    });
    expect(findRate(tariffs.rates, { ...brazil, currency: "COP", date: "2026-10-15" as LocalDate })).toMatchObject({
      cardName: "cop-2026-10-01",
    });
  });

  it("are found by name on all their days, when they were replaced as well", () => {
    const tariffs = tariffsOf(published, [aRateCard({ effectiveFrom: "2026-10-01", supersedes: [october().id] })]);
    const named = tariffs.named?.([october().id]);
    expect(named && findRate(named, { ...brazil, date: "2026-10-15" as LocalDate })).toMatchObject({
      rateMicros: 62_500n,
    });
    expect(tariffs.named?.([october().id, "crd_of_nobody"])).toBeUndefined();
  });
});

describe("a grouping of countries", () => {
  const grouping = aRateCard({
    kind: "markets",
    currency: "",
    effectiveFrom: "2027-01-01",
    markets: [
      { effectiveFrom: "2020-01-01" as LocalDate, digits: "51", country: "PE", market: "Rest of Latin America" },
      { effectiveFrom: "2020-01-01" as LocalDate, digits: "*", country: "*", market: "Other" },
    ],
  });
  const marketOn = (date: string, dialPrefix: string): unknown =>
    marketOf(tariffsOf(published, [grouping]).markets, { dialPrefix }, date as LocalDate)?.market;

  it("holds from its first day on, and the shipped one until the day before", () => {
    expect([marketOn("2026-12-31", "51999"), marketOn("2027-01-01", "51999")]).toEqual([
      "Peru",
      "Rest of Latin America",
    ]);
    expect([marketOn("2026-12-31", "55119"), marketOn("2027-01-01", "55119")]).toEqual(["Brazil", "Other"]);
  });
});

describe("a card that is not released", () => {
  it("is tried as if it replaced whatever is in force on its days", () => {
    const card = aRateCard({ status: "draft", effectiveFrom: "2026-11-01" });
    const { rates } = tariffsWith(published, [], { card, supersedes: [] });
    expect(findRate(rates, { ...brazil, date: "2026-11-01" as LocalDate })).toMatchObject({ cardId: card.id });
    expect(findRate(rates, { ...brazil, date: "2026-10-31" as LocalDate })).toMatchObject({ cardId: october().id });
  });
});

const published: PublishedPrices = readPublishedPrices(join(__dirname, "..", "..", "rate-cards"));
const brazil = { currency: "USD", market: "Brazil", category: "marketing" } as const;
const october = (): { readonly id: string } => {
  const card = published.cards.find(({ name }) => name === "usd-2026-10-01");
  if (card === undefined) throw new Error("a shipped card");
  return card;
};
