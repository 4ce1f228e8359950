import { money, type Month } from "@greentick/kernel";
import { type BalanceLine } from "./balance.js";
import { type Bucket } from "./bucket.js";
import { statementOf, statementRows } from "./statement.js";
import { without } from "./without.js";

const line = (more: Partial<BalanceLine> = {}): BalanceLine => ({
  ...{ kind: "usage", market: "Brazil", category: "marketing", pricingType: "regular", rateMicros: 62_500n },
  ...{ currency: "USD", costCurrency: "USD", entries: 2, units: 3, freeUnits: 1, chargeMicros: 70n, costMicros: 60n },
  ...more,
});
const inBucket = (bucket: string, ...lines: readonly BalanceLine[]): { bucket: Bucket; lines: readonly BalanceLine[] } => ({ bucket: bucket as Bucket, lines }); // prettier-ignore

describe("the rows of a statement", () => {
  it("say what was delivered, at which rate, what it cost and what is charged", () => {
    expect(statementRows([inBucket("marketing:brazil", line({ costCurrency: "COP" }))])).toStrictEqual([
      {
        ...{ bucket: "marketing:brazil", market: "Brazil", category: "marketing", pricingType: "regular" },
        ...{ kind: "usage", entries: 2, units: 3, freeUnits: 1, rateMicros: 62_500n },
        ...{ cost: money("COP", 60n), charge: money("USD", 70n) },
      },
    ]);
  });

  it("have no rate where none was asked, rather than one of nothing", () => {
    const [row] = statementRows([inBucket("platform_fee", without(line({ kind: "platform_fee" }), "rateMicros"))]);
    expect(row).toBeDefined();
    expect(row).not.toHaveProperty("rateMicros");
  });

  it("add up what the days of a bucket have in common, and keep buckets apart", () => {
    const days = [inBucket("b", line()), inBucket("a", line()), inBucket("b", line({ chargeMicros: -7n }))];
    expect(statementRows(days).map(({ bucket, entries, charge }) => [bucket, entries, charge.amountMicros])).toEqual([["a", 2, 70n], ["b", 4, 63n]]); // prettier-ignore
  });

  it("leave the days that they were read from as they were", () => {
    const days = [inBucket("a", line()), inBucket("a", line({ market: "Peru" }))];
    statementRows(days);
    expect(days.map(({ lines }) => lines.length)).toEqual([1, 1]);
  });

  it("come by bucket, in whatever order the days were read", () => {
    const days = ["c", "a", "d", "b"].map((bucket) => inBucket(bucket, line()));
    const order = (some: typeof days): string => statementRows(some).map(({ bucket }) => bucket).join(""); // prettier-ignore
    expect([order(days), order(days.toReversed())]).toEqual(["abcd", "abcd"]);
  });
});

describe("the totals of a statement", () => {
  const month = "2026-11" as Month;
  it("are one for each currency of a charge, in the order of their names, with the costs apart by currency", () => {
    const { rows, totals, ...rest } = statementOf(month, [
      inBucket("b", line(), line({ market: "Peru", costCurrency: "COP", costMicros: 5n, chargeMicros: -30n })),
      inBucket("a", line({ entries: 10, units: 20, freeUnits: 5, costMicros: -1n })),
      inBucket("c", line({ currency: "EUR" })),
    ]);
    expect([rest, rows.length]).toEqual([{ month }, 4]);
    expect(totals).toStrictEqual([
      { currency: "EUR", entries: 2, units: 3, freeUnits: 1, chargeMicros: 70n, costs: new Map([["USD", 60n]]) },
      {
        ...{ currency: "USD", entries: 14, units: 26, freeUnits: 7, chargeMicros: 110n },
        costs: new Map([["USD", 59n], ["COP", 5n]]), // prettier-ignore
      },
    ]);
  });

  it("come in the order of the currencies' names, whichever bucket they are in", () => {
    const days = [inBucket("a", line({ currency: "USD" })), inBucket("b", line({ currency: "COP" }))];
    expect(statementOf(month, days).totals.map(({ currency }) => currency)).toEqual(["COP", "USD"]);
  });

  it("are none of a month without rows", () => {
    expect(statementOf(month, [])).toStrictEqual({ month, rows: [], totals: [] });
  });
});
