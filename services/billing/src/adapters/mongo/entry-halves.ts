import {
  type EntryId,
  type Money,
  type Month,
  type SourceWebhook,
  type TenantId,
  type UtcDay,
} from "@greentick/kernel";
import { type LedgerEntry, messagePostings, type Posting, type ServiceFacts } from "../../domain/ledger-entry.js";
import { type Pricing, type RatingBasis } from "../../domain/rate.js";
import { type Reason } from "../../domain/reason.js";
import { withPresent } from "../../domain/present.js";

/** A webhook as `sha256:index`, or its place among the webhooks that a fact names already. */
export type WebhookName = string | number;
export type NameWebhook = (webhook: SourceWebhook) => WebhookName;
export type ReadWebhook = (name: WebhookName) => SourceWebhook;

export const nameWebhook = ({ sha256, index }: SourceWebhook): string => `${sha256}:${index}`;
export const readWebhook: ReadWebhook = (name) => {
  const text = String(name);
  const colon = text.lastIndexOf(":");
  return { sha256: text.slice(0, colon), index: Number(text.slice(colon + 1)) };
};

/** An entry without what follows from the rest of it. What the store looks for and adds up stands in fields; absent flags are false. */
export interface PlainEntry extends Pick<
  LedgerEntry,
  | "tenantId"
  | "ancestorIds"
  | "livemode"
  | "kind"
  | "key"
  | "seq"
  | "units"
  | "free"
  | "bucket"
  | "day"
  | "month"
  | "cost"
  | "charge"
  | "bookedAt"
> {
  /** Where it is another than the tenant. */
  readonly billToTenantId?: TenantId | undefined;
  readonly corrects?: EntryId | undefined;
  readonly fromMonth?: Month | undefined;
  readonly proposalId?: string | undefined;
  /** Where they are others than the two amounts' (fees, adjustments, carries). */
  readonly postings?: readonly Posting[] | undefined;
  readonly service?: PlainService | undefined;
}

export interface PlainService extends Pick<
  ServiceFacts,
  "wabaId" | "localDate" | "market" | "category" | "deliveredAt" | "receivedAt"
> {
  /** Where it is another than the entry's day. */
  readonly utcDay?: ServiceFacts["utcDay"] | undefined;
  /** Where it is another than the category. */
  readonly pricingCategory?: string | undefined;
  readonly pricingType?: string | undefined;
  readonly late?: true | undefined;
  readonly rate?: Omit<RateRef, "cardName"> | undefined;
  readonly basis: Pick<RatingBasis, "recipient">;
}

type RateRef = NonNullable<ServiceFacts["rate"]>;
type PackedReasons = readonly (readonly [rule: string, says: string])[];

/** What explains an entry and nobody looks for. Lies in the store as JSON, so that people can read it. */
export interface Details {
  readonly reasons: PackedReasons;
  readonly service?: ServiceDetails | undefined;
}

interface ServiceDetails extends Pick<ServiceFacts, "planId" | "planNumber"> {
  readonly phoneNumberId?: string | undefined;
  readonly reservationId?: string | undefined;
  readonly cardName?: string | undefined;
  readonly tier?: PackedRate | undefined;
  readonly costReasons?: PackedReasons | undefined;
  readonly webhook: WebhookName;
  readonly pricingWebhook?: WebhookName | undefined;
  readonly basis: BasisDetails;
}
type PackedRate = Omit<RateRef, "rateMicros"> & { readonly rateMicros: string };

/** Absent: as the service or the cost says. */
interface BasisDetails {
  readonly currency?: string | undefined;
  readonly localDate?: RatingBasis["localDate"] | undefined;
  readonly group?: true | undefined;
  readonly model: string;
  readonly category?: string | undefined;
  /** Null: Meta named none. */
  readonly type?: string | null | undefined;
  readonly subtype?: string | undefined;
  readonly cost?: Pricing["cost"] | undefined;
  readonly position?: number | undefined;
  readonly positionSince?: string | undefined;
  readonly exchange?: PackedExchange | undefined;
}
type AppliedRate = NonNullable<RatingBasis["exchange"]>;
type PackedExchange = Omit<AppliedRate, "at"> & { readonly at: string };

const packReasons = (reasons: readonly Reason[]): PackedReasons => reasons.map(({ rule, says }) => [rule, says]);
const readReasons = (packed: PackedReasons): readonly Reason[] => packed.map(([rule, says]) => ({ rule, says }));

export const unlessSame = <T>(value: T, said: T): T | undefined => (value === said ? undefined : value);

/** Of an entry; the rest of it is its details. */
export const plainEntry = (entry: LedgerEntry): PlainEntry => ({
  tenantId: entry.tenantId,
  billToTenantId: unlessSame(entry.billToTenantId, entry.tenantId),
  ancestorIds: entry.ancestorIds,
  livemode: entry.livemode,
  kind: entry.kind,
  key: entry.key,
  seq: entry.seq,
  corrects: entry.corrects,
  units: entry.units,
  free: entry.free,
  bucket: entry.bucket,
  day: entry.day,
  month: entry.month,
  cost: entry.cost,
  charge: entry.charge,
  postings: ownPostings(entry),
  service: entry.service && plainService(entry.service, entry.day),
  fromMonth: entry.fromMonth,
  proposalId: entry.proposalId,
  bookedAt: entry.bookedAt,
});

export const detailsOf = ({ reasons, service, cost }: LedgerEntry, name: NameWebhook): Details => ({
  reasons: packReasons(reasons),
  service: service && packService(service, cost, name),
});

interface Halves {
  readonly plain: PlainEntry;
  readonly details: Details;
}

