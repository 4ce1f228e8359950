import { z } from "zod";
import { defineEvent } from "./define.js";
import { currency, micros } from "./shapes.js";

export const planReleased = defineEvent(
  "billing.plan_released",
  1,
  "A client's price plan has a new version.",
  z.object({ planId: z.string(), version: z.number().int(), effectiveFrom: z.string(), kind: z.string() }),
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
export const budgetSet = defineEvent(
  "billing.budget_set",
  1,
  "A client's budget was set, or has other limits.",
  z.object({
    budgetId: z.string(),
    name: z.string(),
    counts: z.string(),
    period: z.string(),
    currency,
    softMicros: micros.optional(),
    hardMicros: micros.optional(),
    alertPercents: z.array(z.number().int()),
  }),
);
export const budgetRemoved = defineEvent(
  "billing.budget_removed",
  1,
  "A client's budget does not hold any more.",
  z.object({ budgetId: z.string(), name: z.string() }),
);
export const budgetReached = defineEvent(
  "billing.budget_reached",
  1,
  "A percentage of a budget's limit is spent or reserved; told once in each period.",
  z.object({
    budgetId: z.string(),
    name: z.string(),
    /** `2026-11`, or `total`. */
    period: z.string(),
    limit: z.enum(["soft", "hard"]),
    percent: z.number().int(),
    currency,
    limitMicros: micros,
    usedMicros: micros,
  }),
);
export const prepaidSet = defineEvent(
  "billing.prepaid_set",
  1,
  "A client pays in advance, under these terms.",
  z.object({ since: z.string(), currency, overdraftMicros: micros, alertsBelow: z.array(micros) }),
);
export const balanceToppedUp = defineEvent(
  "billing.balance_topped_up",
  1,
  "A client paid into its prepaid balance.",
  z.object({
    topUpId: z.string(),
    currency,
    amountMicros: micros,
    source: z.string(),
    reference: z.string(),
    toppedUpMicros: micros,
  }),
);
export const balanceLow = defineEvent(
  "billing.balance_low",
  1,
  "What is left of a prepaid balance fell below an amount; told once until it was above it again.",
  z.object({ currency, belowMicros: micros, availableMicros: micros }),
);
