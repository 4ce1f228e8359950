import { type LocalDate, money } from "@greentick/kernel";
import { plan } from "../fixtures/deciding.js";
import { type AppliedRate } from "./exchange.js";
import {
  clauseOf,
  planOn,
  type PlanPrice,
  plansAfter,
  type PlanTerms,
  type PricePlan,
  type Priced,
  priceUnder,
  type PricingTerms,
} from "./price-plan.js";

const message: Priced = {
  ...{ cost: money("USD", 1_300n), list: money("USD", 1_400n), free: false },
  ...{ market: "Brazil", category: "utility" },
};
const atMeta = { free: true, cost: money("USD", 0n), list: money("USD", 0n) };
const rule = { source: "ECB", markupBasisPoints: 100, maxAgeDays: 9 };
const applied: AppliedRate = {
  ...{ rateId: "fxr_1", from: "USD", to: "COP", rate: "3681.81", source: "ECB", markupBasisPoints: 100 },
  ...{ at: new Date("2026-10-02T10:00:00Z"), effectiveFrom: "2026-10-01" as LocalDate },
};
const price = (terms: PlanTerms, given: Partial<Priced> = {}, more: Partial<PricingTerms> = {}): PlanPrice => {
  const found = priceUnder({ currency: "USD", terms, ...more }, { ...message, ...given });
  if (typeof found === "string") throw new Error(found);
  return found;
};

describe("the words of a plan's terms", () => {
  it.each<[PlanTerms, string]>([
    [{ kind: "pass_through" }, "pass-through"],
    [{ kind: "percent", basisPoints: 1_500 }, "Meta's price plus 1500 basis points"],
    [{ kind: "fixed", microsPerMessage: 5n, freeToo: false }, "Meta's price plus 5 micros per charged message"],
    [{ kind: "fixed", microsPerMessage: 5n, freeToo: true }, "Meta's price plus 5 micros per delivered message"],
    [{ kind: "own_price", micros: 7n }, "own price of 7 micros per message"],
    [{ kind: "own_list", prices: [] }, "own price list"],
  ])("of %p are: %s", (terms, words) => {
    expect(clauseOf(terms)).toBe(words);
  });
  it("say which clause held, and for what", () => {
    const terms: PlanTerms = { kind: "pass_through" };
    const clauseWords = (clause: object): string => price(terms, {}, { clauses: [{ ...clause, terms }] }).clause;
    expect([clauseWords({ market: "Brazil" }), clauseWords({ category: "utility" }), clauseWords({}), clauseWords({ market: "India" })]).toEqual([
      "clause 1, every category in Brazil: pass-through",
      "clause 1, utility in every market: pass-through",
      "clause 1, every category in every market: pass-through",
      "pass-through",
    ]); // prettier-ignore
  });
});

describe("the arithmetic that a client reads", () => {
  it.each<[PlanTerms, Partial<Priced>, string, bigint]>([
    [{ kind: "pass_through" }, {}, "1400 × 1", 1_400n],
    [{ kind: "percent", basisPoints: 1 }, {}, "1400 × 10001 / 10000, half up", 1_400n],
    [{ kind: "fixed", microsPerMessage: 5n, freeToo: false }, {}, "1400 + 5", 1_405n],
    [{ kind: "fixed", microsPerMessage: 5n, freeToo: false }, atMeta, "0 + 0", 0n],
    [{ kind: "fixed", microsPerMessage: 5n, freeToo: true }, atMeta, "0 + 5", 5n],
    [{ kind: "own_price", micros: 7n }, {}, "own price 7", 7n],
    [{ kind: "own_price", micros: 7n }, atMeta, "free at Meta", 0n],
  ])("of %p for %p is: %s = %s", (terms, given, arithmetic, micros) => {
    expect(price(terms, given)).toMatchObject({ arithmetic, charge: money("USD", micros), reasons: [] });
  });
  it("names the exchange rate and the mark-up on it, in the steps and as a reason, wherever one is needed", () => {
    const abroad = { currency: "COP", exchange: rule };
    const paid = price({ kind: "pass_through" }, { exchange: applied }, abroad);
    expect(paid.arithmetic).toBe("1400 × 3681.81 × 10100 / 10000, half up");
    expect([paid.charge, paid.reasons.map((one) => one.rule)]).toEqual([money("COP", 5_206_079n), ["exchange"]]);
    const none = price({ kind: "fixed", microsPerMessage: 5n, freeToo: true }, { ...atMeta, exchange: applied }, abroad); // prettier-ignore
    expect([none.arithmetic, none.reasons]).toEqual(["0 + 5", []]);
    expect(price({ kind: "pass_through" }, { exchange: applied }).arithmetic).toBe("1400 × 1");
  });
  it("tells of a kept discount only where one is kept", () => {
    const terms: PlanTerms = { kind: "pass_through" };
    const kept = (given: Partial<Priced>, more: Partial<PricingTerms> = {}): number => price(terms, given, more).costReasons.length; // prettier-ignore
    expect([kept({}), kept({ cost: message.list }), kept({}, { volumeDiscounts: "pass" })]).toEqual([1, 0, 0]);
  });
});

describe("an own price list", () => {
  const prices = [
    { market: "*", category: "utility", micros: 3n },
    { market: "India", category: "utility", micros: 2n },
    { market: "Brazil", category: "marketing", micros: 1n },
  ] as const;
  const priced = (market: string, category: Priced["category"]): unknown => {
    const found = priceUnder(
      { currency: "USD", terms: { kind: "own_list", prices } },
      { ...message, market, category },
    );
    return typeof found === "string" ? found : found.charge.amountMicros;
  };
  it("has the price of that market and category, or that of the category everywhere, or none", () => {
    expect([priced("India", "utility"), priced("Brazil", "utility"), priced("Brazil", "marketing"), priced("India", "marketing")]).toEqual([2n, 3n, 1n, "no_price_in_plan"]); // prettier-ignore
  });
});

describe("the plans of a client", () => {
  const from = (number: number, effectiveFrom: string): PricePlan =>
    plan({ number, effectiveFrom: effectiveFrom as LocalDate });
  const [first, second, third] = [from(1, "2026-10-01"), from(2, "2026-11-01"), from(3, "2026-11-01")] as const;
  const numbers = (plans: readonly PricePlan[]): readonly number[] => plans.map(({ number }) => number);
  it("hold from their first day on, the later released of one day, in whatever order they are kept", () => {
    for (const plans of [[first, second, third], [third, second, first], [second, third, first]]) // prettier-ignore
      expect(["2026-09-30", "2026-10-01", "2026-10-31", "2026-11-01"].map((date) => planOn(plans, date as LocalDate)?.number)).toEqual([undefined, 1, 1, 3]); // prettier-ignore
  });
  it("take over in the order of their days, then of their numbers", () => {
    const fourth = from(4, "2026-10-15");
    for (const plans of [[first, second, third, fourth], [fourth, third, second, first]]) {
      expect(numbers(plansAfter(plans, first))).toEqual([4, 2, 3]);
      expect(numbers(plansAfter(plans, second))).toEqual([3]);
    } // prettier-ignore
  });
});
