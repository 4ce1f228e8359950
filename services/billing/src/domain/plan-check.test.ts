import { checkFloor, checkOffer, isCurrency, isSource } from "./plan-check.js";
import { type MonthTerms, type TierStep } from "./month-terms.js";
import { type PlanClause, type PlanTerms } from "./price-plan.js";

type Offer = Parameters<typeof checkOffer>[0];
const offer = (more: Partial<Offer> = {}): Offer => ({
  ...{ currency: "USD", terms: { kind: "pass_through" }, platformFeeMicros: 0n },
  ...more,
});
const refusalOf = (more: Partial<Offer>): unknown => {
  try {
    checkOffer(offer(more));
    return undefined;
  } catch (error) {
    return error;
  }
};
const read = (more: Partial<Offer>): string => {
  const error = refusalOf(more);
  return error instanceof Error ? error.message : "read";
};
const percent = (basisPoints: number): PlanTerms => ({ kind: "percent", basisPoints });
const fixed = (microsPerMessage: bigint): PlanTerms => ({ kind: "fixed", microsPerMessage, freeToo: false });
const list = (...cells: readonly (readonly [string, bigint])[]): PlanTerms => ({
  kind: "own_list",
  prices: cells.map(([market, micros]) => ({ market, category: "marketing", micros })),
});
const clause = (more: Partial<PlanClause> = {}): PlanClause => ({ terms: { kind: "pass_through" }, ...more });
const month = (more: Partial<MonthTerms> = {}): Partial<Offer> => ({
  month: { bundles: [], tiers: [], minimumMicros: 0n, ...more },
});
const bundle = (messages: number, more: object = {}): Partial<Offer> => month({ bundles: [{ messages, ...more }] });
const steps = (...some: readonly TierStep[]): Partial<Offer> => month({ tiers: [{ steps: some }] });
const exchange = (more: object = {}): Partial<Offer> => ({
  exchange: { source: "ECB", markupBasisPoints: 0, maxAgeDays: 0, ...more },
});
const many = <T>(count: number, one: (at: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, at) => one(at));

