import { type Money, type Month, type TenantId } from "@greentick/kernel";
import { type Bucket } from "./bucket.js";

/** A line of Stripe's, with the bucket it bills. */
export interface InvoiceLine {
  readonly stripeLineId: string;
  /** Absent for a line that is not ours, e.g. one added by hand. */
  readonly bucket?: Bucket;
  readonly description: string;
  /** Currency units metered, as a plain decimal. */
  readonly quantity: string;
  readonly amountMinor: bigint;
  readonly periodStart: Date;
  readonly periodEnd: Date;
}

/** Stripe's invoice as it is now. */
export interface StripeInvoice {
  readonly stripeInvoiceId: string;
  readonly customerId: string;
  /** draft, open, paid, uncollectible, void: Stripe's word. */
  readonly status: string;
  readonly autoAdvance: boolean;
  readonly currency: string;
  readonly number?: string;
  readonly subtotalMinor: bigint;
  readonly totalMinor: bigint;
  readonly hostedUrl?: string;
  readonly finalizedAt?: Date;
  readonly lines: readonly InvoiceLine[];
}

/** Our mirror of Stripe's invoice for one month of one client. */
export interface Invoice extends Omit<StripeInvoice, "autoAdvance"> {
  readonly id: string;
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  readonly version: number;
  readonly month: Month;
}

export const isFinal = ({ status }: Pick<Invoice, "status">): boolean => status !== "draft" && status !== "void";

export const billedMinor = (lines: readonly InvoiceLine[], bucket: Bucket): bigint =>
  lines.reduce((sum, line) => (line.bucket === bucket ? sum + line.amountMinor : sum), 0n);

/** What was delivered behind one bucket of a month: messages by market, category, type and rate. */
export interface StatementRow {
  readonly bucket: Bucket;
  readonly market: string;
  readonly category: string;
  readonly pricingType: string;
  /** `usage`, `platform_fee`, `adjustment`, `carry`, `correction`. */
  readonly kind: string;
  readonly entries: number;
  readonly units: number;
  readonly freeUnits: number;
  /** Meta's rate per message, in the currency of the cost. */
  readonly rateMicros?: bigint;
  readonly cost: Money;
  readonly charge: Money;
}