/** An entry of its two halves. */
export function joinEntry(id: EntryId, { plain, details }: Halves, read: ReadWebhook): LedgerEntry {
  const { cost, charge, service } = plain;
  const entry: LedgerEntry = {
    id,
    tenantId: plain.tenantId,
    ancestorIds: plain.ancestorIds,
    livemode: plain.livemode,
    billToTenantId: plain.billToTenantId ?? plain.tenantId,
    kind: plain.kind,
    key: plain.key,
    seq: plain.seq,
    units: plain.units,
    free: plain.free,
    bucket: plain.bucket,
    day: plain.day,
    month: plain.month,
    cost,
    charge,
    postings: plain.postings ?? messagePostings(cost, charge),
    reasons: readReasons(details.reasons),
    bookedAt: plain.bookedAt,
  };
  return withPresent(entry, {
    corrects: plain.corrects,
    service: service && details.service && readService(service, details.service, { entry: plain, read }),
    fromMonth: plain.fromMonth,
    proposalId: plain.proposalId,
  });
}

/** The legs, unless they are those that the two amounts of a message make. */
export function ownPostings({ postings, cost, charge }: LedgerEntry): readonly Posting[] | undefined {
  const made = messagePostings(cost, charge);
  const follow =
    postings.length === made.length &&
    made.every(({ account, amount }, at) => {
      const own = postings[at];
      return (
        own?.account === account &&
        own.amount.amountMicros === amount.amountMicros &&
        own.amount.currency === amount.currency
      );
    });
  return follow ? undefined : postings;
}

const plainService = (service: ServiceFacts, day: UtcDay): PlainService => ({
  wabaId: service.wabaId,
  localDate: service.localDate,
  utcDay: unlessSame(service.utcDay, day),
  market: service.market,
  category: service.category,
  pricingCategory: unlessSame<string>(service.pricingCategory, service.category),
  pricingType: service.pricingType,
  late: service.late ? true : undefined,
  rate: service.rate && {
    cardId: service.rate.cardId,
    line: service.rate.line,
    rateMicros: service.rate.rateMicros,
  },
  basis: { recipient: service.basis.recipient },
  deliveredAt: service.deliveredAt,
  receivedAt: service.receivedAt,
});

const packService = (service: ServiceFacts, cost: Money, name: NameWebhook): ServiceDetails => ({
  planId: service.planId,
  planNumber: service.planNumber,
  phoneNumberId: service.phoneNumberId,
  reservationId: service.reservationId,
  cardName: service.rate?.cardName,
  tier: service.tier && { ...service.tier, rateMicros: service.tier.rateMicros.toString() },
  costReasons: service.costReasons && packReasons(service.costReasons),
  webhook: name(service.webhook),
  pricingWebhook: service.pricingWebhook && name(service.pricingWebhook),
  basis: packBasis(service, cost),
});

function packBasis({ basis, localDate, pricingCategory, pricingType }: ServiceFacts, cost: Money): BasisDetails {
  const { pricing, exchange } = basis;
  return {
    currency: unlessSame(basis.currency, cost.currency),
    localDate: unlessSame(basis.localDate, localDate),
    group: basis.group ? true : undefined,
    model: pricing.model,
    category: unlessSame(pricing.category, pricingCategory),
    type: pricing.type === pricingType ? undefined : (pricing.type ?? null),
    subtype: pricing.subtype,
    cost: pricing.cost,
    position: basis.position,
    positionSince: basis.positionSince?.toISOString(),
    exchange: exchange && { ...exchange, at: exchange.at.toISOString() },
  };
}

interface Around {
  readonly entry: Pick<PlainEntry, "day" | "cost">;
  readonly read: ReadWebhook;
}

function readService(plain: PlainService, details: ServiceDetails, { entry, read }: Around): ServiceFacts {
  const { rate, category } = plain;
  const { cardName, tier, costReasons, pricingWebhook } = details;
  const pricingCategory = plain.pricingCategory ?? category;
  const service: ServiceFacts = {
    wabaId: plain.wabaId,
    deliveredAt: plain.deliveredAt,
    localDate: plain.localDate,
    utcDay: plain.utcDay ?? entry.day,
    market: plain.market,
    category,
    pricingCategory,
    basis: readBasis(plain, details.basis, { currency: entry.cost.currency, pricingCategory }),
    planId: details.planId,
    planNumber: details.planNumber,
    receivedAt: plain.receivedAt,
    late: plain.late ?? false,
    webhook: read(details.webhook),
  };
  return withPresent(service, {
    phoneNumberId: details.phoneNumberId,
    reservationId: details.reservationId,
    pricingType: plain.pricingType,
    rate: rate && { cardId: rate.cardId, cardName: cardName ?? "", line: rate.line, rateMicros: rate.rateMicros },
    tier: tier && { ...tier, rateMicros: BigInt(tier.rateMicros) },
    costReasons: costReasons && readReasons(costReasons),
    pricingWebhook: pricingWebhook === undefined ? undefined : read(pricingWebhook),
  });
}

function readBasis(
  { basis: { recipient }, localDate, pricingType }: PlainService,
  details: BasisDetails,
  said: { readonly currency: string; readonly pricingCategory: string },
): RatingBasis {
  const { positionSince, exchange } = details;
  const pricing: Pricing = { model: details.model, category: details.category ?? said.pricingCategory };
  const basis: RatingBasis = {
    currency: details.currency ?? said.currency,
    localDate: details.localDate ?? localDate,
    recipient,
    group: details.group ?? false,
    pricing: withPresent(pricing, {
      type: details.type === undefined ? pricingType : (details.type ?? undefined),
      subtype: details.subtype,
      cost: details.cost,
    }),
  };
  return withPresent(basis, {
    position: details.position,
    positionSince: positionSince === undefined ? undefined : new Date(positionSince),
    exchange: exchange && { ...exchange, at: new Date(exchange.at) },
  });
}
