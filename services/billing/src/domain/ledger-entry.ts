import {
  type EntryId,
  type LocalDate,
  type Money,
  money,
  type Month,
  monthOfDay,
  negate,
  type SourceWebhook,
  type TenantId,
  type UtcDay,
} from "@greentick/kernel";
import { type Bucket, platformFeeBucket } from "./bucket.js";
import { type RatingBasis } from "./rate.js";
import { type RateRef } from "./rate-card.js";
import { type Reason } from "./reason.js";
import { without } from "./without.js";
import { type CardCategory } from "./words.js";

export type EntryKind = "usage" | "platform_fee" | "adjustment" | "carry" | "correction";

/** One leg of an entry. The legs of an entry add up to zero in each currency. */
export interface Posting {
  readonly account: string;
  readonly amount: Money;
}

/** What was delivered, for entries about messages. */
export interface ServiceFacts {
  readonly wabaId: string;
  readonly phoneNumberId?: string;
  /** Reservation that the message was sent under. */
  readonly reservationId?: string;
  readonly deliveredAt: Date;
  /** Price date, in the account's zone: Meta's day and month. */
  readonly localDate: LocalDate;
  /** Day in UTC on which it happened. */
  readonly utcDay: UtcDay;
  readonly market: string;
  readonly category: CardCategory;
  readonly pricingCategory: string;
  readonly pricingType?: string;
  readonly basis: RatingBasis;
  /** The list rate. */
  readonly rate?: RateRef;
  /** The volume tier's rate where one was reached, and why; the provider's business, like the cost. */
  readonly tier?: RateRef;
  readonly costReasons?: readonly Reason[];
  readonly planId: string;
  readonly planNumber: number;
  /** When we first heard of it (business time). */
  readonly receivedAt: Date;
  readonly late: boolean;
  /** The webhook that proved the delivery, and the one that carried the pricing when it was another. */
  readonly webhook: SourceWebhook;
  readonly pricingWebhook?: SourceWebhook;
}

/** A line of the ledger: append-only. Corrections are new entries that name the one they correct. */
export interface LedgerEntry {
  readonly id: EntryId;
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  /** Who is invoiced for it. */
  readonly billToTenantId: TenantId;
  readonly kind: EntryKind;
  /** What it is about: a fact, a month's fee, a month's carry. With `seq` unique per tenant; the id is made of both. */
  readonly key: string;
  readonly seq: number;
  readonly corrects?: EntryId;
  /** Messages (or conversations) it counts: 1, -1 for a reversal, 0 for fees and carries. */
  readonly units: number;
  readonly free: boolean;
  readonly bucket: Bucket;
  /** The day under which it is metered and invoiced, in UTC. */
  readonly day: UtcDay;
  readonly month: Month;
  /** What Meta charges us. */
  readonly cost: Money;
  /** What the client pays. */
  readonly charge: Money;
  readonly postings: readonly Posting[];
  readonly reasons: readonly Reason[];
  readonly service?: ServiceFacts;
  /** Carries: the month whose rounding is carried. Adjustments: the month whose messages they are settled over. */
  readonly fromMonth?: Month;
  /** The accepted proposal of a replay that it was booked for. */
  readonly proposalId?: string;
  readonly bookedAt: Date;
}

/**
 * Both sides of an entry about a message: what Meta gets from us, and what we get from the client. Zero legs are left out. Entries
 * with these legs lie in the store without them: other legs need another version of the rows.
 */
export const messagePostings = (cost: Money, charge: Money): readonly Posting[] => [
  ...pair("meta.fees", "meta.payable", cost),
  ...pair("client.receivable", "revenue.messages", charge),
];

const pair = (debit: string, credit: string, amount: Money): readonly Posting[] =>
  amount.amountMicros === 0n
    ? []
    : [
        { account: debit, amount },
        { account: credit, amount: negate(amount) },
      ];

/** Zero in every currency by itself: what is owed in one is never paid in another. */
export function isBalanced({ postings }: Pick<LedgerEntry, "postings">): boolean {
  const sums = new Map<string, bigint>();
  for (const { amount } of postings) sums.set(amount.currency, (sums.get(amount.currency) ?? 0n) + amount.amountMicros);
  return [...sums.values()].every((sum) => sum === 0n);
}

