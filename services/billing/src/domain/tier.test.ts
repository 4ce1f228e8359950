import { type LocalDate } from "@greentick/kernel";
import fc from "fast-check";
import { type CountedTier, provenTiers, readTier, tierAt, type TierNews } from "./tier.js";
import { cardCategories, type CardCategory } from "./words.js";

const hour = (count: number): Date => new Date(Date.UTC(2026, 10, 14, count));
const count = (at: number, from: number, more: Partial<CountedTier> = {}): CountedTier => ({
  month: "2026-11",
  market: "Brazil",
  series: "utility",
  from,
  start: hour(at),
  ...more,
});
const found = (counts: readonly CountedTier[]): readonly (readonly [number, number])[] =>
  provenTiers(counts).map(({ from, at }) => [from, at.getUTCHours()]);

describe("Meta's words for a tier", () => {
  it("are two bounds, the upper one open at the end", () => {
    expect([readTier("250001:2000000"), readTier("30000001:MAX"), readTier("0:MAX")]).toEqual([
      { from: 250_001, to: 2_000_000 },
      { from: 30_000_001 },
      { from: 0 },
    ]);
  });
  it.each(["", "1", "1:", ":2", "-1:2", "1:2:3", "1.5:2", "one:two", "1:max"])("are not %j", (text) => {
    expect(readTier(text)).toBeUndefined();
  });
});

describe("what Meta's counts prove of tiers", () => {
  it("counts a tier from the first half hour after the last one with a lower tier", () => {
    expect(found([count(1, 0), count(2, 0), count(2, 250_001), count(3, 250_001), count(4, 250_001)])).toEqual([
      [250_001, 3],
    ]);
  });
  it("proves nothing while a tier shares its half hours with a lower one, and nothing of the first tier", () => {
    expect(found([count(1, 0), count(2, 0), count(2, 250_001)])).toEqual([]);
  });
  it("takes each tier of each market from its first half hour on, in whatever order they were counted", () => {
    const counts = [count(4, 9), count(3, 9), count(6, 20), count(5, 20), count(2, 9, { market: "India" })];
    expect(found(counts)).toEqual([
      [9, 3],
      [20, 5],
      [9, 2],
    ]);
  });
  it("knows the first tier by either of the two ways in which Meta counts it", () => {
    expect(found([count(1, 0), count(1, 1, { market: "India" })])).toEqual([]);
  });
  it("keeps markets, series and months apart", () => {
    expect(
      found([
        count(1, 250_001),
        count(2, 0, { market: "India" }),
        count(2, 0, { series: "authentication" }),
        count(2, 0, { month: "2026-12" }),
      ]),
    ).toEqual([[250_001, 1]]);
  });
  it("never claims a tier for a half hour in which or after which a lower one was counted", () => {
    const some = fc.array(fc.record({ at: fc.nat(23), from: fc.constantFrom(0, 101, 201) }), { maxLength: 30 });
    fc.assert(
      fc.property(some, (drawn) => {
        const counts = drawn.map(({ at, from }) => count(at, from));
        for (const news of provenTiers(counts))
          expect(counts.filter(({ from, start }) => from < news.from && start >= news.at)).toEqual([]);
      }),
    );
  });
});

describe("the tier of a delivery", () => {
  const news = (from: number, at: number, more: Partial<TierNews> = {}): TierNews => ({
    month: "2026-11",
    market: "India",
    series: "authentication",
    from,
    at: hour(at),
    ...more,
  });
  const asked = {
    localDate: "2026-11-14" as LocalDate,
    market: "India",
    category: "authentication_international" as const,
    deliveredAt: hour(12),
  };
  it("is the highest that was reached by then, in any order of the news", () => {
    const all = [news(750_001, 3), news(10_000_001, 12), news(20_000_001, 13)];
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: 3 }), (order) => {
        expect(tierAt(order, asked)?.from).toBe(10_000_001);
      }),
    );
  });
  it("is of its own month, market and series", () => {
    const others = [
      news(9, 1, { month: "2026-10" }),
      news(9, 1, { market: "Indonesia" }),
      news(9, 1, { series: "utility" }),
    ];
    expect(tierAt(others, asked)).toBeUndefined();
    expect(tierAt([news(9, 1, { market: "INDIA" })], asked)?.from).toBe(9);
  });
  it("is, of two that reached the same tier, the one that was told first; of two tiers the higher, in any order", () => {
    const [early, late, lower] = [news(9, 1), news(9, 2), news(5, 3)];
    for (const order of [
      [early, late, lower],
      [lower, late, early],
      [late, lower, early],
    ])
      // prettier-ignore
      expect(tierAt(order, asked)).toBe(early);
  });
  it("is reached from its very instant on", () => {
    expect([tierAt([news(9, 12)], asked)?.from, tierAt([news(9, 13)], asked)]).toEqual([9, undefined]);
  });
  it("is counted for both kinds of authentication together, and for utility by itself", () => {
    const both = [news(7, 1), news(9, 1, { series: "utility" })];
    const of = (category: CardCategory): unknown => tierAt(both, { ...asked, category })?.from;
    expect(cardCategories.map(of)).toEqual([undefined, 9, 7, 7, undefined]);
  });
  it.each(["marketing", "service"] as const)("is none for %s", (category) => {
    expect(tierAt([news(9, 1), news(9, 1, { series: "utility" })], { ...asked, category })).toBeUndefined();
  });
});
