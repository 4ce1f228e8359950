import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { ExchangeRateNode, MarginFloorNode, PricePlanNode, VolumeDiscountsName } from "./pricing-types.js";

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
@InputType({
  description:
    "Terms of their own for some messages. At most one of percent, fixed and price; none: Meta's prices are passed through.",
})
export class PlanClauseInput {
  @Field(() => String, { nullable: true, description: "Meta's market. Default: every market." })
  market?: string;
  @Field(() => String, { nullable: true, description: "Category of the rate card. Default: every category." })
  category?: string;
  @Field(() => PercentTermsInput, { nullable: true })
  percent?: PercentTermsInput;
  @Field(() => FixedTermsInput, { nullable: true })
  fixed?: FixedTermsInput;
  @Field(() => String, {
    nullable: true,
    description: "Own price per charged message: currency units as a plain decimal, at most six places.",
  })
  price?: string;
}
@InputType({ description: "So many charged messages of a month are included: their average charge is taken back." })
export class BundleInput {
  @Field(() => Int)
  messages!: number;
  @Field(() => [String], { nullable: true, description: "Categories of the rate card. Default: all." })
  categories?: string[];
  @Field(() => [String], { nullable: true, description: "Meta's markets. Default: all." })
  markets?: string[];
}
@InputType({
  description: "What is less from message `above + 1` of a month on; give either basisPoints or lessPerMessage.",
})
export class TierStepInput {
  @Field(() => Int)
  above!: number;
  @Field(() => Int, { nullable: true, description: "Of the average charge: 1000 is 10 % less." })
  basisPoints?: number;
  @Field(() => String, { nullable: true, description: "Currency units as a plain decimal, at most six places." })
  lessPerMessage?: string;
}
@InputType({ description: "The client's own volume tiers, settled over a month; messages of bundles do not count." })
export class VolumeTiersInput {
  @Field(() => [TierStepInput], { description: "By rising `above`." })
  steps!: TierStepInput[];
  @Field(() => [String], { nullable: true, description: "Categories of the rate card. Default: all." })
  categories?: string[];
  @Field(() => [String], { nullable: true, description: "Meta's markets. Default: all." })
  markets?: string[];
}
@InputType({ description: "How Meta's prices in another currency come into the client's." })
export class ExchangeRuleInput {
  @Field(() => String, { description: "Whose rates count, see setExchangeRate." })
  source!: string;
  @Field(() => Int, { nullable: true, description: "On top of the rate, 0 to 5000: 100 is 1 %. Default: none." })
  markupBasisPoints?: number;
  @Field(() => Int, {
    nullable: true,
    description: "For how many days after its own a rate still counts, 0 to 31. Default: 7.",
  })
  maxAgeDays?: number;
}
@InputType({ description: "Why a plan may fall below its margin floor; needs the permission billing:floor." })
export class AcceptBelowFloorInput {
  @Field(() => String)
  reason!: string;
}

/** What a plan says, whether it is released or only tried. */
@InputType()
export abstract class PlanTermsInput {
  @Field(() => PercentTermsInput, { nullable: true })
  percent?: PercentTermsInput;
  @Field(() => FixedTermsInput, { nullable: true })
  fixed?: FixedTermsInput;
  @Field(() => [OwnPriceInput], { nullable: true })
  ownList?: OwnPriceInput[];
  @Field(() => [PlanClauseInput], {
    nullable: true,
    description: "The first that fits a message's market and category holds; the terms of the plan where none does.",
  })
  clauses?: PlanClauseInput[];
  @Field(() => VolumeDiscountsName, { nullable: true, description: "Default: KEEP." })
  volumeDiscounts?: VolumeDiscountsName;
  @Field(() => [BundleInput], { nullable: true })
  bundles?: BundleInput[];
  @Field(() => [VolumeTiersInput], { nullable: true })
  volumeTiers?: VolumeTiersInput[];
  @Field(() => String, {
    nullable: true,
    description: "Least sum of a month's message charges, after bundles and tiers: currency units as a plain decimal.",
  })
  minimum?: string;
  @Field(() => ExchangeRuleInput, { nullable: true })
  exchange?: ExchangeRuleInput;
  @Field(() => Int, {
    nullable: true,
    description: "Least share of a charge that is left after Meta's cost, 0 to 9999: 500 is 5 %.",
  })
  marginFloorBasisPoints?: number;
}

@InputType({ description: "None of percent, fixed and ownList: Meta's prices are passed through." })
export class SetPricePlanInput extends PlanTermsInput {
  @Field(() => String, { description: "First day, in the zone of the WhatsApp account: `2026-11-01`." })
  effectiveFrom!: string;
  @Field(() => String, { description: "ISO 4217; that of the billing account." })
  currency!: string;
  @Field(() => String, { nullable: true, description: "Per month, currency units as a plain decimal. Default: none." })
  platformFee?: string;
  @Field(() => String, { nullable: true, description: "Per month and WhatsApp account. Default: none." })
  wabaFee?: string;
  @Field(() => String, { nullable: true, description: "Per month and live number. Default: none." })
  numberFee?: string;
  @Field(() => Boolean, {
    nullable: true,
    description:
      "First and last month of each fee by their days in UTC, both included, half-up. Default: whole months.",
  })
  feesByDays?: boolean;
  @Field(() => AcceptBelowFloorInput, { nullable: true })
  acceptBelowFloor?: AcceptBelowFloorInput;
  @Field(() => String, { nullable: true })
  idempotencyKey?: string;
}
@ObjectType()
export class SetPricePlanPayload {
  @Field(() => PricePlanNode)
  plan!: PricePlanNode;
}

@InputType({ description: "None of percent, fixed and ownList: Meta's prices are passed through." })
export class WhatIfInput extends PlanTermsInput {
  @Field(() => ID, { description: "The caller's own organisation or one below it." })
  tenantId!: string;
  @Field(() => String, { description: "`2026-11`." })
  month!: string;
}

@InputType()
export class SetExchangeRateInput {
  @Field(() => String, { description: "ISO 4217: what Meta charges in." })
  from!: string;
  @Field(() => String, { description: "ISO 4217: what the client pays in." })
  to!: string;
  @Field(() => String, {
    description:
      "Units of `to` for one of `from`: a plain decimal, at most nine digits before the point and twelve behind.",
  })
  rate!: string;
  @Field(() => String, { description: "First day, in the zone of the WhatsApp account: `2026-11-01`." })
  effectiveFrom!: string;
  @Field(() => String, { description: "Who published it, e.g. `ECB`." })
  source!: string;
  @Field(() => Date, { description: "When it was published." })
  at!: Date;
  @Field(() => String, { nullable: true })
  idempotencyKey?: string;
}
@ObjectType()
export class SetExchangeRatePayload {
  @Field(() => ExchangeRateNode)
  exchangeRate!: ExchangeRateNode;
}

@InputType()
export class SetMarginFloorInput {
  @Field(() => Int, { nullable: true, description: "0 to 9999: 500 is 5 % of each charge. Absent: no floor." })
  basisPoints?: number;
}
@ObjectType()
export class SetMarginFloorPayload {
  @Field(() => MarginFloorNode)
  marginFloor!: MarginFloorNode;
}
