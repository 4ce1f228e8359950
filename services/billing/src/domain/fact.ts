import { type SourceWebhook, type TenantId, utcDayOf } from "@greentick/kernel";
import { lateAfterMs } from "./calendar.js";
import { type LedgerEntry } from "./ledger-entry.js";
import { type Recipient } from "./markets.js";
import { withPresent } from "./present.js";
import { type Pricing, type RatingBasis, type UnratedReason } from "./rate.js";
import { plainWord, provesDelivery } from "./words.js";

export type FactKind = "message" | "conversation";

/** One status update of Meta's about one message, as it reaches the rater. Keys are keyed hashes. */
export interface Sighting {
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  readonly messageKey: string;
  readonly conversationKey?: string;
  readonly participantKey?: string;
  readonly wabaId: string;
  readonly phoneNumberId?: string;
  /** Meta's word. */
  readonly status: string;
  readonly at: Date;
  readonly receivedAt: Date;
  /** When the door received it, in system time. */
  readonly keptAt?: Date;
  readonly recipient: Recipient;
  readonly group: boolean;
  readonly pricing?: Pricing;
  /** Reservation that the sender named in the message. */
  readonly reservationId?: string;
  readonly webhook: SourceWebhook;
}

/** The earliest thing that proved a delivery. */
export interface Proof {
  readonly at: Date;
  readonly status: string;
  readonly webhook: SourceWebhook;
}
export interface SeenPricing {
  readonly pricing: Pricing;
  /** Carried by a status that proves delivery: beats what `sent` announced. */
  readonly atDelivery: boolean;
  readonly at: Date;
  readonly webhook: SourceWebhook;
}

/** One distinct status update and the webhooks that carried it; every webhook after the first was a duplicate. */
export interface Seen {
  readonly content: string;
  readonly webhooks: readonly string[];
}

/**
 * One chargeable thing: a delivered message (one per participant in a group), or a conversation under conversation-based pricing. Built
 * from status updates in any order; the same set of updates gives the same facts.
 */
export interface Fact {
  readonly id: string;
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  /** Zero before it was first kept. */
  readonly version: number;
  readonly kind: FactKind;
  readonly wabaId: string;
  readonly phoneNumberId?: string;
  readonly group: boolean;
  /** Keys of the messages it covers: one, or those of the conversation. */
  readonly messages: readonly string[];
  /** Of a message: the conversation that some status named, whatever it is priced by. */
  readonly conversationKey?: string;
  /** Of a message that is priced by conversation: the fact that stands for it. It is neither rated nor counted itself. */
  readonly joined?: string;
  readonly recipient: Recipient;
  readonly seen: readonly Seen[];
  readonly failed: boolean;
  readonly firstAt: Date;
  /** When the door received the first and the last webhook about it, in system time; absent for facts from before this was noted. */
  readonly kept?: { readonly first: Date; readonly last: Date };
  readonly proof?: Proof;
  readonly provedReceivedAt?: Date;
  readonly pricing?: SeenPricing;
  readonly pricedReceivedAt?: Date;
  /** Reservation that the message was sent under. */
  readonly reservationId?: string;
  /** Entries decided so far, oldest first: the intent from which the ledger is filled. */
  readonly entries: readonly LedgerEntry[];
  /** Entries are decided that may not be in the ledger yet. */
  readonly booking: boolean;
  readonly unrated?: UnratedReason;
}

/** The fact of the message that a status is about; in a group of one participant's delivery. */
export const messageFactId = ({ tenantId, messageKey, participantKey }: Sighting): string =>
  `${tenantId}/message/${messageKey}/${participantKey ?? "-"}`;

export const instantOrder = (a: Date, b: Date): number => a.getTime() - b.getTime();
const webhookId = ({ sha256, index }: SourceWebhook): string => `${sha256}:${index}`;
const webhookOrder = (a: SourceWebhook, b: SourceWebhook): number => (webhookId(a) < webhookId(b) ? -1 : 1);

