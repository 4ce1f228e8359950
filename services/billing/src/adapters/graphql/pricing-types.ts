import { connectionOf, Money } from "@greentick/graphql";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";

export const VolumeDiscountsName = { KEEP: "keep", PASS: "pass" } as const;
export type VolumeDiscountsName = (typeof VolumeDiscountsName)[keyof typeof VolumeDiscountsName];
registerEnumType(VolumeDiscountsName, {
  name: "VolumeDiscounts",
  description: "Who has Meta's volume discounts: KEEP builds prices on Meta's list rate, PASS on the rate of the tier.",
});

@ObjectType("OwnPrice", { description: "A price of a client's own list." })
export class OwnPriceNode {
  @Field(() => String, { description: "Meta's market, or `*` for all." })
  market!: string;
  @Field(() => String)
  category!: string;
  @Field(() => Money)
  price!: Money;
}

@ObjectType("PlanClause", { description: "Terms of their own for some messages." })
export class PlanClauseNode {
  @Field(() => String, { nullable: true, description: "Meta's market; null for every market." })
  market!: string | null;
  @Field(() => String, { nullable: true, description: "Null for every category." })
  category!: string | null;
  @Field(() => String, { description: "`pass_through`, `percent`, `fixed` or `own_price`." })
  kind!: string;
  @Field(() => String, { description: "The terms in words." })
  clause!: string;
}

@ObjectType("PlanBundle", { description: "Charged messages of a month that are included." })
export class BundleNode {
  @Field(() => Int)
  messages!: number;
  @Field(() => [String], { description: "Empty for all." })
  categories!: string[];
  @Field(() => [String], { description: "Empty for all." })
  markets!: string[];
}

@ObjectType("PlanTierStep", { description: "What is less from message `above + 1` of a month on." })
export class TierStepNode {
  @Field(() => Int)
  above!: number;
  @Field(() => Int, { nullable: true, description: "Of the average charge." })
  basisPoints!: number | null;
  @Field(() => Money, { nullable: true })
  lessPerMessage!: Money | null;
}

@ObjectType("PlanVolumeTiers", { description: "The client's own volume tiers, settled over a month." })
export class VolumeTiersNode {
  @Field(() => [TierStepNode])
  steps!: TierStepNode[];
  @Field(() => [String], { description: "Empty for all." })
  categories!: string[];
  @Field(() => [String], { description: "Empty for all." })
  markets!: string[];
}

@ObjectType("ExchangeRule", { description: "How Meta's prices in another currency come into the client's." })
export class ExchangeRuleNode {
  @Field(() => String)
  source!: string;
  @Field(() => Int, { description: "On top of the rate." })
  markupBasisPoints!: number;
  @Field(() => Int, { description: "For how many days after its own a rate still counts." })
  maxAgeDays!: number;
}

@ObjectType("PricePlan", { description: "One released version of a client's prices. Never changed." })
export class PricePlanNode {
  @Field(() => ID)
  id!: string;
  @Field(() => Boolean, { description: "False in a sandbox." })
  livemode!: boolean;
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
  @Field(() => [PlanClauseNode], {
    description: "The first that fits a message holds; the terms above where none does.",
  })
  clauses!: PlanClauseNode[];
  @Field(() => VolumeDiscountsName)
  volumeDiscounts!: VolumeDiscountsName;
  @Field(() => Money, { description: "Per month; zero for none." })
  platformFee!: Money;
  @Field(() => Money, { description: "Per month and WhatsApp account, from the day it was linked; zero for none." })
  wabaFee!: Money;
  @Field(() => Money, { description: "Per month and number, from the day it went live; zero for none." })
  numberFee!: Money;
  @Field(() => Boolean, { description: "First and last month of each fee by their days." })
  feesByDays!: boolean;
  @Field(() => [BundleNode])
  bundles!: BundleNode[];
  @Field(() => [VolumeTiersNode])
  volumeTiers!: VolumeTiersNode[];
  @Field(() => Money, { description: "Least sum of a month's message charges; zero for none." })
  minimum!: Money;
  @Field(() => ExchangeRuleNode, { nullable: true })
  exchange!: ExchangeRuleNode | null;
}
export const PricePlanConnection = connectionOf("PricePlan", PricePlanNode);

@ObjectType("ExchangeRate", {
  description: "A published rate. Never changed: another one of the same day has the next number.",
})
export class ExchangeRateNode {
  @Field(() => ID)
  id!: string;
  @Field(() => Boolean, { description: "False in a sandbox." })
  livemode!: boolean;
  @Field(() => String)
  from!: string;
  @Field(() => String)
  to!: string;
  @Field(() => String, { description: "Units of `to` for one of `from`, as it was published." })
  rate!: string;
  @Field(() => String)
  effectiveFrom!: string;
  @Field(() => Int)
  number!: number;
  @Field(() => String)
  source!: string;
  @Field(() => Date, { description: "When it was published." })
  at!: Date;
}
export const ExchangeRateConnection = connectionOf("ExchangeRate", ExchangeRateNode);

@ObjectType("MarginFloor", { description: "Below it no plan of the organisation, or of one below it, is released." })
export class MarginFloorNode {
  @Field(() => ID, { description: "The organisation's id." })
  id!: string;
  @Field(() => Int, { nullable: true, description: "Least share of a charge after Meta's cost; null for no floor." })
  basisPoints!: number | null;
}

@ObjectType("WhatIfLine", { description: "A market and category before and after." })
export class WhatIfLineNode {
  @Field(() => String)
  market!: string;
  @Field(() => String)
  category!: string;
  @Field(() => Int)
  messages!: number;
  @Field(() => Money, { description: "What the client paid." })
  before!: Money;
  @Field(() => Money, { description: "What it would have paid." })
  after!: Money;
  @Field(() => Money, {
    nullable: true,
    description:
      "What Meta charged for those that have a price; null while a rate into the client's currency is missing.",
  })
  cost!: Money | null;
  @Field(() => Int, { nullable: true, description: "Of what it would have paid; null when nothing." })
  marginBasisPoints!: number | null;
  @Field(() => Int, { description: "Messages that would have no price." })
  unpricedMessages!: number;
  @Field(() => String, { description: "Why, each reason with its messages; empty when all have one." })
  unpricedBecause!: string;
}

@ObjectType("WhatIf", { description: "A month of a client under other terms: its messages, without fees and carries." })
export class WhatIfNode {
  @Field(() => String)
  month!: string;
  @Field(() => Money)
  before!: Money;
  @Field(() => Money, { description: "With what bundles, tiers and minimum add or take back." })
  after!: Money;
  @Field(() => Money, { description: "What bundles, tiers and minimum add or take back." })
  adjustments!: Money;
  @Field(() => Money, { nullable: true })
  cost!: Money | null;
  @Field(() => Int, { nullable: true })
  marginBasisPoints!: number | null;
  @Field(() => Int, { nullable: true, description: "The strictest floor that holds for the client; null for none." })
  floorBasisPoints!: number | null;
  @Field(() => [String], { description: "Cells that would fall below the floor, with their figures." })
  belowFloor!: string[];
  @Field(() => [WhatIfLineNode], { description: "By market and category." })
  lines!: WhatIfLineNode[];
}
