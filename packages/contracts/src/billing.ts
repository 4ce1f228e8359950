import { z } from "zod";
import { defineEvent } from "./define.js";
import { currency, micros } from "./shapes.js";

export const planReleased = defineEvent(
  "billing.plan_released",
  1,
  "A client's price plan has a new version.",
  z.object({
    planId: z.string(),
    version: z.number().int(),
    effectiveFrom: z.string(),
    kind: z.string(),
    /** Somebody let it pass below its margin floor. */
    belowFloor: z
      .object({ reason: z.string(), floorBasisPoints: z.number().int(), cells: z.number().int() })
      .optional(),
  }),
);
export const exchangeRateSet = defineEvent(
  "billing.exchange_rate_set",
  1,
  "A published exchange rate counts from a day on, for an organisation and all below it.",
  z.object({
    rateId: z.string(),
    from: currency,
    to: currency,
    effectiveFrom: z.string(),
    number: z.number().int(),
  }),
);
export const marginFloorSet = defineEvent(
  "billing.margin_floor_set",
  1,
  "The least share of a charge that must be left after Meta's cost was set for an organisation and all below it, or taken away.",
  z.object({ basisPoints: z.number().int().optional() }),
);
export const accountProvisioned = defineEvent(
  "billing.account_provisioned",
  1,
  "The client has a customer and a subscription at Stripe.",
  z.object({ stripeCustomerId: z.string(), stripeSubscriptionId: z.string() }),
);
export const billingAccountOpened = defineEvent(
  "billing.account_opened",
  1,
  "A client is to be billed; Stripe's customer and subscription are created from this intent.",
  z.object({ currency, name: z.string() }),
);
export const invoiceFinalized = defineEvent(
  "billing.invoice_finalized",
  1,
  "A month's invoice is final; what rounding left is carried into the next month.",
  z.object({
    invoiceId: z.string(),
    stripeInvoiceId: z.string(),
    month: z.string(),
    currency,
    totalMinor: z.bigint(),
    carryMicros: micros,
  }),
);
export const monthReconciled = defineEvent(
  "billing.month_reconciled",
  1,
  "A reconciliation run compared Meta's count and invoice, the ledger, and Stripe.",
  z.object({ runId: z.string(), month: z.string(), unexplained: z.number().int() }),
);
export const monthClosed = defineEvent(
  "billing.month_closed",
  1,
  "The ledger period is closed: later facts go to the open month.",
  z.object({ month: z.string() }),
);
export const reconciliationRequested = defineEvent(
  "billing.reconciliation_requested",
  1,
  "Staff asked for a comparison of a month's figures; it runs from this intent.",
  z.object({ runId: z.string(), month: z.string() }),
);