export const proofOrder = (a: Proof, b: Proof): number =>
  instantOrder(a.at, b.at) || a.status.localeCompare(b.status) || webhookOrder(a.webhook, b.webhook);
export const pricingOrder = (a: SeenPricing, b: SeenPricing): number =>
  Number(b.atDelivery) - Number(a.atDelivery) || instantOrder(a.at, b.at) || webhookOrder(a.webhook, b.webhook);
export const recipientOrder = (a: Recipient, b: Recipient): number =>
  a.dialPrefix === b.dialPrefix && a.country === b.country
    ? 0
    : recipientRank(a) - recipientRank(b) || JSON.stringify(a).localeCompare(JSON.stringify(b));
const recipientRank = ({ dialPrefix, country }: Recipient): number =>
  dialPrefix !== undefined ? 0 : country !== undefined ? 1 : 2;

/** The one that comes first; what is absent never does. */
export function first<T>(order: (a: T, b: T) => number, a: T | undefined, b: T | undefined): T | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return order(a, b) <= 0 ? a : b;
}

const textOrder = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);

const pricingText = ({ model, type = "", category, subtype = "", cost }: Pricing): string =>
  `${model}|${type}|${category}|${subtype}|${cost?.amount ?? ""}|${cost?.currency ?? ""}`;

/** Two updates with the same content are the same statement of Meta's, sent twice. */
const contentOf = ({ messageKey, status, at, pricing }: Sighting): string =>
  `${messageKey}@${plainWord(status)}@${at.getTime()}@${pricing === undefined ? "" : pricingText(pricing)}`;

function newFact(sighting: Sighting): Fact {
  const { tenantId, ancestorIds, livemode, wabaId, phoneNumberId, group } = sighting;
  return {
    id: messageFactId(sighting),
    tenantId,
    ancestorIds,
    livemode,
    version: 0,
    kind: "message",
    wabaId,
    ...(phoneNumberId !== undefined && { phoneNumberId }),
    group,
    messages: [sighting.messageKey],
    recipient: sighting.recipient,
    seen: [],
    failed: false,
    firstAt: sighting.at,
    entries: [],
    booking: false,
  };
}

/** Adds a webhook to the updates seen; undefined when exactly this webhook was seen before (the bus delivered it again). */
function withSeen(seen: readonly Seen[], content: string, webhook: string): readonly Seen[] | undefined {
  const at = seen.findIndex((one) => one.content === content);
  if (at < 0) return [...seen, { content, webhooks: [webhook] }];
  if (seen[at]?.webhooks.includes(webhook) === true) return undefined;
  return seen.map((one, place) => (place === at ? { content, webhooks: [...one.webhooks, webhook] } : one));
}

/** The message after one more status update. Commutative and safe to repeat: order and redelivery change nothing. */
export function observe(before: Fact | undefined, sighting: Sighting): Fact {
  const fact = before ?? newFact(sighting);
  const seen = withSeen(fact.seen, contentOf(sighting), webhookId(sighting.webhook));
  if (seen === undefined) return fact;
  const proves = provesDelivery(sighting.status);
  // Written out instead of copied, because it is made for every status: see the README, speed.
  const after: Fact = {
    id: fact.id,
    tenantId: fact.tenantId,
    ancestorIds: fact.ancestorIds,
    livemode: fact.livemode,
    version: fact.version,
    kind: fact.kind,
    wabaId: fact.wabaId,
    group: fact.group,
    messages: fact.messages,
    recipient: first(recipientOrder, fact.recipient, sighting.recipient) ?? {},
    seen,
    failed: fact.failed || plainWord(sighting.status) === "failed",
    firstAt: first(instantOrder, fact.firstAt, sighting.at) ?? sighting.at,
    entries: fact.entries,
    booking: fact.booking,
  };
  return withPresent(after, {
    phoneNumberId: fact.phoneNumberId,
    conversationKey: first(textOrder, fact.conversationKey, sighting.conversationKey),
    joined: fact.joined,
    kept: keptAfter(before, sighting),
    proof: first(proofOrder, fact.proof, proves ? proofIn(sighting) : undefined),
    provedReceivedAt: first(instantOrder, fact.provedReceivedAt, proves ? sighting.receivedAt : undefined),
    pricing: first(pricingOrder, fact.pricing, pricingIn(sighting, proves)),
    pricedReceivedAt: first(instantOrder, fact.pricedReceivedAt, sighting.pricing && sighting.receivedAt),
    // Every status of a message repeats what its sender gave it; of two different ones the smaller counts, in any order.
    reservationId: first(textOrder, fact.reservationId, sighting.reservationId),
    unrated: fact.unrated,
  });
}

