import { connectionOf, Money, wordOf } from "@greentick/graphql";
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";

export const EntryKindName = {
  USAGE: "usage",
  PLATFORM_FEE: "platform_fee",
  CARRY: "carry",
  CORRECTION: "correction",
} as const;
export type EntryKindName = (typeof EntryKindName)[keyof typeof EntryKindName];
registerEnumType(EntryKindName, { name: "LedgerEntryKind", description: "What an entry of the ledger is about." });

export const PricingCategory = wordOf(
  "PricingCategory",
  [
    "MARKETING",
    "MARKETING_LITE",
    "MARKETING_LITE_DYNAMIC",
    "UTILITY",
    "AUTHENTICATION",
    "AUTHENTICATION_INTERNATIONAL",
    "SERVICE",
    "REFERRAL_CONVERSION",
    "GROUP_MARKETING",
    "GROUP_MARKETING_LITE",
    "GROUP_UTILITY",
    "GROUP_SERVICE",
    "GENERAL_PURPOSE_AI",
    "AI_BOT",
  ],
  "How Meta priced a message.",
);
export const PricingType = wordOf(
  "PricingType",
  ["REGULAR", "FREE_CUSTOMER_SERVICE", "FREE_ENTRY_POINT", "FREE_GROUP_CUSTOMER_SERVICE"],
  "Whether Meta charged a message, and if not why.",
);
export const StripeInvoiceStatus = wordOf(
  "StripeInvoiceStatus",
  ["DRAFT", "OPEN", "PAID", "UNCOLLECTIBLE", "VOID"],
  "Stripe's word for where an invoice is.",
);
type WordOf<C extends abstract new () => unknown> = InstanceType<C>;

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType("WebhookUpdate", { description: "One update out of a kept webhook body." })
export class WebhookUpdateRef {
  @Field(() => ID, { description: "SHA-256 of the kept bytes, a colon, and the place of the update in them." })
  id!: string;
}

@Directive('@key(fields: "id")')
@ObjectType("Tenant", { description: "An organisation." })
export class TenantWithBilling {
  @Field(() => ID)
  id!: string;
}

@Directive('@key(fields: "id")')
@ObjectType("BillingAccount", {
  description: "How a client is billed: its currency, its invoice lines, its place at Stripe.",
})
export class BillingAccountNode {
  @Field(() => ID, { description: "The client's own id." })
  id!: string;
  @Field(() => TenantWithBilling, { nullable: true })
  tenant!: TenantWithBilling | null;
  @Field(() => String)
  name!: string;
  @Field(() => String, { description: "ISO 4217." })
  currency!: string;
  @Field(() => [String], { description: "Markets with an invoice line of their own." })
  markets!: string[];
  @Field(() => String, { description: "`opening` until Stripe has customer and subscription, then `ready`." })
  status!: string;
  @Field(() => Date)
  openedAt!: Date;
  @Field(() => String, { nullable: true })
  stripeCustomerId!: string | null;
  @Field(() => String, { nullable: true })
  stripeSubscriptionId!: string | null;
}
export const BillingAccountConnection = connectionOf("BillingAccount", BillingAccountNode);

@ObjectType("OwnPrice", { description: "A price of a client's own list." })
export class OwnPriceNode {
  @Field(() => String, { description: "Meta's market, or `*` for all." })
  market!: string;
  @Field(() => String)
  category!: string;
  @Field(() => Money)
  price!: Money;
}

