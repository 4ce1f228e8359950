import { type AppError } from "@greentick/kernel";
import { type Aggregate, aggregateStore, type AggregateStore, type Database } from "@greentick/runtime";
import { Schema, type SchemaDefinition } from "mongoose";
import { type BillingAccount } from "../../domain/account.js";
import { cardErrors } from "../../domain/card-errors.js";
import { billingErrors } from "../../domain/errors.js";
import { type ExchangeRate } from "../../domain/exchange.js";
import { type Invoice } from "../../domain/invoice.js";
import { type BillingMonth } from "../../domain/month.js";
import { type PricePlan } from "../../domain/price-plan.js";
import { type PricingSettings } from "../../domain/pricing-settings.js";
import { type RateCardImport } from "../../domain/rate-card-import.js";
import { type ReconciliationRun } from "../../domain/reconcile.js";
import { type Spending } from "../../domain/spending.js";
import { spendingErrors } from "../../domain/spending-errors.js";
import { type UnratedAlarm } from "../../domain/unrated-alarm.js";
import { type RateCardImportStore } from "../../ports.js";

const text = { type: String, required: true } as const;
const optionalText = { type: String };
const instant = { type: Date, required: true } as const;
const optionalInstant = { type: Date };
const amount = { type: BigInt, required: true } as const;
const list = { type: [Schema.Types.Mixed], required: true } as const;

const optionalNumber = { type: Number };
const optionalObject = { type: Schema.Types.Mixed };
/** Absent stays absent: mongoose would make an empty list of it. */
const optionalList = { type: [Schema.Types.Mixed], default: undefined };

/** Collections whose documents carry events. */
export const billingCollections = [
  "billing_accounts",
  "price_plans",
  "months",
  "invoices",
  "reconciliation_runs",
  "unrated_alarms",
  "rate_card_imports",
  "exchange_rates",
  "pricing_settings",
  "spending",
] as const;

interface Kind {
  readonly collection: (typeof billingCollections)[number];
  readonly kind: string;
  readonly state: SchemaDefinition;
  readonly indexes?: readonly {
    readonly on: readonly string[];
    readonly unique?: boolean;
    readonly acrossTenants?: boolean;
    readonly name: string;
  }[];
  readonly notFound: (id: string) => AppError;
  readonly onDuplicate: () => AppError;
}

const storeOf = <S extends Aggregate>(database: Database, kind: Kind): AggregateStore<S> =>
  aggregateStore<S>({ database, schemaVersion: 1, ...kind });

export const mongoAccountStore = (database: Database): AggregateStore<BillingAccount> =>
  storeOf(database, {
    collection: "billing_accounts",
    kind: "billing_account",
    state: {
      name: text,
      currency: text,
      namedMarkets: { type: [String], required: true },
      openedAt: instant,
      status: text,
      customerId: optionalText,
      subscriptionId: optionalText,
      endedAt: optionalInstant,
      billedSince: optionalInstant,
    },
    indexes: [{ on: ["customerId"], unique: true, acrossTenants: true, name: "customer" }],
    notFound: billingErrors.accountNotFound,
    onDuplicate: billingErrors.duplicate,
  });

export const mongoPlanStore = (database: Database): AggregateStore<PricePlan> =>
  storeOf(database, {
    collection: "price_plans",
    kind: "price_plan",
    state: {
      number: { type: Number, required: true },
      effectiveFrom: text,
      currency: text,
      clauses: optionalList,
      terms: { type: Schema.Types.Mixed, required: true },
      volumeDiscounts: optionalText,
      platformFeeMicros: amount,
      fees: optionalObject,
      month: optionalObject,
      exchange: optionalObject,
      floorBasisPoints: optionalNumber,
      belowFloor: optionalObject,
    },
    indexes: [{ on: ["number"], unique: true, name: "number" }],
    notFound: billingErrors.planNotFound,
    onDuplicate: billingErrors.planTaken,
  });

export const mongoExchangeRateStore = (database: Database): AggregateStore<ExchangeRate> =>
  storeOf(database, {
    collection: "exchange_rates",
    kind: "exchange_rate",
    state: {
      from: text,
      to: text,
      effectiveFrom: text,
      number: { type: Number, required: true },
      rate: text,
      source: text,
      at: instant,
    },
    indexes: [
      { on: ["from", "to", "source", "effectiveFrom", "number"], unique: true, name: "number" },
      { on: ["from", "to", "source", "effectiveFrom"], acrossTenants: true, name: "day" },
    ],
    notFound: billingErrors.exchangeRateNotFound,
    onDuplicate: billingErrors.exchangeRateTaken,
  });

