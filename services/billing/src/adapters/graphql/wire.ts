import { moneyOf } from "@greentick/graphql";
import { word } from "@greentick/kernel";
import { type BillingAccount } from "../../domain/account.js";
import { chargeOf } from "../../domain/balance.js";
import { type Fact } from "../../domain/fact.js";
import { type Invoice, type InvoiceLine, type StatementRow } from "../../domain/invoice.js";
import { type LedgerEntry } from "../../domain/ledger-entry.js";
import { type BillingMonth } from "../../domain/month.js";
import { unratedReasons } from "../../domain/rate.js";
import { type RateCard } from "../../domain/rate-card.js";
import { type ReconciliationRun, type RunTotals } from "../../domain/reconcile.js";
import { type Statement } from "../../domain/statement.js";
import { plainWord } from "../../domain/words.js";
import { microsPerMinor } from "@greentick/kernel";
import { type Explanation } from "../../usecases/explain-charge.js";
import { type UsageDay } from "../../ports.js";
import { type MonthSummary } from "../../usecases/read-billing.js";
import {
  type BillingMonthNode,
  type ChargeExplanationNode,
  type InvoiceLineNode,
  type InvoiceNode,
  type MonthSummaryNode,
  type RateCardNode,
  type ReconciliationRunNode,
  type ReconciliationTotalsNode,
  type StatementNode,
  type StatementRowNode,
} from "./month-types.js";
import { toRateRow } from "./rate-card-wire.js";
import {
  type BillingAccountNode,
  type EntryKindName,
  type LedgerEntryNode,
  type RateReferenceNode,
  type UnratedFactNode,
  type UsageWindowNode,
  type WebhookUpdateRef,
} from "./types.js";
import { amount } from "./amounts.js";

const categories = [
  "MARKETING",
  "MARKETING_LITE",
  "MARKETING_LITE_DYNAMIC",
  "UTILITY",
  "AUTHENTICATION",
  "AUTHENTICATION_INTERNATIONAL",
  "SERVICE",
  "REFERRAL_CONVERSION",
  "GROUP_MARKETING",
  "GROUP_MARKETING_LITE",
  "GROUP_UTILITY",
  "GROUP_SERVICE",
  "GENERAL_PURPOSE_AI",
  "AI_BOT",
] as const;
const types = ["REGULAR", "FREE_CUSTOMER_SERVICE", "FREE_ENTRY_POINT", "FREE_GROUP_CUSTOMER_SERVICE"] as const;
const invoiceStatuses = ["DRAFT", "OPEN", "PAID", "UNCOLLECTIBLE", "VOID"] as const;

/** Meta writes some words with hyphens; the raw word stays as it came. */
const metaWord = <K extends string>(known: readonly K[], raw: string): { known: K | "UNKNOWN"; raw: string } => ({
  known: word(known, plainWord(raw)).known,
  raw,
});

const minor = (currency: string, units: bigint): ReturnType<typeof moneyOf> =>
  amount(currency, units * microsPerMinor(currency));
const webhookRef = (id: string | undefined): WebhookUpdateRef | null => (id === undefined ? null : { id });

export const toAccount = (account: BillingAccount): BillingAccountNode => ({
  id: account.id,
  livemode: account.livemode,
  tenant: { id: account.tenantId },
  name: account.name,
  currency: account.currency,
  markets: [...account.namedMarkets],
  status: account.status,
  openedAt: account.openedAt,
  stripeCustomerId: account.customerId ?? null,
  stripeSubscriptionId: account.subscriptionId ?? null,
});

function toRate({ service, cost }: LedgerEntry): RateReferenceNode | null {
  if (service?.rate === undefined) return null;
  const { cardId, cardName, line, rateMicros } = service.rate;
  return { rateCardId: cardId, rateCard: cardName, line, rate: amount(cost.currency, rateMicros) };
}

/** An entry on the wire keeps its own cost beside the public fields: the resolver of `cost` asks for a permission before it shows it. */
export type EntryNode = LedgerEntryNode & { readonly entry: LedgerEntry };

