import { money, type TenantId } from "@greentick/kernel";
import {
  addLines,
  type BalanceLine,
  bucketTotals,
  chargeOf,
  sameBalance,
  slotBounds,
  slotLengthMs,
  slotOf,
} from "./balance.js";
import { type Bucket } from "./bucket.js";
import { without } from "./without.js";

const line = (more: Partial<BalanceLine> = {}): BalanceLine => ({
  ...{ kind: "usage", market: "Brazil", category: "marketing", pricingType: "regular", rateMicros: 62_500n },
  ...{ currency: "USD", costCurrency: "USD", entries: 2, units: 3, freeUnits: 5, chargeMicros: 7n, costMicros: 11n },
  ...more,
});
const apart: readonly Partial<BalanceLine>[] = [
  { kind: "correction" },
  { market: "India" },
  { category: "utility" },
  { pricingType: "free_customer_service" },
  { rateMicros: 62_501n },
  { currency: "COP" },
  { costCurrency: "COP" },
];

describe("the lines of a statement", () => {
  it("add up what has everything in common, to the micro", () => {
    const more = { entries: 10, units: -20, freeUnits: 30, chargeMicros: -40n, costMicros: 50n };
    const both = { entries: 12, units: -17, freeUnits: 35, chargeMicros: -33n, costMicros: 61n };
    expect(addLines([line(), line(more)])).toEqual([line(both)]);
  });
  it.each(apart)("keep apart what differs in %p", (more) => {
    expect(addLines([line(), line(more)])).toHaveLength(2);
  });
  it("keep apart what has no rate, and names that only look alike when they are written in one", () => {
    expect(addLines([line(), without(line(), "rateMicros")])).toHaveLength(2);
    expect(addLines([line({ market: "ab", category: "c" }), line({ market: "a", category: "bc" })])).toHaveLength(2);
  });
  it("come in one order, whatever order they were added in", () => {
    const lines = ["Brazil", "India", "Mexico", "Peru"].map((market) => line({ market }));
    expect(addLines(lines)).toEqual(lines);
    expect(addLines(lines.toReversed())).toEqual(lines);
  });
  it("come to the sum of what the client owes, with what was taken back", () => {
    expect(chargeOf([line(), line({ chargeMicros: -10n }), line({ chargeMicros: 1n })])).toBe(-2n);
  });
});

describe("two balances", () => {
  it("are the same when each line adds up to the same, however it was split and ordered", () => {
    const [one, other] = [line(), line({ market: "India" })];
    const half = { entries: 1, units: 1, freeUnits: 2, chargeMicros: 3n, costMicros: 5n };
    const rest = { entries: 1, units: 2, freeUnits: 3, chargeMicros: 4n, costMicros: 6n };
    expect(sameBalance([one, other], [other, line(half), line(rest)])).toBe(true);
  });
  it.each([{ entries: 3 }, { units: 4 }, { freeUnits: 6 }, { chargeMicros: 8n }, { costMicros: 12n }, ...apart])(
    "are not the same when one line differs: $entries $units $freeUnits $chargeMicros $costMicros",
    (more) => {
      expect(sameBalance([line()], [line(more)])).toBe(false);
    },
  );
  it("are not the same when a line is missing, unless nothing was ever counted in it", () => {
    expect(sameBalance([line(), line({ market: "India" })], [line()])).toBe(false);
    const none = { market: "India", entries: 0, units: 0, freeUnits: 0, chargeMicros: 0n, costMicros: 0n };
    expect(sameBalance([line(), line(none)], [line()])).toBe(true);
  });
  it("are not the same because the figures of a line are, read in one, the same digits", () => {
    expect(sameBalance([line({ units: 1, freeUnits: 23 })], [line({ units: 12, freeUnits: 3 })])).toBe(false);
  });
});

describe("the total of a bucket", () => {
  const [client, other] = ["ten_a" as TenantId, "ten_b" as TenantId];
  const [brazil, india] = ["marketing.brazil" as Bucket, "marketing.india" as Bucket];

  it("is the sum of its windows, with one cost for each currency of Meta's, in the order of their names, without zeros", () => {
    const totals = bucketTotals([
      { tenantId: client, bucket: brazil, lines: [line(), line({ costCurrency: "EUR", units: -1, costMicros: 2n })] },
      { tenantId: client, bucket: brazil, lines: [line({ costCurrency: "COP" }), line({ costCurrency: "COP", costMicros: -11n })] }, // prettier-ignore
      {
        tenantId: client,
        bucket: brazil,
        lines: [line({ costCurrency: "INR" }), line({ costCurrency: "EUR", chargeMicros: -3n })],
      },
    ]);
    expect(totals).toEqual([
      {
        ...{ tenantId: client, bucket: brazil, currency: "USD", chargeMicros: 32n, units: 14 },
        costs: [money("EUR", 13n), money("INR", 11n), money("USD", 11n)],
      },
    ]);
  });
  it("is kept apart by client, bucket and currency of the charge, in one order", () => {
    const days = [
      { tenantId: client, bucket: brazil, lines: [line({ currency: "COP" }), line()] },
      { tenantId: client, bucket: india, lines: [line()] },
      { tenantId: other, bucket: brazil, lines: [line()] },
    ];
    const named = (some: typeof days): unknown[] =>
      bucketTotals(some).map(({ tenantId, bucket, currency, chargeMicros }) => [tenantId, bucket, currency, chargeMicros]); // prettier-ignore
    const expected = [
      [client, brazil, "COP", 7n],
      [client, brazil, "USD", 7n],
      [client, india, "USD", 7n],
      [other, brazil, "USD", 7n],
    ];
    expect(named(days)).toEqual(expected);
    expect(named(days.toReversed())).toEqual(expected);
  });
});

describe("the stretch of time an entry is counted in", () => {
  it("is half a minute of booking: its start belongs to it, its end to the next", () => {
    const start = new Date("2026-11-22T10:00:30Z");
    const slot = slotOf(start);
    expect(slotBounds(slot)).toEqual({ start, end: new Date("2026-11-22T10:01:00Z") });
    expect(slotLengthMs).toBe(30_000);
    expect(["10:00:29.999", "10:00:59.999", "10:01:00"].map((at) => slotOf(new Date(`2026-11-22T${at}Z`)) - slot)).toEqual([-1, 0, 1]); // prettier-ignore
  });
});
