import {
  type Call,
  type DomainEvent,
  type EntryId,
  type LocalDate,
  type Month,
  type Period,
  type Scope,
  type TenantId,
  type UtcDay,
} from "@greentick/kernel";
import { type AccountChange } from "./domain/account-terms.js";
import { type BillingAccount, type StripeSubscription } from "./domain/account.js";
import { type BalanceLine, type BucketTotal } from "./domain/balance.js";
import { type Bucket } from "./domain/bucket.js";
import { type ExchangeRate } from "./domain/exchange.js";
import { type Fact } from "./domain/fact.js";
import { type Invoice, type StripeInvoice } from "./domain/invoice.js";
import { type EntryKind, type LedgerEntry } from "./domain/ledger-entry.js";
import { type BillingMonth } from "./domain/month.js";
import { type FeeSubject } from "./domain/platform-fee.js";
import { type PricePlan } from "./domain/price-plan.js";
import { type PricingSettings } from "./domain/pricing-settings.js";
import { type Tariffs, type UnratedReason } from "./domain/rate.js";
import { type TrafficCell } from "./domain/card-rehearsal.js";
import { type RateCard } from "./domain/rate-card.js";
import { type CardContent, type RateCardImport } from "./domain/rate-card-import.js";
import { type ReconciliationRun } from "./domain/reconcile.js";
import { type Once } from "./domain/reservation.js";
import { type TierNews } from "./domain/tier.js";
import { type UnratedGroup, type UnratedAlarm } from "./domain/unrated-alarm.js";
import { type CostCell } from "./domain/compare-meta.js";
import { type PeriodShift } from "./domain/compare-stripe.js";

export interface PageRequest {
  /** 1 to 100. */
  readonly first: number;
  /** The `endCursor` of the page before. */
  readonly after?: string;
}
export interface Page<T> {
  readonly items: readonly T[];
  readonly endCursor?: string;
  readonly hasNextPage: boolean;
  readonly totalCount: number;
}

/** Documents written whole with the version they were read at, together with their events; another tenant's reads as missing. */
export interface Aggregates<S> {
  /** @throws the kind's NOT_FOUND. */
  readonly get: (scope: Scope, id: string) => Promise<S>;
  readonly find: (scope: Scope, id: string) => Promise<S | undefined>;
  /** In the order asked for. */
  readonly getMany: (scope: Scope, ids: readonly string[]) => Promise<readonly (S | undefined)[]>;
  readonly findOne: (scope: Scope, filter: StateFilter) => Promise<S | undefined>;
  readonly findAll: (scope: Scope, filter: StateFilter) => Promise<readonly S[]>;
  /** Newest first. */
  readonly list: (scope: Scope, page: PageRequest, filter?: StateFilter) => Promise<Page<S>>;
  /** With `call.idempotencyKey` and `once` a repeat returns the first document. */
  readonly insert: (
    call: Call,
    state: S,
    events: readonly DomainEvent[],
    once?: { readonly mutation: string; readonly input: unknown },
  ) => Promise<S>;
  /** @throws CONFLICT/version_conflict. */
  readonly save: (call: Call, state: S, events: readonly DomainEvent[]) => Promise<S>;
}
export type StateFilter = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export type AccountStore = Aggregates<BillingAccount>;
export type PlanStore = Aggregates<PricePlan>;
export type MonthStore = Aggregates<BillingMonth>;
export type InvoiceStore = Aggregates<Invoice>;
export type RunStore = Aggregates<ReconciliationRun>;
export type AlarmStore = Aggregates<UnratedAlarm>;

/** Meta's published cards, kept for ever under the hash of their bytes, and Meta's grouping of countries. */
export interface RateCardStore {
  /** Safe to repeat. */
  readonly keep: (cards: readonly RateCard[]) => Promise<void>;
  readonly list: (filter: { readonly currency?: string }) => Promise<readonly RateCard[]>;
  /** @throws NOT_FOUND/rate_card_not_found. */
  readonly get: (id: string) => Promise<RateCard>;
}
/** The cards in memory, ready for look-ups. The same object until a card was released. */
export type TariffSource = () => Tariffs;
/** Takes in what was released since, in whatever process. True when there was something. */
export type TariffRefresh = () => Promise<boolean>;

/** Cards that staff imported, from draft to release. */
export interface RateCardImportStore extends Aggregates<RateCardImport> {
  /** How many are released; it never falls. */
  readonly countReleased: () => Promise<number>;
}

