import { connectionOf, Money, wordOf } from "@greentick/graphql";
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";

export const EntryKindName = {
  USAGE: "usage",
  PLATFORM_FEE: "platform_fee",
  ADJUSTMENT: "adjustment",
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
export type WordOf<C extends abstract new () => unknown> = InstanceType<C>;

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
  @Field(() => Boolean, { description: "False in a sandbox." })
  livemode!: boolean;
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
  @Field(() => Boolean, { description: "False in a sandbox." })
  livemode!: boolean;
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
  @Field(() => Boolean, { description: "False in a sandbox." })
  livemode!: boolean;
  @Field(() => String)
  bucket!: string;
  @Field(() => String)
  day!: string;
  @Field(() => Money, { description: "What its entries amount to." })
  total!: Money;
  @Field(() => Int, { description: "Reversals count against what they take back." })
  messages!: number;
  @Field(() => Int)
  freeMessages!: number;
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
  @Field(() => Boolean, { description: "False in a sandbox." })
  livemode!: boolean;
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
