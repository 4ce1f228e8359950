import { type LocalDate, money } from "@greentick/kernel";
import { bucketOf } from "./bucket.js";
import { type AppliedRate } from "./exchange.js";
import { cardBelow, type CardQuestion, marginBasisPoints, strictestFloor, trafficBelow } from "./margin.js";
import { type PlanTerms } from "./price-plan.js";
import { type RateCard, rateIndex, type RateRow } from "./rate-card.js";
import { type WhatIf, type WhatIfLine } from "./what-if.js";

const usd = (micros: bigint) => money("USD", micros);

describe("the margin of a charge", () => {
  it("is what is left after the cost, in basis points of the charge, half up", () => {
    const of = (charge: bigint, cost: bigint): unknown => marginBasisPoints(usd(charge), usd(cost));
    expect([of(100n, 80n), of(100n, 100n), of(100n, 130n), of(3n, 2n)]).toEqual([2_000, 0, -3_000, 3_333]);
    expect([of(-100n, -80n), of(-100n, 80n)]).toEqual([2_000, 18_000]);
    expect([of(0n, 5n), of(0n, 0n)]).toEqual([undefined, undefined]);
  });
});

describe("the strictest floor", () => {
  it("is the highest of those that were set, and none where none was", () => {
    expect([strictestFloor([500, undefined, 2_000, 0]), strictestFloor([0]), strictestFloor([undefined]), strictestFloor([])]).toEqual([2_000, 0, undefined, undefined]); // prettier-ignore
  });
});

describe("past traffic below a floor of a fifth", () => {
  const line = (after: bigint, cost?: bigint): WhatIfLine => ({
    ...{ market: "Brazil", category: "marketing", messages: 1, before: usd(after), after: usd(after), unpriced: [] },
    ...(cost !== undefined && { cost: usd(cost) }),
  });
  const settled = (micros: bigint): WhatIf["adjustments"][number] => ({
    clause: "minimum",
    bucket: bucketOf("marketing", "Brazil", ["Brazil"]),
    micros,
    says: "A minimum.",
  });
  const below = (lines: readonly WhatIfLine[], ...micros: readonly bigint[]): readonly string[] =>
    trafficBelow({ lines, adjustments: micros.map(settled) }, 2_000);

  it("begins one micro under it, and says where", () => {
    expect(below([line(100n, 80n)])).toEqual([]);
    expect(below([line(100n, 81n)])).toEqual(["marketing in Brazil: 100 micros for a cost of 81"]);
  });
  it("is a cost without a charge, and never what costs and brings nothing", () => {
    expect(below([line(0n, 1n), line(0n, 0n)])).toEqual(["marketing in Brazil: 0 micros for a cost of 1"]);
    expect(below([line(-1n, 0n)])).toEqual([]);
  });
  it("leaves out what has no cost in the plan's currency", () => {
    expect(below([line(100n)])).toEqual([]);
  });
  it("is the whole of it with what bundles and tiers take back, though every cell alone is above it", () => {
    expect(below([line(100n, 70n), line(50n, 5n), line(10n)], -60n, -7n)).toEqual(["all messages: 93 micros for a cost of 75"]); // prettier-ignore
    expect(below([line(100n, 70n)], -12n)).toEqual([]);
  });
  it("is judged without the minimum, which is owed whatever was sent", () => {
    expect(below([line(100n, 70n)], -20n, 1_000n)).toEqual(["all messages: 80 micros for a cost of 70"]);
    expect(below([line(100n, 81n)], 1_000n)).toEqual(["marketing in Brazil: 100 micros for a cost of 81"]);
  });
});

describe("cells of a card below a floor", () => {
  const row = (market: string, rateMicros: bigint, more: Partial<RateRow> = {}): RateRow => ({
    ...{ market, category: "marketing", tierFrom: 0, rateMicros, line: 2 },
    ...more,
  });
  const card = (rows: readonly RateRow[], more: Partial<RateCard> = {}): RateCard => ({
    ...{ id: "crd_1", sha256: "", name: "usd", kind: "list", currency: "USD", regime: "PMP_CHARGED_WINDOW" },
    ...{ effectiveFrom: "2026-10-01" as LocalDate, rows, ...more },
  });
  const price = (micros: bigint): PlanTerms => ({ kind: "own_price", micros });
  const below = (terms: PlanTerms, cards: readonly RateCard[], more: Partial<CardQuestion> = {}): readonly string[] =>
    cardBelow({
      ...{ draft: { currency: "USD", terms }, rates: rateIndex(cards), currency: "USD", floorBasisPoints: 2_000 },
      ...{ date: "2026-10-15" as LocalDate, exchange: () => undefined, ...more },
    });

  it("are those that the plan sells for too little, each named once", () => {
    const cards = [card([row("Brazil", 80n), row("India", 81n), row("Peru", 90n, { category: "utility" })])];
    expect(below(price(100n), cards)).toEqual([
      "marketing in India on the card of USD: 100 micros for a cost of 81",
      "utility in Peru on the card of USD: 100 micros for a cost of 90",
    ]);
  });
  it("are those of the list card of the currency that is in force", () => {
    const rows = [row("Brazil", 90n)];
    expect(below(price(100n), [card(rows, { kind: "tiers" })])).toEqual([]);
    expect(below(price(100n), [card(rows, { currency: "EUR" })])).toEqual([]);
    expect(below(price(100n), [card(rows, { effectiveFrom: "2026-10-16" as LocalDate })])).toEqual([]);
    expect(below(price(100n), [card(rows, { effectiveTo: "2026-10-14" as LocalDate })])).toEqual([]);
    expect(below(price(100n), [card([row("Brazil", 90n, { tierTo: 5 })])])).toEqual([]);
  });
  it("are at the list rate: nothing is free, and what has no price is no loss", () => {
    expect(below({ kind: "pass_through" }, [card([row("Brazil", 90n)])])).toHaveLength(1);
    const prices = [{ market: "India", category: "marketing", micros: 1n }] as const;
    expect(below({ kind: "own_list", prices }, [card([row("Brazil", 90n), row("India", 90n)])])).toEqual([
      "marketing in India on the card of USD: 1 micros for a cost of 90",
    ]);
  });
  it("of an account in another currency are known where a rate is, and are in the plan's currency", () => {
    const draft = { currency: "COP", terms: price(300_000n), exchange: { source: "ECB", markupBasisPoints: 0, maxAgeDays: 3 } }; // prettier-ignore
    const rate: AppliedRate = {
      ...{ from: "USD", to: "COP", rate: "4000", source: "ECB", at: new Date("2026-10-15T00:00:00Z") },
      ...{ effectiveFrom: "2026-10-15" as LocalDate, rateId: "fxr_1", markupBasisPoints: 0 },
    };
    const cards = [card([row("Brazil", 75n), row("India", 60n)])];
    expect(below(price(0n), cards, { draft, exchange: () => undefined })).toEqual([]);
    const says = "marketing in Brazil on the card of USD: 300000 micros for a cost of 300000";
    expect(below(price(0n), cards, { draft, exchange: (from) => (from === "USD" ? rate : undefined) })).toEqual([says]);
    const passed = { ...draft, terms: { kind: "pass_through" } } as const;
    expect(below(price(0n), [card([row("Brazil", 75n)])], { draft: passed, exchange: () => rate })).toEqual([says]);
  });
});
