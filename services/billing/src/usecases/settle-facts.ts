import { type EntryId, faultPoint, systemScope, versionConflict } from "@greentick/kernel";
import { billedFrom, isReady, type ReadyAccount } from "../domain/account.js";
import { decide, type Surroundings } from "../domain/decide.js";
import { type Fact } from "../domain/fact.js";
import { type PricePlan } from "../domain/price-plan.js";
import { resolvedByArrival } from "../domain/rate.js";
import {
  type AccountStore,
  type BusinessNow,
  type EntryIds,
  type EntryStore,
  type ExchangeRateStore,
  type FactStore,
  type PlanStore,
  type TariffSource,
  type WabaBook,
  type WabaFacts,
  type WindowStore,
  type Zones,
} from "../ports.js";
import { ratesAround } from "./known-rates.js";

export interface RatingPorts {
  readonly facts: FactStore;
  readonly entries: EntryStore;
  readonly windows: WindowStore;
  readonly wabas: WabaBook;
  readonly accounts: AccountStore;
  readonly plans: PlanStore;
  readonly rates: ExchangeRateStore;
  readonly tariffs: TariffSource;
  readonly zones: Zones;
  readonly entryIds: EntryIds;
  readonly businessNow: BusinessNow;
}

const scope = systemScope("price-facts");

/** What several facts share, read once. */
interface Around {
  readonly wabas: ReadonlyMap<string, WabaFacts>;
  /** Those that Stripe knows: what others owe waits, because nobody could be told of it. */
  readonly accounts: ReadonlyMap<string, ReadyAccount>;
  readonly plans: ReadonlyMap<string, readonly PricePlan[]>;
}

async function aroundOf(ports: RatingPorts, facts: readonly Fact[]): Promise<Around> {
  const tenantIds = [...new Set(facts.map(({ tenantId }) => tenantId))];
  const wabaIds = [...new Set(facts.map(({ wabaId }) => wabaId))];
  const [wabas, accounts, plans] = await Promise.all([
    ports.wabas.find(scope, wabaIds),
    ports.accounts.getMany(scope, tenantIds),
    Promise.all(
      tenantIds.map(async (tenant) => [tenant, await ports.plans.findAll({ tenant, ancestors: [] }, {})] as const),
    ),
  ]);
  const known = accounts.filter(isReady).map((account) => [account.id, account] as const);
  return { wabas, accounts: new Map(known), plans: new Map(plans) };
}

function surroundingsOf(ports: RatingPorts, around: Around, fact: Fact): Surroundings {
  const waba = around.wabas.get(fact.wabaId);
  const account = around.accounts.get(fact.tenantId);
  const at = fact.proof?.at;
  return {
    tariffs: ports.tariffs(),
    now: ports.businessNow(fact.livemode),
    entryId: (key, seq, when): EntryId => ports.entryIds(fact.tenantId, key, seq, when),
    ...(waba !== undefined &&
      at !== undefined && {
        account: { currency: waba.currency, localDate: ports.zones.localDate(at, waba.timeZone) },
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

/** A fact as it was read, and as it is now. */
export interface Turn {
  readonly before: Fact | undefined;
  readonly after: Fact;
}

const changed = ({ before, after }: Turn, decided: Fact): boolean =>
  before !== after || decided.entries.length !== after.entries.length || decided.unrated !== after.unrated;

/**
 * Decides facts and books what was decided: facts with their entries inside first (the intent), then the ledger, then the windows, then the
 * note that all is booked. A crash between any two steps is repaired by repeating. Safe to repeat.
 * @throws CONFLICT/version_conflict when somebody else changed one of the facts meanwhile: read them again.
 */
export const settleFacts =
  (ports: RatingPorts) =>
  async (turns: readonly Turn[]): Promise<number> => {
    const around = await aroundOf(
      ports,
      turns.map(({ after }) => after),
    );
    const known = turns.map(({ after }) => surroundingsOf(ports, around, after));
    const rates = await ratesAround(ports.rates, known);
    const decided = turns.map((turn, at) => {
      const fact = decide(turn.after, { ...(known[at] ?? surroundingsOf(ports, around, turn.after)), rates });
      return { fact, write: changed(turn, fact) };
    });
    const writing = decided.filter(({ write }) => write).map(({ fact }) => fact);
    if (!(await ports.facts.save(scope, writing))) throw versionConflict("fact", writing[0]?.id ?? "");
    await faultPoint("billing.facts-kept");
    await book(
      ports,
      decided.filter(({ fact }) => fact.booking).map(({ fact, write }) => (write ? raised(fact) : fact)),
    );
    await settleAgain(ports, writing);
    return writing.length;
  };

/**
 * What a fact waits for may have arrived between the look for it and the fact's own writing; the arrival then found nothing to rate. Both
 * sides write first and look afterwards, so one of them sees the other. Ends when a look changes nothing.
 */
async function settleAgain(ports: RatingPorts, written: readonly Fact[]): Promise<void> {
  const waiting = written
    .filter(({ unrated }) => unrated !== undefined && resolvedByArrival.includes(unrated))
    .map(raised);
  if (waiting.length > 0) await settleFacts(ports)(waiting.map((fact) => ({ before: fact, after: fact })));
}

const raised = (fact: Fact): Fact => ({ ...fact, version: fact.version + 1 });

/** Inserts the entries and marks their windows, for repeats too: who died in between may not have got so far. */
async function book(ports: RatingPorts, facts: readonly Fact[]): Promise<void> {
  if (facts.length === 0) return;
  const entries = facts.flatMap((fact) => fact.entries);
  await ports.entries.insert(scope, entries);
  await faultPoint("billing.entries-kept");
  const windows = new Map(
    entries.map((entry) => [
      `${entry.tenantId}:${entry.bucket}:${entry.day}`,
      {
        tenantId: entry.tenantId,
        ancestorIds: entry.ancestorIds,
        livemode: entry.livemode,
        bucket: entry.bucket,
        day: entry.day,
      },
    ]),
  );
  await ports.windows.markDirty(scope, [...windows.values()]);
  await faultPoint("billing.windows-marked");
  await ports.facts.booked(scope, facts);
}
