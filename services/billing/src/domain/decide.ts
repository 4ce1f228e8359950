import { type EntryId, type LocalDate, type UtcDay, utcDayOf } from "@greentick/kernel";
import { bucketOf } from "./bucket.js";
import { accountingDay } from "./calendar.js";
import { type AppliedRate, type ExchangeRate, rateOn } from "./exchange.js";
import { completedAt, type Fact, isLate, type Proof, restsOn, type SeenPricing, standingEntry } from "./fact.js";
import { isPricedByConversation } from "./fold.js";
import { type Booking, type LedgerEntry, reversalOf, type ServiceFacts, usageEntry } from "./ledger-entry.js";
import { marketOf } from "./markets.js";
import { type PricePlan, planOn, plansAfter } from "./price-plan.js";
import { type Charge, rate, type RatingBasis, type Tariffs, type UnratedReason } from "./rate.js";
import { tierAt, type TierNews } from "./tier.js";
import { without } from "./without.js";
import { readCategory, readType } from "./words.js";

/** How a client is billed, as far as an entry needs it. */
export interface BilledClient {
  readonly currency: string;
  readonly namedMarkets: readonly string[];
  /** First UTC day that Stripe invoices. Only a client whose account is ready at Stripe stands here. */
  readonly billedFrom: UtcDay;
  readonly plans: readonly PricePlan[];
}

/** What is known around a fact when it is decided. */
export interface Surroundings {
  /** Of the WhatsApp account; absent while the account is not known here. */
  readonly account?: { readonly currency: string; readonly localDate: LocalDate };
  readonly client?: BilledClient;
  /** What Meta told of the volume tiers of the account's portfolio. */
  readonly tiers?: readonly TierNews[];
  readonly tariffs: Tariffs;
  /** Rates that may count, of the client and those above it. */
  readonly rates?: readonly ExchangeRate[];
  /** Business time. */
  readonly now: Date;
  readonly entryId: (key: string, seq: number, at: Date) => EntryId;
}

interface Complete extends Fact {
  readonly proof: Proof;
  readonly pricing: SeenPricing;
}
const isComplete = (fact: Fact): fact is Complete => fact.proof !== undefined && fact.pricing !== undefined;

/**
 * Rates a fact as far as it can be rated: a first entry, a correction (reversal and replacement) when an earlier proof, better pricing or news of
 * a volume tier changed its basis, or the reason why it waits; an entry whose new basis has no price is taken back, and so is that of a message which
 * turns out to be part of a conversation. A fact without proof of delivery costs nothing and gets no entry. Deciding twice in the same surroundings
 * changes nothing.
 */
export function decide(fact: Fact, around: Surroundings): Fact {
  const rest = rated(fact);
  if (fact.joined !== undefined) return partOfConversation(rest, around);
  if (fact.proof === undefined) return rest;
  if (!isComplete(fact)) return { ...rest, unrated: "awaiting_pricing" };
  if (fact.kind === "message" && isPricedByConversation(fact)) return waiting(fact, "awaiting_conversation");
  return decideComplete(fact, around);
}

function decideComplete(fact: Complete, around: Surroundings): Fact {
  const { account, client } = around;
  if (account === undefined) return waiting(fact, "awaiting_account");
  const standing = standingEntry(fact);
  const basis = basisOf(fact, account, around);
  if (standing !== undefined && restsOn(standing, basis, fact.proof.at)) return rated(fact);
  if (client === undefined) return waiting(fact, "awaiting_billing");
  const plan = planOn(client.plans, account.localDate);
  const billed = { ...around, account, client };
  if (plan === undefined) return withdrawn(fact, standing, { billed, reason: "awaiting_plan" });
  const first = priced(fact, standing, { billed, plan, basis });
  if (standing !== undefined || first.unrated !== "no_price_in_plan") return first;
  // What was never booked for want of a price takes the first later plan that has one: a plan for days that are booked cannot be released.
  const later = plansAfter(client.plans, plan).map((next) => priced(fact, standing, { billed, plan: next, basis }));
  return later.find(({ unrated }) => unrated === undefined) ?? first;
}

