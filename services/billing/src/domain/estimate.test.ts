import { join } from "node:path";
import { type LocalDate, type TenantId } from "@greentick/kernel";
import { readPublishedPrices } from "../adapters/csv/rate-card-files.js";
import { estimate, type Intended, type PriceRange, type PricingPlace, worstCase } from "./estimate.js";
import { marketIndex } from "./markets.js";
import { type PlanTerms, type PricePlan } from "./price-plan.js";
import { type Tariffs } from "./rate.js";
import { rateIndex } from "./rate-card.js";

const published = readPublishedPrices(join(__dirname, "..", "..", "rate-cards"));
const tariffs: Tariffs = { rates: rateIndex(published.cards), markets: marketIndex(published.markets) };
const aPlan = (effectiveFrom: string, terms: PlanTerms = { kind: "pass_through" }): PricePlan => ({
  id: `pln_${effectiveFrom}`,
  tenantId: "ten_1" as TenantId,
  ancestorIds: [],
  livemode: false,
  version: 1,
  number: 1,
  effectiveFrom: effectiveFrom as LocalDate,
  currency: "USD",
  terms,
  platformFeeMicros: 0n,
});
const on = (date: string, more: Partial<PricingPlace> = {}): PricingPlace => ({
  currency: "USD",
  localDate: date as LocalDate,
  plans: [aPlan("2024-01-01")],
  tariffs,
  ...more,
});
const toBrazil = (categories: readonly string[], window: Intended["window"] = "closed"): Intended => ({
  recipient: { dialPrefix: "551195" },
  categories,
  window,
});
const micros = ({ lowest, highest }: PriceRange): string =>
  lowest === undefined ? "none" : `${lowest.amountMicros}..${highest?.amountMicros ?? ""}`;
const problems = ({ cases }: PriceRange): readonly string[] =>
  cases.map(({ outcome }) => (outcome.kind === "charge" ? "priced" : outcome.reason));

describe("an estimate", () => {
  it("is Meta's price under the client's plan, with the way to it and the row of the card", () => {
    const { now } = estimate(
      toBrazil(["marketing"]),
      on("2026-11-05", { plans: [aPlan("2024-01-01", { kind: "percent", basisPoints: 1_000 })] }),
    );
    expect(micros(now)).toBe("68750..68750");
    const [one] = now.cases;
    expect(one).toMatchObject({ pricingType: "regular", planNumber: 1, outcome: { rate: { rateMicros: 62_500n } } });
    expect(one?.outcome.kind === "charge" && one.outcome.reasons.map(({ rule }) => rule)).toEqual([
      "regime.pmp_charged_window",
      "market.number",
      "category",
      "card",
      "plan",
    ]);
  });

  it("is a range over the categories in doubt", () => {
    expect(micros(estimate(toBrazil(["marketing", "utility"]), on("2026-11-05")).now)).toBe("6800..62500");
  });

  it.each([
    ["2026-09-15", "open", "0..0", "6800..6800"],
    ["2026-09-15", "closed", "6800..6800", "6800..6800"],
    ["2026-09-15", "unknown", "0..6800", "6800..6800"],
    ["2026-11-05", "open", "6800..6800", "6800..6800"],
  ] as const)("of utility on %s with the window %s is %s, and %s when it closes", (date, window, now, closed) => {
    const found = estimate(toBrazil(["utility"], window), on(date));
    expect([micros(found.now), micros(found.ifWindowCloses)]).toEqual([now, closed]);
  });

  it("of a service message leaves open whether the free ones are used up, and cannot be sent outside the window", () => {
    const { now, ifWindowCloses } = estimate(toBrazil(["service"], "open"), on("2026-11-05"));
    expect([micros(now), problems(ifWindowCloses)]).toEqual(["0..6800", ["outside_window"]]);
    expect(micros(estimate(toBrazil(["service"], "open"), on("2026-09-15")).now)).toBe("0..0");
  });

  it.each([
    ["no plan", on("2026-11-05", { plans: [] }), "awaiting_plan"],
    ["no card of the currency", on("2026-11-05", { currency: "AED" }), "no_card_in_force"],
  ])("says why there is none with %s, instead of zero", (_, place, reason) => {
    const { now } = estimate(toBrazil(["marketing"]), place);
    expect([micros(now), problems(now)]).toEqual(["none", [reason]]);
    expect(worstCase(toBrazil(["marketing"]), place)).toEqual({ kind: "not_ratable", reason });
  });
});

describe("the worst case", () => {
  const highest = (intended: Intended, place: PricingPlace): bigint | string => {
    const found = worstCase(intended, place);
    return found.kind === "priced" ? found.highest.amountMicros : found.reason;
  };

  it("is the dearest category, with the window closed when that is dearer", () => {
    expect(highest(toBrazil(["utility", "marketing"], "open"), on("2026-11-05"))).toBe(62_500n);
    expect(highest(toBrazil(["utility"], "open"), on("2026-09-15"))).toBe(6_800n);
    expect(highest(toBrazil(["service"], "open"), on("2026-11-05"))).toBe(6_800n);
    expect(highest(toBrazil(["service"], "closed"), on("2026-11-05"))).toBe("outside_window");
  });

  it("counts a plan or card that begins while Meta still tries to deliver", () => {
    const dearer = aPlan("2026-12-01", { kind: "percent", basisPoints: 10_000 });
    const plans = [aPlan("2024-01-01"), dearer];
    expect(highest(toBrazil(["marketing"]), on("2026-11-05", { plans }))).toBe(125_000n);
    expect(highest(toBrazil(["marketing"]), on("2026-10-31", { plans }))).toBe(62_500n);
    expect(highest(toBrazil(["service"], "open"), on("2026-09-15"))).toBe(6_800n);
  });

  it("has a price for each category of the card", () => {
    const found = worstCase(toBrazil(["MARKETING_LITE", "utility"]), on("2026-11-05"));
    expect(
      found.kind === "priced" && found.byCategory.map((one) => `${one.category} ${one.charge.amountMicros}`),
    ).toEqual(["marketing 62500", "utility 6800"]);
  });
});
