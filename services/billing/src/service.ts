import { type AskExport, exportPath, exportQuestion } from "@greentick/contracts";
import { buildSubgraph, extensionOf, type Subgraph } from "@greentick/graphql";
import { type Call, type Clock, type Log, type Month, systemScope, utcMonthOf } from "@greentick/kernel";
import { metaClient } from "@greentick/meta";
import {
  auditRefusals,
  type RefusalAudit,
  durableTimers,
  type Job,
  outboxRelay,
  type Outside,
  refusalCollection,
  type Service,
  type TenantDirectory,
  tenantDirectory,
  type TimerSpec,
  vaultDuties,
} from "@greentick/runtime";
import { entryIds } from "./adapters/crypto/entry-ids.js";
import { exportFormats } from "./adapters/csv/export-formats.js";
import { type PublishedPrices, readPublishedPrices } from "./adapters/csv/rate-card-files.js";
import { billingConsumers } from "./adapters/events/consumers.js";
import { ratingConsumer } from "./adapters/events/rating.js";
import {
  BillingResolver,
  BucketTotalResolver,
  type BillingUses,
  InvoiceResolver,
  LedgerEntryResolver,
  StatementResolver,
  StatementRowResolver,
  TenantBillingResolver,
} from "./adapters/graphql/billing.resolver.js";
import { toAccount, toEntry, toInvoice, toRun } from "./adapters/graphql/wire.js";
import { metaReports } from "./adapters/meta/meta-reports.js";
import {
  billingCollections,
  mongoAccountStore,
  mongoInvoiceStore,
  mongoMonthStore,
  mongoPlanStore,
  mongoRunStore,
} from "./adapters/mongo/aggregates.js";
import { mongoBalanceStore } from "./adapters/mongo/balance-store.js";
import { mongoEntryStore } from "./adapters/mongo/entry-store.js";
import { mongoFactStore } from "./adapters/mongo/fact-store.js";
import { mongoRateCardStore } from "./adapters/mongo/rate-card-store.js";
import { mongoWabaBook } from "./adapters/mongo/waba-book.js";
import { mongoWindowStore } from "./adapters/mongo/window-store.js";
import { stripeBillingProvider } from "./adapters/stripe/billing-provider.js";
import { catalogue } from "./adapters/stripe/catalogue.js";
import { stripeClient } from "./adapters/stripe/client.js";
import { stripeMeterSink } from "./adapters/stripe/meter-sink.js";
import { luxonZones } from "./adapters/time/luxon-zones.js";
import { type BillingConfig } from "./config.js";
import { marketIndex } from "./domain/markets.js";
import { resolvedByArrival, type Tariffs } from "./domain/rate.js";
import { rateIndex } from "./domain/rate-card.js";
import {
  advanceMonths,
  beginMonth,
  carryLate,
  closeMonth,
  type ClosePorts,
  endBilling,
  monthCloses,
  monthStarts,
} from "./usecases/close-month.js";
import { exportLedger } from "./usecases/export-ledger.js";
import { explainCharge } from "./usecases/explain-charge.js";
import { confirmWindows, sendWindows } from "./usecases/meter-windows.js";
import { openBillingAccount, provisionAccount } from "./usecases/open-account.js";
import { bookFeesDue } from "./usecases/platform-fees.js";
import { rateSightings } from "./usecases/rate-sightings.js";
import { bookUnbooked, rateWaiting, resolvedByRelease } from "./usecases/rate-waiting.js";
import { readBilling, type ReadPorts } from "./usecases/read-billing.js";
import { reconcileMonth, type ReconcilePorts } from "./usecases/reconcile-month.js";
import { requestReconciliation } from "./usecases/request-reconciliation.js";
import { type RatingPorts } from "./usecases/settle-facts.js";
import { setPricePlan } from "./usecases/set-price-plan.js";
import { trackInvoice } from "./usecases/track-invoice.js";

interface Indexed {
  readonly ensureIndexes: () => Promise<void>;
}

/** What the use cases work with, all of it. */
export interface BillingPorts extends RatingPorts, ClosePorts, ReconcilePorts, ReadPorts {
  readonly published: PublishedPrices;
  readonly tenants: TenantDirectory;
  readonly timers: ReturnType<typeof durableTimers>;
  readonly systemNow: Clock;
  readonly meterRestMs: number;
  readonly log: Log;
  readonly indexed: readonly Indexed[];
}

