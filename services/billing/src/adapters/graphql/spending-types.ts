import { connectionOf, Money, PageArgs } from "@greentick/graphql";
import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { RateReferenceNode, ReasonNode } from "./types.js";

export const SendCategory = {
  MARKETING: "MARKETING",
  MARKETING_LITE: "MARKETING_LITE",
  UTILITY: "UTILITY",
  AUTHENTICATION: "AUTHENTICATION",
  AUTHENTICATION_INTERNATIONAL: "AUTHENTICATION_INTERNATIONAL",
  SERVICE: "SERVICE",
} as const;
export type SendCategory = (typeof SendCategory)[keyof typeof SendCategory];
registerEnumType(SendCategory, { name: "SendCategory", description: "A category in which a message can be sent." });

export const ServiceWindowName = { OPEN: "open", CLOSED: "closed", UNKNOWN: "unknown" } as const;
export type ServiceWindowName = (typeof ServiceWindowName)[keyof typeof ServiceWindowName];
registerEnumType(ServiceWindowName, {
  name: "ServiceWindow",
  description: "Whether the recipient wrote to the number within the last 24 hours.",
});

export const BudgetScopeName = { ALL: "all", CATEGORY: "category", TEMPLATE: "template", API_KEY: "api_key" } as const;
export type BudgetScopeName = (typeof BudgetScopeName)[keyof typeof BudgetScopeName];
registerEnumType(BudgetScopeName, {
  name: "BudgetScope",
  description:
    "Which messages a budget counts. TEMPLATE and API_KEY count what is sent under reservations, which name them; Meta's statuses do not.",
});
export const BudgetPeriodName = { MONTH: "month", TOTAL: "total" } as const;
export type BudgetPeriodName = (typeof BudgetPeriodName)[keyof typeof BudgetPeriodName];
registerEnumType(BudgetPeriodName, {
  name: "BudgetPeriod",
  description:
    "MONTH: each calendar month in UTC, by the day of booking or service as invoiced. TOTAL: from its first day on.",
});
export const TopUpSourceName = {
  BANK_TRANSFER: "bank_transfer",
  CARD: "card",
  CREDIT_NOTE: "credit_note",
  OTHER: "other",
} as const;
export type TopUpSourceName = (typeof TopUpSourceName)[keyof typeof TopUpSourceName];
registerEnumType(TopUpSourceName, { name: "TopUpSource", description: "How a client paid in." });

@ArgsType()
export class EstimateArgs {
  @Field(() => String, { description: "Meta's id of the WhatsApp account that would send." })
  wabaId!: string;
  @Field(() => [SendCategory], { description: "Several while it is in doubt which one Meta will use." })
  categories!: SendCategory[];
  @Field(() => String, {
    nullable: true,
    description: "Number with its country code; this or `country`. It is not kept.",
  })
  recipient?: string;
  @Field(() => String, {
    nullable: true,
    description: "ISO 3166 code of two letters; the number decides when both are given.",
  })
  country?: string;
  @Field(() => ServiceWindowName, { nullable: true, description: "Default: UNKNOWN." })
  window?: ServiceWindowName;
}

@ObjectType("EstimateCase", { description: "One way in which Meta may price the message." })
export class EstimateCaseNode {
  @Field(() => SendCategory)
  category!: SendCategory;
  @Field(() => ServiceWindowName)
  window!: ServiceWindowName;
  @Field(() => String, { nullable: true, description: "Meta's pricing type that is assumed." })
  pricingType!: string | null;
  @Field(() => String, { description: "What has to be so for this price, in words." })
  assumes!: string;
  @Field(() => Money, { nullable: true, description: "What the client would pay; null when nobody can say." })
  charge!: Money | null;
  @Field(() => String, {
    nullable: true,
    description: "Stable word why there is no price, e.g. `awaiting_plan`, `outside_window`.",
  })
  problem!: string | null;
  @Field(() => String, { nullable: true, description: "The problem in words, and what to do about it." })
  message!: string | null;
  @Field(() => String, { nullable: true })
  market!: string | null;
  @Field(() => RateReferenceNode, { nullable: true })
  rate!: RateReferenceNode | null;
  @Field(() => Int, { nullable: true, description: "Number of the price plan." })
  planNumber!: number | null;
  @Field(() => [ReasonNode])
  reasons!: ReasonNode[];
}
@ObjectType("PriceRange", { description: "What a message can cost; both ends are the same when nothing is in doubt." })
export class PriceRangeNode {
  @Field(() => Money, { nullable: true, description: "Null when no case has a price." })
  lowest!: Money | null;
  @Field(() => Money, { nullable: true })
  highest!: Money | null;
  @Field(() => [EstimateCaseNode])
  cases!: EstimateCaseNode[];
}
@ObjectType("ChargeEstimate", {
  description: "What a message would cost. Meta decides at delivery; nothing is kept of it.",
})
export class ChargeEstimateNode {
  @Field(() => String, { description: "Day in the zone of the WhatsApp account for which it holds." })
  priceDate!: string;
  @Field(() => PriceRangeNode, { description: "As the service window is now; over both when that is unknown." })
  now!: PriceRangeNode;
  @Field(() => PriceRangeNode, { description: "If the service window closes before the delivery." })
  ifWindowCloses!: PriceRangeNode;
}

