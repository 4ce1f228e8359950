import { ArgsType, Field, InputType, Int, ObjectType } from "type-graphql";
import { PageArgs } from "@greentick/graphql";
import { ReconciliationRunNode } from "./month-types.js";
import { BillingAccountNode, EntryKindName, PricePlanNode } from "./types.js";

@InputType({ description: "Name and currency default to the tenant's." })
export class OpenBillingAccountInput {
  @Field(() => String, { nullable: true })
  name?: string;
  @Field(() => String, { nullable: true, description: "ISO 4217; fixed once the account is open." })
  currency?: string;
  @Field(() => [String], {
    nullable: true,
    description: "At most three of Meta's markets that get invoice lines of their own.",
  })
  markets?: string[];
  @Field(() => String, { nullable: true })
  idempotencyKey?: string;
}
@ObjectType()
export class OpenBillingAccountPayload {
  @Field(() => BillingAccountNode)
  account!: BillingAccountNode;
}

@InputType({ description: "A percentage on top of Meta's price." })
export class PercentTermsInput {
  @Field(() => Int, { description: "0 to 100000; 1500 is 15 %." })
  basisPoints!: number;
}
@InputType({ description: "An amount on top of Meta's price for each message." })
export class FixedTermsInput {
  @Field(() => String, { description: "Currency units as a plain decimal, at most six places." })
  perMessage!: string;
  @Field(() => Boolean, { nullable: true, description: "Also for messages that are free at Meta. Default: no." })
  freeToo?: boolean;
}
@InputType({ description: "A price of the client's own list." })
export class OwnPriceInput {
  @Field(() => String, { description: "Meta's market, or `*` for all." })
  market!: string;
  @Field(() => String, { description: "marketing, utility, authentication, authentication_international or service." })
  category!: string;
  @Field(() => String, { description: "Currency units as a plain decimal, at most six places." })
  price!: string;
}
@InputType({ description: "None of percent, fixed and ownList: Meta's prices are passed through." })
export class SetPricePlanInput {
  @Field(() => String, { description: "First day, in the zone of the WhatsApp account: `2026-11-01`." })
  effectiveFrom!: string;
  @Field(() => String, { description: "ISO 4217; that of the account." })
  currency!: string;
  @Field(() => PercentTermsInput, { nullable: true })
  percent?: PercentTermsInput;
  @Field(() => FixedTermsInput, { nullable: true })
  fixed?: FixedTermsInput;
  @Field(() => [OwnPriceInput], { nullable: true })
  ownList?: OwnPriceInput[];
  @Field(() => String, { nullable: true, description: "Per month, currency units as a plain decimal. Default: none." })
  platformFee?: string;
  @Field(() => String, { nullable: true })
  idempotencyKey?: string;
}
@ObjectType()
export class SetPricePlanPayload {
  @Field(() => PricePlanNode)
  plan!: PricePlanNode;
}

@InputType()
export class RunReconciliationInput {
  @Field(() => String, { description: "`2026-11`." })
  month!: string;
  @Field(() => String, { nullable: true })
  idempotencyKey?: string;
}
@ObjectType()
export class RunReconciliationPayload {
  @Field(() => ReconciliationRunNode)
  run!: ReconciliationRunNode;
}

@InputType({ description: "All given conditions hold." })
export class LedgerEntryFilter {
  @Field(() => String, { nullable: true })
  month?: string;
  @Field(() => String, { nullable: true })
  day?: string;
  @Field(() => String, { nullable: true })
  bucket?: string;
  @Field(() => String, { nullable: true })
  category?: string;
  @Field(() => String, { nullable: true })
  market?: string;
  @Field(() => EntryKindName, { nullable: true })
  kind?: EntryKindName;
}

@ArgsType()
export class EntryArgs extends PageArgs {
  @Field(() => LedgerEntryFilter, { nullable: true })
  filter?: LedgerEntryFilter;
}
@ArgsType()
export class InvoiceArgs extends PageArgs {
  @Field(() => String, { nullable: true })
  month?: string;
}

@ArgsType()
export class UsageArgs {
  @Field(() => String, { nullable: true, description: "`2026-11`." })
  month?: string;
  @Field(() => String, { nullable: true, description: "First UTC day: `2026-11-01`." })
  from?: string;
  @Field(() => String, { nullable: true, description: "Last UTC day. Both take the place of the month's own." })
  to?: string;
  @Field(() => String, { nullable: true })
  bucket?: string;
}
