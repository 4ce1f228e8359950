import { type EntryId, type LocalDate, type UtcDay, utcDayOf } from "@greentick/kernel";
import { bucketOf } from "./bucket.js";
import { accountingDay } from "./calendar.js";
import { completedAt, type Fact, isLate, type Proof, sameBasis, type SeenPricing, standingEntry } from "./fact.js";
import { type Booking, type LedgerEntry, reversalOf, type ServiceFacts, usageEntry } from "./ledger-entry.js";
import { type PricePlan, planOn } from "./price-plan.js";
import { type Charge, rate, type Tariffs, type UnratedReason } from "./rate.js";
import { without } from "./without.js";

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
  readonly tariffs: Tariffs;
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
 * Rates a fact as far as it can be rated: a first entry, a correction (reversal and replacement) when an earlier proof or better pricing
 * changed its basis, or the reason why it waits; an entry whose new basis has no price is taken back. A fact without proof of delivery costs nothing and gets no entry. Deciding twice in the
 * same surroundings changes nothing.
 */
export function decide(fact: Fact, around: Surroundings): Fact {
  const rest = rated(fact);
  if (fact.proof === undefined) return rest;
  if (!isComplete(fact)) return { ...rest, unrated: "awaiting_pricing" };
  const { account, client } = around;
  if (account === undefined) return waiting(fact, "awaiting_account");
  const standing = standingEntry(fact);
  if (standing !== undefined && sameBasis(standing, fact, account.localDate)) return rest;
  if (client === undefined) return waiting(fact, "awaiting_billing");
  if (client.currency !== account.currency) return waiting(fact, "currency_differs");
  const plan = planOn(client.plans, account.localDate);
  const known = { ...around, account, client };
  if (plan === undefined) return withdrawn(fact, standing, { ...known, reason: "awaiting_plan" });
  return priced(fact, standing, { ...known, plan });
}

const rated = (fact: Fact): Fact => (fact.unrated === undefined ? fact : without(fact, "unrated"));

const waiting = (fact: Fact, unrated: UnratedReason): Fact => ({ ...fact, unrated });

type Billed = Required<Pick<Surroundings, "account" | "client">> & Surroundings;
type Known = Billed & { readonly plan: PricePlan };

/** What an entry stood for has no price any more: the entry is taken back, and the reason shown. */
function withdrawn(
  fact: Complete,
  standing: LedgerEntry | undefined,
  known: Billed & { readonly reason: UnratedReason },
): Fact {
  if (standing === undefined) return waiting(fact, known.reason);
  return {
    ...waiting(fact, known.reason),
    entries: [...fact.entries, takenBack(fact, standing, known)],
    booking: true,
  };
}

function priced(fact: Complete, standing: LedgerEntry | undefined, known: Known): Fact {
  const { account, tariffs, plan } = known;
  const basis = {
    currency: account.currency,
    localDate: account.localDate,
    recipient: fact.recipient,
    group: fact.group,
    pricing: fact.pricing.pricing,
  };
  const outcome = rate(basis, tariffs, plan);
  if (outcome.kind === "not_ratable") return withdrawn(fact, standing, { ...known, reason: outcome.reason });
  const rest = rated(fact);
  const service = serviceFacts(fact, outcome, { ...known, basis });
  const bucket = bucketOf(outcome.category, outcome.market, known.client.namedMarkets);
  if (standing !== undefined && saysTheSame(standing, { ...outcome, bucket, service })) return rest;
  const reversal = standing === undefined ? [] : [takenBack(fact, standing, known)];
  const day = accountingDay(service.utcDay, known.now, known.client.billedFrom);
  const booking = bookingFor(fact, { seq: fact.entries.length + reversal.length, day }, known);
  const entry = usageEntry(fact, booking, {
    ...outcome,
    bucket,
    service,
    ...(standing !== undefined && { corrects: standing.id }),
  });
  return { ...rest, entries: [...fact.entries, ...reversal, entry], booking: true };
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
  ...place,
  bookedAt: now,
});

function takenBack(fact: Complete, standing: LedgerEntry, known: Billed): LedgerEntry {
  const day = accountingDay(standing.day, known.now, known.client.billedFrom);
  const booking = bookingFor(fact, { seq: fact.entries.length, day }, known);
  const says = `A status that arrived later proves delivery at ${fact.proof.at.toISOString()} as ${fact.pricing.pricing.category}: this takes back ${standing.id}.`;
  return reversalOf(standing, booking, { rule: "correction", says });
}

function serviceFacts(
  fact: Complete,
  charge: Charge,
  known: Known & { readonly basis: ServiceFacts["basis"] },
): ServiceFacts {
  const { proof, pricing } = fact;
  return {
    wabaId: fact.wabaId,
    ...(fact.phoneNumberId !== undefined && { phoneNumberId: fact.phoneNumberId }),
    deliveredAt: proof.at,
    localDate: known.account.localDate,
    utcDay: utcDayOf(proof.at),
    market: charge.market,
    category: charge.category,
    pricingCategory: pricing.pricing.category,
    ...(pricing.pricing.type !== undefined && { pricingType: pricing.pricing.type }),
    basis: known.basis,
    ...(charge.rate && { rate: charge.rate }),
    planId: known.plan.id,
    planNumber: known.plan.number,
    receivedAt: completedAt(fact) ?? known.now,
    late: isLate(fact),
    webhook: proof.webhook,
    ...(pricing.webhook.sha256 !== proof.webhook.sha256 || pricing.webhook.index !== proof.webhook.index
      ? { pricingWebhook: pricing.webhook }
      : {}),
  };
}