@ObjectType("Budget", { description: "A client's own limit on what its messages cost." })
export class BudgetNode {
  @Field(() => ID)
  id!: string;
  @Field(() => String)
  name!: string;
  @Field(() => BudgetScopeName)
  scope!: BudgetScopeName;
  @Field(() => String, { nullable: true, description: "The category, template id or API key id it counts." })
  scopeValue!: string | null;
  @Field(() => BudgetPeriodName)
  period!: BudgetPeriodName;
  @Field(() => Money, { nullable: true, description: "Passing it is told and refuses nothing." })
  softLimit!: Money | null;
  @Field(() => Money, { nullable: true, description: "No reservation is granted beyond it." })
  hardLimit!: Money | null;
  @Field(() => [Int], {
    description: "Percents of the hard limit, else of the soft one, at which `billing.budget_reached` is told.",
  })
  alertPercents!: number[];
  @Field(() => Money, { description: "Charges of the running period." })
  spent!: Money;
  @Field(() => Money, { description: "Held for messages under way." })
  reserved!: Money;
  @Field(() => Money, { nullable: true, description: "Left to reserve under the hard limit; null without one." })
  left!: Money | null;
}
@ObjectType("PrepaidBalance", { description: "Money that the client paid in advance." })
export class PrepaidBalanceNode {
  @Field(() => String, { description: "Ledger entries of this UTC day and later are paid from it." })
  since!: string;
  @Field(() => Money, { description: "Paid in and not spent; what is reserved is still in it." })
  balance!: Money;
  @Field(() => Money, { description: "Held for messages under way." })
  reserved!: Money;
  @Field(() => Money, { description: "Left to reserve: balance and overdraft without what is reserved." })
  available!: Money;
  @Field(() => Money)
  toppedUp!: Money;
  @Field(() => Money, { description: "Sum of the ledger entries it paid: messages, fees, corrections." })
  charged!: Money;
  @Field(() => Money, { description: "How far it may go below zero." })
  overdraft!: Money;
  @Field(() => [Money], { description: "`billing.balance_low` is told when what is available falls below one." })
  alertsBelow!: Money[];
}
@ObjectType("Spending", { description: "A client's budgets and its prepaid balance." })
export class SpendingNode {
  @Field(() => ID, { description: "The client's own id." })
  id!: string;
  @Field(() => Boolean, { description: "False in a sandbox." })
  livemode!: boolean;
  @Field(() => String, { description: "ISO 4217; what is in another currency is not counted." })
  currency!: string;
  @Field(() => [BudgetNode])
  budgets!: BudgetNode[];
  @Field(() => PrepaidBalanceNode, { nullable: true, description: "Null while the client does not pay in advance." })
  prepaid!: PrepaidBalanceNode | null;
  @Field(() => Int, { description: "Ledger entries in another currency, which nothing here counts." })
  entriesInOtherCurrency!: number;
}

@ObjectType("ReservationHold", { description: "What a reservation holds back in one place." })
export class ReservationHoldNode {
  @Field(() => ID, { nullable: true, description: "Null for the prepaid balance." })
  budgetId!: string | null;
  @Field(() => Money, { description: "For each message that nothing was heard of." })
  perMessage!: Money;
}
@ObjectType("Reservation", { description: "Money held back for messages that are about to be sent." })
export class ReservationNode {
  @Field(() => ID, {
    description: "Give it to the message as `biz_opaque_callback_data`, alone or within a longer text.",
  })
  id!: string;
  @Field(() => Boolean, { description: "False in a sandbox." })
  livemode!: boolean;
  @Field(() => String, { description: "`open` or `closed`." })
  status!: string;
  @Field(() => String, { nullable: true, description: "`used`, `released` or `expired`." })
  closedAs!: string | null;
  @Field(() => Date)
  openedAt!: Date;
  @Field(() => Date, { description: "What nothing was heard of by then is released." })
  expiresAt!: Date;
  @Field(() => String)
  wabaId!: string;
  @Field(() => String, { nullable: true })
  templateId!: string | null;
  @Field(() => ID, { nullable: true })
  apiKeyId!: string | null;
  @Field(() => Int)
  messages!: number;
  @Field(() => Int, { description: "Messages that were delivered or have failed." })
  ended!: number;
  @Field(() => Money, { description: "Most that one message can cost." })
  perMessage!: Money;
  @Field(() => [ReservationHoldNode])
  holds!: ReservationHoldNode[];
  @Field(() => [ID], { description: "Budgets whose soft limit was passed with it." })
  overSoftLimit!: string[];
}
export const ReservationConnection = connectionOf("Reservation", ReservationNode);

