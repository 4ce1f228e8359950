import { type LocalDate, money, type TenantId } from "@greentick/kernel";
import fc from "fast-check";
import { type AppliedRate, type ExchangeRate, isRate, rateOn, ratioOf } from "./exchange.js";
import { isBalanced, messagePostings } from "./ledger-entry.js";
import { type PlanClause, type Priced, priceUnder, type PricingTerms } from "./price-plan.js";

const message: Priced = {
  cost: money("USD", 62_500n),
  list: money("USD", 62_500n),
  free: false,
  market: "Brazil",
  category: "marketing",
};
const percent = (basisPoints: number): PricingTerms => ({ currency: "USD", terms: { kind: "percent", basisPoints } });
const pays = (plan: PricingTerms, given: Partial<Priced> = {}): bigint | string => {
  const price = priceUnder(plan, { ...message, ...given });
  return typeof price === "string" ? price : price.charge.amountMicros;
};

describe("a plan with clauses", () => {
  const clauses: readonly PlanClause[] = [
    { market: "Brazil", category: "marketing", terms: { kind: "own_price", micros: 70_000n } },
    { category: "marketing", terms: { kind: "percent", basisPoints: 1_000 } },
    { market: "Brazil", terms: { kind: "fixed", microsPerMessage: 500n, freeToo: true } },
  ];
  const plan: PricingTerms = { currency: "USD", clauses, terms: { kind: "pass_through" } };

  it("prices each message by the first that fits, and by its own terms where none does", () => {
    expect([
      pays(plan),
      pays(plan, { market: "India" }),
      pays(plan, { category: "utility" }),
      pays(plan, { category: "utility", market: "India" }),
    ]).toEqual([70_000n, 68_750n, 63_000n, 62_500n]);
  });
  it("leaves free messages free, except where the clause says otherwise", () => {
    const free = { free: true, cost: money("USD", 0n), list: money("USD", 0n) };
    expect([
      pays(plan, free),
      pays(plan, { ...free, market: "India" }),
      pays(plan, { ...free, category: "service" }),
    ]).toEqual([0n, 0n, 500n]);
  });
  it("names the clause on the way to the price", () => {
    expect(priceUnder(plan, { ...message, market: "India" })).toMatchObject({
      clause: "clause 2, marketing in every market: Meta's price plus 1000 basis points",
      arithmetic: "62500 × 11000 / 10000, half up",
    });
  });
});

describe("volume discounts of Meta's", () => {
  const tiered = { cost: money("USD", 1_300n), list: money("USD", 1_400n), category: "utility" as const };
  it("stay with the provider unless the plan passes them on", () => {
    expect([
      pays({ currency: "USD", terms: { kind: "pass_through" } }, tiered),
      pays({ ...percent(1_000), volumeDiscounts: "keep" }, tiered),
      pays({ ...percent(1_000), volumeDiscounts: "pass" }, tiered),
    ]).toEqual([1_400n, 1_540n, 1_430n]);
  });
  it("are named with both rates when they are kept, where clients do not look", () => {
    expect(priceUnder(percent(0), { ...message, ...tiered })).toMatchObject({
      reasons: [],
      costReasons: [
        {
          rule: "plan.volume_discount",
          says: "The plan keeps volume discounts: the price is built on the list rate of 1400 micros, the cost is 1300.",
        },
      ],
    });
  });
});

const rule = { source: "ECB", markupBasisPoints: 0, maxAgeDays: 3 };
const exchange: AppliedRate = {
  rateId: "fxr_1",
  from: "USD",
  to: "COP",
  rate: "3681.81",
  source: "ECB",
  at: new Date("2026-10-05T14:00:00Z"),
  effectiveFrom: "2026-10-05" as LocalDate,
  markupBasisPoints: 0,
};