describe("a plan", () => {
  it.each<[string, Partial<Offer>]>([
    ["nothing but what is needed", {}],
    ["a percentage of none", { terms: percent(0) }],
    ["the highest percentage", { terms: percent(100_000) }],
    ["nothing on top of each message", { terms: fixed(0n) }],
    ["a price of nothing", { terms: { kind: "own_price", micros: 0n } }],
    ["prices for a market and for all others", { terms: list(["Brazil", 0n], ["*", 1n]) }],
    ["two hundred clauses", { clauses: many(200, (at) => clause({ market: at === 0 ? "Brazil" : "Other", category: `c${at}` as never })) }], // prettier-ignore
    ["fees of nothing", { fees: { wabaMicros: 0n, numberMicros: 0n, byDays: true } }],
    ["ten bundles and ten tiers", month({ bundles: many(10, () => ({ messages: 1 })), tiers: many(10, () => ({ steps: [{ above: 0, lessMicros: 0n }] })) })], // prettier-ignore
    ["a bundle of the most messages, for named ones", bundle(1_000_000_000, { markets: ["Brazil"], categories: ["utility"] })], // prettier-ignore
    ["twenty steps that rise", steps(...many(20, (above) => ({ above, basisPoints: 10_000 })))],
    ["an exchange at the day's own rate", exchange()],
    ["the oldest rate and the highest markup", exchange({ maxAgeDays: 31, markupBasisPoints: 5_000 })],
    ["the highest floor", { floorBasisPoints: 9_999 }],
  ])("can have %s", (_, more) => {
    expect(read(more)).toBe("read");
  });

  it.each<[string, Partial<Offer>]>([
    ["currency: must be a code of three letters such as USD", { currency: "usd" }],
    ["platformFee: must not be negative", { platformFeeMicros: -1n }],
    ["percent.basisPoints: must be from 0 to 100000", { terms: percent(-1) }],
    ["percent.basisPoints: must be from 0 to 100000", { terms: percent(100_001) }],
    ["percent.basisPoints: must be from 0 to 100000", { terms: percent(0.5) }],
    ["fixed.perMessage: must not be negative", { terms: fixed(-1n) }],
    ["price: must not be negative", { terms: { kind: "own_price", micros: -1n } }],
    ["ownList.price: must not be negative", { terms: list(["Brazil", 0n], ["India", -1n]) }],
    ["ownList: has two prices for Brazil, marketing; leave one", { terms: list(["Brazil", 1n], ["India", 1n], ["Brazil", 2n]) }], // prettier-ignore
    ['"Atlantis" is no market of Meta\'s. Use the names of the rate cards, e.g. "Brazil" or "Rest of Africa".', { terms: list(["Atlantis", 1n]) }], // prettier-ignore
    ["clauses: must be at most 200", { clauses: many(201, (at) => clause({ category: `c${at}` as never })) }],
    ["clauses.percent.basisPoints: must be from 0 to 100000", { clauses: [clause({ terms: percent(-1) })] }],
    ["clauses: has two clauses for Brazil, *; leave one, because only the first would hold", { clauses: [clause({ market: "Brazil" }), clause(), clause({ market: "Brazil" })] }], // prettier-ignore
    ["clauses: has two clauses for *, utility; leave one, because only the first would hold", { clauses: many(2, () => clause({ category: "utility" })) }], // prettier-ignore
    ["wabaFee: must not be negative", { fees: { wabaMicros: -1n, numberMicros: 0n, byDays: false } }],
    ["numberFee: must not be negative", { fees: { wabaMicros: 0n, numberMicros: -1n, byDays: false } }],
    ["minimum: must not be negative", month({ minimumMicros: -1n })],
    ["bundles: must be at most 10", month({ bundles: many(11, () => ({ messages: 1 })) })],
    ["volumeTiers: must be at most 10", month({ tiers: many(11, () => ({ steps: [{ above: 0, basisPoints: 1 }] })) })],
    ["bundles.messages: must be from 1 to 1000000000", bundle(0)],
    ["bundles.messages: must be from 1 to 1000000000", bundle(1_000_000_001)],
    ["bundles: must name something, or leave categories and markets out for all of them", bundle(1, { markets: [] })],
    [
      "bundles: must name something, or leave categories and markets out for all of them",
      bundle(1, { categories: [] }),
    ],
    ["volumeTiers: must name something, or leave categories and markets out for all of them", month({ tiers: [{ steps: [{ above: 0, basisPoints: 1 }], markets: [] }] })], // prettier-ignore
    ["volumeTiers.steps: must be from 1 to 20", steps()],
    ["volumeTiers.steps: must be from 1 to 20", steps(...many(21, (above) => ({ above, basisPoints: 1 })))],
    ["volumeTiers.steps.above: must be from 0 to 1000000000", steps({ above: -1, basisPoints: 1 })],
    ["volumeTiers.steps.above: must rise from step to step", steps({ above: 5, basisPoints: 1 }, { above: 5, basisPoints: 2 })], // prettier-ignore
    ["volumeTiers.steps: give each step either basisPoints or lessPerMessage", steps({ above: 5 })],
    ["volumeTiers.steps: give each step either basisPoints or lessPerMessage", steps({ above: 5, basisPoints: 1, lessMicros: 1n })], // prettier-ignore
    ["volumeTiers.steps.basisPoints: must be from 0 to 10000", steps({ above: 0, basisPoints: 10_001 })],
    ["volumeTiers.steps.lessPerMessage: must not be negative", steps({ above: 0, lessMicros: -1n })],
    ["exchange.source: must be a name of at most forty letters and digits, such as ECB", exchange({ source: "" })],
    ["exchange.markupBasisPoints: must be from 0 to 5000", exchange({ markupBasisPoints: 5_001 })],
    ["exchange.maxAgeDays: must be from 0 to 31", exchange({ maxAgeDays: 32 })],
    ["marginFloorBasisPoints: must be from 0 to 9999", { floorBasisPoints: 10_000 }],
  ])("is refused with %j", (says, more) => {
    expect(read(more)).toBe(says);
  });

  it.each<[string, Partial<Offer>]>([
    ["ownList.market", { terms: list(["Atlantis", 1n]) }],
    ["clauses.market", { clauses: [clause({ market: "Atlantis" })] }],
    ["bundles.markets", bundle(1, { markets: ["Brazil", "Atlantis"] })],
    ["volumeTiers.markets", month({ tiers: [{ steps: [{ above: 0, basisPoints: 1 }], markets: ["Atlantis"] }] })],
    ["clauses.market", { clauses: [clause({ market: "constructor" })] }],
  ])("names in %s the market that is none of Meta's", (field, more) => {
    expect(refusalOf(more)).toMatchObject({ reason: "unknown_market", details: { field } });
  });
});

describe("a floor", () => {
  it("is from nothing to just below the whole charge", () => {
    expect(() => {
      checkFloor("floor", 0);
    }).not.toThrow();
    expect(() => {
      checkFloor("floor", -1);
    }).toThrow("floor: must be from 0 to 9999");
  });
});

describe("the names", () => {
  it("of sources begin with a letter or digit of any script and have at most forty signs", () => {
    const good = ["E", "ECB", "9 bank", "Банк-1_x.y", "x".repeat(40)];
    expect(good.map(isSource)).toEqual(good.map(() => true));
    const bad = ["", " ECB", "-E", "x".repeat(41), "E;B", "ECB\n"];
    expect(bad.map(isSource)).toEqual(bad.map(() => false));
  });
  it("of currencies are three capitals", () => {
    expect(["USD", "US", "USDT", "UsD", "xUSD", "1SD"].map(isCurrency)).toEqual([
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});
