import { connectionOf, Money } from "@greentick/graphql";
import { type Money as KernelMoney } from "@greentick/kernel";
import { Directive, Field, ID, Int, ObjectType } from "type-graphql";
import {
  EntryKindName,
  LedgerEntryNode,
  PricingType,
  ReasonNode,
  StripeInvoiceStatus,
  TenantWithBilling,
  UsageWindowNode,
  WebhookUpdateRef,
  type WordOf,
} from "./types.js";

@ObjectType("StatementRow", { description: "What was delivered behind an invoice line." })
export class StatementRowNode {
  /** Behind the field `cost`, which only staff see. */
  costOf!: KernelMoney;
  @Field(() => String, { description: "The invoice line it belongs to, e.g. `marketing.brazil`." })
  bucket!: string;
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
  @Field(() => Int, { description: "Lines of the ledger behind it." })
  entries!: number;
  @Field(() => Money, { nullable: true, description: "Meta's rate per message." })
  rate!: Money | null;
  @Field(() => Money)
  charge!: Money;
}

@ObjectType("StatementTotal", { description: "The sum of a statement's rows in one currency." })
export class StatementTotalNode {
  @Field(() => Int, { description: "Reversals count against what they take back." })
  messages!: number;
  @Field(() => Int)
  freeMessages!: number;
  @Field(() => Int, { description: "Lines of the ledger." })
  entries!: number;
  @Field(() => Money, { description: "To the micro the sum of the rows." })
  charge!: Money;
}

@ObjectType("Statement", {
  description: "What a client is charged for in a month. While the month is open it grows with what is booked.",
})
export class StatementNode {
  @Field(() => String)
  month!: string;
  @Field(() => [StatementRowNode], { description: "One for each bucket, kind, market, category, type and rate." })
  rows!: StatementRowNode[];
  @Field(() => [StatementTotalNode], { description: "One for each currency of the charges; usually one." })
  totals!: StatementTotalNode[];
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
  @Field(() => Boolean, { description: "False in a sandbox." })
  livemode!: boolean;
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
  @Field(() => String, {
    nullable: true,
    description:
      "Last day on which it rates, null without an end. The day before another card began that replaced it; before its own first day when it never rates.",
  })
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
  /** Behind the fields `cost` and `costs`, which only staff see. */
  costsByCurrency!: readonly { readonly currency: string; readonly amountMicros: bigint }[];
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
  @Field(() => Boolean, { description: "False in a sandbox." })
  livemode!: boolean;
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
  @Field(() => Boolean, {
    description: "The cause is proven by what the ledger holds, or the volumes count the difference already.",
  })
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
  @Field(() => Boolean, { description: "False in a sandbox." })
  livemode!: boolean;
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
