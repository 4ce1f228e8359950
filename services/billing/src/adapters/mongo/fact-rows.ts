import { monthOfDay, type TenantId, utcDayOf } from "@greentick/kernel";
import {
  duplicatesIn,
  type Fact,
  isLate,
  isReordered,
  type Seen,
  type SeenPricing,
  standingEntry,
} from "../../domain/fact.js";
import { type LedgerEntry, messagePostings } from "../../domain/ledger-entry.js";
import { type Recipient } from "../../domain/markets.js";
import { type UnratedReason } from "../../domain/rate.js";
import { without } from "../../domain/without.js";
import { withPresent } from "../../domain/present.js";
import { type NameWebhook, nameWebhook, type ReadWebhook, readWebhook, type WebhookName } from "./entry-halves.js";
import { packEntry, type PackedEntry, readEntry } from "./packed-entry.js";

/** `joined`: its conversation stands for it and is counted instead. */
export type Outcome = "charged" | "free" | "unrated" | "failed" | "undelivered" | "joined";

/** A fact as it lies in the store: what lists and counts look for in fields, which are absent where they would say zero or false, and the rest as JSON. */
export interface FactRow {
  _id: string;
  schemaVersion: 2;
  tenantId: TenantId;
  ancestorIds: readonly TenantId[];
  livemode: boolean;
  version: number;
  wabaId: string;
  /** Of the delivery, or of the first status of what was not delivered; UTC. */
  month: string;
  outcome: Outcome;
  unrated?: UnratedReason | undefined;
  /** Meta's category, where it waits. */
  word?: string | undefined;
  /** Where they are others than the one that the id names. */
  messages?: readonly string[] | undefined;
  proof?: { readonly at: Date } | undefined;
  kept?: Fact["kept"] | undefined;
  duplicates?: number | undefined;
  late?: true | undefined;
  reordered?: true | undefined;
  /** The note with which its last entries were decided; while the note is open they may not be in the ledger. */
  note?: string | undefined;
  /** JSON. */
  details: string;
}

/** Instants in milliseconds. */
interface FactDetails {
  readonly phoneNumberId?: string | undefined;
  readonly conversationKey?: string | undefined;
  readonly joined?: string | undefined;
  readonly reservationId?: string | undefined;
  readonly kind?: "conversation" | undefined;
  readonly group?: true | undefined;
  readonly failed?: true | undefined;
  readonly recipient: Recipient;
  readonly firstAt: number;
  /** Each update's content, without the message's key where that is the first, and the webhooks that carried it. */
  readonly seen: readonly (readonly [content: string, ...webhooks: string[]])[];
  readonly proof?: { readonly status: string; readonly webhook: WebhookName } | undefined;
  readonly provedReceivedAt?: number | undefined;
  readonly pricing?: PackedPricing | undefined;
  readonly pricedReceivedAt?: number | undefined;
  readonly entries?: readonly PackedEntry[] | undefined;
}
interface PackedPricing extends Omit<SeenPricing, "at" | "webhook"> {
  readonly at: number;
  readonly webhook: WebhookName;
}

function outcomeOf(fact: Fact): Outcome {
  if (fact.joined !== undefined) return "joined";
  if (fact.unrated !== undefined) return "unrated";
  const standing = standingEntry(fact);
  if (standing !== undefined) return standing.free ? "free" : "charged";
  return fact.failed ? "failed" : "undelivered";
}

/** The message that the id of a message's fact names; counts read it from there, too. */
const messageIn = (id: string): string => id.split("/")[2] ?? "";
export const messagesOfRow = {
  $ifNull: ["$messages", [{ $arrayElemAt: [{ $split: ["$_id", "/"] }, 2] }]],
};

/** The version that the row is to have, and the note that the fact's last entries were decided with. */
interface Written {
  readonly version: number;
  readonly note?: string | undefined;
}

export function toFactRow(fact: Fact, { version, note }: Written): FactRow {
  const counts = fact.joined === undefined;
  const { messages, proof } = fact;
  const isNamed = messages.length === 1 && messages[0] === messageIn(fact.id);
  const duplicates = counts ? duplicatesIn(fact) : 0;
  return {
    _id: fact.id,
    schemaVersion: 2,
    tenantId: fact.tenantId,
    ancestorIds: fact.ancestorIds,
    livemode: fact.livemode,
    version,
    wabaId: fact.wabaId,
    month: monthOfDay(utcDayOf(proof?.at ?? fact.firstAt)),
    outcome: outcomeOf(fact),
    unrated: fact.unrated,
    word: fact.unrated === undefined ? undefined : fact.pricing?.pricing.category,
    messages: isNamed ? undefined : messages,
    proof: proof && { at: proof.at },
    kept: fact.kept,
    duplicates: duplicates === 0 ? undefined : duplicates,
    late: counts && isLate(fact) ? true : undefined,
    reordered: counts && isReordered(fact) ? true : undefined,
    note,
    details: JSON.stringify(detailsOf(fact)),
  };
}

