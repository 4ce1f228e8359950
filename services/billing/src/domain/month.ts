import { type Month, type TenantId } from "@greentick/kernel";
import { type Bucket } from "./bucket.js";
import { without } from "./without.js";

/** What one bucket of a month amounts to in the ledger, in our windows, at Stripe's meter, and on the draft's line. Micros. */
export interface BucketComparison {
  readonly bucket: Bucket;
  readonly ledgerMicros: bigint;
  readonly windowMicros: bigint;
  readonly meterMicros: bigint;
  /** Absent when the invoice has no line for it. */
  readonly lineMicros?: bigint;
}

/**
 * Stripe bills a negative quantity as zero, and an invoice may leave out a bucket without usage: both are agreement, and the rest is
 * carried.
 */
export function agrees({ ledgerMicros, windowMicros, meterMicros, lineMicros }: BucketComparison): boolean {
  const billable = ledgerMicros < 0n ? 0n : ledgerMicros;
  return ledgerMicros === windowMicros && windowMicros === meterMicros && (lineMicros ?? 0n) === billable;
}

/**
 * One client's month: `open` until 48 hours after its end, then `closed` for new facts; `finalizing` once everything agreed and Stripe was
 * asked; `finalized` when the lines were read back and the carry is posted.
 */
export interface BillingMonth {
  readonly id: string;
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  readonly version: number;
  readonly month: Month;
  readonly status: "open" | "closed" | "finalizing" | "finalized";
  readonly closedAt?: Date;
  readonly stripeInvoiceId?: string;
  /** What the month waits for, in words, while it is closed and not final. */
  readonly waitsFor?: string;
  readonly differences: readonly BucketComparison[];
}

export const monthId = (tenantId: TenantId, month: Month): string => `${tenantId}:${month}`;

export const newMonth = (
  owner: Pick<BillingMonth, "tenantId" | "ancestorIds" | "livemode">,
  month: Month,
): BillingMonth => ({
  tenantId: owner.tenantId,
  ancestorIds: owner.ancestorIds,
  livemode: owner.livemode,
  id: monthId(owner.tenantId, month),
  version: 0,
  month,
  status: "open",
  differences: [],
});

/** open -> closed. A month that is closed already stays as it is. */
export const closed = (month: BillingMonth, now: Date): BillingMonth =>
  month.status === "open"
    ? { ...month, status: "closed", closedAt: now, waitsFor: "usage to be confirmed by Stripe" }
    : month;

/**
 * A month that cannot go on. finalizing -> closed when the request did not reach Stripe and something changed since: while a month is
 * finalizing nothing is told to Stripe, so it would wait for itself.
 */
export const waitingFor = (
  month: BillingMonth,
  waitsFor: string,
  differences: readonly BucketComparison[] = [],
): BillingMonth => ({
  ...month,
  status: month.status === "finalizing" ? "closed" : month.status,
  waitsFor,
  differences,
});

/** closed -> finalizing: the intent, before Stripe is asked. */
export function finalizing(month: BillingMonth, stripeInvoiceId: string): BillingMonth {
  return { ...without(month, "waitsFor"), status: "finalizing", stripeInvoiceId, differences: [] };
}

export function finalized(month: BillingMonth): BillingMonth {
  return { ...without(month, "waitsFor"), status: "finalized" };
}
