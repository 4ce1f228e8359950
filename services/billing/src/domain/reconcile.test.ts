import { type LocalDate, type Month, type TenantId } from "@greentick/kernel";
import { unexplainedUnits } from "./reconcile.js";
import { compareInvoice, compareVolumes, type CostCell, type MetaInvoiceRow, type VolumeCell } from "./compare-meta.js";
import { compareBilled, compareWindows, periodDifferences } from "./compare-stripe.js";

const tenantId = "ten_1" as TenantId;
const cell = (volume: number, more: Partial<VolumeCell> = {}): VolumeCell => ({
  tenantId,
  wabaId: "1",
  day: "2026-11-05" as LocalDate,
  market: "Brazil",
  category: "marketing",
  type: "regular",
  volume,
  ...more,
});
const cost = (volume: number, costMicros: bigint): CostCell => ({ ...cell(volume), costMicros });
const row = (volume: number, amountMicros: bigint, lineId = "1"): MetaInvoiceRow => ({
  ...cell(volume),
  lineId,
  tier: "",
  amountMicros,
  currency: "USD",
});

describe("Meta's count against the ledger", () => {
  it("agrees whatever the spelling of Meta's words", () => {
    const meta = [cell(3, { category: "AUTHENTICATION_INTERNATIONAL", type: "REGULAR" })];
    const ledger = [cell(3, { category: "authentication-international" })];
    expect(compareVolumes(meta, ledger, [])).toEqual([]);
  });
  it("takes a delivery Meta counted and we never heard of for a missing webhook, one unit each, unexplained", () => {
    const differences = compareVolumes([cell(5)], [cell(3)], []);
    expect(differences).toMatchObject([
      { cause: "missing_webhook", explained: false, units: 2, expected: "5", found: "3" },
    ]);
    expect(unexplainedUnits(differences)).toBe(2);
  });
  it("explains deliveries that are known and not rated yet, each only once", () => {
    const unrated = [
      { wabaId: "1", day: "2026-11-05" as LocalDate, market: "Brazil", reason: "awaiting_pricing", count: 1 },
    ];
    const differences = compareVolumes(
      [cell(5), cell(2, { category: "utility" })],
      [cell(3), cell(1, { category: "utility" })],
      unrated,
    );
    expect(differences.map(({ cause, units, explained }) => [cause, units, explained])).toEqual([
      ["unrated", 1, true],
      ["missing_webhook", 1, false],
      ["missing_webhook", 1, false],
    ]);
  });
  it("has no excuse for deliveries that Meta did not count", () => {
    expect(compareVolumes([], [cell(1)], [])).toMatchObject([{ cause: "unknown", explained: false, units: 1 }]);
  });
});

describe("Meta's invoice against the ledger's cost side", () => {
  const compared = (rows: readonly MetaInvoiceRow[], ledger: readonly CostCell[], meta: readonly VolumeCell[]): ReturnType<typeof compareInvoice> =>
    compareInvoice(rows, ledger, { meta, differences: compareVolumes(meta, ledger, []) }); // prettier-ignore
  it("finds rows that are billed twice, one unit a row, and nothing else", () => {
    const rows = [row(2, 125_000n), row(2, 125_000n, "7"), row(1, 62_500n, "2")];
    const differences = compared(rows, [cost(3, 187_500n)], [cell(3)]);
    expect(differences).toMatchObject([{ cause: "duplicate", explained: false, units: 1 }]);
  });
  it("does not count a loss again that the volumes already show", () => {
    const differences = compared([row(5, 312_500n)], [cost(3, 187_500n)], [cell(5)]);
    expect(differences).toMatchObject([{ cause: "missing_webhook", explained: true, units: 2 }]);
    expect(unexplainedUnits(differences)).toBe(0);
  });
  it("finds another rate for the same messages", () => {
    expect(compared([row(2, 120_000n)], [cost(2, 125_000n)], [cell(2)])).toMatchObject([
      { cause: "rate_changed", explained: false },
    ]);
  });
  it("finds an invoice that does not agree with Meta's own count", () => {
    expect(compared([row(4, 250_000n)], [cost(3, 187_500n)], [cell(3)])).toMatchObject([
      { cause: "unknown", explained: false },
    ]);
  });
});

describe("the charge side", () => {
  const window = {
    tenantId,
    bucket: "marketing.brazil",
    day: "2026-11-05",
    ledgerMicros: 5n,
    windowMicros: 5n,
    meterMicros: 5n,
    afterInvoice: false,
  };
  it("finds a window that differs from its entries, or from what Stripe holds, and names a refusal", () => {
    expect(compareWindows([window])).toEqual([]);
    expect(compareWindows([{ ...window, meterMicros: 4n }])).toMatchObject([
      { level: "windows_meter", cause: "unknown" },
    ]);
    expect(
      compareWindows([{ ...window, windowMicros: 4n, meterMicros: 4n, rejected: "too many digits" }]),
    ).toMatchObject([{ level: "ledger_windows", cause: "rejected" }]);
    expect(compareWindows([{ ...window, ledgerMicros: 6n, afterInvoice: true }])).toMatchObject([
      { cause: "late", explained: true },
    ]);
  });
  const billed = {
    tenantId,
    bucket: "marketing.brazil",
    ledgerMicros: 14_000n,
    billedMicros: 10_000n,
    carryMicros: 4_000n,
    roundingOnly: true,
    changedLate: false,
  };
  it("explains what rounding left and what came late, and nothing that merely was carried", () => {
    expect(compareBilled([{ ...billed, ledgerMicros: 10_000n, carryMicros: 0n }])).toEqual([]);
    expect(compareBilled([billed])).toMatchObject([{ cause: "rounding", explained: true }]);
    expect(compareBilled([{ ...billed, roundingOnly: false, changedLate: true }])).toMatchObject([
      { cause: "late", explained: true },
    ]);
    expect(compareBilled([{ ...billed, roundingOnly: false }])).toMatchObject([{ cause: "unknown", explained: false }]);
    expect(compareBilled([{ ...billed, carryMicros: 3_999n }])).toMatchObject([{ cause: "unknown", explained: false }]);
  });
  it("tells a zone's midnight from a report that came after the close", () => {
    const shift = {
      tenantId,
      bucket: "utility.other",
      metaMonth: "2026-11" as Month,
      month: "2026-12" as Month,
      moved: false,
      late: false,
      units: 3,
    };
    expect(
      periodDifferences([shift, { ...shift, moved: true, late: true }]).map(({ cause, explained }) => [
        cause,
        explained,
      ]),
    ).toEqual([
      ["timezone", true],
      ["late", true],
    ]);
  });
});