/** What whoever imports a card says of the whole of it. */
export type CardFrame = Pick<RateCardImport, "kind" | "currency" | "effectiveFrom" | "effectiveTo">;
/** @throws BAD_USER_INPUT/rate_card_too_large, BAD_USER_INPUT/rate_card_unreadable naming every place, up to a bound. */
export type CardReader = (frame: CardFrame, csv: string) => Promise<CardContent>;

/** Charged deliveries that were rated by one row of a card, and went to one recipient's leading digits or country. */
export interface TrafficGroup extends Omit<TrafficCell, "position"> {
  readonly cardId: string;
  readonly line: number;
}
export interface TrafficAsk {
  readonly livemode: boolean;
  /** Absent: all. */
  readonly currency?: string;
  /** How many leading digits of a number tell recipients apart. */
  readonly digits: number;
  readonly limit: number;
}
/** What the ledger says of past deliveries. */
export interface Traffic {
  /** Of one of Meta's months; undefined when there are more groups than the limit. */
  readonly ofMonth: (scope: Scope, metaMonth: Month, ask: TrafficAsk) => Promise<readonly TrafficGroup[] | undefined>;
}

export interface FactCounts {
  readonly messages: number;
  readonly charged: number;
  readonly free: number;
  readonly failed: number;
  readonly undelivered: number;
  readonly duplicatesIgnored: number;
  readonly late: number;
  /** Messages whose updates arrived in another order than sent, delivered, read. */
  readonly reordered: number;
  readonly unrated: number;
  readonly unratedReasons: readonly { readonly reason: UnratedReason; readonly count: number }[];
}

/** Facts, one per chargeable thing. */
export interface FactStore {
  readonly load: (scope: Scope, ids: readonly string[]) => Promise<ReadonlyMap<string, Fact>>;
  /**
   * Writes each fact if its kept version is still the one it was read at, and raises it. Notes of what has to be booked are durable before
   * the facts are: whoever finds one after a death can finish it.
   */
  readonly save: (scope: Scope, facts: readonly Fact[], now: Date) => Promise<SavedFacts>;
  /** The entries of everything these notes name are in the ledger and their windows are marked. */
  readonly booked: (scope: Scope, notes: readonly string[]) => Promise<void>;
  /** The facts that were written with this note and are not booked; `complete` when no write of what it names can be under way any more. */
  readonly noted: (
    scope: Scope,
    note: string,
  ) => Promise<{ readonly facts: readonly Fact[]; readonly complete: boolean }>;
  /** Notes that were left open by `now` (system time): somebody died over them, or lost a race. */
  readonly leftOpen: (
    scope: Scope,
    ask: { readonly now: Date; readonly limit: number },
  ) => Promise<readonly OpenNote[]>;
  /** Looks at a note again later. */
  readonly putOff: (scope: Scope, note: string, until: Date) => Promise<void>;
  /** Facts that wait for one of these reasons, in order of id after `after`. */
  readonly waiting: (scope: Scope, ask: WaitingFacts) => Promise<readonly Fact[]>;
  readonly listUnrated: (scope: Scope, page: PageRequest) => Promise<Page<Fact>>;
  /** Of the facts whose delivery (or first status, when undelivered) lies in the month, in UTC. */
  readonly counts: (scope: Scope, month: Month) => Promise<FactCounts>;
  /** Deliveries of these accounts at that time or later, in order of id after `after`. */
  readonly deliveredSince: (scope: Scope, ask: DeliveredSince) => Promise<readonly Fact[]>;
  /** Unrated deliveries by client, reason and UTC day of delivery, of these reasons. */
  readonly unratedGroups: (scope: Scope, reasons: readonly UnratedReason[]) => Promise<readonly UnratedGroup[]>;
  /** A client's facts, some of whose webhooks were received within a range (system time), in order of id behind `after`. */
  readonly receivedIn: (scope: Scope, ask: ReceivedFacts) => Promise<readonly Fact[]>;
  /** Unrated deliveries in a stretch of time. */
  readonly unratedIn: (scope: Scope, period: Period) => Promise<readonly Fact[]>;
}
export interface SavedFacts {
  /** False when at least one was changed or inserted by somebody else meanwhile; the others are written. */
  readonly ok: boolean;
  /** The notes of what has to be booked. */
  readonly notes: readonly string[];
}
export interface OpenNote {
  readonly id: string;
  /** System time. */
  readonly since: Date;
}
export interface DeliveredSince {
  readonly wabaIds: readonly string[];
  readonly since: Date;
  readonly after?: string;
  readonly limit: number;
}
export interface WaitingFacts {
  readonly reasons: readonly UnratedReason[];
  readonly wabaId?: string;
  readonly after?: string;
  readonly limit: number;
}