function partOfConversation(fact: Fact, around: Surroundings): Fact {
  const standing = standingEntry(fact);
  const { account, client } = around;
  if (standing === undefined || !isComplete(fact) || account === undefined || client === undefined) return fact;
  const says = `The message is part of a conversation, which is charged once: this takes back ${standing.id}.`;
  return withEntries(fact, [takenBack(fact, standing, { billed: { ...around, account, client }, says })]);
}

const withEntries = (fact: Fact, entries: readonly LedgerEntry[]): Fact => ({
  ...fact,
  entries: [...fact.entries, ...entries],
  booking: true,
});

/** What it is rated by: the words of the webhooks, the account's terms, and the tier that Meta had told for the time of the delivery. */
function basisOf(
  fact: Complete,
  { currency, localDate }: NonNullable<Surroundings["account"]>,
  around: Surroundings,
): RatingBasis {
  const { recipient, group, pricing } = fact;
  const basis = { currency, localDate, recipient, group, pricing: pricing.pricing };
  const tier = tierOf(basis, fact.proof.at, around);
  return tier === undefined ? basis : { ...basis, position: tier.from, positionSince: tier.at };
}

/** Only what is charged by the card falls into a tier. */
function tierOf(basis: RatingBasis, deliveredAt: Date, { tiers, tariffs }: Surroundings): TierNews | undefined {
  if (tiers === undefined || tiers.length === 0) return undefined;
  const { pricing, recipient, localDate } = basis;
  const reading = readCategory(pricing.category);
  if (reading.as !== "card" || readType(pricing.type ?? "") !== "regular") return undefined;
  const market = marketOf(tariffs.markets, recipient, localDate)?.market;
  return market === undefined
    ? undefined
    : tierAt(tiers, { localDate, market, category: reading.category, deliveredAt });
}

const rated = (fact: Fact): Fact => (fact.unrated === undefined ? fact : without(fact, "unrated"));

const waiting = (fact: Fact, unrated: UnratedReason): Fact => ({ ...fact, unrated });

type Billed = Required<Pick<Surroundings, "account" | "client">> & Surroundings;
interface Known {
  readonly billed: Billed;
  readonly plan: PricePlan;
  readonly basis: RatingBasis;
}

/** What an entry stood for has no price any more: the entry is taken back, and the reason shown. */
function withdrawn(
  fact: Complete,
  standing: LedgerEntry | undefined,
  { billed, reason }: { readonly billed: Billed; readonly reason: UnratedReason },
): Fact {
  if (standing === undefined) return waiting(fact, reason);
  return withEntries(waiting(fact, reason), [takenBack(fact, standing, { billed, says: laterProof(fact, standing) })]);
}

function priced(fact: Complete, standing: LedgerEntry | undefined, known: Known): Fact {
  const { billed, plan } = known;
  const exchange = exchangeFor(fact, standing, known);
  const basis = exchange === undefined ? known.basis : { ...known.basis, exchange };
  if (plan.currency !== billed.client.currency)
    return withdrawn(fact, standing, { billed, reason: "currency_differs" });
  const outcome = rate(basis, billed.tariffs, plan);
  if (outcome.kind === "not_ratable") return withdrawn(fact, standing, { billed, reason: outcome.reason });
  const rest = rated(fact);
  const { free, cost, charge, reasons } = outcome;
  const service = serviceFacts(fact, outcome, { billed, plan, basis });
  const bucket = bucketOf(outcome.category, outcome.market, billed.client.namedMarkets);
  if (standing !== undefined && saysTheSame(standing, { bucket, cost, charge, service })) return rest;
  const reversal =
    standing === undefined ? [] : [takenBack(fact, standing, { billed, says: laterProof(fact, standing) })];
  const day = accountingDay(service.utcDay, billed.now, billed.client.billedFrom);
  const booking = bookingFor(fact, { seq: fact.entries.length + reversal.length, day }, billed);
  const content = { bucket, free, cost, charge, reasons, service };
  const entry = usageEntry(fact, booking, standing === undefined ? content : { ...content, corrects: standing.id });
  return withEntries(rest, [...reversal, entry]);
}

