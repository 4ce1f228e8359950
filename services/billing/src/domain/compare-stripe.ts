import { type Month, type TenantId } from "@greentick/kernel";
import { type Difference } from "./reconcile.js";

/** Ledger entries of one Meta month that are invoiced in another of ours. */
export interface PeriodShift {
  readonly tenantId: TenantId;
  readonly bucket: string;
  readonly metaMonth: Month;
  readonly month: Month;
  /** The accounting day is not the day of service. */
  readonly moved: boolean;
  readonly late: boolean;
  readonly units: number;
}

/** Both months are right: Meta's by the account's zone, ours by UTC and the close calendar. */
export const periodDifferences = (shifts: readonly PeriodShift[]): readonly Difference[] =>
  shifts.map((shift) => ({
    level: "period",
    tenantId: shift.tenantId,
    bucket: shift.bucket,
    key: `${shift.bucket} ${shift.metaMonth}`,
    expected: shift.metaMonth,
    found: shift.month,
    units: Math.abs(shift.units),
    cause: shift.moved ? "late" : "timezone",
    explained: true,
    note: shift.moved
      ? "Known after the month was closed, so invoiced in the month of booking."
      : "The day of delivery lies in another month in UTC than in the account's zone.",
  }));

/** A window as we and Stripe know it. Micros. */
export interface WindowView {
  readonly tenantId: TenantId;
  readonly bucket: string;
  readonly day: string;
  readonly ledgerMicros: bigint;
  readonly windowMicros?: bigint;
  readonly meterMicros?: bigint;
  readonly rejected?: string;
  /** It changed after its invoice was final; the change was carried. */
  readonly afterInvoice: boolean;
}

export function compareWindows(windows: readonly WindowView[]): readonly Difference[] {
  return windows.flatMap((one) => {
    const base = { tenantId: one.tenantId, bucket: one.bucket, day: one.day, key: `${one.bucket} ${one.day}` };
    const ours = {
      ...base,
      level: "ledger_windows" as const,
      expected: `${one.ledgerMicros}`,
      found: `${one.windowMicros ?? "none"}`,
    };
    const theirs = {
      ...base,
      level: "windows_meter" as const,
      expected: `${one.windowMicros ?? 0n}`,
      found: `${one.meterMicros ?? "none"}`,
    };
    const settled = one.afterInvoice
      ? {
          cause: "late" as const,
          explained: true,
          note: "Changed after the invoice was final; the change is carried into the next month.",
        }
      : { cause: "unknown" as const, explained: false, note: "Not told to Stripe yet, or told another total." };
    const refused = {
      cause: "rejected" as const,
      explained: false,
      note: `Stripe refused the total: ${one.rejected ?? ""}`,
    };
    return [
      ...(one.ledgerMicros === one.windowMicros
        ? []
        : [{ ...ours, units: 1, ...(one.rejected === undefined ? settled : refused) }]),
      ...((one.windowMicros ?? 0n) === (one.meterMicros ?? 0n) ? [] : [{ ...theirs, units: 1, ...settled }]),
    ];
  });
}

/** One bucket of one client's month: the ledger, the invoice line, and what was carried on. */
export interface BilledBucket {
  readonly tenantId: TenantId;
  readonly bucket: string;
  readonly ledgerMicros: bigint;
  readonly billedMicros: bigint;
  readonly carryMicros: bigint;
  readonly roundingOnly: boolean;
  /** A window of the bucket changed after the invoice was final. */
  readonly changedLate: boolean;
}

/** `ledger = invoice line + carry`, to the micro; what was carried must have a proven cause. */
export const compareBilled = (buckets: readonly BilledBucket[]): readonly Difference[] =>
  buckets
    .filter(({ ledgerMicros, billedMicros }) => ledgerMicros !== billedMicros)
    .map((one) => ({
      level: "meter_invoice",
      tenantId: one.tenantId,
      bucket: one.bucket,
      key: one.bucket,
      expected: `${one.ledgerMicros}`,
      found: `${one.billedMicros}`,
      units: 1,
      ...carryCause(one),
    }));

function carryCause(one: BilledBucket): Pick<Difference, "cause" | "explained" | "note"> {
  const carried = `Carried into the next month: ${one.carryMicros} micros.`;
  if (one.ledgerMicros !== one.billedMicros + one.carryMicros)
    return { cause: "unknown", explained: false, note: "Ledger, invoice line and carry do not add up." };
  if (one.roundingOnly) return { cause: "rounding", explained: true, note: carried };
  if (one.changedLate)
    return { cause: "late", explained: true, note: `Changed after the invoice was final. ${carried}` };
  if (one.ledgerMicros < 0n && one.billedMicros === 0n)
    return { cause: "rounding", explained: true, note: `Stripe bills a negative month as zero. ${carried}` };
  return {
    cause: "unknown",
    explained: false,
    note: `Usage that Stripe was told in time is not on the line. ${carried}`,
  };
}
