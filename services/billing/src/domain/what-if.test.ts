import { type LocalDate, money, type UtcDay } from "@greentick/kernel";
import { type Bucket } from "./bucket.js";
import { type AppliedRate } from "./exchange.js";
import { type StatementRow } from "./invoice.js";
import { type DraftTerms, monthCellsOf, type TrafficCell, trafficOf, whatIf } from "./what-if.js";
import { without } from "./without.js";

const bucket = "marketing.brazil" as Bucket;
const usd = (micros: bigint) => money("USD", micros);
const row = (more: Partial<StatementRow> = {}): StatementRow => ({
  ...{ bucket, market: "Brazil", category: "marketing", pricingType: "regular", kind: "usage", entries: 4 },
  ...{ units: 4, freeUnits: 0, rateMicros: 62_500n, cost: usd(249_999n), charge: usd(300_000n) },
  ...more,
});

describe("the traffic of a statement", () => {
  it("costs its average and lists the card's rate", () => {
    expect(trafficOf([row()])).toStrictEqual([
      {
        ...{ market: "Brazil", category: "marketing", bucket, free: false, messages: 4 },
        ...{ unitCost: usd(62_500n), unitList: usd(62_500n), cost: usd(249_999n), charge: usd(300_000n) },
      },
    ]);
    const [cell] = trafficOf([without(row({ cost: usd(250_400n) }), "rateMicros")]);
    expect([cell?.unitCost, cell?.unitList]).toEqual([usd(62_600n), usd(62_600n)]);
  });
  it("costs and lists nothing where all of it was free, whatever the row says", () => {
    const [cell] = trafficOf([row({ freeUnits: 4 })]);
    expect(cell).toMatchObject({ free: true, unitCost: usd(0n), unitList: usd(0n) });
    expect(trafficOf([row({ freeUnits: 3 })])[0]).toMatchObject({ free: false, unitCost: usd(62_500n) });
  });
  it("taken back costs one as much as it did", () => {
    expect(trafficOf([row({ units: -4, cost: usd(-250_000n) })])[0]).toMatchObject({ messages: -4, unitCost: usd(62_500n) }); // prettier-ignore
  });
  it("is messages alone: no fee, nothing without a market, nothing that was taken back whole", () => {
    expect(trafficOf([row({ category: "" }), row({ market: "" }), row({ units: 0 })])).toEqual([]);
  });
});

describe("what a month is settled over", () => {
  it("is charged messages by market, category and line, with what was free apart and uncounted", () => {
    const free = row({ units: 2, freeUnits: 2, charge: usd(7n) });
    const cell = { market: "Brazil", category: "marketing", bucket };
    expect(monthCellsOf([row(), free, row({ units: 3, freeUnits: 1 }), free])).toStrictEqual([
      { ...cell, messages: 6, chargeMicros: 600_000n },
      { ...cell, messages: 0, chargeMicros: 14n },
    ]);
  });
  it("keeps markets, categories and lines apart, and knows messages alone", () => {
    const apart = [row(), row({ market: "India" }), row({ category: "utility" }), row({ bucket: "x" as Bucket })];
    expect(monthCellsOf(apart)).toHaveLength(4);
    expect(monthCellsOf([row({ category: "" }), row({ market: "" })])).toEqual([]);
  });
  it("has the charge of messages that were taken back whole, and no message", () => {
    expect(monthCellsOf([row({ units: 0, charge: usd(-5n) })])).toMatchObject([{ messages: 0, chargeMicros: -5n }]);
  });
});

describe("past traffic under a draft", () => {
  const cell = (more: Partial<TrafficCell> = {}): TrafficCell => ({
    ...{ market: "Brazil", category: "marketing", bucket, free: false, messages: 10 },
    ...{ unitCost: usd(50n), unitList: usd(60n), cost: usd(500n), charge: usd(700n), ...more },
  });
  const asks = (terms: DraftTerms["terms"], more: Partial<DraftTerms> = {}): DraftTerms => ({ currency: "USD", terms, ...more }); // prettier-ignore
  const under = (draft: DraftTerms, traffic: readonly TrafficCell[], rate?: AppliedRate) =>
    whatIf({ draft, traffic, exchange: (from) => (from === rate?.from ? rate : undefined) });
  const onList = { kind: "own_list", prices: [{ market: "Brazil", category: "marketing", micros: 80n }] } as const;

  it("has each market and category before and after, in one order, with what it cost", () => {
    const traffic = [cell({ market: "India" }), cell(), cell({ messages: 1, cost: usd(50n), charge: usd(70n) })];
    const common = { category: "marketing", unpriced: [] };
    expect(under(asks({ kind: "pass_through" }), traffic)).toStrictEqual({
      lines: [
        { ...common, market: "Brazil", messages: 11, before: usd(770n), after: usd(660n), cost: usd(550n) },
        { ...common, market: "India", messages: 10, before: usd(700n), after: usd(600n), cost: usd(500n) },
      ],
      adjustments: [],
    });
  });
  it("names what would have no price, and counts neither charge nor cost of it", () => {
    const traffic = [cell({ market: "India" }), cell({ market: "India", messages: 2 }), cell()];
    const { lines } = under(asks(onList), traffic);
    expect(lines.map(({ market, after, cost, unpriced }) => [market, after, cost, unpriced])).toEqual([
      ["Brazil", usd(800n), usd(500n), []],
      ["India", usd(0n), usd(0n), [{ reason: "no_price_in_plan", messages: 12 }]],
    ]);
  });
  it("stays free where the plan does not charge what is free at Meta", () => {
    expect(under(asks(onList), [cell({ free: true })]).lines[0]).toMatchObject({ after: usd(0n) });
  });
  it("is brought into the draft's currency, and has no cost there without a rate", () => {
    const exchange = { source: "ECB", markupBasisPoints: 0, maxAgeDays: 3 };
    const draft = asks({ kind: "own_price", micros: 9n }, { currency: "COP", exchange });
    const rate: AppliedRate = {
      ...{ from: "USD", to: "COP", rate: "4000", source: "ECB", at: new Date("2026-10-15T00:00:00Z") },
      ...{ effectiveFrom: "2026-10-15" as LocalDate, rateId: "fxr_1", markupBasisPoints: 0 },
    };
    expect(under(draft, [cell()], rate).lines[0]).toMatchObject({ after: money("COP", 90n), cost: money("COP", 2_000_000n) }); // prettier-ignore
    const [blind] = under(draft, [cell()]).lines;
    expect(blind?.after).toEqual(money("COP", 90n));
    expect(blind).not.toHaveProperty("cost");
    expect(under({ ...draft, terms: { kind: "pass_through" } }, [cell()], rate).lines[0]?.after).toEqual(money("COP", 2_400_000n)); // prettier-ignore
  });
  it("owes what the draft's month adds and takes back, over what has a price", () => {
    const month = { bundles: [{ messages: 4 }], tiers: [], minimumMicros: 1_000n };
    const traffic = [cell(), cell({ market: "India" }), cell({ free: true, messages: 5 })];
    const owed = { from: "2026-10-01" as UtcDay, to: "2026-10-31" as UtcDay };
    const asked = { draft: asks(onList, { month }), traffic, exchange: () => undefined };
    const { adjustments } = whatIf({ ...asked, owed });
    expect(adjustments.map(({ clause, micros }) => [clause, micros])).toEqual([["bundle:0", -320n], ["minimum", 520n]]); // prettier-ignore
  });
});