/** The rate into the plan's currency; undefined where none is needed or none is known. */
function exchangeFor(
  fact: Complete,
  standing: LedgerEntry | undefined,
  { billed: { account, rates = [] }, plan }: Known,
): AppliedRate | undefined {
  if (plan.exchange === undefined || plan.currency === account.currency) return undefined;
  const { currency: from, localDate: date } = account;
  // What is booked keeps its rate.
  const { basis, planId } = standing?.service ?? {};
  if (basis?.exchange?.from === from && basis.localDate === date && planId === plan.id) return basis.exchange;
  const owners = [fact.tenantId, ...fact.ancestorIds];
  return rateOn(rates, { from, to: plan.currency, date, rule: plan.exchange, owners });
}

/** Another basis with the same price on the same day is no correction. */
const saysTheSame = (
  standing: LedgerEntry,
  next: Pick<LedgerEntry, "bucket" | "cost" | "charge"> & { service: ServiceFacts },
): boolean =>
  standing.bucket === next.bucket &&
  standing.cost.amountMicros === next.cost.amountMicros &&
  standing.charge.amountMicros === next.charge.amountMicros &&
  standing.service?.localDate === next.service.localDate &&
  standing.service.utcDay === next.service.utcDay &&
  standing.service.market === next.service.market &&
  standing.service.category === next.service.category;

const bookingFor = (fact: Complete, place: { seq: number; day: UtcDay }, { entryId, now }: Billed): Booking => ({
  id: entryId(fact.id, place.seq, fact.proof.at),
  key: fact.id,
  seq: place.seq,
  day: place.day,
  bookedAt: now,
});

const laterProof = (fact: Complete, standing: LedgerEntry): string =>
  `What was learnt later proves delivery at ${fact.proof.at.toISOString()} as ${fact.pricing.pricing.category}, by other terms than before: this takes back ${standing.id}.`;

function takenBack(
  fact: Complete,
  standing: LedgerEntry,
  { billed, says }: { billed: Billed; says: string },
): LedgerEntry {
  const day = accountingDay(standing.day, billed.now, billed.client.billedFrom);
  const booking = bookingFor(fact, { seq: fact.entries.length, day }, billed);
  return reversalOf(standing, booking, { rule: "correction", says });
}

function serviceFacts(fact: Complete, charge: Charge, { billed, plan, basis }: Known): ServiceFacts {
  const { proof, pricing } = fact;
  return {
    wabaId: fact.wabaId,
    ...(fact.phoneNumberId !== undefined && { phoneNumberId: fact.phoneNumberId }),
    ...(fact.reservationId !== undefined && { reservationId: fact.reservationId }),
    deliveredAt: proof.at,
    localDate: billed.account.localDate,
    utcDay: utcDayOf(proof.at),
    market: charge.market,
    category: charge.category,
    pricingCategory: pricing.pricing.category,
    ...(pricing.pricing.type !== undefined && { pricingType: pricing.pricing.type }),
    basis,
    ...(charge.rate && { rate: charge.rate }),
    ...(charge.tier && { tier: charge.tier, costReasons: charge.costReasons }),
    planId: plan.id,
    planNumber: plan.number,
    receivedAt: completedAt(fact) ?? billed.now,
    late: isLate(fact),
    webhook: proof.webhook,
    ...(pricing.webhook.sha256 !== proof.webhook.sha256 || pricing.webhook.index !== proof.webhook.index
      ? { pricingWebhook: pricing.webhook }
      : {}),
  };
}
