import { connectionOf, Money } from "@greentick/graphql";
import { Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { RateCardRowNode } from "./month-types.js";

@ObjectType("MarketGroupingRow", { description: "One row of Meta's grouping of countries into markets." })
export class MarketGroupingRowNode {
  @Field(() => String)
  effectiveFrom!: string;
  @Field(() => String, { nullable: true, description: "Inclusive; null without an end." })
  effectiveTo!: string | null;
  @Field(() => String, { description: "Calling code and network prefix; `*` for every number not listed." })
  digits!: string;
  @Field(() => String, { description: "ISO 3166 alpha-2, or `*`." })
  country!: string;
  @Field(() => String)
  market!: string;
}

@ObjectType("RateCardFinding", { description: "Something to know before a rate card is released." })
export class RateCardFindingNode {
  @Field(() => String, { description: "Stable word, e.g. `overlap`, `gap`, `grouping_without_rate`, `short_notice`." })
  code!: string;
  @Field(() => String, {
    description: "`error` stands in the way of a release; `warning` has to be accepted by its code.",
  })
  level!: string;
  @Field(() => String)
  says!: string;
  @Field(() => [String], { description: "Cards, markets, days or lines that it is about." })
  about!: string[];
}

@ObjectType("RehearsedCell", { description: "Past deliveries to one market in one category, under the new card." })
export class RehearsedCellNode {
  @Field(() => String, { description: "Market on the card's first day; empty where there is none." })
  market!: string;
  @Field(() => String)
  category!: string;
  @Field(() => Int, { description: "Messages that a card had priced; what is free by Meta's word stays out." })
  messages!: number;
  @Field(() => Money, { description: "What they cost at Meta." })
  before!: Money;
  @Field(() => Money, { nullable: true, description: "What they would cost; null for what would have no price." })
  after!: Money | null;
  @Field(() => Money, { nullable: true, description: "`after` less `before`." })
  difference!: Money | null;
  @Field(() => String, { nullable: true, description: "Why they would have no price, e.g. `no_rate_in_card`." })
  unratable!: string | null;
}

@ObjectType("RateCardRehearsal", {
  description: "What a month's charged deliveries would cost if they were made on the card's first day.",
})
export class RateCardRehearsalNode {
  @Field(() => String, { description: "Meta's month, by the days of the accounts' zones." })
  month!: string;
  @Field(() => String, {
    description: "`requested`, `done`, or `failed` when the month has more kinds of recipients than can be rehearsed.",
  })
  status!: string;
  @Field(() => String)
  requestedBy!: string;
  @Field(() => Date)
  requestedAt!: Date;
  @Field(() => Date, { nullable: true })
  finishedAt!: Date | null;
  @Field(() => [RehearsedCellNode])
  cells!: RehearsedCellNode[];
}

@ObjectType("RateCardImport", {
  description: "A file of Meta's prices or markets that staff imported: a draft until another person releases it.",
})
export class RateCardImportNode {
  @Field(() => ID)
  id!: string;
  @Field(() => Boolean, { description: "False in a sandbox." })
  livemode!: boolean;
  @Field(() => String, { description: "`draft`, `rehearsed`, `released` or `withdrawn`." })
  status!: string;
  @Field(() => String, { description: "`list`, `tiers`, or `markets` for a grouping of countries." })
  kind!: string;
  @Field(() => String, { nullable: true, description: "ISO 4217; null for a grouping." })
  currency!: string | null;
  @Field(() => String)
  name!: string;
  @Field(() => String, { description: "Of the imported text." })
  sha256!: string;
  @Field(() => String, { description: "First day, in the zone of the WhatsApp account." })
  effectiveFrom!: string;
  @Field(() => String, { nullable: true, description: "Last day; null without an end." })
  effectiveTo!: string | null;
  @Field(() => [RateCardRowNode])
  rates!: RateCardRowNode[];
  @Field(() => [MarketGroupingRowNode])
  markets!: MarketGroupingRowNode[];
  @Field(() => String, { description: "The person who imported it; somebody else releases it." })
  importedBy!: string;
  @Field(() => Date)
  importedAt!: Date;
  @Field(() => RateCardRehearsalNode, { nullable: true })
  rehearsal!: RateCardRehearsalNode | null;
  @Field(() => String, { nullable: true })
  releasedBy!: string | null;
  @Field(() => Date, { nullable: true })
  releasedAt!: Date | null;
  @Field(() => [ID], { description: "Cards that it ended, on the day before its first." })
  supersedes!: string[];
  @Field(() => [String], { description: "Codes of the warnings that were accepted at its release." })
  acceptedWarnings!: string[];
  @Field(() => String, { nullable: true })
  withdrawnBy!: string | null;
  @Field(() => Date, { nullable: true })
  withdrawnAt!: Date | null;
}
export const RateCardImportConnection = connectionOf("RateCardImport", RateCardImportNode);

@ObjectType("RateChange", { description: "A rate that differs from the one before." })
export class RateChangeNode {
  @Field(() => String)
  market!: string;
  @Field(() => String)
  category!: string;
  @Field(() => Int, { description: "Position in the month of the first message of the tier." })
  tierFrom!: number;
  @Field(() => Money, { nullable: true, description: "Null where there was none." })
  old!: Money | null;
  @Field(() => Money, { nullable: true, description: "Null where there is none any more." })
  new!: Money | null;
  @Field(() => String, {
    nullable: true,
    description:
      "Change in per cent of the old rate as a decimal with at most six places, half up; null without an old rate above zero.",
  })
  percent!: string | null;
}

@ObjectType("MarketMove", { description: "A prefix, with its country, in another market than before." })
export class MarketMoveNode {
  @Field(() => String, { description: "Calling code and network prefix." })
  digits!: string;
  @Field(() => String)
  country!: string;
  @Field(() => String)
  from!: string;
  @Field(() => String)
  to!: string;
}

@ObjectType("RateCardComparison", {
  description: "A card beside the one of its kind and currency that began before it.",
})
export class RateCardComparisonNode {
  @Field(() => ID, { nullable: true, description: "Null for the first card of its kind and currency." })
  predecessorId!: string | null;
  @Field(() => String, { nullable: true })
  predecessor!: string | null;
  @Field(() => [String], { description: "Markets with rates that had none." })
  appeared!: string[];
  @Field(() => [String], { description: "Markets without rates that had some." })
  disappeared!: string[];
  @Field(() => [MarketMoveNode], { description: "Moves between the day before the card's first and that day." })
  moved!: MarketMoveNode[];
  @Field(() => [RateChangeNode], { description: "By market, category and tier." })
  changes!: RateChangeNode[];
  @Field(() => Int, { description: "Rates that stay as they are." })
  unchanged!: number;
}

@InputType({
  description: "A file of Meta's: its own form (one line for each market) or the long one (one for each rate).",
})
export class ImportRateCardInput {
  @Field(() => String, { nullable: true })
  idempotencyKey?: string;
  @Field(() => String, { nullable: true, description: "Default: currency, first day and kind." })
  name?: string;
  @Field(() => String, { description: "`list`, `tiers`, or `markets` for a grouping of countries." })
  kind!: string;
  @Field(() => String, { nullable: true, description: "ISO 4217; leave it out for a grouping." })
  currency?: string;
  @Field(() => String, { description: "First day, in the zone of the WhatsApp account: `2027-01-01`." })
  effectiveFrom!: string;
  @Field(() => String, { nullable: true, description: "Last day; leave it out for a card without a known end." })
  effectiveTo?: string;
  @Field(() => String, { description: "At most 700,000 bytes and 10,000 lines." })
  csv!: string;
}
@ObjectType()
export class ImportRateCardPayload {
  @Field(() => RateCardImportNode)
  rateCard!: RateCardImportNode;
}

@InputType()
export class RehearseRateCardInput {
  @Field(() => ID)
  rateCardId!: string;
  @Field(() => String, { description: "Month of the past traffic: `2026-10`." })
  month!: string;
}
@ObjectType()
export class RehearseRateCardPayload {
  @Field(() => RateCardImportNode)
  rateCard!: RateCardImportNode;
}

@InputType()
export class ReleaseRateCardInput {
  @Field(() => ID)
  rateCardId!: string;
  @Field(() => [ID], {
    nullable: true,
    description: "Cards in force on its days that end on the day before its first.",
  })
  supersedes?: string[];
  @Field(() => [String], { nullable: true, description: "Codes of its warnings that are meant." })
  acceptWarnings?: string[];
}
@ObjectType()
export class ReleaseRateCardPayload {
  @Field(() => RateCardImportNode)
  rateCard!: RateCardImportNode;
}

@InputType()
export class WithdrawRateCardInput {
  @Field(() => ID)
  rateCardId!: string;
}
@ObjectType()
export class WithdrawRateCardPayload {
  @Field(() => RateCardImportNode)
  rateCard!: RateCardImportNode;
}