/** Every webhook is written out once, where it was seen, and is a place in that list everywhere else. */
function detailsOf(fact: Fact): FactDetails {
  const { seen, proof, pricing, entries, wabaId } = fact;
  const name = namerOf(seen);
  const key = fact.messages[0] ?? "";
  return {
    phoneNumberId: fact.phoneNumberId,
    conversationKey: fact.conversationKey,
    joined: fact.joined,
    reservationId: fact.reservationId,
    kind: fact.kind === "conversation" ? fact.kind : undefined,
    group: fact.group ? true : undefined,
    failed: fact.failed ? true : undefined,
    recipient: fact.recipient,
    firstAt: fact.firstAt.getTime(),
    seen: seen.map(({ content, webhooks }) => [withoutKey(content, key), ...webhooks]),
    proof: proof && { status: proof.status, webhook: name(proof.webhook) },
    provedReceivedAt: fact.provedReceivedAt?.getTime(),
    pricing: pricing && {
      pricing: pricing.pricing,
      atDelivery: pricing.atDelivery,
      at: pricing.at.getTime(),
      webhook: name(pricing.webhook),
    },
    pricedReceivedAt: fact.pricedReceivedAt?.getTime(),
    entries: entries.length === 0 ? undefined : entries.map((entry) => packEntry(entry, wabaId, name)),
  };
}

const withoutKey = (content: string, key: string): string =>
  content.startsWith(`${key}@`) ? content.slice(key.length) : content;
const withKey = (content: string, key: string): string => (content.startsWith("@") ? key + content : content);

function namerOf(seen: readonly Seen[]): NameWebhook {
  const known = seen.flatMap(({ webhooks }) => webhooks);
  return (webhook) => {
    const name = nameWebhook(webhook);
    const place = known.indexOf(name);
    return place < 0 ? name : place;
  };
}

/** `open`: the notes among those of the rows that are open. */
export function fromFactRow(row: FactRow, open: ReadonlySet<string>): Fact {
  const stored = row as FactRow | WideFactRow;
  const booking = stored.note !== undefined && open.has(stored.note);
  return stored.schemaVersion === 2 ? fromDetails(stored, booking) : fromWideRow(stored, booking);
}

function fromDetails(row: FactRow, booking: boolean): Fact {
  const { _id: id, tenantId, ancestorIds, livemode, wabaId, proof } = row;
  const packed = JSON.parse(row.details) as FactDetails;
  const { provedReceivedAt, pricing, pricedReceivedAt } = packed;
  const messages = row.messages ?? [messageIn(id)];
  const key = messages[0] ?? "";
  const seen = packed.seen.map(([content, ...webhooks]) => ({ content: withKey(content, key), webhooks }));
  const read = readerOf(seen);
  const owner = { tenantId, ancestorIds, livemode, key: id, wabaId };
  const fact: Fact = {
    id,
    tenantId,
    ancestorIds,
    livemode,
    version: row.version,
    kind: packed.kind ?? "message",
    wabaId,
    group: packed.group ?? false,
    messages,
    recipient: packed.recipient,
    seen,
    failed: packed.failed ?? false,
    firstAt: new Date(packed.firstAt),
    entries: (packed.entries ?? []).map((entry) => readEntry(entry, owner, read)),
    booking,
  };
  return withPresent(fact, {
    phoneNumberId: packed.phoneNumberId,
    conversationKey: packed.conversationKey,
    joined: packed.joined,
    reservationId: packed.reservationId,
    kept: row.kept,
    unrated: row.unrated,
    proof: proof && packed.proof && { at: proof.at, status: packed.proof.status, webhook: read(packed.proof.webhook) },
    provedReceivedAt: instantOf(provedReceivedAt),
    pricing: pricing && {
      pricing: pricing.pricing,
      atDelivery: pricing.atDelivery,
      at: new Date(pricing.at),
      webhook: read(pricing.webhook),
    },
    pricedReceivedAt: instantOf(pricedReceivedAt),
  });
}

const instantOf = (ms: number | undefined): Date | undefined => (ms === undefined ? undefined : new Date(ms));

function readerOf(seen: readonly Seen[]): ReadWebhook {
  const known = seen.flatMap(({ webhooks }) => webhooks);
  return (name) => readWebhook(typeof name === "number" ? (known[name] ?? "") : name);
}

/** A fact of a version that gave everything in it fields of its own. */
interface WideFactRow extends Omit<Fact, "id" | "booking" | "entries"> {
  _id: string;
  schemaVersion: 1;
  entries: readonly EntryInFact[];
  note?: string;
}
type EntryInFact = Omit<LedgerEntry, "tenantId" | "ancestorIds" | "livemode" | "billToTenantId" | "key" | "postings"> &
  Partial<Pick<LedgerEntry, "postings">>;

function fromWideRow(row: WideFactRow, booking: boolean): Fact {
  const { _id, tenantId, ancestorIds, livemode } = row;
  const said = ["note", "month", "outcome", "duplicates", "late", "reordered"] as (keyof WideFactRow)[];
  return {
    ...(without(row, "_id", "schemaVersion", "entries", ...said) as Omit<Fact, "id" | "booking" | "entries">),
    id: _id,
    entries: row.entries.map((entry) => ({
      ...{ tenantId, ancestorIds, livemode, billToTenantId: tenantId, key: _id },
      postings: messagePostings(entry.cost, entry.charge),
      ...entry,
    })),
    booking,
  };
}
