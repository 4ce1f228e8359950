import { type Month, type TenantId } from "@greentick/kernel";
import {
  type BilledBucket,
  compareBilled,
  compareWindows,
  periodDifferences,
  type WindowView,
} from "./compare-stripe.js";
import { type Difference } from "./reconcile.js";
import { without } from "./without.js";

const tenantId = "ten_1" as TenantId;
const bucket = "marketing.brazil";

describe("a month of Meta's beside one of ours", () => {
  it("is told with both months, and counts what was taken back like what was delivered", () => {
    const shift = {
      tenantId,
      bucket,
      metaMonth: "2026-11" as Month,
      month: "2026-12" as Month,
      late: false,
      units: -3,
    };
    const common = {
      level: "period",
      tenantId,
      bucket,
      key: `${bucket} 2026-11`,
      expected: "2026-11",
      found: "2026-12",
    };
    const late = "Known after the month was closed, so invoiced in the month of booking.";
    const zone = "The day of delivery lies in another month in UTC than in the account's zone.";
    expect(
      periodDifferences([
        { ...shift, moved: true },
        { ...shift, moved: false },
      ]),
    ).toStrictEqual([
      { ...common, units: 3, cause: "late", explained: true, note: late },
      { ...common, units: 3, cause: "timezone", explained: true, note: zone },
    ]);
  });
});

describe("a window", () => {
  const same: WindowView = {
    ...{
      tenantId,
      bucket,
      day: "2026-11-05",
      ledgerMicros: 5n,
      windowMicros: 5n,
      meterMicros: 5n,
      afterInvoice: false,
    },
  };
  const base = { tenantId, bucket, day: "2026-11-05", key: `${bucket} 2026-11-05`, units: 1 };
  const untold = { cause: "unknown", explained: false, note: "Not told to Stripe yet, or told another total." };
  const late = { cause: "late", explained: true, note: "Changed after the invoice was final; the change is carried into the next month." }; // prettier-ignore

  it("differs from its entries, and from what Stripe holds, each for itself", () => {
    expect(compareWindows([{ ...same, windowMicros: 4n }])).toStrictEqual([
      { ...base, level: "ledger_windows", expected: "5", found: "4", ...untold },
      { ...base, level: "windows_meter", expected: "4", found: "5", ...untold },
    ]);
  });
  it("was carried when it changed after its invoice", () => {
    expect(compareWindows([{ ...same, ledgerMicros: 6n, meterMicros: 3n, afterInvoice: true }])).toStrictEqual([
      { ...base, level: "ledger_windows", expected: "6", found: "5", ...late },
      { ...base, level: "windows_meter", expected: "5", found: "3", ...late },
    ]);
  });
  it("that was never told is none, though nothing is in it, and nothing at Stripe is as good", () => {
    const untouched = without(same, "windowMicros", "meterMicros");
    expect(compareWindows([untouched])).toStrictEqual([{ ...base, level: "ledger_windows", expected: "5", found: "none", ...untold }]); // prettier-ignore
    expect(compareWindows([{ ...untouched, meterMicros: 5n }])[1]).toMatchObject({ expected: "0", found: "5" });
    expect(compareWindows([without(same, "meterMicros")])).toMatchObject([{ expected: "5", found: "none" }]);
    expect(compareWindows([{ ...untouched, ledgerMicros: 0n, windowMicros: 0n }])).toEqual([]);
  });
  it("that Stripe refused says so, and is not explained by an invoice", () => {
    const refused = { ...same, ledgerMicros: 6n, rejected: "too many digits", afterInvoice: true };
    const note = "Stripe refused the total: too many digits";
    expect(compareWindows([refused])).toMatchObject([{ cause: "rejected", explained: false, note }]);
  });
});

describe("a bucket that was billed", () => {
  const billed: BilledBucket = {
    ...{ tenantId, bucket, ledgerMicros: 14_000n, billedMicros: 10_000n, carryMicros: 4_000n },
    ...{ roundingOnly: false, changedLate: false },
  };
  const why = (more: Partial<BilledBucket>): Partial<Difference> | undefined => compareBilled([{ ...billed, ...more }])[0]; // prettier-ignore
  const carried = "Carried into the next month: 4000 micros.";
  it("says what was on the line, what ought to be, and what was carried", () => {
    const base = { level: "meter_invoice", tenantId, bucket, key: bucket, expected: "14000", found: "10000", units: 1 };
    expect(why({ roundingOnly: true })).toStrictEqual({ ...base, cause: "rounding", explained: true, note: carried });
    expect(why({})).toMatchObject({ explained: false, note: `Usage that Stripe was told in time is not on the line. ${carried}` }); // prettier-ignore
    expect(why({ changedLate: true })?.note).toBe(`Changed after the invoice was final. ${carried}`);
  });
  it("is unknown where the three do not add up, whatever else was late or rounded", () => {
    const note = "Ledger, invoice line and carry do not add up.";
    expect(why({ carryMicros: 4_001n, roundingOnly: true, changedLate: true })).toMatchObject({ cause: "unknown", explained: false, note }); // prettier-ignore
  });
  it("below zero is billed as zero and carried whole", () => {
    const note = "Stripe bills a negative month as zero. Carried into the next month: -7 micros.";
    const below = { ledgerMicros: -7n, billedMicros: 0n, carryMicros: -7n };
    expect(why(below)).toMatchObject({ cause: "rounding", explained: true, note });
    expect(why({ ...below, billedMicros: -3n, carryMicros: -4n })).toMatchObject({ cause: "unknown" });
    expect(why({ ledgerMicros: 7n, billedMicros: 0n, carryMicros: 7n })).toMatchObject({ cause: "unknown" });
    expect(why({ ledgerMicros: 0n, billedMicros: 7n, carryMicros: -7n })).toMatchObject({ cause: "unknown" });
  });
});
