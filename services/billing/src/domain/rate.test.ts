import { join } from "node:path";
import { type LocalDate, type TenantId } from "@greentick/kernel";
import fc from "fast-check";
import { readPublishedPrices } from "../adapters/csv/rate-card-files.js";
import { inForce, marketIndex, marketOf } from "./markets.js";
import { type PlanTerms, type PricePlan } from "./price-plan.js";
import { type Charge, type NotRatable, type Pricing, rate, type RatingBasis, type Tariffs } from "./rate.js";
import { findRate, rateIndex } from "./rate-card.js";

const published = readPublishedPrices(join(__dirname, "..", "..", "rate-cards"));
const tariffs: Tariffs = { rates: rateIndex(published.cards), markets: marketIndex(published.markets) };

const day = (text: string): LocalDate => text as LocalDate;
const planWith = (terms: PlanTerms, currency = "USD"): PricePlan => ({
  id: "pln_1",
  tenantId: "ten_1" as TenantId,
  ancestorIds: [],
  livemode: false,
  version: 1,
  number: 1,
  effectiveFrom: day("2024-01-01"),
  currency,
  terms,
  platformFeeMicros: 0n,
});
const passThrough = planWith({ kind: "pass_through" });

interface Given {
  readonly date: string;
  readonly to?: string;
  readonly country?: string;
  readonly category: string;
  readonly type?: string;
  readonly model?: string;
  readonly position?: number;
  readonly currency?: string;
  readonly pricing?: Partial<Pricing>;
}
const basisOf = (given: Given): RatingBasis => ({
  currency: given.currency ?? "USD",
  localDate: day(given.date),
  recipient: {
    ...(given.to !== undefined && { dialPrefix: given.to }),
    ...(given.country !== undefined && { country: given.country }),
  },
  group: false,
  pricing: {
    model: given.model ?? "PMP",
    category: given.category,
    ...(given.model === "CBP" ? {} : { type: given.type ?? "regular" }),
    ...given.pricing,
  },
  ...(given.position !== undefined && { position: given.position }),
});
const rated = (given: Given): Charge | NotRatable => rate(basisOf(given), tariffs, passThrough);
const micros = (given: Given): bigint | string => {
  const outcome = rated(given);
  return outcome.kind === "charge" ? outcome.cost.amountMicros : outcome.reason;
};