@ObjectType("PricePlan", { description: "One released version of a client's prices. Never changed." })
export class PricePlanNode {
  @Field(() => ID)
  id!: string;
  @Field(() => Int, { description: "1 for the first plan." })
  number!: number;
  @Field(() => String, { description: "First day, in the zone of the WhatsApp account: `2026-11-01`." })
  effectiveFrom!: string;
  @Field(() => String)
  currency!: string;
  @Field(() => String, { description: "`pass_through`, `percent`, `fixed` or `own_list`." })
  kind!: string;
  @Field(() => String, { description: "The terms in words." })
  clause!: string;
  @Field(() => Int, { nullable: true, description: "On top of Meta's price: 1500 is 15 %." })
  basisPoints!: number | null;
  @Field(() => Money, { nullable: true, description: "On top of Meta's price, per message." })
  perMessage!: Money | null;
  @Field(() => [OwnPriceNode])
  ownPrices!: OwnPriceNode[];
  @Field(() => Money, { description: "Per month; zero for none." })
  platformFee!: Money;
}
export const PricePlanConnection = connectionOf("PricePlan", PricePlanNode);

@ObjectType("Reason", { description: "One step of the way to a price." })
export class ReasonNode {
  @Field(() => String, { description: "Stable name of the rule." })
  rule!: string;
  @Field(() => String, { description: "What it did, with figures." })
  says!: string;
}

@ObjectType("RateReference", { description: "The row of Meta's published card that a price comes from." })
export class RateReferenceNode {
  @Field(() => ID)
  rateCardId!: string;
  @Field(() => String)
  rateCard!: string;
  @Field(() => Int, { description: "Line of the card's file." })
  line!: number;
  @Field(() => Money, { description: "Meta's rate per message." })
  rate!: Money;
}

@ObjectType("Posting", { description: "One leg of an entry; the legs add up to zero." })
export class PostingNode {
  @Field(() => String)
  account!: string;
  @Field(() => Money)
  amount!: Money;
}

@Directive('@key(fields: "id")')
@ObjectType("LedgerEntry", {
  description: "A line of the ledger. Entries are only ever added; corrections name the entry they correct.",
})
export class LedgerEntryNode {
  @Field(() => ID)
  id!: string;
  @Field(() => TenantWithBilling, { nullable: true })
  tenant!: TenantWithBilling | null;
  @Field(() => EntryKindName)
  kind!: EntryKindName;
  @Field(() => ID, { nullable: true, description: "The entry this one corrects." })
  correctsId!: string | null;
  @Field(() => Int, { description: "Messages it counts: 1, -1 for a reversal, 0 for fees and carries." })
  messages!: number;
  @Field(() => Boolean, { description: "Nothing is charged by Meta." })
  free!: boolean;
  @Field(() => String, { description: "The invoice line it belongs to, e.g. `marketing.brazil`." })
  bucket!: string;
  @Field(() => String, { description: "UTC day under which it is metered and invoiced." })
  day!: string;
  @Field(() => String)
  month!: string;
  @Field(() => Money, { description: "What the client pays." })
  charge!: Money;
  @Field(() => String, { nullable: true })
  market!: string | null;
  @Field(() => String, { nullable: true, description: "Category of the rate card." })
  category!: string | null;
  @Field(() => PricingCategory, { nullable: true })
  pricingCategory!: WordOf<typeof PricingCategory> | null;
  @Field(() => PricingType, { nullable: true })
  pricingType!: WordOf<typeof PricingType> | null;
  @Field(() => String, { nullable: true, description: "Meta's id of the WhatsApp account." })
  wabaId!: string | null;
  @Field(() => Date, { nullable: true })
  deliveredAt!: Date | null;
  @Field(() => String, { nullable: true, description: "Price date, in the zone of the WhatsApp account." })
  priceDate!: string | null;
  @Field(() => Date, { nullable: true })
  receivedAt!: Date | null;
  @Field(() => Boolean, { nullable: true, description: "Known only more than 24 hours after the delivery." })
  late!: boolean | null;
  @Field(() => Int, { nullable: true, description: "Number of the price plan." })
  planNumber!: number | null;
  @Field(() => RateReferenceNode, { nullable: true })
  rate!: RateReferenceNode | null;
  @Field(() => [ReasonNode], { description: "From delivery to price, step by step." })
  reasons!: ReasonNode[];
  @Field(() => WebhookUpdateRef, { nullable: true, description: "The webhook that proved the delivery." })
  webhook!: WebhookUpdateRef | null;
  @Field(() => WebhookUpdateRef, {
    nullable: true,
    description: "The webhook that carried the pricing, when it was another.",
  })
  pricingWebhook!: WebhookUpdateRef | null;
  @Field(() => Date)
  bookedAt!: Date;
}
export const LedgerEntryConnection = connectionOf("LedgerEntry", LedgerEntryNode);

