import { type LocalDate } from "@greentick/kernel";
import { aRateCard, type CardOptions } from "../fixtures/rate-cards.js";
import { type CardSituation, type Finding, findingsOf } from "./card-checks.js";
import { rateIndex } from "./rate-card.js";

const brazil = { digits: "55", country: "BR", market: "Brazil", effectiveFrom: "2024-01-01" as LocalDate };
const around = (more: Partial<CardSituation> = {}): CardSituation => ({
  ...{ book: [], supersedes: [], rates: rateIndex([]), markets: [brazil] },
  ...{ latestToday: "2026-11-10" as LocalDate, earliestToday: "2026-11-09" as LocalDate, ...more },
});
const findings = (options: Partial<CardOptions> = {}, more: Partial<CardSituation> = {}): readonly Finding[] =>
  findingsOf(aRateCard({ status: "rehearsed", effectiveFrom: "2027-01-01", ...options }), around(more));
const inBook = (id: string, effectiveFrom: string, more: object = {}): CardSituation["book"][number] => ({
  ...{ id, name: `name-${id}`, kind: "list", currency: "USD", shipped: false, supersedes: [] },
  ...{ effectiveFrom: effectiveFrom as LocalDate, ...more },
});

describe("what is said of a card before its release", () => {
  it("is nothing of one that is alone, in time and complete", () => {
    expect(findings()).toEqual([]);
  });
  it("names the cards on whose days it is, and what to do", () => {
    expect(findings({}, { book: [inBook("a", "2026-10-01")] })).toStrictEqual([
      {
        ...{ code: "overlap", level: "error", about: ["a"] },
        says: "On some of its days name-a (a) is in force. Name it in supersedes to end it on the day before 2027-01-01, or give the card other days.",
      },
    ]);
  });
  it("names all that it replaces without cause", () => {
    expect(findings({}, { supersedes: ["x", "y"] })).toStrictEqual([
      {
        ...{ code: "supersedes_nothing", level: "error", about: ["x", "y"] },
        says: "Nothing of x, y is in force on its days. Leave it out of supersedes.",
      },
    ]);
  });
  it("names the days that it leaves without a card", () => {
    const book = [inBook("a", "2026-10-01", { effectiveTo: "2026-11-30" })];
    expect(findings({}, { book })).toStrictEqual([
      {
        ...{ code: "gap", level: "warning", about: ["2026-12-01 to 2026-12-31"] },
        says: "On days without a card nothing is rated: 2026-12-01 to 2026-12-31.",
      },
    ]);
  });
  it("names its first day where that is early or unusual, and nothing a whole month ahead", () => {
    const says = (effectiveFrom: string, more?: Partial<CardSituation>): readonly string[] =>
      findings({ effectiveFrom }, more).map((one) => one.says);
    expect(says("2026-12-08")).toEqual([
      "Meta changes prices on 1 January, April, July and October, not on 2026-12-08.",
      "It begins on 2026-12-08, in less than a month: less than Meta's notice.",
    ]);
    expect(says("2026-12-09")).toHaveLength(1);
  });
  it("names a market that nobody knows, and one without a rate", () => {
    const row = { category: "marketing", tierFrom: 0, rateMicros: 1n } as const;
    const unknown = findings({
      rates: [
        { ...row, market: "Brazil" },
        { ...row, market: "Brasil" },
      ],
    });
    expect(unknown.map(({ code, says }) => [code, says])).toEqual([
      ["market_unknown", 'No country is in "Brasil", and no market of Meta\'s is called so. Put the name right, or first release the grouping that has it.'], // prettier-ignore
    ]);
    const peru = { ...brazil, digits: "51", country: "PE", market: "Peru" };
    expect(findings({}, { markets: [brazil, peru] }).map(({ says }) => says)).toEqual([
      'The card has no rate for "Peru": deliveries there stay unrated, or at the list rate beside a tier card.',
    ]);
  });
  it("is that nobody rehearsed it", () => {
    expect(findings({ status: "draft" })).toStrictEqual([
      {
        ...{ code: "not_rehearsed", level: "warning", about: [] },
        says: "Nobody has rehearsed the card against past traffic.",
      },
    ]);
  });
  const saying = (code: string, some: readonly Finding[]): readonly string[] =>
    some.filter((one) => one.code === code).map(({ says }) => says);
  it("names the lines of tiers that do not begin at the list rate, and of those that rise", () => {
    const row = { market: "Brazil", category: "utility", tierFrom: 0, rateMicros: 2n } as const;
    const india = { ...row, market: "India" };
    const rising = { tierFrom: 6, rateMicros: 3n };
    const rates = [
      { ...row, tierTo: 5 },
      { ...row, ...rising },
      { ...india, tierTo: 5 },
      { ...india, ...rising },
    ];
    const list = aRateCard({
      effectiveFrom: "2026-10-01",
      rates: [
        { ...row, rateMicros: 1n },
        { ...india, rateMicros: 1n },
      ],
    });
    const index = rateIndex([{ ...list, kind: "list", regime: "PMP_CHARGED_WINDOW", rows: list.rates }]);
    const some = findings({ kind: "tiers", rates }, { rates: index }).map(({ says }) => says);
    expect(some).toContain("The first tier is not the list rate of 2027-01-01 in line 2, line 4.");
    expect(some).toContain("A tier costs more than one before it in line 3, line 5.");
  });
  it("is that booked deliveries keep their price, where it replaces a card", () => {
    const book = [inBook("a", "2026-10-01")];
    const says =
      "Deliveries from 2026-11-01 on that are rated already stay at the price of the card that this one replaces.";
    const begins = { effectiveFrom: "2026-11-01" };
    expect(saying("days_booked", findings(begins, { book, supersedes: ["a"] }))).toEqual([says]);
    expect(saying("days_booked", findings(begins, { book }))).toEqual([]);
  });
  it("says of days without an end that they are open, and names each stretch", () => {
    const book = [inBook("a", "2026-01-01", { effectiveTo: "2026-01-31" })];
    const gap = "On days without a card nothing is rated: 2026-02-01 to 2026-12-31; 2027-04-01 to open.";
    const [found] = saying("gap", findings({ effectiveTo: "2027-03-31" }, { book }));
    expect(found).toBe(gap);
  });
});
