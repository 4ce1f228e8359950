import { type Month, type TenantId } from "@greentick/kernel";

/** Why two sides differ. */
export type Cause =
  | "late"
  | "missing_webhook"
  | "rejected"
  | "duplicate"
  | "rate_changed"
  | "category_changed"
  | "timezone"
  | "fx"
  | "rounding"
  | "manual"
  | "unrated"
  | "unknown";

/** Between which two sides. */
export type Level = "meta_volume" | "meta_invoice" | "period" | "ledger_windows" | "windows_meter" | "meter_invoice";

export interface Difference {
  readonly level: Level;
  readonly tenantId?: TenantId;
  readonly day?: string;
  readonly bucket?: string;
  /** What was compared, e.g. account, market, category and type. */
  readonly key: string;
  readonly expected: string;
  readonly found: string;
  /** Messages, or rows of a file: how much is affected. */
  readonly units: number;
  readonly cause: Cause;
  /** The cause is proven by what the ledger holds, or the volumes count it already; otherwise it is a suspicion and counts as unexplained. */
  readonly explained: boolean;
  readonly note: string;
}

export const unexplainedUnits = (differences: readonly Difference[]): number =>
  differences.reduce((sum, one) => (one.explained ? sum : sum + one.units), 0);

/** A reconciliation of one month over all clients of a provider. */
export interface ReconciliationRun {
  readonly id: string;
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  readonly version: number;
  readonly month: Month;
  readonly status: "requested" | "done" | "failed";
  readonly requestedAt: Date;
  readonly finishedAt?: Date;
  readonly failure?: string;
  readonly unexplained: number;
  readonly differences: readonly Difference[];
  readonly totals: readonly RunTotals[];
  /** What could not be compared, and why. */
  readonly notes: readonly string[];
}

/** The sides of a month in one currency. Micros; counts are messages. */
export interface RunTotals {
  readonly currency: string;
  readonly metaVolume: number;
  readonly ledgerVolume: number;
  readonly metaInvoiceMicros: bigint;
  readonly ledgerCostMicros: bigint;
  readonly ledgerChargeMicros: bigint;
  readonly windowMicros: bigint;
  readonly meterMicros: bigint;
  readonly invoicedMicros: bigint;
  readonly carryMicros: bigint;
}