@ObjectType("UsageWindow", { description: "One bucket of a client on one UTC day, as told to Stripe." })
export class UsageWindowNode {
  @Field(() => ID)
  id!: string;
  @Field(() => String)
  bucket!: string;
  @Field(() => String)
  day!: string;
  @Field(() => Money, { nullable: true, description: "The total Stripe was told last." })
  sent!: Money | null;
  @Field(() => Money, { nullable: true, description: "The total Stripe has confirmed." })
  confirmed!: Money | null;
  @Field(() => Boolean, { description: "There is a newer total to tell." })
  dirty!: boolean;
  @Field(() => String, { nullable: true, description: "Stripe's refusal." })
  rejected!: string | null;
}

@ObjectType("UnratedFact", { description: "Something delivered that has no price yet, and what it waits for." })
export class UnratedFactNode {
  @Field(() => ID)
  id!: string;
  @Field(() => TenantWithBilling, { nullable: true })
  tenant!: TenantWithBilling | null;
  @Field(() => String, { description: "Stable word, e.g. `awaiting_pricing`." })
  reason!: string;
  @Field(() => String)
  message!: string;
  @Field(() => String)
  wabaId!: string;
  @Field(() => Date, { nullable: true })
  deliveredAt!: Date | null;
  @Field(() => WebhookUpdateRef, { nullable: true })
  webhook!: WebhookUpdateRef | null;
}
export const UnratedFactConnection = connectionOf("UnratedFact", UnratedFactNode);

@ObjectType("StatementRow", { description: "What was delivered behind an invoice line." })
export class StatementRowNode {
  @Field(() => EntryKindName)
  kind!: EntryKindName;
  @Field(() => String)
  market!: string;
  @Field(() => String)
  category!: string;
  @Field(() => PricingType, { nullable: true })
  pricingType!: WordOf<typeof PricingType> | null;
  @Field(() => Int)
  messages!: number;
  @Field(() => Int)
  freeMessages!: number;
  @Field(() => Money, { nullable: true, description: "Meta's rate per message." })
  rate!: Money | null;
  @Field(() => Money)
  charge!: Money;
}

@ObjectType("InvoiceLine", { description: "A line of Stripe's invoice, with what was delivered behind it." })
export class InvoiceLineNode {
  @Field(() => ID)
  id!: string;
  @Field(() => String, { nullable: true, description: "Absent for a line that was added by hand." })
  bucket!: string | null;
  @Field(() => String)
  description!: string;
  @Field(() => String, { description: "Currency units metered, exact." })
  quantity!: string;
  @Field(() => Money)
  amount!: Money;
  @Field(() => [StatementRowNode])
  statement!: StatementRowNode[];
}

@Directive('@key(fields: "id")')
@ObjectType("Invoice", { description: "A month's invoice of a client: Stripe's, mirrored, with our statement." })
export class InvoiceNode {
  @Field(() => ID)
  id!: string;
  @Field(() => TenantWithBilling, { nullable: true })
  tenant!: TenantWithBilling | null;
  @Field(() => String)
  month!: string;
  @Field(() => StripeInvoiceStatus)
  status!: WordOf<typeof StripeInvoiceStatus>;
  @Field(() => String)
  stripeInvoiceId!: string;
  @Field(() => String, { nullable: true })
  number!: string | null;
  @Field(() => Money)
  subtotal!: Money;
  @Field(() => Money)
  total!: Money;
  @Field(() => String, { nullable: true })
  hostedUrl!: string | null;
  @Field(() => Date, { nullable: true })
  finalizedAt!: Date | null;
}
export const InvoiceConnection = connectionOf("Invoice", InvoiceNode);