export interface ReceivedFacts {
  readonly tenantId: TenantId;
  readonly from: Date;
  /** Not included. */
  readonly until: Date;
  readonly wabaId?: string;
  readonly after?: string;
  readonly limit: number;
}

export interface EntryFilter {
  readonly month?: Month;
  readonly bucket?: string;
  readonly category?: string;
  readonly market?: string;
  readonly kind?: EntryKind;
  readonly day?: UtcDay;
}
export interface CarriedBucket {
  readonly bucket: Bucket;
  readonly micros: bigint;
  /** Carry entries so far, and where they lie. */
  readonly count: number;
  readonly booked: readonly { readonly day: UtcDay; readonly bookedAt: Date }[];
}
export interface DayTotal extends BucketTotal {
  readonly day: UtcDay;
}

/** The ledger: entries are only ever added. */
export interface EntryStore {
  /** Safe to repeat: an entry that is there already stays as it is. */
  readonly insert: (scope: Scope, entries: readonly LedgerEntry[]) => Promise<void>;
  /** @throws NOT_FOUND/ledger_entry_not_found. */
  readonly get: (scope: Scope, id: string) => Promise<LedgerEntry>;
  readonly getMany: (scope: Scope, ids: readonly string[]) => Promise<readonly (LedgerEntry | undefined)[]>;
  /** Newest first, by id. */
  readonly list: (scope: Scope, page: PageRequest, filter: EntryFilter) => Promise<Page<LedgerEntry>>;
  /** A month's entries in the order of their ids: for reading all of them in pages. */
  readonly after: (
    scope: Scope,
    ask: { readonly month: Month; readonly after?: string; readonly limit: number },
  ) => Promise<readonly LedgerEntry[]>;
  /** Added up from every entry of the month, as a proof. */
  readonly bucketTotals: (scope: Scope, month: Month) => Promise<readonly BucketTotal[]>;
  readonly dayTotals: (scope: Scope, month: Month) => Promise<readonly DayTotal[]>;
  /** What was carried out of a month so far, by bucket. */
  readonly carriedFrom: (scope: Scope, month: Month) => Promise<readonly CarriedBucket[]>;
  /** The cost side of one of Meta's months (days in the accounts' zones). */
  readonly costSide: (scope: Scope, metaMonth: Month) => Promise<readonly (CostCell & { readonly currency: string })[]>;
  /** Entries of one of Meta's months that are invoiced in another month, or of another invoiced in this one. */
  readonly shifts: (scope: Scope, month: Month) => Promise<readonly PeriodShift[]>;
}

export interface WindowKey {
  readonly tenantId: TenantId;
  readonly bucket: Bucket;
  readonly day: UtcDay;
}
/** A client's bucket on one UTC day: what its entries amount to, and what Stripe was told and has confirmed. */
export interface UsageWindow extends WindowKey {
  readonly id: string;
  readonly livemode: boolean;
  readonly month: Month;
  /** Raised whenever an entry may have changed the total. */
  readonly dirtyVersion: number;
  /** The version whose total Stripe has; below `dirtyVersion` there is something to tell. */
  readonly sentVersion: number;
  readonly sentMicros?: bigint;
  readonly sentAt?: Date;
  readonly confirmedMicros?: bigint;
  readonly confirmedAt?: Date;
  /** Stripe's refusal, until the total changes or somebody acts. */
  readonly rejected?: string;
  /** It changed after its invoice was final. */
  readonly afterInvoice: boolean;
  readonly tries: number;
}
/** What marking a window takes from an entry. */
export type MarkedEntry = WindowKey &
  Pick<LedgerEntry, "ancestorIds" | "livemode" | "bookedAt"> & {
    readonly service?: { readonly localDate: LocalDate };
  };

/** First and last day included. */
export interface DaysOfUsage {
  readonly from: UtcDay;
  readonly to: UtcDay;
  readonly bucket?: string;
}

/** In order of id after `after`, so that windows that cannot move do not hide those behind them. */
export interface PageOfWindows {
  readonly limit: number;
  readonly after?: string;
}

/** What was told of a window, and until when (system time) the next total is only gathered. */
export interface ToldTotal {
  readonly micros: bigint;
  readonly at: Date;
  readonly restsUntil: Date;
  readonly afterInvoice: boolean;
}