@ObjectType("TopUp", { description: "A payment into a prepaid balance." })
export class TopUpNode {
  @Field(() => ID)
  id!: string;
  @Field(() => Boolean, { description: "False in a sandbox." })
  livemode!: boolean;
  @Field(() => Money)
  amount!: Money;
  @Field(() => TopUpSourceName)
  source!: TopUpSourceName;
  @Field(() => String)
  reference!: string;
  @Field(() => Date)
  at!: Date;
  @Field(() => Money, { description: "All that was paid in until then, this included." })
  toppedUp!: Money;
}
export const TopUpConnection = connectionOf("TopUp", TopUpNode);

@ArgsType()
export class ReservationArgs extends PageArgs {
  @Field(() => Boolean, { defaultValue: false, description: "Only those that hold something back." })
  openOnly!: boolean;
}

@InputType({ description: "Amounts are currency units as plain decimals with at most six places." })
export class SetBudgetInput {
  @Field(() => ID, {
    nullable: true,
    description: "A budget that is there, to give it other limits, alerts or another name.",
  })
  budgetId?: string;
  @Field(() => String)
  name!: string;
  @Field(() => BudgetScopeName, { nullable: true, description: "Default: ALL." })
  scope?: BudgetScopeName;
  @Field(() => String, {
    nullable: true,
    description:
      "For CATEGORY one of the rate card's: marketing, utility, authentication, authentication_international, service.",
  })
  category?: string;
  @Field(() => ID, { nullable: true, description: "For TEMPLATE: the id that reservations give." })
  templateId?: string;
  @Field(() => ID, { nullable: true, description: "For API_KEY." })
  apiKeyId?: string;
  @Field(() => BudgetPeriodName, { nullable: true, description: "Default: MONTH." })
  period?: BudgetPeriodName;
  @Field(() => String, { description: "ISO 4217; that of the billing account." })
  currency!: string;
  @Field(() => String, { nullable: true })
  softLimit?: string;
  @Field(() => String, { nullable: true, description: "Zero refuses every reservation that costs something." })
  hardLimit?: string;
  @Field(() => [Int], { nullable: true, description: "1 to 100; default: 80 and 100." })
  alertPercents?: number[];
  @Field(() => String, { nullable: true })
  idempotencyKey?: string;
}
@ObjectType()
export class SetBudgetPayload {
  @Field(() => BudgetNode)
  budget!: BudgetNode;
}
@InputType()
export class RemoveBudgetInput {
  @Field(() => ID)
  budgetId!: string;
}
@ObjectType()
export class RemoveBudgetPayload {
  @Field(() => SpendingNode)
  spending!: SpendingNode;
}

@InputType({ description: "Amounts are in the currency of the billing account." })
export class SetPrepaidInput {
  @Field(() => String, { nullable: true, description: "How far the balance may go below zero. Default: not at all." })
  overdraft?: string;
  @Field(() => [String], {
    nullable: true,
    description: "`billing.balance_low` is told when what is available falls below one.",
  })
  alertsBelow?: string[];
}
@ObjectType()
export class SetPrepaidPayload {
  @Field(() => SpendingNode)
  spending!: SpendingNode;
}
@InputType()
export class TopUpBalanceInput {
  @Field(() => String)
  currency!: string;
  @Field(() => String, { description: "Currency units as a plain decimal, above zero." })
  amount!: string;
  @Field(() => TopUpSourceName)
  source!: TopUpSourceName;
  @Field(() => String, { description: "What the payment is found by elsewhere." })
  reference!: string;
  @Field(() => String)
  idempotencyKey!: string;
}
@ObjectType()
export class TopUpBalancePayload {
  @Field(() => TopUpNode)
  topUp!: TopUpNode;
  @Field(() => SpendingNode)
  spending!: SpendingNode;
}

@InputType({ description: "The message as for `estimateCharge`." })
export class ReserveChargeInput {
  @Field(() => String, { description: "Meta's id of the WhatsApp account that will send." })
  wabaId!: string;
  @Field(() => [SendCategory])
  categories!: SendCategory[];
  @Field(() => String, {
    nullable: true,
    description: "Number with its country code; this or `country`. It is not kept.",
  })
  recipient?: string;
  @Field(() => String, { nullable: true })
  country?: string;
  @Field(() => ServiceWindowName, { nullable: true, description: "Default: UNKNOWN." })
  window?: ServiceWindowName;
  @Field(() => ID, { nullable: true, description: "For budgets of one template." })
  templateId?: string;
  @Field(() => Int, { defaultValue: 1, description: "Alike messages under one reservation, 1 to 100." })
  messages!: number;
  @Field(() => String)
  idempotencyKey!: string;
}
@ObjectType()
export class ReserveChargePayload {
  @Field(() => ReservationNode)
  reservation!: ReservationNode;
}
@InputType()
export class ReleaseReservationInput {
  @Field(() => ID)
  reservationId!: string;
}
@ObjectType()
export class ReleaseReservationPayload {
  @Field(() => ReservationNode)
  reservation!: ReservationNode;
}