export function toEntry(entry: LedgerEntry): EntryNode {
  return {
    id: entry.id,
    livemode: entry.livemode,
    tenant: { id: entry.tenantId },
    kind: entry.kind,
    correctsId: entry.corrects ?? null,
    messages: entry.units,
    free: entry.free,
    bucket: entry.bucket,
    day: entry.day,
    month: entry.month,
    charge: moneyOf(entry.charge),
    ...serviceFields(entry),
    rate: toRate(entry),
    reasons: [...entry.reasons],
    bookedAt: entry.bookedAt,
    entry,
  };
}

type ServiceFields = Pick<
  LedgerEntryNode,
  | "market"
  | "category"
  | "pricingCategory"
  | "pricingType"
  | "wabaId"
  | "deliveredAt"
  | "priceDate"
  | "receivedAt"
  | "late"
  | "planNumber"
  | "webhook"
  | "pricingWebhook"
>;
const noService: ServiceFields = {
  market: null,
  category: null,
  pricingCategory: null,
  pricingType: null,
  wabaId: null,
  deliveredAt: null,
  priceDate: null,
  receivedAt: null,
  late: null,
  planNumber: null,
  webhook: null,
  pricingWebhook: null,
};

function serviceFields({ service }: LedgerEntry): ServiceFields {
  if (service === undefined) return noService;
  const { webhook, pricingWebhook } = service;
  return {
    market: service.market,
    category: service.category,
    pricingCategory: metaWord(categories, service.pricingCategory),
    pricingType: service.pricingType === undefined ? null : metaWord(types, service.pricingType),
    wabaId: service.wabaId,
    deliveredAt: service.deliveredAt,
    priceDate: service.localDate,
    receivedAt: service.receivedAt,
    late: service.late,
    planNumber: service.planNumber,
    webhook: webhookRef(`${webhook.sha256}:${webhook.index}`),
    pricingWebhook: webhookRef(pricingWebhook && `${pricingWebhook.sha256}:${pricingWebhook.index}`),
  };
}

export const toWindow = ({ window, balance }: UsageDay, currency: string): UsageWindowNode => ({
  id: window.id,
  livemode: window.livemode,
  bucket: window.bucket,
  day: window.day,
  total: amount(currency, chargeOf(balance.lines)),
  messages: balance.lines.reduce((sum, { units }) => sum + units, 0),
  freeMessages: balance.lines.reduce((sum, { freeUnits }) => sum + freeUnits, 0),
  sent: window.sentMicros === undefined ? null : amount(currency, window.sentMicros),
  confirmed: window.confirmedMicros === undefined ? null : amount(currency, window.confirmedMicros),
  dirty: window.dirtyVersion > window.sentVersion,
  rejected: window.rejected ?? null,
});

export function toUnrated(fact: Fact): UnratedFactNode {
  const reason = fact.unrated ?? "awaiting_pricing";
  return {
    id: fact.id,
    livemode: fact.livemode,
    tenant: { id: fact.tenantId },
    reason,
    message: unratedReasons[reason],
    wabaId: fact.wabaId,
    deliveredAt: fact.proof?.at ?? null,
    webhook: webhookRef(fact.proof && `${fact.proof.webhook.sha256}:${fact.proof.webhook.index}`),
  };
}

/** The invoice on the wire keeps its lines; their statement is joined when somebody asks for them. */
export type InvoiceWire = InvoiceNode & { readonly invoice: Invoice };

export const toInvoice = (invoice: Invoice): InvoiceWire => ({
  id: invoice.id,
  livemode: invoice.livemode,
  tenant: { id: invoice.tenantId },
  month: invoice.month,
  status: metaWord(invoiceStatuses, invoice.status),
  stripeInvoiceId: invoice.stripeInvoiceId,
  number: invoice.number ?? null,
  subtotal: minor(invoice.currency, invoice.subtotalMinor),
  total: minor(invoice.currency, invoice.totalMinor),
  hostedUrl: invoice.hostedUrl ?? null,
  finalizedAt: invoice.finalizedAt ?? null,
  invoice,
});