export interface WindowStore {
  /** Entries were booked: raises the versions of their windows, and opens their balances. Creates a window when it is new. Safe to repeat. */
  readonly markDirty: (scope: Scope, entries: readonly MarkedEntry[]) => Promise<void>;
  /** Stripe is to be told the same totals once more. */
  readonly tellAgain: (scope: Scope, windows: readonly UsageWindow[]) => Promise<void>;
  /** Windows with something to tell, whose next try is due (system time); those that rest only when somebody hurries. */
  readonly dirty: (
    scope: Scope,
    ask: PageOfWindows & { readonly now: Date; readonly hurried: boolean },
  ) => Promise<readonly UsageWindow[]>;
  /** Clears the version that was read before the total was added, and no later one. */
  readonly sent: (scope: Scope, window: UsageWindow, told: ToldTotal) => Promise<void>;
  /**
   * Tries again later under a new version: Stripe replays a kept 500 to the same idempotency key for a day, and a total that is told twice is
   * the same total.
   */
  readonly postponed: (scope: Scope, window: UsageWindow, until: Date) => Promise<void>;
  readonly rejected: (scope: Scope, window: UsageWindow, why: string) => Promise<void>;
  /** Told to Stripe and not confirmed yet. */
  readonly unconfirmed: (scope: Scope, ask: PageOfWindows) => Promise<readonly UsageWindow[]>;
  readonly confirmed: (scope: Scope, windows: readonly UsageWindow[], at: Date) => Promise<void>;
  readonly ofMonth: (scope: Scope, month: Month) => Promise<readonly UsageWindow[]>;
  readonly ofDays: (scope: Scope, ask: DaysOfUsage) => Promise<readonly UsageWindow[]>;
  readonly find: (scope: Scope, key: WindowKey) => Promise<UsageWindow | undefined>;
  /** The latest day that is booked: an accounting day in UTC or a price date in an account's zone. Undefined for an empty ledger. */
  readonly lastBookedDay: (scope: Scope) => Promise<UtcDay | LocalDate | undefined>;
}

/** A client's bucket on one UTC day: what its entries amount to. */
export interface DayBalance extends WindowKey {
  readonly livemode: boolean;
  readonly lines: readonly BalanceLine[];
}
export interface RecountedDay extends DayBalance {
  readonly ancestorIds: readonly TenantId[];
  /** Of one of its entries. */
  readonly bookedAt: Date;
}

/** A window: what its entries amount to, and what Stripe was told of it. */
export interface UsageDay {
  readonly window: UsageWindow;
  readonly balance: DayBalance;
}

/** What clients owe, without reading every entry again: of a window only what was booked since the last time is added up. */
export interface BalanceStore {
  /** Micros; keeps what it counted. Zero for a window that is not there. */
  readonly windowTotal: (scope: Scope, window: WindowKey) => Promise<bigint>;
  readonly find: (scope: Scope, window: WindowKey) => Promise<DayBalance | undefined>;
  /** Every window of a month. */
  readonly ofMonth: (scope: Scope, month: Month) => Promise<readonly DayBalance[]>;
  readonly ofDays: (scope: Scope, ask: DaysOfUsage) => Promise<readonly DayBalance[]>;
  /** Keeps the balances of windows in which somebody booked since. Returns how many. */
  readonly settleStale: (scope: Scope) => Promise<number>;
  /** The micros of one window from each of its entries, marked or not: reads them all, as a proof. */
  readonly recountedTotal: (scope: Scope, window: WindowKey) => Promise<bigint>;
  /** Every window of a month from each of its entries: reads them all, as a proof. */
  readonly recounted: (scope: Scope, month: Month) => Promise<readonly RecountedDay[]>;
  /** Adds a window up from each of its entries, keeps that, and has Stripe told of it. Safe to repeat, and beside those who book. */
  readonly rebuild: (scope: Scope, window: WindowKey) => Promise<void>;
}

