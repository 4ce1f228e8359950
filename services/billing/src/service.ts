import { type AskExport, exportPath, exportQuestion } from "@greentick/contracts";
import { buildSubgraph, extensionOf, type Subgraph } from "@greentick/graphql";
import { type Call, type Clock, type Log, type Month, systemScope, utcMonthOf } from "@greentick/kernel";
import { metaClient } from "@greentick/meta";
import {
  auditRefusals,
  type RefusalAudit,
  durableTimers,
  idempotencyOf,
  isRepeat,
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
import { readPublishedPrices } from "./adapters/csv/rate-card-files.js";
import { readCard } from "./adapters/csv/read-card.js";
import { billingConsumers } from "./adapters/events/consumers.js";
import { rateCardConsumer } from "./adapters/events/rate-cards.js";
import { ratingConsumer } from "./adapters/events/rating.js";
import { AlarmResolver } from "./adapters/graphql/alarm.resolver.js";
import {
  BillingResolver,
  BucketTotalResolver,
  type BillingUses,
  InvoiceResolver,
  LedgerEntryResolver,
  StatementRowResolver,
  TenantBillingResolver,
} from "./adapters/graphql/billing.resolver.js";
import { PricingResolver } from "./adapters/graphql/pricing.resolver.js";
import { RateCardImportResolver, RateCardResolver, type RateCardUses } from "./adapters/graphql/rate-card.resolver.js";
import { toAccount, toEntry, toInvoice, toRun } from "./adapters/graphql/wire.js";
import { metaReports } from "./adapters/meta/meta-reports.js";
import {
  billingCollections,
  mongoAccountStore,
  mongoAlarmStore,
  mongoExchangeRateStore,
  mongoInvoiceStore,
  mongoMonthStore,
  mongoPlanStore,
  mongoPricingSettingsStore,
  mongoRateCardImportStore,
  mongoRunStore,
} from "./adapters/mongo/aggregates.js";
import { mongoBalanceStore } from "./adapters/mongo/balance-store.js";
import { mongoEntryStore } from "./adapters/mongo/entry-store.js";
import { mongoFactStore } from "./adapters/mongo/fact-store.js";
import { mongoRecheckBook } from "./adapters/mongo/recheck-book.js";
import { mongoTierBook } from "./adapters/mongo/tier-book.js";
import { mongoFeeSubjects } from "./adapters/mongo/fee-subjects.js";
import { mongoRateCardStore } from "./adapters/mongo/rate-card-store.js";
import { mongoTraffic } from "./adapters/mongo/traffic.js";
import { mongoWabaBook } from "./adapters/mongo/waba-book.js";
import { mongoWindowStore } from "./adapters/mongo/window-store.js";
import { stripeBillingProvider } from "./adapters/stripe/billing-provider.js";
import { catalogue } from "./adapters/stripe/catalogue.js";
import { stripeClient } from "./adapters/stripe/client.js";
import { stripeMeterSink } from "./adapters/stripe/meter-sink.js";
import { luxonZones, rememberingZones } from "./adapters/time/luxon-zones.js";
import { type BillingConfig } from "./config.js";
import { resolvedByArrival, resolvedByCards } from "./domain/rate.js";
import { type OnceOf, type SameRequest } from "./ports.js";
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
import { changeAccount } from "./usecases/change-account.js";
import { replayRoom } from "./rooms/replays.js";
import { type Counting, type Fresh, spendingRoom, spendingStores } from "./rooms/spending.js";
import { exportLedger } from "./usecases/export-ledger.js";
import { type CountingPorts, notedEntries } from "./usecases/count-spending.js";
import { endFailed } from "./usecases/end-reservations.js";
import { explainCharge } from "./usecases/explain-charge.js";
import { importRateCard } from "./usecases/import-rate-card.js";
import { confirmWindows, sendWindows } from "./usecases/meter-windows.js";
import { noteTier } from "./usecases/note-tier.js";
import { openBillingAccount, provisionAccount } from "./usecases/open-account.js";
import { bookFeesDue } from "./usecases/platform-fees.js";
import { type AlarmPorts, listAlarms, type ListAlarms, raiseAlarms } from "./usecases/raise-alarms.js";
import { rateSightings } from "./usecases/rate-sightings.js";
import { bookUnbooked, rateWaiting, resolvedByRelease } from "./usecases/rate-waiting.js";
import { readBilling, type ReadPorts } from "./usecases/read-billing.js";
import { readRateCards, type ReadCardPorts } from "./usecases/read-rate-cards.js";
import { reconcileMonth, type ReconcilePorts } from "./usecases/reconcile-month.js";
import { recheckDeliveries, type RecheckPorts } from "./usecases/recheck-deliveries.js";
import { rehearseRateCard, type RehearsalPorts, requestRehearsal } from "./usecases/rehearse-rate-card.js";
import { releaseRateCard, withdrawRateCard } from "./usecases/release-rate-card.js";
import { requestReconciliation } from "./usecases/request-reconciliation.js";
import { type RatingPorts } from "./usecases/settle-facts.js";
import { setExchangeRate } from "./usecases/set-exchange-rate.js";
import { type FloorPorts, setMarginFloor } from "./usecases/margin-floor.js";
import { sweepTiers } from "./usecases/sweep-tiers.js";
import { setPricePlan } from "./usecases/set-price-plan.js";
import { tariffBook } from "./usecases/tariff-book.js";
import { spendingDesk } from "./usecases/spending-desk.js";
import { trackInvoice } from "./usecases/track-invoice.js";
import { whatIfPlan } from "./usecases/what-if.js";

interface Indexed {
  readonly ensureIndexes: () => Promise<void>;
}

/** What the use cases work with, all of it. */
export interface BillingPorts
  extends
    RatingPorts,
    ClosePorts,
    ReconcilePorts,
    ReadPorts,
    AlarmPorts,
    RecheckPorts,
    ReadCardPorts,
    RehearsalPorts,
    FloorPorts,
    CountingPorts {
  readonly onceOf: OnceOf;
  readonly sameRequest: SameRequest;
  readonly counting: Counting;
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
  const stripe = stripeClient(config.stripe);
  const stripeParts = { stripe, secretKey: config.stripe.secretKey, objectsOf: catalogue(stripe), log };
  const { baseUrl, sandboxUrl, systemToken: token, businessId, ...settings } = config.meta;
  const common = { ...settings, retry: { attempts: 4, startingDelayMs: 200, maxDelayMs: 5_000 }, log };
  const live = metaClient({ ...common, baseUrl });
  const sandbox = sandboxUrl === undefined ? live : metaClient({ ...common, baseUrl: sandboxUrl });
  const stores = {
    accounts: mongoAccountStore(database),
    plans: mongoPlanStore(database),
    rates: mongoExchangeRateStore(database),
    settings: mongoPricingSettingsStore(database),
    feeSubjects: mongoFeeSubjects(database),
    months: mongoMonthStore(database),
    invoices: mongoInvoiceStore(database),
    runs: mongoRunStore(database),
    facts: mongoFactStore(database),
    entries: mongoEntryStore(database),
    windows: mongoWindowStore(database),
    wabas: mongoWabaBook(database),
    tiers: mongoTierBook(database),
    rechecks: mongoRecheckBook(database),
    alarms: mongoAlarmStore(database),
    cards: mongoRateCardStore(database),
    imports: mongoRateCardImportStore(database),
    tenants: tenantDirectory(database),
    ...spendingStores(database),
  };
  const callFor = (owner: Parameters<typeof calls.system>[1]): Call => calls.system("billing", owner);
  const counting = { wake: (): void => undefined };
  const requests = { onceOf: requestOf, sameRequest: isRepeat };
  return {
    ...stores,
    balances: mongoBalanceStore(database),
    ...requests,
    counting,
    entries: notedEntries(stores.entries, stores, () => {
      counting.wake();
    }),
    desk: spendingDesk({ ...stores, ...requests, callFor }),
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
    ...tariffBook({ published, imports: stores.imports, log }),
    traffic: mongoTraffic(database),
    zones: rememberingZones(luxonZones),
    entryIds,
    businessNow: (livemode: boolean) => clocks.business(livemode)(),
    systemNow: clocks.system,
    meterRestMs: config.meterRestMs,
    callFor,
    log,
  };
}

const requestOf: OnceOf = (call, mutation, input) => idempotencyOf(call, { mutation, input });

const monthOf = (about: string): Month => about.slice(about.indexOf(":") + 1) as Month;

const timerSpecs = (ports: BillingPorts): readonly TimerSpec[] => [
  { kind: monthStarts, fire: (call, { about }) => beginMonth(ports)(call, monthOf(about)) },
  { kind: monthCloses, fire: (call, { about }) => closeMonth(ports)(call, monthOf(about)) },
];

/** Every process has the cards in its own memory: a card released anywhere rates here so much later at most. */
const tariffsTaken =
  ({ refreshTariffs }: BillingPorts): Job["run"] =>
  async () =>
    (await refreshTariffs()) ? 1 : 0;

const freshly =
  ({ clocks }: Outside): Fresh =>
  (run) =>
  async () => {
    await clocks.refresh();
    return run();
  };

/** Work that repeats. */
function jobsOf(ports: BillingPorts, fresh: Fresh): readonly Job[] {
  const metering = { ...ports, settleCarry: carryLate(ports) };
  let released = false;
  let sweptAt = new Date(0);
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
    { name: "billing.tariffs", everyMs: 2_000, everywhere: true, run: tariffsTaken(ports) },
    { name: "billing.unbooked", everyMs: 30_000, run: fresh(bookUnbooked(ports)) },
    { name: "billing.rechecks", everyMs: 5_000, run: fresh(recheckDeliveries(ports)) },
    {
      name: "billing.tier-sweep",
      everyMs: 3_600_000,
      run: fresh(async () => {
        // Once in six hours, however often jobs are asked to run: each account is a question to Meta.
        if (ports.systemNow().getTime() - sweptAt.getTime() < 6 * 3_600_000) return 0;
        sweptAt = ports.systemNow();
        return sweepTiers(ports)();
      }),
    },
    { name: "billing.alarms", everyMs: 60_000, run: fresh(raiseAlarms(ports)) },
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
    changeAccount: changeAccount(ports),
    noteTier: noteTier(ports),
    feeSubjects: ports.feeSubjects,
    rateExchanged: async (call: Call): Promise<void> => {
      await rateWaiting(ports)({ scope: { under: call.tenantId }, reasons: ["no_exchange_rate"] });
    },
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
  const cards = {
    released: async (): Promise<void> => {
      await ports.refreshTariffs();
      await rateWaiting(ports)({ scope: systemScope("price-facts"), reasons: resolvedByCards });
    },
    rehearse: rehearseRateCard(ports),
  };
  return [
    ratingConsumer(async (sightings) => {
      await rateSightings(ports)(sightings);
      await endFailed(ports)(sightings);
    }),
    rateCardConsumer(cards),
    ...billingConsumers(verbs, ports.tenants),
  ];
}

const subgraphOf = (
  use: BillingUses & { readonly alarms: ListAlarms },
  cards: RateCardUses,
  { missed, denied }: RefusalAudit,
  resolvers: readonly object[],
): Promise<Subgraph> =>
  buildSubgraph({
    name: "billing",
    missed,
    denied,
    resolvers: [
      new BillingResolver(use),
      new LedgerEntryResolver(),
      new BucketTotalResolver(),
      new InvoiceResolver(use),
      new StatementRowResolver(),
      new PricingResolver(use),
      new TenantBillingResolver(use),
      new AlarmResolver(use.alarms),
      ...resolvers,
      new RateCardResolver(cards),
      new RateCardImportResolver(cards),
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
  const replays = replayRoom({ database, ports, refusals });
  const fresh = freshly(outside);
  const spending = spendingRoom({ ports, refusals, fresh });
  const schema = await subgraphOf(
    {
      read: readBilling(ports),
      alarms: listAlarms(ports),
      openBillingAccount: refusing("openBillingAccount", openBillingAccount(ports)),
      setPricePlan: refusing("setPricePlan", setPricePlan(ports)),
      setExchangeRate: refusing("setExchangeRate", setExchangeRate(ports)),
      setMarginFloor: refusing("setMarginFloor", setMarginFloor(ports)),
      whatIf: refusing("whatIf", whatIfPlan(ports)),
      explainCharge: refusing("explainCharge", explainCharge(ports)),
      requestReconciliation: refusing("runReconciliation", requestReconciliation(ports)),
    },
    {
      read: readRateCards(ports),
      importRateCard: refusing("importRateCard", importRateCard({ ...ports, readCard })),
      requestRehearsal: refusing("rehearseRateCard", requestRehearsal(ports)),
      releaseRateCard: refusing("releaseRateCard", releaseRateCard(ports)),
      withdrawRateCard: refusing("withdrawRateCard", withdrawRateCard(ports)),
    },
    refusals,
    [replays.resolver, spending.resolver],
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
    handlers: [...handlersOf(ports), ...replays.handlers, ...duties.handlers],
    timers,
    jobs: [
      outboxRelay({
        database,
        bus,
        log,
        collections: [...billingCollections, ...replays.collections, refusalCollection],
      }),
      ports.timers.job(timers),
      ...jobsOf(ports, fresh),
      ...spending.jobs,
      replays.job,
      ...duties.jobs,
    ],
    indexes: async () => {
      for (const store of [...ports.indexed, ...replays.stores, refusals]) await store.ensureIndexes();
      await ports.timers.indexes();
      await ports.cards.keep(ports.published.cards);
      await ports.refreshTariffs();
    },
    health: async () => {
      const cards = await ports.cards.list({});
      return { ok: cards.length > 0, detail: { rateCards: cards.length } };
    },
    close: () => Promise.resolve(),
  };
}