describe("a plan in another currency than Meta's price", () => {
  const plan: PricingTerms = { currency: "COP", terms: { kind: "pass_through" }, exchange: rule };

  it("has no price without an exchange rule, and none without a rate", () => {
    const stiff: PricingTerms = { currency: "COP", terms: { kind: "pass_through" } };
    expect([pays(stiff), pays(stiff, { exchange }), pays(plan)]).toEqual([
      "currency_differs",
      "currency_differs",
      "no_exchange_rate",
    ]);
  });
  it("takes rate, mark-up and percentage in one step and rounds once", () => {
    const marked = { ...exchange, markupBasisPoints: 150 };
    expect(
      priceUnder({ ...plan, terms: { kind: "percent", basisPoints: 1_500 } }, { ...message, exchange: marked }),
    ).toEqual({
      charge: money("COP", 268_599_545n),
      clause: "Meta's price plus 1500 basis points",
      arithmetic: "62500 × 11500 / 10000 × 3681.81 × 10150 / 10000, half up",
      costReasons: [],
      reasons: [
        {
          rule: "exchange",
          says: "1 USD = 3681.81 COP by ECB of 2026-10-05T14:00:00.000Z, in force from 2026-10-05 (fxr_1), plus 150 basis points.",
        },
      ],
    });
  });
  it("adds a fixed amount in the client's currency, and needs no rate for what is free or has an own price", () => {
    const fixed: PricingTerms = { ...plan, terms: { kind: "fixed", microsPerMessage: 20_000_000n, freeToo: true } };
    const nothing = money("USD", 0n);
    expect([
      pays(fixed, { exchange }),
      pays(fixed, { free: true, cost: nothing, list: nothing }),
      pays({ ...plan, terms: { kind: "own_price", micros: 250_000_000n } }),
    ]).toEqual([250_113_125n, 20_000_000n, 250_000_000n]);
  });
  it("is exact for every rate, percentage and amount: the nearest micro of the true product, ties away from zero", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 12n }),
        fc.integer({ min: 0, max: 100_000 }),
        fc.integer({ min: 0, max: 5_000 }),
        fc.tuple(fc.integer({ min: 0, max: 99_999 }), fc.integer({ min: 1, max: 999_999 })),
        (micros, basisPoints, markupBasisPoints, [whole, fraction]) => {
          const rate = `${whole}.${String(fraction).padStart(6, "0")}`;
          const cost = money("USD", micros);
          const given = { cost, list: cost, exchange: { ...exchange, rate, markupBasisPoints } };
          const charged = pays({ ...plan, terms: { kind: "percent", basisPoints } }, given);
          const digits = BigInt(whole) * 1_000_000n + BigInt(fraction);
          const numerator = micros * BigInt(10_000 + basisPoints) * BigInt(10_000 + markupBasisPoints) * digits;
          const off = (charged as bigint) * 10n ** 14n - numerator;
          expect(off > -5n * 10n ** 13n && off <= 5n * 10n ** 13n).toBe(true);
        },
      ),
    );
  });
  it("comes back within half a micro for each of the other currency, over the inverse rate", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 12n }),
        fc.constantFrom(["2", "0.5"], ["4", "0.25"], ["5", "0.2"], ["8", "0.125"], ["0.125", "8"]),
        (micros, [rate = "", inverse = ""]) => {
          const there = pays(plan, {
            cost: money("USD", micros),
            list: money("USD", micros),
            exchange: { ...exchange, rate },
          });
          const cost = money("COP", there as bigint);
          const back = { ...exchange, from: "COP", to: "USD", rate: inverse };
          const again = pays({ ...plan, currency: "USD" }, { cost, list: cost, exchange: back }) as bigint;
          const off = again > micros ? again - micros : micros - again;
          const { numerator, denominator } = ratioOf(inverse);
          expect(off * 2n * denominator <= numerator + denominator).toBe(true);
        },
      ),
    );
  });
  it("makes postings that are balanced in each currency by itself", () => {
    const postings = messagePostings(money("USD", 5n), money("COP", 7n));
    expect(isBalanced({ postings })).toBe(true);
    const [first, second] = [money("USD", 5n), money("COP", -5n)];
    expect(
      isBalanced({
        postings: [
          { account: "a", amount: first },
          { account: "b", amount: second },
        ],
      }),
    ).toBe(false);
  });
});

describe("the exchange rate of a day", () => {
  const [client, reseller, provider] = ["ten_client", "ten_reseller", "ten_provider"] as TenantId[] as [
    TenantId,
    TenantId,
    TenantId,
  ];
  const set = (tenantId: TenantId, effectiveFrom: string, rate: string, number = 1, source = "ECB"): ExchangeRate => ({
    id: `fxr_${tenantId}_${effectiveFrom}_${number}`,
    tenantId,
    ancestorIds: [],
    livemode: false,
    version: 1,
    from: "USD",
    to: "COP",
    effectiveFrom: effectiveFrom as LocalDate,
    number,
    rate,
    source,
    at: new Date(`${effectiveFrom}T14:00:00Z`),
  });
  const on = (rates: readonly ExchangeRate[], date: string): string | undefined =>
    rateOn(rates, { from: "USD", to: "COP", date: date as LocalDate, rule, owners: [client, reseller, provider] })
      ?.rate;

  it("is the last one that began, for as many days as the plan allows", () => {
    const rates = [
      set(provider, "2026-10-02", "1"),
      set(provider, "2026-10-05", "2"),
      set(provider, "2026-10-05", "3", 2),
    ];
    expect(
      ["2026-10-01", "2026-10-02", "2026-10-04", "2026-10-05", "2026-10-08", "2026-10-09"].map((day) => on(rates, day)),
    ).toEqual([undefined, "1", "1", "3", "3", undefined]);
  });
  it("is that of the nearest organisation, and of nobody beside or below", () => {
    const rates = [
      set(provider, "2026-10-05", "1"),
      set(reseller, "2026-10-04", "2"),
      set("ten_other" as TenantId, "2026-10-05", "9"),
    ];
    expect(on(rates, "2026-10-05")).toBe("2");
    expect(on([...rates, set(client, "2026-10-03", "3")], "2026-10-05")).toBe("3");
  });
  it("comes from the plan's source alone", () => {
    expect(on([set(provider, "2026-10-05", "1", 1, "BanRep")], "2026-10-05")).toBeUndefined();
  });
  it("is a plain decimal above zero", () => {
    expect(["1", "0.00027", "3681.81", "0", "0.000", "-1", "1e3", "1,5", "", "1.", ".5"].map(isRate)).toEqual([
      true, true, true, false, false, false, false, false, false, false, false,
    ]); // prettier-ignore
  });
});