/** A WhatsApp account as rating needs it; kept from onboarding's events. Currency and zone are those that hold now. */
export interface WabaFacts {
  readonly wabaId: string;
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  readonly name: string;
  readonly currency: string;
  readonly timeZone: string;
  /** The portfolio at Meta that owns the account: volume tiers are counted over all its accounts. */
  readonly businessId?: string;
  /** Since when currency and zone hold; absent: always. */
  readonly since?: Date;
  /** What held when, in no order; see `accountTerms`. Kept with what is given here. */
  readonly changes?: readonly AccountChange[];
}
export interface WabaBook {
  readonly keep: (scope: Scope, waba: WabaFacts) => Promise<void>;
  /** The account's currency or zone is another one from then on. Safe to repeat and to tell out of order; an unknown account is left alone. */
  readonly change: (scope: Scope, wabaId: string, change: AccountChange) => Promise<void>;
  readonly find: (scope: Scope, wabaIds: readonly string[]) => Promise<ReadonlyMap<string, WabaFacts>>;
  readonly list: (scope: Scope) => Promise<readonly WabaFacts[]>;
  /** When a client's first number went live; the earliest wins. */
  readonly keepLive: (
    scope: Scope,
    owner: Pick<WabaFacts, "tenantId" | "ancestorIds" | "livemode">,
    since: Date,
  ) => Promise<void>;
  readonly liveSince: (scope: Scope, tenantId: TenantId) => Promise<Date | undefined>;
}

/** News of a volume tier, and of whose portfolio. */
export interface PortfolioTier extends TierNews {
  readonly businessId: string;
}
/** What Meta told of volume tiers, for ever: a delivery is priced by what was reached at its time. */
export interface TierBook {
  /** Whether keeping it would change anything. */
  readonly isNews: (scope: Scope, owner: TierOwner, tier: SourcedTier) => Promise<boolean>;
  /**
   * Safe to repeat. Of the same tier the earliest time that Meta told counts (it may tell it twice), and the earliest at which it was counted only
   * while nothing was told.
   */
  readonly keep: (scope: Scope, owner: TierOwner, tier: SourcedTier) => Promise<void>;
  readonly find: (scope: Scope, ask: TierAsk) => Promise<readonly (PortfolioTier & { readonly tenantId: TenantId })[]>;
}
/** Meta's event, which names the moment, or its count of deliveries, which names the half hour. */
export type TierSource = "told" | "counted";
export interface SourcedTier extends PortfolioTier {
  readonly source: TierSource;
}
export type TierOwner = Pick<WabaFacts, "tenantId" | "ancestorIds" | "livemode">;
export interface TierAsk {
  readonly businessIds: readonly string[];
  readonly months: readonly string[];
}

/** Deliveries to be decided again, because something was learnt that held already when they were delivered. */
export interface Recheck extends TierOwner {
  /** What was learnt: the same is asked once. */
  readonly id: string;
  readonly wabaIds: readonly string[];
  readonly since: Date;
  /** How often it was done. */
  readonly passes: number;
}
export interface RecheckBook {
  /** Safe to repeat while it is not done. */
  readonly ask: (scope: Scope, recheck: Omit<Recheck, "passes">, dueAt: Date) => Promise<void>;
  /** Those that are due by system time. */
  readonly due: (scope: Scope, now: Date, limit: number) => Promise<readonly Recheck[]>;
  readonly again: (scope: Scope, recheck: Recheck, dueAt: Date) => Promise<void>;
  readonly done: (scope: Scope, recheck: Recheck) => Promise<void>;
}

/** Published exchange rates, each for an organisation and all below it. */
export type ExchangeRateStore = Aggregates<ExchangeRate>;
export type PricingSettingsStore = Aggregates<PricingSettings>;

/** What a fee is owed for beside the client itself: its WhatsApp accounts and numbers, from the day on which they were heard of. */
export interface FeeSubjectStore {
  /** The earliest instant wins. Safe to repeat. */
  readonly keep: (
    scope: Scope,
    owner: Pick<WabaFacts, "tenantId" | "ancestorIds" | "livemode">,
    subject: Required<FeeSubject>,
  ) => Promise<void>;
  readonly of: (scope: Scope) => Promise<readonly Required<FeeSubject>[]>;
}

/** Days in a named zone (IANA). */
export interface Zones {
  readonly localDate: (instant: Date, zone: string) => LocalDate;
  /** The month as instants in that zone. */
  readonly localMonth: (month: Month, zone: string) => Period;
}

/** An id that is the same for the same tenant, key and number, for ever. */
export type EntryIds = (tenantId: TenantId, key: string, seq: number, at: Date) => EntryId;

/** How a call at Stripe ended: `later` is tried again, `never` needs a person, `stop` means that no call can succeed now. */
export type SendOutcome =
  { readonly kind: "done" } | { readonly kind: "later" | "never" | "stop"; readonly why: string };