/** Everything this service stands on: its stores, its providers, and what the use cases share. */
export function billingPorts(
  config: BillingConfig,
  outside: Pick<Outside, "database" | "clocks" | "calls" | "log">,
): BillingPorts {
  const { database, clocks, calls, log } = outside;
  const published = readPublishedPrices(config.rateCardsDir);
  const tariffs: Tariffs = { rates: rateIndex(published.cards), markets: marketIndex(published.markets) };
  const stripe = stripeClient(config.stripe);
  const stripeParts = { stripe, secretKey: config.stripe.secretKey, objectsOf: catalogue(stripe), log };
  const { baseUrl, sandboxUrl, systemToken: token, businessId, ...settings } = config.meta;
  const common = { ...settings, retry: { attempts: 4, startingDelayMs: 200, maxDelayMs: 5_000 }, log };
  const live = metaClient({ ...common, baseUrl });
  const sandbox = sandboxUrl === undefined ? live : metaClient({ ...common, baseUrl: sandboxUrl });
  const stores = {
    accounts: mongoAccountStore(database),
    plans: mongoPlanStore(database),
    months: mongoMonthStore(database),
    invoices: mongoInvoiceStore(database),
    runs: mongoRunStore(database),
    facts: mongoFactStore(database),
    entries: mongoEntryStore(database),
    windows: mongoWindowStore(database),
    wabas: mongoWabaBook(database),
    cards: mongoRateCardStore(database),
    tenants: tenantDirectory(database),
  };
  return {
    ...stores,
    balances: mongoBalanceStore(database),
    indexed: Object.values(stores),
    published,
    timers: durableTimers({ database, calls, clocks, log }),
    sink: stripeMeterSink(stripeParts),
    provider: stripeBillingProvider(stripeParts),
    meta: metaReports({
      clientFor: (livemode) => (livemode ? live : sandbox),
      token,
      businessId,
    }),
    tariffs: () => tariffs,
    zones: luxonZones,
    entryIds,
    businessNow: (livemode: boolean) => clocks.business(livemode)(),
    systemNow: clocks.system,
    meterRestMs: config.meterRestMs,
    callFor: (owner: Parameters<typeof calls.system>[1]): Call => calls.system("billing", owner),
    log,
  };
}

const monthOf = (about: string): Month => about.slice(about.indexOf(":") + 1) as Month;

const timerSpecs = (ports: BillingPorts): readonly TimerSpec[] => [
  { kind: monthStarts, fire: (call, { about }) => beginMonth(ports)(call, monthOf(about)) },
  { kind: monthCloses, fire: (call, { about }) => closeMonth(ports)(call, monthOf(about)) },
];

/** Work that repeats. The two that look at Stripe first read the sandbox clock, which another process may have set. */
function jobsOf(ports: BillingPorts, { clocks }: Outside): readonly Job[] {
  const metering = { ...ports, settleCarry: carryLate(ports) };
  const fresh =
    (run: () => Promise<number>): (() => Promise<number>) =>
    async () => {
      await clocks.refresh();
      return run();
    };
  let released = false;
  let hurried = false;
  const sendNow = async (): Promise<number> => {
    const hurries = hurried;
    hurried = false;
    return sendWindows(metering)(hurries);
  };
  return [
    {
      name: "billing.meter-send",
      everyMs: 2_000,
      run: fresh(sendNow),
      afresh: () => {
        hurried = true;
      },
    },
    { name: "billing.meter-confirm", everyMs: 5_000, run: fresh(confirmWindows(metering)) },
    { name: "billing.month-close", everyMs: 5_000, run: fresh(advanceMonths(ports)) },
    { name: "billing.balances", everyMs: 10_000, run: () => ports.balances.settleStale(systemScope("meter-sender")) },
    { name: "billing.unbooked", everyMs: 30_000, run: fresh(bookUnbooked(ports)) },
    {
      name: "billing.rate-released",
      everyMs: 3_600_000,
      run: fresh(async () => {
        if (released) return 0;
        const moved = await rateWaiting(ports)({ scope: systemScope("price-facts"), reasons: resolvedByRelease });
        released = true;
        return moved;
      }),
    },
  ];
}

