import { type LocalDate, type TenantId } from "@greentick/kernel";
import { compareInvoice, compareVolumes, type CostCell, type MetaInvoiceRow, type UnratedCell, type VolumeCell } from "./compare-meta.js"; // prettier-ignore

const day = "2026-11-05" as LocalDate;
const cell = (volume: number, more: Partial<VolumeCell> = {}): VolumeCell => ({
  ...{ tenantId: "ten_1" as TenantId, wabaId: "1", day, market: "Brazil", category: "marketing", type: "regular" },
  ...{ volume, ...more },
});
const key = "1 / 2026-11-05 / Brazil / marketing / regular";
const base = { tenantId: "ten_1", day, key };

describe("Meta's count", () => {
  const volume = { ...base, level: "meta_volume" };
  const waiting = (count: number, more: Partial<UnratedCell> = {}): UnratedCell => ({
    ...{ wabaId: "1", day, reason: "awaiting_plan", count, ...more },
  });
  const causes = (unrated: readonly UnratedCell[], missing = 3): readonly unknown[] =>
    compareVolumes([cell(missing)], [], unrated).map(({ cause, units }) => `${cause} ${units}`);

  it("above the ledger's is explained by what waits for a price, and else never came", () => {
    expect(compareVolumes([cell(5)], [cell(1), cell(1)], [waiting(1)])).toStrictEqual([
      { ...volume, expected: "5", found: "2", units: 1, cause: "unrated", explained: true, note: "Delivered and known, but without a price: awaiting_plan." }, // prettier-ignore
      { ...volume, expected: "5", found: "2", units: 2, cause: "missing_webhook", explained: false, note: "Meta delivered these and we never heard of it: no webhook about them was received." }, // prettier-ignore
    ]);
  });
  it("below the ledger's has no proven cause", () => {
    const note = "The ledger counts more deliveries than Meta: look at category changes and at reports Meta still completes."; // prettier-ignore
    expect(compareVolumes([cell(2)], [cell(7)], [])).toStrictEqual([
      { ...volume, expected: "2", found: "7", units: 5, cause: "unknown", explained: false, note },
    ]);
  });
  it("is explained by the account's own facts of that day and market, or of no known market", () => {
    expect(causes([waiting(3)])).toEqual(["unrated 3"]);
    expect(causes([waiting(3, { market: "Brazil" })])).toEqual(["unrated 3"]);
    expect(causes([waiting(3, { market: "India" })])).toEqual(["missing_webhook 3"]);
    expect(causes([waiting(3, { wabaId: "2" })])).toEqual(["missing_webhook 3"]);
    expect(causes([waiting(3, { day: "2026-11-06" as LocalDate })])).toEqual(["missing_webhook 3"]);
  });
  it("takes no more of them than are missing, and leaves the rest for the next cell", () => {
    expect(causes([waiting(2), waiting(2), waiting(2)])).toEqual(["unrated 2", "unrated 1"]);
    const some = compareVolumes([cell(5)], [cell(3)], [waiting(9)]);
    expect(some).toMatchObject([{ cause: "unrated", units: 2 }]);
    const meta = [cell(1), cell(2, { category: "utility" })];
    const units = compareVolumes(meta, [], [waiting(2)]).map((one) => `${one.cause} ${one.units}`);
    expect(units).toEqual(["unrated 1", "unrated 1", "missing_webhook 1"]);
  });
  it("is compared in one order, the kinds of marketing lite as one", () => {
    const keys = compareVolumes([cell(1, { market: "Peru" })], [cell(1)], []).map((one) => one.key);
    expect(keys).toEqual([key, key.replace("Brazil", "Peru")]);
    const lite = [cell(1, { category: "MARKETING_LITE" }), cell(1, { category: "marketing_lite_dynamic" })];
    expect(compareVolumes(lite, [cell(2, { category: "marketing-lite" })], [])).toEqual([]);
    expect(compareVolumes(lite, [cell(2)], [])).toHaveLength(2);
  });
  it("leaves the list of what waits as it was", () => {
    const unrated = [waiting(3)];
    causes(unrated);
    expect(unrated).toEqual([waiting(3)]);
  });
});