/** Where usage is told. The total of a day is set, not added: telling it again changes nothing. */
export interface MeterSink {
  /** Makes sure that the client's subscription bills the bucket. */
  readonly ensureBucket: (client: StripeClient, bucket: Bucket) => Promise<void>;
  /** Never throws. */
  readonly send: (client: StripeClient, total: MeterTotal) => Promise<SendOutcome>;
  /** Confirmed micros by UTC day. */
  readonly dailyTotals: (client: StripeClient, bucket: Bucket, period: Period) => Promise<ReadonlyMap<UtcDay, bigint>>;
}
export interface StripeClient {
  readonly tenantId: TenantId;
  readonly livemode: boolean;
  readonly currency: string;
  readonly customerId: string;
  readonly subscriptionId: string;
  /** Start of the subscription: usage stamped before it is never invoiced. */
  readonly billedSince: Date;
}
export interface MeterTotal {
  readonly bucket: Bucket;
  readonly micros: bigint;
  /** Inside the day, not in the future, not before the subscription. */
  readonly at: Date;
  /** Deterministic: window and version. */
  readonly identifier: string;
}

/** Customers, subscriptions and invoices at Stripe. Every call looks before it repeats, and carries a key made of our own ids. */
export interface BillingProvider {
  readonly findCustomer: (ask: ProvisionedClient) => Promise<string | undefined>;
  readonly createCustomer: (ask: ProvisionedClient) => Promise<string>;
  readonly findSubscription: (
    ask: ProvisionedClient & { readonly customerId: string },
  ) => Promise<StripeSubscription | undefined>;
  /** Monthly, from the first of the month 00:00 UTC, with an item for each of the client's buckets. */
  readonly createSubscription: (
    ask: ProvisionedClient & { readonly customerId: string },
  ) => Promise<StripeSubscription>;
  /** Invoices the period it is in and ends with it. Safe to repeat. */
  readonly endSubscription: (client: StripeClient) => Promise<void>;
  readonly getInvoice: (livemode: boolean, stripeInvoiceId: string) => Promise<StripeInvoice | undefined>;
  /** The invoice whose metered lines lie in this month. */
  readonly findInvoice: (client: StripeClient, month: Month) => Promise<StripeInvoice | undefined>;
  /** Keeps a draft from finalizing by itself. */
  readonly hold: (livemode: boolean, stripeInvoiceId: string) => Promise<void>;
  readonly finalize: (livemode: boolean, stripeInvoiceId: string, key: string) => Promise<StripeInvoice>;
}
export interface ProvisionedClient {
  readonly tenantId: TenantId;
  readonly livemode: boolean;
  readonly name: string;
  readonly currency: string;
  readonly openedAt: Date;
  readonly namedMarkets: readonly string[];
}

/** A line of Meta's invoice file, as Meta writes it. */
export interface MetaInvoiceLine {
  readonly lineId: string;
  readonly wabaId: string;
  readonly day: LocalDate;
  readonly market: string;
  readonly category: string;
  readonly type: string;
  readonly tier: string;
  readonly volume: number;
  readonly amountMicros: bigint;
  readonly currency: string;
}
export interface MetaVolume {
  readonly start: Date;
  readonly country: string;
  readonly category: string;
  readonly type: string;
  readonly volume: number;
}
export interface MetaTierCount {
  readonly start: Date;
  readonly country: string;
  readonly category: string;
  /** `lower:upper`. */
  readonly tier: string;
}
/** What Meta itself counted and billed. */
export interface MetaReports {
  /** Deliveries by day, country, category and type. */
  readonly volumes: (livemode: boolean, wabaId: string, period: Period) => Promise<readonly MetaVolume[]>;
  /** In which tier Meta counted deliveries, by the half hour. */
  readonly tiers: (livemode: boolean, wabaId: string, period: Period) => Promise<readonly MetaTierCount[]>;
  /** Undefined while Meta has no invoice for the month. */
  readonly invoiceLines: (livemode: boolean, month: Month) => Promise<readonly MetaInvoiceLine[] | undefined>;
}

/** Durable timers in business time. */
export interface TimerPort {
  readonly set: (
    call: Call,
    timer: { readonly kind: string; readonly about: string; readonly dueAt: Date },
  ) => Promise<void>;
}

/** Business time of live and sandbox tenants. */
export type BusinessNow = (livemode: boolean) => Date;

/** How a request under an idempotency key is known again; undefined without a key. */
export type OnceOf = (call: Call, mutation: string, input: unknown) => Once | undefined;
/** Whether a request is one of those done before. @throws CONFLICT/idempotency_mismatch for another input under the same key. */
export type SameRequest = (asked: Once, done: readonly Once[]) => boolean;
