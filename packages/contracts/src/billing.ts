import { z } from "zod";
import { defineEvent } from "./define.js";
import { currency, instant, micros } from "./shapes.js";

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
export const ledgerReplayRequested = defineEvent(
  "billing.replay_requested",
  1,
  "A billing admin asked for a range of a client's kept webhooks to be rated again, beside the ledger.",
  z.object({
    replayId: z.string(),
    /** Instants of receipt, system time; `until` is not included. */
    from: instant,
    until: instant,
    wabaId: z.string().optional(),
  }),
);
export const ledgerReplayEnded = defineEvent(
  "billing.replay_ended",
  1,
  "A replay was compared with the ledger, or failed; each difference is a proposal.",
  z.object({ replayId: z.string(), status: z.string(), proposals: z.number().int(), failure: z.string().optional() }),
);
export const correctionsDecided = defineEvent(
  "billing.corrections_decided",
  1,
  "A billing admin accepted or refused proposed corrections; they are booked from this intent.",
  z.object({
    decisionId: z.string(),
    replayId: z.string(),
    verdict: z.enum(["accept", "refuse"]),
    /** How many were named; absent when all were meant. */
    named: z.number().int().optional(),
  }),
);
export const correctionEnded = defineEvent(
  "billing.correction_ended",
  1,
  "A proposed correction was booked, refused, or found to be outdated.",
  z.object({ proposalId: z.string(), replayId: z.string(), status: z.string(), entryIds: z.array(z.string()) }),
);
export const unratableSeen = defineEvent(
  "billing.unratable_seen",
  1,
  "Deliveries of a client and day have no price, for a reason that somebody has to remove; once for each client, reason and day.",
  z.object({
    reason: z.string(),
    /** Of delivery, in UTC. */
    day: z.string(),
    /** How many there were when it was noticed. */
    count: z.number().int(),
    /** Meta's word for the category of one of them. */
    category: z.string().optional(),
  }),
);

const rateCard = z.object({
  rateCardId: z.string(),
  kind: z.string(),
  currency: z.string(),
  effectiveFrom: z.string(),
});
export const rateCardImported = defineEvent(
  "billing.rate_card_imported",
  1,
  "Staff imported a file of Meta's prices or markets; it waits for somebody else's release.",
  rateCard.extend({ sha256: z.string() }),
);
export const rateCardRehearsalRequested = defineEvent(
  "billing.rate_card_rehearsal_requested",
  1,
  "Staff asked what a month would cost under a card that is not released; it is worked out from this intent.",
  z.object({ rateCardId: z.string(), month: z.string() }),
);
export const rateCardRehearsed = defineEvent(
  "billing.rate_card_rehearsed",
  1,
  "It was worked out what a month would cost under a card that is not released.",
  z.object({ rateCardId: z.string(), month: z.string() }),
);
export const rateCardReleased = defineEvent(
  "billing.rate_card_released",
  1,
  "A card is in force for every client from its first day on, and ends those that it replaces.",
  rateCard.extend({ supersedes: z.array(z.string()) }),
);
export const rateCardWithdrawn = defineEvent(
  "billing.rate_card_withdrawn",
  1,
  "A card that was not released was put away.",
  z.object({ rateCardId: z.string() }),
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
