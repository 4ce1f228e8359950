import { type Clock, type EntryId, faultPoint, systemScope, type TenantId, versionConflict } from "@greentick/kernel";
import { billedFrom, isReady, type ReadyAccount } from "../domain/account.js";
import { type AccountTerms, accountTerms } from "../domain/account-terms.js";
import { decide, type Surroundings } from "../domain/decide.js";
import { type Fact } from "../domain/fact.js";
import { type PricePlan } from "../domain/price-plan.js";
import { resolvedByArrival, resolvedByCards, type Tariffs } from "../domain/rate.js";
import { seriesOf } from "../domain/tier.js";
import { readCategory } from "../domain/words.js";
import {
  type AccountStore,
  type BusinessNow,
  type EntryIds,
  type EntryStore,
  type ExchangeRateStore,
  type FactStore,
  type PlanStore,
  type PortfolioTier,
  type TariffRefresh,
  type TariffSource,
  type TierBook,
  type WabaBook,
  type WabaFacts,
  type WindowStore,
  type Zones,
} from "../ports.js";
import { byClient } from "./by-client.js";
import { ratesAround } from "./known-rates.js";
import { portfolioOf } from "./portfolio.js";

export interface RatingPorts {
  readonly facts: FactStore;
  readonly entries: EntryStore;
  readonly windows: WindowStore;
  readonly wabas: WabaBook;
  readonly tiers: TierBook;
  readonly accounts: AccountStore;
  readonly plans: PlanStore;
  readonly rates: ExchangeRateStore;
  readonly tariffs: TariffSource;
  readonly refreshTariffs: TariffRefresh;
  readonly zones: Zones;
  readonly entryIds: EntryIds;
  readonly businessNow: BusinessNow;
  readonly systemNow: Clock;
}

const scope = systemScope("price-facts");

/** What several facts share, read once. */
interface Around {
  readonly wabas: ReadonlyMap<string, WabaFacts>;
  /** Those that Stripe knows: what others owe waits, because nobody could be told of it. */
  readonly accounts: ReadonlyMap<string, ReadyAccount>;
  readonly plans: ReadonlyMap<TenantId, readonly PricePlan[]>;
  /** By client and portfolio. */
  readonly tiers: ReadonlyMap<string, readonly PortfolioTier[]>;
  readonly tariffs: Tariffs;
}

async function aroundOf(ports: RatingPorts, facts: readonly Fact[]): Promise<Around> {
  const tenantIds = [...new Set(facts.map(({ tenantId }) => tenantId))];
  const wabaIds = [...new Set(facts.map(({ wabaId }) => wabaId))];
  const [wabas, accounts, plans] = await Promise.all([
    ports.wabas.find(scope, wabaIds),
    ports.accounts.getMany(scope, tenantIds),
    ports.plans.findAll(scope, { tenantId: tenantIds }),
  ]);
  const known = accounts.filter(isReady).map((account) => [account.id, account] as const);
  return {
    wabas,
    accounts: new Map(known),
    plans: byClient(plans),
    tiers: await tiersOf(ports, facts, wabas),
    tariffs: ports.tariffs(),
  };
}

/** Currency and zone of an account at an instant. */
export const termsAt = ({ changes, currency, timeZone }: WabaFacts, at: Date): AccountTerms =>
  accountTerms(changes ?? [{ since: at, currency, timeZone }], at);

/** News of tiers of the portfolios and months in which something was delivered that could fall into one. */
async function tiersOf(
  ports: Pick<RatingPorts, "tiers" | "zones">,
  facts: readonly Fact[],
  wabas: Around["wabas"],
): Promise<Around["tiers"]> {
  const asked = facts.flatMap((fact) => {
    const waba = wabas.get(fact.wabaId);
    if (waba === undefined || fact.proof === undefined || !hasTiers(fact)) return [];
    const localDate = ports.zones.localDate(fact.proof.at, termsAt(waba, fact.proof.at).timeZone);
    return [{ businessId: portfolioOf(waba), month: localDate.slice(0, 7) }];
  });
  if (asked.length === 0) return new Map();
  const businessIds = [...new Set(asked.map(({ businessId }) => businessId))];
  const months = [...new Set(asked.map(({ month }) => month))];
  const told = new Map<string, PortfolioTier[]>();
  for (const { tenantId, ...tier } of await ports.tiers.find(scope, { businessIds, months })) {
    const key = `${tenantId}/${tier.businessId}`;
    told.set(key, [...(told.get(key) ?? []), tier]);
  }
  return told;
}

function hasTiers({ pricing }: Fact): boolean {
  if (pricing === undefined) return false;
  const reading = readCategory(pricing.pricing.category);
  return reading.as === "card" && seriesOf(reading.category) !== undefined;
}

