import { type LocalDate, money, type TenantId } from "@greentick/kernel";
import fc from "fast-check";
import {
  type AppliedRate,
  costIn,
  daysThatCount,
  type ExchangeRate,
  factorOf,
  isRate,
  rateOn,
  ratioOf,
} from "./exchange.js";

const rule = { source: "ECB", markupBasisPoints: 150, maxAgeDays: 3 };
const day = (text: string): LocalDate => text as LocalDate;
const owner = "ten_1" as TenantId;
const set = (effectiveFrom: string, rate: string, more: Partial<ExchangeRate> = {}): ExchangeRate => ({
  ...{ id: `fxr_${effectiveFrom}_${rate}`, tenantId: owner, ancestorIds: [], livemode: false, version: 1 },
  ...{ from: "USD", to: "COP", effectiveFrom: day(effectiveFrom), number: 1, rate, source: "ECB" },
  at: new Date(`${effectiveFrom}T14:00:00Z`),
  ...more,
});
const on = (rates: readonly ExchangeRate[], date: string): AppliedRate | undefined =>
  rateOn(rates, { from: "USD", to: "COP", date: day(date), rule, owners: [owner] });

describe("a published rate", () => {
  it("has at most nine digits before the point and twelve behind it, and nothing around them", () => {
    expect(["9".repeat(9), `1.${"9".repeat(12)}`, "10", "0.1"].map(isRate)).toEqual([true, true, true, true]);
    expect(["9".repeat(10), `1.${"9".repeat(13)}`, " 1", "1 ", "1.a", "a", "1.2.3"].map(isRate)).toEqual(
      Array.from({ length: 7 }, () => false),
    );
  });
  it("is read as a fraction, digit by digit, with its mark-up in one", () => {
    expect([ratioOf("3681.81"), ratioOf("12")]).toEqual([
      { numerator: 368_181n, denominator: 100n },
      { numerator: 12n, denominator: 1n },
    ]);
    const applied = on([set("2026-10-05", "0.5")], "2026-10-05");
    expect(applied && factorOf(applied)).toEqual({ numerator: 50_750n, denominator: 100_000n });
  });
});

describe("the rate of a day", () => {
  it("is kept whole by what is rated with it: who published it when, from which day on it counts, and the plan's mark-up", () => {
    const one = set("2026-10-05", "3681.81");
    expect(on([one], "2026-10-06")).toEqual({
      ...{ rateId: one.id, from: "USD", to: "COP", rate: "3681.81", source: "ECB", markupBasisPoints: 150 },
      ...{ at: one.at, effectiveFrom: "2026-10-05" },
    });
  });
  it("is that of the same two currencies, in the same direction", () => {
    const others = [
      set("2026-10-05", "1", { from: "EUR" }),
      set("2026-10-05", "2", { to: "EUR" }),
      set("2026-10-05", "3", { from: "COP", to: "USD" }),
    ];
    expect(on(others, "2026-10-05")).toBeUndefined();
  });
  it("is the one that began last, of one day the last number, in any order of the rates", () => {
    const rates = [
      set("2026-10-03", "1", { number: 9 }),
      set("2026-10-04", "2"),
      set("2026-10-04", "3", { number: 2 }),
      set("2026-10-04", "4", { number: 3 }),
      set("2026-10-06", "5"),
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(rates, { minLength: rates.length }), (order) => {
        expect(on(order, "2026-10-05")?.rate).toBe("4");
      }),
    );
  });
  it("counts on the last day that the plan allows, and on none after it, across a month's end too", () => {
    expect(daysThatCount(day("2026-11-02"), rule)).toEqual(["2026-11-02", "2026-11-01", "2026-10-31", "2026-10-30"]);
    const rates = [set("2026-10-30", "1")];
    expect(["2026-10-29", "2026-10-30", "2026-11-02", "2026-11-03"].map((date) => on(rates, date)?.rate)).toEqual([undefined, "1", "1", undefined]); // prettier-ignore
  });
});

describe("a cost in the client's currency", () => {
  const rate = on([set("2026-10-05", "0.3")], "2026-10-05");
  it("takes the published rate without the plan's mark-up, half up to whole micros", () => {
    expect([costIn("COP", money("USD", 5n), rate), costIn("COP", money("USD", 10n), rate)]).toEqual([2n, 3n]);
  });
  it("needs no rate where it is in that currency already, or nothing", () => {
    expect([costIn("USD", money("USD", 5n), rate), costIn("COP", money("USD", 0n), undefined)]).toEqual([5n, 0n]);
  });
  it("is not known without a rate", () => {
    expect(costIn("COP", money("USD", 5n), undefined)).toBeUndefined();
  });
});
