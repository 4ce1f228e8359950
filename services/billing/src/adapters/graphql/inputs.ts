import { ArgsType, Field, InputType, ObjectType } from "type-graphql";
import { PageArgs } from "@greentick/graphql";
import { ReconciliationRunNode } from "./month-types.js";
import { BillingAccountNode, EntryKindName } from "./types.js";

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