function handlersOf(ports: BillingPorts): Service["handlers"] {
  const verbs = {
    wabas: ports.wabas,
    rateWaiting: async (call: Call, wabaId?: string): Promise<void> => {
      const scope = { tenant: call.tenantId, ancestors: call.ancestorIds };
      await rateWaiting(ports)({ scope, reasons: resolvedByArrival, ...(wabaId !== undefined && { wabaId }) });
    },
    provision: async (call: Call): Promise<Month> => utcMonthOf((await provisionAccount(ports)(call)).billedSince),
    beginMonth: beginMonth(ports),
    endBilling: endBilling(ports),
    bookFees: bookFeesDue(ports),
    trackInvoice: trackInvoice(ports),
    reconcile: async (call: Call, runId: string): Promise<void> => {
      await reconcileMonth(ports)(call, runId);
    },
  };
  return [ratingConsumer(rateSightings(ports)), ...billingConsumers(verbs, ports.tenants)];
}

const subgraphOf = (use: BillingUses, { missed, denied }: RefusalAudit): Promise<Subgraph> =>
  buildSubgraph({
    name: "billing",
    missed,
    denied,
    resolvers: [
      new BillingResolver(use),
      new LedgerEntryResolver(),
      new BucketTotalResolver(),
      new InvoiceResolver(use),
      new StatementResolver(),
      new StatementRowResolver(),
      new TenantBillingResolver(use),
    ],
    entities: {
      Tenant: extensionOf("tenant:read"),
      BillingAccount: {
        permission: "billing:read",
        load: async (call, ids) => (await use.read.accountsOf(call, ids)).map((one) => one && toAccount(one)),
      },
      LedgerEntry: {
        permission: "billing:read",
        load: async (call, ids) => (await use.read.entriesById(call, ids)).map((one) => one && toEntry(one)),
      },
      Invoice: {
        permission: "billing:read",
        load: async (call, ids) => (await use.read.invoicesById(call, ids)).map((one) => one && toInvoice(one)),
      },
      ReconciliationRun: {
        permission: "billing:list",
        load: async (call, ids) => (await use.read.runsById(call, ids)).map((one) => one && toRun(one)),
      },
    },
  });

export interface BillingService extends Service<Subgraph> {
  /** The next part of a file that somebody downloads. */
  readonly exportLedger: AskExport;
}

/** The wiring: outside things in, the service out. One wiring for a process of its own, for the whole platform in one, and for tests. */
export async function buildBillingService(config: BillingConfig, outside: Outside): Promise<BillingService> {
  const { database, bus, log } = outside;
  const ports = billingPorts(config, outside);
  const refusals = auditRefusals(database, "billing");
  const { refusing } = refusals;
  const schema = await subgraphOf(
    {
      read: readBilling(ports),
      openBillingAccount: refusing("openBillingAccount", openBillingAccount(ports)),
      setPricePlan: refusing("setPricePlan", setPricePlan(ports)),
      explainCharge: refusing("explainCharge", explainCharge(ports)),
      requestReconciliation: refusing("runReconciliation", requestReconciliation(ports)),
    },
    refusals,
  );
  const timers = timerSpecs(ports);
  const askExport = exportLedger({ ...ports, formats: exportFormats });
  const duties = vaultDuties("billing", outside);
  return {
    name: "billing",
    schema,
    routes: [],
    internal: [{ path: exportPath, answer: async (question) => askExport(exportQuestion.parse(question)) }],
    exportLedger: askExport,
    handlers: [...handlersOf(ports), ...duties.handlers],
    timers,
    jobs: [
      outboxRelay({ database, bus, log, collections: [...billingCollections, refusalCollection] }),
      ports.timers.job(timers),
      ...jobsOf(ports, outside),
      ...duties.jobs,
    ],
    indexes: async () => {
      for (const store of [...ports.indexed, refusals]) await store.ensureIndexes();
      await ports.timers.indexes();
      await ports.cards.keep(ports.published.cards);
    },
    health: async () => {
      const cards = await ports.cards.list({});
      return { ok: cards.length > 0, detail: { rateCards: cards.length } };
    },
    close: () => Promise.resolve(),
  };
}