export const mongoPricingSettingsStore = (database: Database): AggregateStore<PricingSettings> =>
  storeOf(database, {
    collection: "pricing_settings",
    kind: "pricing_settings",
    state: { floorBasisPoints: optionalNumber },
    notFound: billingErrors.settingsNotFound,
    onDuplicate: billingErrors.duplicate,
  });

export const mongoMonthStore = (database: Database): AggregateStore<BillingMonth> =>
  storeOf(database, {
    collection: "months",
    kind: "billing_month",
    state: {
      month: text,
      status: text,
      closedAt: optionalInstant,
      stripeInvoiceId: optionalText,
      waitsFor: optionalText,
      differences: list,
    },
    indexes: [{ on: ["status"], acrossTenants: true, name: "status" }],
    notFound: billingErrors.monthNotFound,
    onDuplicate: billingErrors.duplicate,
  });

export const mongoInvoiceStore = (database: Database): AggregateStore<Invoice> =>
  storeOf(database, {
    collection: "invoices",
    kind: "invoice",
    state: {
      month: text,
      stripeInvoiceId: text,
      customerId: text,
      status: text,
      currency: text,
      number: optionalText,
      subtotalMinor: amount,
      totalMinor: amount,
      hostedUrl: optionalText,
      finalizedAt: optionalInstant,
      lines: list,
    },
    indexes: [
      { on: ["stripeInvoiceId"], unique: true, name: "stripe_invoice" },
      { on: ["month"], name: "month" },
    ],
    notFound: billingErrors.invoiceNotFound,
    onDuplicate: billingErrors.duplicate,
  });

export const mongoRunStore = (database: Database): AggregateStore<ReconciliationRun> =>
  storeOf(database, {
    collection: "reconciliation_runs",
    kind: "reconciliation_run",
    state: {
      month: text,
      status: text,
      requestedAt: instant,
      finishedAt: optionalInstant,
      failure: optionalText,
      unexplained: { type: Number, required: true },
      differences: list,
      totals: list,
      notes: { type: [String], required: true },
    },
    notFound: billingErrors.runNotFound,
    onDuplicate: billingErrors.duplicate,
  });

export const mongoAlarmStore = (database: Database): AggregateStore<UnratedAlarm> =>
  storeOf(database, {
    collection: "unrated_alarms",
    kind: "unrated_alarm",
    state: {
      reason: text,
      day: text,
      count: { type: Number, required: true },
      factId: text,
      category: optionalText,
      raisedAt: instant,
    },
    notFound: billingErrors.alarmNotFound,
    onDuplicate: billingErrors.duplicate,
  });
/** A number of a book is taken once: of two releases at the same moment one is refused. */
export const mongoRateCardImportStore = (database: Database): RateCardImportStore & AggregateStore<RateCardImport> => ({
  ...storeOf<RateCardImport>(database, {
    collection: "rate_card_imports",
    kind: "rate_card",
    state: {
      kind: text,
      currency: { type: String },
      name: text,
      sha256: text,
      rates: list,
      markets: list,
      effectiveFrom: text,
      effectiveTo: optionalText,
      status: text,
      importedBy: text,
      importedAt: instant,
      rehearsal: { type: Schema.Types.Mixed },
      book: text,
      releaseNumber: { type: Number },
      release: { type: Schema.Types.Mixed },
      withdrawnBy: optionalText,
      withdrawnAt: optionalInstant,
    },
    indexes: [
      { on: ["book", "releaseNumber"], unique: true, acrossTenants: true, name: "book_number" },
      { on: ["status"], acrossTenants: true, name: "status" },
    ],
    notFound: cardErrors.rateCardNotFound,
    onDuplicate: cardErrors.rateCardRaced,
  }),
  countReleased: () => database.db.collection("rate_card_imports").countDocuments({ "state.status": "released" }),
});
export const mongoSpendingAggregates = (database: Database): AggregateStore<Spending> =>
  storeOf(database, {
    collection: "spending",
    kind: "spending",
    state: {
      currency: text,
      budgets: list,
      prepaid: { type: Schema.Types.Mixed },
      countedFrom: optionalText,
      otherCurrency: { type: Number, required: true },
      journal: { type: Schema.Types.Mixed, required: true },
      requests: list,
    },
    notFound: spendingErrors.spendingNotFound,
    onDuplicate: spendingErrors.duplicate,
  });
