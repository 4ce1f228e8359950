import { allow, type Call, type Month, type Scope, type TenantId, tenantScope, underScope } from "@greentick/kernel";
import { type BillingAccount } from "../domain/account.js";
import { type ExchangeRate } from "../domain/exchange.js";
import { type Fact } from "../domain/fact.js";
import { type Invoice } from "../domain/invoice.js";
import { type LedgerEntry } from "../domain/ledger-entry.js";
import { type BillingMonth, monthId } from "../domain/month.js";
import { type BucketTotal, bucketTotals } from "../domain/balance.js";
import { type PricePlan } from "../domain/price-plan.js";
import { type PricingSettings } from "../domain/pricing-settings.js";
import { type ReconciliationRun } from "../domain/reconcile.js";
import { type Statement, statementOf } from "../domain/statement.js";
import {
  type AccountStore,
  type BalanceStore,
  type DaysOfUsage,
  type EntryFilter,
  type EntryStore,
  type ExchangeRateStore,
  type FactCounts,
  type FactStore,
  type InvoiceStore,
  type MonthStore,
  type Page,
  type PageRequest,
  type PlanStore,
  type PricingSettingsStore,
  type RunStore,
  type UsageDay,
  type WindowKey,
  type WindowStore,
} from "../ports.js";
import { inSight } from "./in-sight.js";
import { type AskedStretch, readMonth, readStretch } from "./read-month.js";

export interface ReadPorts {
  readonly accounts: AccountStore;
  readonly plans: PlanStore;
  readonly rates: ExchangeRateStore;
  readonly settings: PricingSettingsStore;
  readonly entries: EntryStore;
  readonly windows: WindowStore;
  readonly balances: BalanceStore;
  readonly facts: FactStore;
  readonly invoices: InvoiceStore;
  readonly months: MonthStore;
  readonly runs: RunStore;
}

/** Whose: the caller's own, or everybody's below a member of staff. */
export type Reach = "own" | "below";
function reachOf(call: Call, reach: Reach): Scope {
  if (reach === "own") {
    allow(call, "billing:read");
    return tenantScope(call);
  }
  allow(call, "billing:list");
  return underScope(call);
}

export interface MonthSummary extends FactCounts {
  readonly month: Month;
  readonly totals: readonly BucketTotal[];
}
export interface EntryQuery extends Omit<EntryFilter, "month"> {
  readonly month?: string;
}

export interface ReadBilling {
  readonly account: (call: Call) => Promise<BillingAccount | undefined>;
  readonly accountsOf: (call: Call, tenantIds: readonly string[]) => Promise<readonly (BillingAccount | undefined)[]>;
  readonly accounts: (call: Call, page: PageRequest) => Promise<Page<BillingAccount>>;
  readonly plans: (call: Call, page: PageRequest) => Promise<Page<PricePlan>>;
  readonly exchangeRates: (call: Call, page: PageRequest) => Promise<Page<ExchangeRate>>;
  readonly pricingSettings: (call: Call) => Promise<PricingSettings | undefined>;
  readonly entries: (
    call: Call,
    reach: Reach,
    ask: { page: PageRequest; filter: EntryQuery },
  ) => Promise<Page<LedgerEntry>>;
  readonly entriesById: (call: Call, ids: readonly string[]) => Promise<readonly (LedgerEntry | undefined)[]>;
  /** Every window of the stretch, with what its entries amount to. */
  readonly usage: (call: Call, ask: AskedStretch) => Promise<readonly UsageDay[]>;
  readonly unrated: (call: Call, reach: Reach, page: PageRequest) => Promise<Page<Fact>>;
  readonly invoices: (call: Call, reach: Reach, ask: { page: PageRequest; month?: string }) => Promise<Page<Invoice>>;
  readonly invoicesById: (call: Call, ids: readonly string[]) => Promise<readonly (Invoice | undefined)[]>;
  readonly statement: (call: Call, of: { readonly tenantId: TenantId; readonly month: string }) => Promise<Statement>;
  readonly month: (call: Call, month: string) => Promise<BillingMonth | undefined>;
  readonly summary: (call: Call, reach: Reach, month: string) => Promise<MonthSummary>;
  readonly runs: (call: Call, page: PageRequest) => Promise<Page<ReconciliationRun>>;
  readonly runsById: (call: Call, ids: readonly string[]) => Promise<readonly (ReconciliationRun | undefined)[]>;
}

const filterOf = ({ month, ...filter }: EntryQuery): EntryFilter => ({
  ...filter,
  ...(month !== undefined && { month: readMonth(month) }),
});

async function usageOf(ports: ReadPorts, scope: Scope, ask: DaysOfUsage): Promise<readonly UsageDay[]> {
  const balances = await ports.balances.ofDays(scope, ask);
  const windows = new Map((await ports.windows.ofDays(scope, ask)).map((one) => [windowName(one), one]));
  return balances.flatMap((balance) => {
    const window = windows.get(windowName(balance));
    return window === undefined ? [] : [{ window, balance }];
  });
}
const windowName = ({ tenantId, bucket, day }: WindowKey): string => `${tenantId}:${bucket}:${day}`;

/** The questions that people ask of billing. Each asks for its permission; another tenant's objects read as missing. */
export function readBilling(ports: ReadPorts): ReadBilling {
  const own = (call: Call): Scope => reachOf(call, "own");
  return {
    account: (call) => ports.accounts.find(own(call), call.tenantId),
    accountsOf: (call, ids) => {
      allow(call, "billing:read");
      return ports.accounts.getMany(inSight(call), ids);
    },
    accounts: (call, page) => ports.accounts.list(reachOf(call, "below"), page),
    plans: (call, page) => ports.plans.list(own(call), page),
    exchangeRates: (call, page) => ports.rates.list(own(call), page),
    pricingSettings: (call) => {
      allow(call, "billing:cost");
      return ports.settings.find(tenantScope(call), call.tenantId);
    },
    entries: (call, reach, { page, filter }) => ports.entries.list(reachOf(call, reach), page, filterOf(filter)),
    entriesById: (call, ids) => {
      allow(call, "billing:read");
      return ports.entries.getMany(inSight(call), ids);
    },
    usage: (call, ask) => usageOf(ports, own(call), readStretch(ask, call.now())),
    unrated: (call, reach, page) => ports.facts.listUnrated(reachOf(call, reach), page),
    invoices: (call, reach, { page, month }) =>
      ports.invoices.list(reachOf(call, reach), page, month === undefined ? {} : { month: readMonth(month) }),
    invoicesById: (call, ids) => {
      allow(call, "billing:read");
      return ports.invoices.getMany(inSight(call), ids);
    },
    statement: async (call, { tenantId, month }) => {
      allow(call, "billing:read");
      if (tenantId !== call.tenantId) await ports.accounts.get(inSight(call), tenantId);
      const read = readMonth(month);
      return statementOf(read, await ports.balances.ofMonth({ tenant: tenantId, ancestors: [] }, read));
    },
    month: (call, month) => ports.months.find(own(call), monthId(call.tenantId, readMonth(month))),
    summary: async (call, reach, text) => {
      const scope = reachOf(call, reach);
      const month = readMonth(text);
      const [counts, days] = await Promise.all([
        ports.facts.counts(scope, month),
        ports.balances.ofMonth(scope, month),
      ]);
      return { ...counts, month, totals: bucketTotals(days) };
    },
    runs: (call, page) => ports.runs.list(reachOf(call, "below"), page),
    runsById: (call, ids) => {
      allow(call, "billing:list");
      return ports.runs.getMany(inSight(call), ids);
    },
  };
}