describe("what a delivery costs", () => {
  it.each<[string, Given, bigint]>([
    ["marketing to Brazil, August 2026", { date: "2026-08-10", to: "551195", category: "marketing" }, 62_500n],
    [
      "utility in an open window, August 2026",
      { date: "2026-08-10", to: "551195", category: "utility", type: "free_customer_service" },
      0n,
    ],
    ["utility in an open window, October 2026", { date: "2026-10-05", to: "551195", category: "utility" }, 6_800n],
    [
      "the 1,000th service message of a number",
      { date: "2026-10-05", to: "573005", category: "service", type: "free_customer_service" },
      0n,
    ],
    ["the 1,001st service message of a number", { date: "2026-10-05", to: "573005", category: "service" }, 800n],
    [
      "utility to India, message 25,000,000 of the portfolio",
      { date: "2026-10-05", to: "919876", category: "utility", position: 25_000_000 },
      1_400n,
    ],
    [
      "utility to India, message 25,000,001 of the portfolio",
      { date: "2026-10-05", to: "919876", category: "utility", position: 25_000_001 },
      1_300n,
    ],
    [
      "international authentication to India, list",
      { date: "2026-10-05", to: "919876", category: "authentication-international" },
      30_400n,
    ],
    [
      "international authentication to India, message 750,001",
      { date: "2026-10-05", to: "919876", category: "authentication-international", position: 750_001 },
      28_600n,
    ],
    [
      "sent on 30 September, delivered on 1 October, Mexico",
      { date: "2026-10-01", to: "521555", category: "marketing" },
      39_700n,
    ],
    ["the same delivered on 30 September", { date: "2026-09-30", to: "521555", category: "marketing" }, 30_500n],
    ["Zimbabwe while it was in Other", { date: "2025-09-30", to: "263771", category: "marketing" }, 60_400n],
    ["Zimbabwe since it is in Rest of Africa", { date: "2025-10-01", to: "263771", category: "marketing" }, 22_500n],
    [
      "a utility conversation of January 2025",
      { date: "2025-01-20", to: "551195", category: "utility", model: "CBP" },
      8_000n,
    ],
    [
      "a free entry point",
      { date: "2026-10-31", to: "573005", category: "referral_conversion", type: "free_entry_point" },
      0n,
    ],
    [
      "marketing inside a free entry point",
      { date: "2026-10-31", to: "573005", category: "marketing", type: "free_entry_point" },
      0n,
    ],
    [
      "marketing through the marketing API without a stated price",
      { date: "2026-11-10", to: "521555", category: "marketing_lite" },
      39_700n,
    ],
    ["a recipient known by country only", { date: "2026-11-10", country: "MX", category: "marketing" }, 39_700n],
    [
      "Kazakhstan before it was a market of its own",
      { date: "2026-09-30", to: "770112", category: "marketing" },
      60_400n,
    ],
    ["a Dominican number under +1", { date: "2026-10-05", to: "180955", category: "marketing" }, 74_000n],
    [
      "a tail of an old conversation in July 2025",
      { date: "2025-07-01", to: "551195", category: "utility", model: "CBP" },
      0n,
    ],
  ])("%s", (_, given, expected) => {
    expect(micros(given)).toBe(expected);
  });

  it("takes the price on the event, rounded once to whole micros", () => {
    const given: Given = { date: "2026-11-10", to: "521555", category: "marketing_lite" };
    const stated = (amount: string): bigint | string =>
      micros({ ...given, pricing: { cost: { amount, currency: "USD" } } });
    expect([stated("0.0284"), stated("0.02845555"), stated("1e-2")]).toEqual([28_400n, 28_456n, "cost_unreadable"]);
  });

  it("adds up Meta's own example of October: marketing, service above the free tier, utility in a window, Brazil", () => {
    const parts = ["marketing", "service", "utility"].map((category) =>
      micros({ date: "2026-10-05", to: "551195", category }),
    );
    expect(parts).toEqual([62_500n, 6_800n, 6_800n]);
  });

  it.each<[string, Given, string]>([
    [
      "no card of that time",
      { date: "2025-03-01", to: "551195", category: "utility", model: "CBP" },
      "no_card_in_force",
    ],
    [
      "no card of that currency",
      { date: "2026-10-05", to: "551195", category: "utility", currency: "EUR" },
      "no_card_in_force",
    ],
    [
      "a market the card does not have",
      { date: "2026-10-05", to: "551195", category: "utility", currency: "INR" },
      "no_rate_in_card",
    ],
    [
      "n/a in the card is not zero",
      { date: "2026-10-05", to: "551195", category: "authentication-international" },
      "no_rate_in_card",
    ],
    [
      "a category nobody knows",
      { date: "2026-10-05", to: "551195", category: "general_purpose_ai" },
      "unknown_category",
    ],
    [
      "a type nobody knows",
      { date: "2026-10-05", to: "551195", category: "utility", type: "half_price" },
      "unknown_type",
    ],
    ["a model nobody knows", { date: "2026-10-05", to: "551195", category: "utility", model: "ABC" }, "unknown_model"],
    [
      "conversations after they ended",
      { date: "2026-10-05", to: "551195", category: "utility", model: "CBP" },
      "model_mismatch",
    ],
    ["messages before they began", { date: "2025-06-30", to: "551195", category: "utility" }, "model_mismatch"],
    [
      "a charged message to a group",
      { date: "2026-10-05", to: "551195", category: "group_marketing" },
      "group_without_card",
    ],
    ["a recipient nobody knows", { date: "2026-10-05", category: "marketing" }, "recipient_unknown"],
    [
      "a stated price in another currency",
      {
        date: "2026-10-05",
        to: "551195",
        category: "marketing_lite",
        pricing: { cost: { amount: "1", currency: "EUR" } },
      },
      "cost_currency_differs",
    ],
  ])("has no price, and says why: %s", (_, given, reason) => {
    expect(micros(given)).toBe(reason);
  });

  it("prices what is free without any card", () => {
    expect(micros({ date: "2023-01-01", to: "551195", category: "referral_conversion", model: "CBP" })).toBe(0n);
    expect(micros({ date: "2026-10-05", category: "group_service", type: "free_group_customer_service" })).toBe(0n);
    const exempt = {
      date: "2026-11-12",
      to: "573005",
      category: "service",
      type: "regular",
      pricing: { subtype: "paid_exempt" },
    };
    expect(micros(exempt)).toBe(0n);
  });

  it("names card, line and plan clause on the way to the price", () => {
    const outcome = rate(
      basisOf({ date: "2026-10-05", to: "573005", category: "service" }),
      tariffs,
      planWith({ kind: "percent", basisPoints: 1_500 }),
    );
    expect(outcome).toMatchObject({
      charge: { amountMicros: 920n },
      rate: { cardName: "usd-2026-10-01", rateMicros: 800n },
      reasons: [
        { rule: "regime.pmp_charged_window" },
        { rule: "market.number" },
        { rule: "category" },
        { rule: "card" },
        { rule: "plan" },
      ],
    });
  });
});