describe("Meta's invoice", () => {
  const invoice = { ...base, level: "meta_invoice" };
  const row = (volume: number, amountMicros: bigint, more: Partial<MetaInvoiceRow> = {}): MetaInvoiceRow => ({
    ...{ ...cell(volume), lineId: "1", tier: "", amountMicros, currency: "USD", ...more },
  });
  const cost = (volume: number, costMicros: bigint, more: Partial<VolumeCell> = {}): CostCell => ({ ...cell(volume, more), costMicros }); // prettier-ignore

  /** The invoice compared where Meta's own count is this one. */
  const compared = (rows: readonly MetaInvoiceRow[], ledger: readonly CostCell[], meta: readonly VolumeCell[], unrated: readonly UnratedCell[] = []): ReturnType<typeof compareInvoice> =>
    compareInvoice(rows, ledger, { meta, differences: compareVolumes(meta, ledger, unrated) }); // prettier-ignore

  it("that bills a row again is to be disputed, and counts it once", () => {
    const note = "Meta's invoice bills this row again: 3 messages, 30 micros of USD. Dispute it.";
    expect(compared([row(3, 30n), row(3, 30n, { lineId: "9" })], [cost(3, 30n)], [cell(3)])).toStrictEqual([
      { ...invoice, key: `${key} / line 9`, expected: "1", found: "2", units: 1, cause: "duplicate", explained: false, note }, // prettier-ignore
    ]);
  });
  it.each<Partial<MetaInvoiceRow>>([{ tier: "2" }, { volume: 4 }, { amountMicros: 31n }, { currency: "EUR" }, { market: "India" }])("does not bill again what differs in %j", (more) => {
    const found = compared([row(3, 30n), row(3, 30n, more)], [], []);
    expect(found.filter(({ cause }) => cause === "duplicate")).toEqual([]);
  }); // prettier-ignore
  it("asks another amount for the same messages", () => {
    const note = "Same messages, another amount: the rate or tier differs.";
    expect(compared([row(1, 10n), row(2, 21n)], [cost(2, 20n), cost(1, 10n)], [cell(3)])).toStrictEqual([
      { ...invoice, expected: "31", found: "30", units: 1, cause: "rate_changed", explained: false, note },
    ]);
  });
  it("that agrees with Meta's own count differs by what the volumes show", () => {
    const note = "The amount of the messages that the volumes show as different.";
    expect(compared([row(3, 30n)], [cost(1, 10n)], [cell(3)])).toStrictEqual([
      { ...invoice, expected: "30", found: "10", units: 2, cause: "missing_webhook", explained: true, note },
    ]);
  });
  it("has the cause that the volumes have, and of two causes the one that is not proven", () => {
    const causes = (counted: number, ours: number, waiting: number): readonly unknown[] => {
      const unrated = [{ wabaId: "1", day, reason: "awaiting_plan", count: waiting }];
      const billed = [row(counted, BigInt(counted) * 10n)];
      const found = compared(billed, [cost(ours, BigInt(ours) * 10n)], [cell(counted)], unrated);
      return found.map((one) => [one.cause, one.units, one.explained]);
    };
    expect(causes(3, 1, 2)).toEqual([["unrated", 2, true]]);
    expect(causes(3, 1, 1)).toEqual([["missing_webhook", 2, true]]);
    expect(causes(1, 3, 0)).toEqual([["unknown", 2, true]]);
  });
  it("is not explained by messages that cannot cost as much: a rate differs, too", () => {
    const found = (billed: readonly MetaInvoiceRow[], ledger: readonly CostCell[]): readonly unknown[] => {
      const counted = [cell(billed.reduce((sum, { volume }) => sum + volume, 0))];
      const unrated = [{ wabaId: "1", day, reason: "awaiting_plan", count: 9 }];
      return compared(billed, ledger, counted, unrated).map((one) => [one.cause, one.units, one.explained]);
    };
    const others = ["rate_changed", 1, false];
    expect(found([row(100, 1_000n)], [cost(99, 990n)])).toEqual([["unrated", 1, true]]);
    expect(found([row(100, 1_000n)], [cost(99, 495n)])).toEqual([["unrated", 1, true], others]);
    expect(found([row(3, 30n)], [cost(1, 100n)])).toEqual([["unrated", 2, true], others]);
    expect(found([row(1, 100n)], [cost(3, 30n)])).toEqual([["unknown", 2, true], others]);
    expect(found([row(1, 10n)], [cost(4, 40n), cost(-1, -10n), cost(0, 0n)])).toEqual([["unknown", 2, true]]);
    expect(found([row(2, 20n), row(2, 14n, { tier: "2" })], [cost(2, 20n)])).toEqual([["unrated", 2, true]]);
    expect(found([row(2, 20n), row(2, 14n, { tier: "2" })], [cost(2, 10n)])).toEqual([["unrated", 2, true], others]);
  });
  it("that differs where nothing was said of the volumes is not understood either", () => {
    const volumes = { meta: [cell(3)], differences: [] };
    const found = compareInvoice([row(3, 30n)], [cost(1, 10n)], volumes);
    expect(found).toMatchObject([{ cause: "unknown", explained: false, units: 2 }]);
  });
  it("that does not agree with Meta's own count is not understood", () => {
    const note = "Meta's invoice and Meta's own count do not agree.";
    expect(compared([row(3, 30n)], [cost(1, 10n)], [cell(2)])).toStrictEqual([
      { ...invoice, expected: "30", found: "10", units: 2, cause: "unknown", explained: false, note },
    ]);
  });
  it("that lacks what the ledger has a cost for differs, and not by what was free", () => {
    expect(compared([], [cost(3, 30n)], [])).toMatchObject([{ key, expected: "0", found: "30", units: 3 }]);
    expect(compared([], [cost(3, 0n)], [])).toEqual([]);
    expect(compared([], [cost(3, 30n), cost(-3, -30n)], [])).toEqual([]);
  });
  it("is compared in one order", () => {
    const rows = [row(1, 1n, { market: "Peru" }), row(1, 1n)];
    const keys = compared(rows, [cost(1, 1n, { market: "India" })], []).map((one) => one.key.split(" / ")[2]);
    expect(keys).toEqual(["Brazil", "India", "Peru"]);
  });
});