@ObjectType("RateCardRow", { description: "One published rate." })
export class RateCardRowNode {
  @Field(() => String)
  market!: string;
  @Field(() => String)
  category!: string;
  @Field(() => Int, { description: "Position in the month of the first message of the tier." })
  tierFrom!: number;
  @Field(() => Int, { nullable: true, description: "Inclusive; absent for the open tier." })
  tierTo!: number | null;
  @Field(() => Money)
  rate!: Money;
  @Field(() => Int)
  line!: number;
}

@ObjectType("RateCard", { description: "Prices that Meta published: immutable, named by the hash of their bytes." })
export class RateCardNode {
  @Field(() => ID)
  id!: string;
  @Field(() => String)
  name!: string;
  @Field(() => String)
  sha256!: string;
  @Field(() => String, { description: "`list` or `tiers`." })
  kind!: string;
  @Field(() => String)
  currency!: string;
  @Field(() => String)
  effectiveFrom!: string;
  @Field(() => String, { nullable: true })
  effectiveTo!: string | null;
  @Field(() => Int)
  rowCount!: number;
  @Field(() => [RateCardRowNode])
  rows!: RateCardRowNode[];
}

@ObjectType("ReasonCount", { description: "How many wait for one reason." })
export class ReasonCountNode {
  @Field(() => String)
  reason!: string;
  @Field(() => Int)
  count!: number;
}

@ObjectType("BucketTotal", { description: "The ledger's sum of a bucket." })
export class BucketTotalNode {
  /** Behind the field `cost`, which only staff see. */
  costMicros!: bigint;
  @Field(() => ID)
  tenantId!: string;
  @Field(() => String)
  bucket!: string;
  @Field(() => Int)
  messages!: number;
  @Field(() => Money)
  charge!: Money;
}

@ObjectType("MonthSummary", { description: "A month in figures: distinct messages, and the facts made of them." })
export class MonthSummaryNode {
  @Field(() => String)
  month!: string;
  @Field(() => Int, { description: "Distinct messages." })
  messages!: number;
  @Field(() => Int, { description: "Facts that Meta charges." })
  charged!: number;
  @Field(() => Int, { description: "Facts delivered free of charge." })
  free!: number;
  @Field(() => Int)
  failed!: number;
  @Field(() => Int, { description: "Neither delivered nor failed yet." })
  undelivered!: number;
  @Field(() => Int, { description: "Status updates that repeated one already kept." })
  duplicatesIgnored!: number;
  @Field(() => Int, { description: "Facts complete only more than 24 hours after the delivery." })
  late!: number;
  @Field(() => Int, { description: "Messages whose updates arrived in another order than sent, delivered, read." })
  reordered!: number;
  @Field(() => Int, { description: "Delivered and without a price yet; `unratedFacts` lists them." })
  unrated!: number;
  @Field(() => [ReasonCountNode])
  unratedReasons!: ReasonCountNode[];
  @Field(() => [BucketTotalNode])
  totals!: BucketTotalNode[];
}

@ObjectType("BillingMonth", { description: "Where a month is on its way to a final invoice." })
export class BillingMonthNode {
  @Field(() => ID)
  id!: string;
  @Field(() => String)
  month!: string;
  @Field(() => String, { description: "`open`, `closed`, `finalizing`, `finalized`." })
  status!: string;
  @Field(() => String, { nullable: true })
  waitsFor!: string | null;
  @Field(() => Date, { nullable: true })
  closedAt!: Date | null;
}

@ObjectType("ReratedCharge", { description: "The charge rated again just now from what the entry names." })
export class ReratedChargeNode {
  @Field(() => Money)
  amount!: Money;
  @Field(() => Boolean, { description: "Cost and charge are the same to the micro." })
  matches!: boolean;
  @Field(() => [ReasonNode])
  reasons!: ReasonNode[];
}