/** What every entry takes from its owner. */
export type EntryOwner = Pick<LedgerEntry, "tenantId" | "ancestorIds" | "livemode">;
const ownerOf = ({
  tenantId,
  ancestorIds,
  livemode,
}: EntryOwner): EntryOwner & Pick<LedgerEntry, "billToTenantId"> => ({
  tenantId,
  ancestorIds,
  livemode,
  billToTenantId: tenantId,
});

export interface Booking {
  readonly id: EntryId;
  readonly key: string;
  readonly seq: number;
  readonly day: UtcDay;
  readonly bookedAt: Date;
}
const placed = (booking: Booking): Booking & Pick<LedgerEntry, "month"> => ({
  id: booking.id,
  key: booking.key,
  seq: booking.seq,
  day: booking.day,
  bookedAt: booking.bookedAt,
  month: monthOfDay(booking.day),
});

export function usageEntry(
  owner: EntryOwner,
  booking: Booking,
  of: Pick<LedgerEntry, "bucket" | "free" | "cost" | "charge" | "reasons"> & {
    readonly service: ServiceFacts;
    readonly corrects?: EntryId;
  },
): LedgerEntry {
  const { bucket, free, cost, charge, reasons, service, corrects } = of;
  // Written out, because it is made for every message: see the README, speed.
  return {
    id: booking.id,
    tenantId: owner.tenantId,
    ancestorIds: owner.ancestorIds,
    livemode: owner.livemode,
    billToTenantId: owner.tenantId,
    kind: corrects === undefined ? "usage" : "correction",
    key: booking.key,
    seq: booking.seq,
    units: 1,
    free,
    bucket,
    day: booking.day,
    month: monthOfDay(booking.day),
    cost,
    charge,
    postings: messagePostings(cost, charge),
    reasons,
    service,
    bookedAt: booking.bookedAt,
    ...(corrects !== undefined && { corrects }),
  };
}

/** Takes back an entry to the micro. */
export function reversalOf(entry: LedgerEntry, booking: Booking, why: Reason): LedgerEntry {
  return {
    ...without(entry, "proposalId"),
    ...placed(booking),
    kind: "correction",
    corrects: entry.id,
    units: -entry.units,
    cost: negate(entry.cost),
    charge: negate(entry.charge),
    postings: entry.postings.map(({ account, amount }) => ({ account, amount: negate(amount) })),
    reasons: [why],
  };
}

export interface FeeInput {
  readonly amount: Money;
  readonly reasons: readonly Reason[];
}

export function platformFeeEntry(owner: EntryOwner, booking: Booking, { amount, reasons }: FeeInput): LedgerEntry {
  return {
    ...ownerOf(owner),
    ...placed(booking),
    kind: "platform_fee",
    units: 0,
    free: false,
    bucket: platformFeeBucket,
    cost: money(amount.currency, 0n),
    charge: amount,
    postings: pair("client.receivable", "revenue.platform", amount),
    reasons,
  };
}

export interface AdjustmentInput extends FeeInput {
  readonly bucket: Bucket;
  readonly fromMonth: Month;
}

/** What bundles, tiers and minimum of a plan come to over a month. */
export function adjustmentEntry(owner: EntryOwner, booking: Booking, input: AdjustmentInput): LedgerEntry {
  return {
    ...platformFeeEntry(owner, booking, input),
    kind: "adjustment",
    bucket: input.bucket,
    postings: pair("client.receivable", "revenue.adjustments", input.amount),
    fromMonth: input.fromMonth,
  };
}

export interface CarryInput extends FeeInput {
  readonly bucket: Bucket;
  readonly fromMonth: Month;
}

export function carryEntry(owner: EntryOwner, booking: Booking, input: CarryInput): LedgerEntry {
  const { amount, bucket, fromMonth, reasons } = input;
  return {
    ...ownerOf(owner),
    ...placed(booking),
    kind: "carry",
    units: 0,
    free: false,
    bucket,
    cost: money(amount.currency, 0n),
    charge: amount,
    postings: pair("client.receivable", "client.carried_forward", amount),
    reasons,
    fromMonth,
  };
}