describe("what a client pays", () => {
  const charged = { date: "2026-10-05", to: "551195", category: "marketing" };
  const free = { date: "2026-10-05", to: "551195", category: "service", type: "free_customer_service" };
  const pays = (terms: PlanTerms, given: Given): bigint | string => {
    const outcome = rate(basisOf(given), tariffs, planWith(terms));
    return outcome.kind === "charge" ? outcome.charge.amountMicros : outcome.reason;
  };
  it("adds a percentage, half up to whole micros", () => {
    expect([
      pays({ kind: "percent", basisPoints: 1 }, charged),
      pays({ kind: "percent", basisPoints: 1_500 }, charged),
    ]).toEqual([62_506n, 71_875n]);
  });
  it("adds a fixed amount to charged messages, and to free ones only where the plan says so", () => {
    const fixed = (freeToo: boolean): PlanTerms => ({ kind: "fixed", microsPerMessage: 5_000n, freeToo });
    expect([pays(fixed(false), charged), pays(fixed(false), free), pays(fixed(true), free)]).toEqual([
      67_500n,
      0n,
      5_000n,
    ]);
  });
  it("prefers an own price of the market to that of all markets, and refuses to guess", () => {
    const own: PlanTerms = {
      kind: "own_list",
      prices: [
        { market: "*", category: "marketing", micros: 9n },
        { market: "Brazil", category: "marketing", micros: 7n },
      ],
    };
    expect([
      pays(own, charged),
      pays(own, { ...charged, to: "573005" }),
      pays(own, { ...charged, category: "utility" }),
      pays(own, free),
    ]).toEqual([7n, 9n, "no_price_in_plan", 0n]);
  });
  it("never prices a plan of another currency", () => {
    expect(rate(basisOf(charged), tariffs, planWith({ kind: "pass_through" }, "EUR"))).toMatchObject({
      reason: "currency_differs",
    });
  });
  it("is, for every published rate and percentage, the rate plus the percentage, half up, and the same again after a round trip through text", () => {
    const cells = published.cards.flatMap((card) => card.rows.map((row) => ({ card, row })));
    const list = cells.filter(({ card, row }) => card.kind === "list" && row.tierTo === undefined);
    fc.assert(
      fc.property(fc.constantFrom(...list), fc.integer({ min: 0, max: 10_000 }), ({ card, row }, basisPoints) => {
        const listed = published.markets.find(
          (one) => one.market === row.market && inForce(one, card.effectiveFrom) && one.digits !== "*",
        );
        const basis = basisOf({
          date: card.effectiveFrom,
          to: listed?.digits ?? "999",
          category: row.category,
          currency: card.currency,
          model: card.regime === "CBP" ? "CBP" : "PMP",
        });
        const plan = planWith({ kind: "percent", basisPoints }, card.currency);
        const outcome = rate(JSON.parse(JSON.stringify(basis)) as RatingBasis, tariffs, plan);
        const expected = (row.rateMicros * BigInt(10_000 + basisPoints) * 2n + 10_000n) / 20_000n;
        expect(outcome).toMatchObject({ cost: { amountMicros: row.rateMicros }, charge: { amountMicros: expected } });
      }),
    );
  });
});

describe("the published cards", () => {
  it("do not overlap, and an overlap is refused", () => {
    expect(() => rateIndex([...published.cards, ...published.cards.slice(0, 1)])).toThrow("overlap");
  });
  it("have every market of a list card reachable by number on its first day", () => {
    const missing = published.cards
      .filter((card) => card.kind === "list")
      .flatMap((card) => card.rows.map((row) => ({ card, row })))
      .filter(
        ({ card, row }) =>
          !published.markets.some(
            (one) =>
              one.market === row.market &&
              one.effectiveFrom <= card.effectiveFrom &&
              (one.effectiveTo === undefined || one.effectiveTo >= card.effectiveFrom),
          ),
      );
    expect(missing).toEqual([]);
  });
  it("never give a higher tier a higher rate", () => {
    for (const card of published.cards.filter(({ kind }) => kind === "tiers"))
      for (const row of card.rows) {
        const first = findRate(tariffs.rates, {
          currency: card.currency,
          date: card.effectiveFrom,
          market: row.market,
          category: row.category,
          position: 1,
        });
        expect(typeof first === "object" && first.rateMicros >= row.rateMicros).toBe(true);
      }
  });
  it("give every number a market on every day from the first card on", () => {
    const someDay = fc
      .integer({ min: 0, max: 900 })
      .map((days) => day(new Date(Date.UTC(2024, 10, 1 + days)).toISOString().slice(0, 10)));
    fc.assert(
      fc.property(fc.stringMatching(/^\d{1,6}$/), someDay, (dialPrefix, date) => {
        expect(marketOf(tariffs.markets, { dialPrefix }, date)?.market).toBeDefined();
      }),
    );
  });
});