@ObjectType("ChargeExplanation", { description: "A charge from the invoice line down to the webhook that caused it." })
export class ChargeExplanationNode {
  @Field(() => LedgerEntryNode)
  entry!: LedgerEntryNode;
  @Field(() => UsageWindowNode, { nullable: true })
  window!: UsageWindowNode | null;
  @Field(() => InvoiceNode, { nullable: true })
  invoice!: InvoiceNode | null;
  @Field(() => InvoiceLineNode, { nullable: true })
  line!: InvoiceLineNode | null;
  @Field(() => [ReasonNode])
  reasons!: ReasonNode[];
  @Field(() => WebhookUpdateRef, { nullable: true })
  webhook!: WebhookUpdateRef | null;
  @Field(() => WebhookUpdateRef, { nullable: true })
  pricingWebhook!: WebhookUpdateRef | null;
  @Field(() => ReratedChargeNode, { nullable: true })
  rerated!: ReratedChargeNode | null;
}

@ObjectType("ReconciliationDifference", {
  description: "Two sides of a month that differ, narrowed down, with a cause.",
})
export class ReconciliationDifferenceNode {
  @Field(() => String, {
    description: "`meta_volume`, `meta_invoice`, `period`, `ledger_windows`, `windows_meter` or `meter_invoice`.",
  })
  level!: string;
  @Field(() => ID, { nullable: true })
  tenantId!: string | null;
  @Field(() => String, { nullable: true })
  day!: string | null;
  @Field(() => String, { nullable: true })
  bucket!: string | null;
  @Field(() => String)
  key!: string;
  @Field(() => String)
  expected!: string;
  @Field(() => String)
  found!: string;
  @Field(() => Int, { description: "Messages, or rows of a file." })
  units!: number;
  @Field(() => String)
  cause!: string;
  @Field(() => Boolean, { description: "The cause is proven by what the ledger holds." })
  explained!: boolean;
  @Field(() => String)
  note!: string;
}

@ObjectType("ReconciliationTotals", { description: "The sides of a month in one currency." })
export class ReconciliationTotalsNode {
  @Field(() => String)
  currency!: string;
  @Field(() => Int)
  metaVolume!: number;
  @Field(() => Int)
  ledgerVolume!: number;
  @Field(() => Money)
  metaInvoice!: Money;
  @Field(() => Money)
  ledgerCost!: Money;
  @Field(() => Money)
  ledgerCharge!: Money;
  @Field(() => Money)
  windows!: Money;
  @Field(() => Money)
  meters!: Money;
  @Field(() => Money)
  invoiced!: Money;
  @Field(() => Money)
  carried!: Money;
}

@Directive('@key(fields: "id")')
@ObjectType("ReconciliationRun", {
  description: "A comparison of a month's figures over all clients: Meta, ledger, Stripe.",
})
export class ReconciliationRunNode {
  @Field(() => ID)
  id!: string;
  @Field(() => String)
  month!: string;
  @Field(() => String, { description: "`requested`, then `done` or `failed`." })
  status!: string;
  @Field(() => String, { nullable: true, description: "Why it failed, and what to do." })
  failure!: string | null;
  @Field(() => Date)
  requestedAt!: Date;
  @Field(() => Date, { nullable: true })
  finishedAt!: Date | null;
  @Field(() => Int, { description: "Messages and rows without a proven cause." })
  unexplained!: number;
  @Field(() => [ReconciliationDifferenceNode])
  differences!: ReconciliationDifferenceNode[];
  @Field(() => [ReconciliationTotalsNode])
  totals!: ReconciliationTotalsNode[];
  @Field(() => [String], { description: "What could not be compared, and why." })
  notes!: string[];
}
export const ReconciliationRunConnection = connectionOf("ReconciliationRun", ReconciliationRunNode);