/** A fact whose first webhooks nobody dated stays undated: what is not known of all must not be claimed. */
function keptAfter(before: Fact | undefined, { keptAt }: Sighting): Fact["kept"] {
  if (keptAt === undefined || (before !== undefined && before.kept === undefined)) return before?.kept;
  const { first: start, last } = before?.kept ?? { first: keptAt, last: keptAt };
  return { first: keptAt < start ? keptAt : start, last: keptAt > last ? keptAt : last };
}

const proofIn = ({ status, at, webhook }: Sighting): Proof => ({ at, status: plainWord(status), webhook });

const pricingIn = ({ pricing, at, webhook }: Sighting, atDelivery: boolean): SeenPricing | undefined =>
  pricing && { pricing, atDelivery, at, webhook };

/** Status updates that repeated one already kept. */
export const duplicatesIn = (fact: Fact): number =>
  fact.seen.reduce((sum, { webhooks }) => sum + webhooks.length - 1, 0);

const statusRank: Readonly<Record<string, number>> = { sent: 0, delivered: 1, failed: 1, read: 2, played: 2 };

/** Some message's updates arrived in another order than sent, delivered, read. */
export function isReordered(fact: Fact): boolean {
  if (fact.seen.length < 2) return false;
  const furthest = new Map<string, number>();
  return fact.seen.some(({ content }) => {
    const [message = "", status = ""] = content.split("@");
    const rank = statusRank[status] ?? 0;
    const before = furthest.get(message) ?? 0;
    furthest.set(message, Math.max(before, rank));
    return rank < before;
  });
}

/** When we first knew enough to rate it. */
export function completedAt({ provedReceivedAt, pricedReceivedAt }: Fact): Date | undefined {
  if (provedReceivedAt === undefined || pricedReceivedAt === undefined) return undefined;
  return provedReceivedAt > pricedReceivedAt ? provedReceivedAt : pricedReceivedAt;
}

/** Complete only more than 24 hours after the delivery. */
export function isLate(fact: Fact): boolean {
  const complete = completedAt(fact);
  return (
    complete !== undefined && fact.proof !== undefined && complete.getTime() - fact.proof.at.getTime() > lateAfterMs
  );
}

/** The entry that stands after all corrections; undefined when there is none or it was taken back. */
export function standingEntry(fact: Fact): LedgerEntry | undefined {
  const last = fact.entries.at(-1);
  return last !== undefined && last.units > 0 ? last : undefined;
}

/** Whether an entry rests on this basis and day; when it does, nothing has to be decided again. */
export const restsOn = (entry: LedgerEntry, basis: RatingBasis, deliveredAt: Date): boolean =>
  entry.service?.localDate === basis.localDate &&
  entry.service.utcDay === utcDayOf(deliveredAt) &&
  entry.service.basis.currency === basis.currency &&
  entry.service.basis.position === basis.position &&
  pricingText(entry.service.basis.pricing) === pricingText(basis.pricing) &&
  recipientOrder(entry.service.basis.recipient, basis.recipient) === 0;