function surroundingsOf(ports: RatingPorts, around: Around, fact: Fact): Surroundings {
  const waba = around.wabas.get(fact.wabaId);
  const account = around.accounts.get(fact.tenantId);
  const at = fact.proof?.at;
  const terms = waba !== undefined && at !== undefined ? termsAt(waba, at) : undefined;
  return {
    tariffs: around.tariffs,
    now: ports.businessNow(fact.livemode),
    entryId: (key, seq, when): EntryId => ports.entryIds(fact.tenantId, key, seq, when),
    ...(waba !== undefined && { tiers: around.tiers.get(`${fact.tenantId}/${portfolioOf(waba)}`) ?? [] }),
    ...(terms !== undefined &&
      at !== undefined && {
        account: { currency: terms.currency, localDate: ports.zones.localDate(at, terms.timeZone) },
      }),
    ...(account !== undefined && {
      client: {
        currency: account.currency,
        namedMarkets: account.namedMarkets,
        billedFrom: billedFrom(account),
        plans: around.plans.get(fact.tenantId) ?? [],
      },
    }),
  };
}

/** The surroundings with the exchange rates that these facts may need. */
async function withRates(
  ports: RatingPorts,
  around: Around,
  facts: readonly Fact[],
): Promise<(fact: Fact) => Surroundings> {
  const isExchanged = [...around.plans.values()].some((plans) => plans.some(({ exchange }) => exchange !== undefined));
  if (!isExchanged) return (fact) => surroundingsOf(ports, around, fact);
  const rates = await ratesAround(
    ports.rates,
    facts.map((fact) => surroundingsOf(ports, around, fact)),
  );
  return (fact) => ({ rates, ...surroundingsOf(ports, around, fact) });
}

/** What each of these facts is decided in, read once for all of them. */
export const surroundingsFor = async (
  ports: RatingPorts,
  facts: readonly Fact[],
): Promise<(fact: Fact) => Surroundings> => withRates(ports, await aroundOf(ports, facts), facts);

/** A fact as it was read, and as it is now. */
export interface Turn {
  readonly before: Fact | undefined;
  readonly after: Fact;
}

const changed = ({ before, after }: Turn, decided: Fact): boolean =>
  before !== after || decided.entries.length !== after.entries.length || decided.unrated !== after.unrated;

/**
 * Decides facts and books what was decided: a note of it, the facts with their entries inside (the intent), then the ledger, then the
 * windows; at last the note is taken away. A crash between any two steps is repaired by repeating, or by whoever finds the note. Safe to
 * repeat.
 * @throws CONFLICT/version_conflict when somebody else changed one of the facts meanwhile: read them again.
 */
export const settleFacts =
  (ports: RatingPorts) =>
  async (turns: readonly Turn[]): Promise<number> => {
    const facts = turns.map(({ after }) => after);
    const around = await aroundOf(ports, facts);
    const known = await withRates(ports, around, facts);
    const decided = turns.map((turn) => {
      const fact = decide(turn.after, known(turn.after));
      return { fact, write: changed(turn, fact) };
    });
    const writing = decided.filter(({ write }) => write).map(({ fact }) => fact);
    const saved = await ports.facts.save(scope, writing, ports.systemNow());
    if (!saved.ok) {
      for (const note of saved.notes) await bookNoted(ports)(note);
      await ports.facts.booked(scope, saved.notes);
      throw versionConflict("fact", writing[0]?.id ?? "");
    }
    await faultPoint("billing.facts-kept");
    await book(
      ports,
      decided.filter(({ fact }) => fact.booking).map(({ fact }) => fact),
    );
    await ports.facts.booked(scope, saved.notes);
    await settleAgain(ports, writing, around.tariffs);
    return writing.length;
  };

/** Books those facts that were written with a note. True when no write of what it names can be under way any more. Safe to repeat. */
export const bookNoted =
  (ports: RatingPorts) =>
  async (note: string): Promise<boolean> => {
    const { facts, complete } = await ports.facts.noted(scope, note);
    await book(ports, facts);
    return complete;
  };

/**
 * What a fact waits for may have arrived between the look for it and the fact's own writing; the arrival then found nothing to rate. Both
 * sides write first and look afterwards, so one of them sees the other. Ends when a look changes nothing.
 */
async function settleAgain(ports: RatingPorts, written: readonly Fact[], tariffs: Tariffs): Promise<void> {
  const waitsFor = (reasons: readonly string[]): readonly Fact[] =>
    written.filter(({ unrated }) => unrated !== undefined && reasons.includes(unrated));
  const forCards = waitsFor(resolvedByCards);
  // Another process may have released a card that this one has not heard of.
  if (forCards.length > 0) await ports.refreshTariffs();
  const released = ports.tariffs() !== tariffs;
  const waiting = [...waitsFor(resolvedByArrival), ...(released ? forCards : [])].map(raised);
  if (waiting.length > 0) await settleFacts(ports)(waiting.map((fact) => ({ before: fact, after: fact })));
}

const raised = (fact: Fact): Fact => ({ ...fact, version: fact.version + 1 });

/** Inserts the entries and marks their windows, for repeats too: who died in between may not have got so far. */
async function book(ports: RatingPorts, facts: readonly Fact[]): Promise<void> {
  if (facts.length === 0) return;
  const entries = facts.flatMap((fact) => fact.entries);
  await ports.entries.insert(scope, entries);
  await faultPoint("billing.entries-kept");
  await ports.windows.markDirty(scope, entries);
  await faultPoint("billing.windows-marked");
}