const toStatementRow = (row: StatementRow): StatementRowNode => ({
  costOf: row.cost,
  bucket: row.bucket,
  entries: row.entries,
  kind: row.kind as EntryKindName,
  market: row.market,
  category: row.category,
  pricingType: row.pricingType === "" ? null : metaWord(types, row.pricingType),
  messages: row.units,
  freeMessages: row.freeUnits,
  rate: row.rateMicros === undefined ? null : amount(row.cost.currency, row.rateMicros),
  charge: moneyOf(row.charge),
});

export const toStatement = ({ month, rows, totals }: Statement): StatementNode => ({
  month,
  rows: rows.map(toStatementRow),
  totals: totals.map((total) => ({
    messages: total.units,
    freeMessages: total.freeUnits,
    entries: total.entries,
    charge: amount(total.currency, total.chargeMicros),
  })),
});

export const toLine = (currency: string, line: InvoiceLine, rows: readonly StatementRow[]): InvoiceLineNode => ({
  id: line.stripeLineId,
  bucket: line.bucket ?? null,
  description: line.description,
  quantity: line.quantity,
  amount: minor(currency, line.amountMinor),
  statement: rows.filter(({ bucket }) => bucket === line.bucket).map(toStatementRow),
});

export const toCard = (card: RateCard): RateCardNode => ({
  id: card.id,
  name: card.name,
  sha256: card.sha256,
  kind: card.kind,
  currency: card.currency,
  effectiveFrom: card.effectiveFrom,
  effectiveTo: card.effectiveTo ?? null,
  rowCount: card.rows.length,
  rows: card.rows.map((row) => toRateRow(card.currency, row)),
});

export const toSummary = (summary: MonthSummary): MonthSummaryNode => ({
  ...summary,
  unratedReasons: [...summary.unratedReasons],
  totals: summary.totals.map((one) => ({
    tenantId: one.tenantId,
    bucket: one.bucket,
    messages: one.units,
    charge: amount(one.currency, one.chargeMicros),
    costsByCurrency: one.costs,
  })),
});

export const toMonth = (month: BillingMonth): BillingMonthNode => ({
  id: month.id,
  livemode: month.livemode,
  month: month.month,
  status: month.status,
  waitsFor: month.waitsFor ?? null,
  closedAt: month.closedAt ?? null,
});

export function toExplanation(found: Explanation, rows: readonly StatementRow[]): ChargeExplanationNode {
  const { entry, window, invoice, line, rerated } = found;
  const { currency } = entry.charge;
  return {
    entry: toEntry(entry),
    window: window === undefined ? null : toWindow(window, currency),
    invoice: invoice === undefined ? null : toInvoice(invoice),
    line: line === undefined ? null : toLine(currency, line, rows),
    reasons: [...entry.reasons],
    webhook: webhookRef(found.webhookId),
    pricingWebhook: webhookRef(found.pricingWebhookId),
    rerated:
      rerated === undefined
        ? null
        : { amount: moneyOf(rerated.charge), matches: rerated.matches, reasons: [...rerated.reasons] },
  };
}

const toTotals = ({ currency, ...one }: RunTotals): ReconciliationTotalsNode => ({
  currency,
  metaVolume: one.metaVolume,
  ledgerVolume: one.ledgerVolume,
  metaInvoice: amount(currency, one.metaInvoiceMicros),
  ledgerCost: amount(currency, one.ledgerCostMicros),
  ledgerCharge: amount(currency, one.ledgerChargeMicros),
  windows: amount(currency, one.windowMicros),
  meters: amount(currency, one.meterMicros),
  invoiced: amount(currency, one.invoicedMicros),
  carried: amount(currency, one.carryMicros),
});

export const toRun = (run: ReconciliationRun): ReconciliationRunNode => ({
  id: run.id,
  livemode: run.livemode,
  month: run.month,
  status: run.status,
  failure: run.failure ?? null,
  requestedAt: run.requestedAt,
  finishedAt: run.finishedAt ?? null,
  unexplained: run.unexplained,
  differences: run.differences.map((one) => ({
    ...one,
    tenantId: one.tenantId ?? null,
    day: one.day ?? null,
    bucket: one.bucket ?? null,
  })),
  totals: run.totals.map(toTotals),
  notes: [...run.notes],
});
