import { type EntryId, type Money, money, type Month, monthOfDay, type TenantId, type UtcDay } from "@greentick/kernel";
import { type LedgerEntry, type ServiceFacts } from "../../domain/ledger-entry.js";
import { type RatingBasis } from "../../domain/rate.js";
import {
  type Details,
  detailsOf,
  joinEntry,
  type NameWebhook,
  ownPostings,
  type PlainEntry,
  type PlainService,
  type ReadWebhook,
  unlessSame,
} from "./entry-halves.js";

/** An entry inside its fact, as JSON: amounts as digits, instants in milliseconds; what the fact says already is left out. */
export interface PackedEntry extends Pick<LedgerEntry, "id" | "seq" | "kind" | "units" | "bucket" | "day"> {
  readonly billToTenantId?: TenantId | undefined;
  readonly corrects?: EntryId | undefined;
  readonly free?: true | undefined;
  readonly month?: Month | undefined;
  readonly cost: PackedMoney;
  readonly charge: PackedMoney;
  readonly postings?: readonly (readonly [account: string, amount: PackedMoney])[] | undefined;
  readonly fromMonth?: Month | undefined;
  readonly proposalId?: string | undefined;
  readonly bookedAt: number;
  readonly service?: PackedPlainService | undefined;
  readonly details: Details;
}
type PackedMoney = readonly [currency: string, micros: string];
interface PackedPlainService extends Omit<PlainService, "wabaId" | "rate" | "basis" | "deliveredAt" | "receivedAt"> {
  /** Where it is another than the fact's. */
  readonly wabaId?: string | undefined;
  readonly rate?: readonly [cardId: string, line: number, micros: string] | undefined;
  readonly recipient: RatingBasis["recipient"];
  readonly deliveredAt: number;
  readonly receivedAt: number;
}
type EntryOwner = Pick<LedgerEntry, "tenantId" | "ancestorIds" | "livemode" | "key"> & { readonly wabaId: string };

const packMoney = ({ currency, amountMicros }: Money): PackedMoney => [currency, amountMicros.toString()];
const readMoney = ([currency, micros]: PackedMoney): Money => money(currency, BigInt(micros));

export const packEntry = (entry: LedgerEntry, wabaId: string, name: NameWebhook): PackedEntry => ({
  id: entry.id,
  seq: entry.seq,
  kind: entry.kind,
  billToTenantId: unlessSame(entry.billToTenantId, entry.tenantId),
  corrects: entry.corrects,
  units: entry.units,
  free: entry.free ? true : undefined,
  bucket: entry.bucket,
  day: entry.day,
  month: unlessSame(entry.month, monthOfDay(entry.day)),
  cost: packMoney(entry.cost),
  charge: packMoney(entry.charge),
  postings: ownPostings(entry)?.map(({ account, amount }) => [account, packMoney(amount)] as const),
  fromMonth: entry.fromMonth,
  proposalId: entry.proposalId,
  bookedAt: entry.bookedAt.getTime(),
  service: entry.service && packPlainService(entry.service, entry.day, wabaId),
  details: detailsOf(entry, name),
});

const packPlainService = (service: ServiceFacts, day: UtcDay, wabaId: string): PackedPlainService => ({
  wabaId: unlessSame(service.wabaId, wabaId),
  localDate: service.localDate,
  utcDay: unlessSame(service.utcDay, day),
  market: service.market,
  category: service.category,
  pricingCategory: unlessSame<string>(service.pricingCategory, service.category),
  pricingType: service.pricingType,
  late: service.late ? true : undefined,
  rate: service.rate && [service.rate.cardId, service.rate.line, service.rate.rateMicros.toString()],
  recipient: service.basis.recipient,
  deliveredAt: service.deliveredAt.getTime(),
  receivedAt: service.receivedAt.getTime(),
});

export function readEntry(packed: PackedEntry, owner: EntryOwner, read: ReadWebhook): LedgerEntry {
  const { postings, service } = packed;
  const plain: PlainEntry = {
    tenantId: owner.tenantId,
    billToTenantId: packed.billToTenantId,
    ancestorIds: owner.ancestorIds,
    livemode: owner.livemode,
    kind: packed.kind,
    key: owner.key,
    seq: packed.seq,
    corrects: packed.corrects,
    units: packed.units,
    free: packed.free ?? false,
    bucket: packed.bucket,
    day: packed.day,
    month: packed.month ?? monthOfDay(packed.day),
    cost: readMoney(packed.cost),
    charge: readMoney(packed.charge),
    postings: postings?.map(([account, amount]) => ({ account, amount: readMoney(amount) })),
    service: service && readPlainService(service, owner.wabaId),
    fromMonth: packed.fromMonth,
    proposalId: packed.proposalId,
    bookedAt: new Date(packed.bookedAt),
  };
  return joinEntry(packed.id, { plain, details: packed.details }, read);
}

const readPlainService = (service: PackedPlainService, wabaId: string): PlainService => ({
  wabaId: service.wabaId ?? wabaId,
  localDate: service.localDate,
  utcDay: service.utcDay,
  market: service.market,
  category: service.category,
  pricingCategory: service.pricingCategory,
  pricingType: service.pricingType,
  late: service.late,
  rate: service.rate && { cardId: service.rate[0], line: service.rate[1], rateMicros: BigInt(service.rate[2]) },
  basis: { recipient: service.recipient },
  deliveredAt: new Date(service.deliveredAt),
  receivedAt: new Date(service.receivedAt),
});
