import { connectionOf, Money, PageArgs } from "@greentick/graphql";
import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { LedgerEntryNode, RateReferenceNode, ReasonNode, TenantWithBilling, WebhookUpdateRef } from "./types.js";

export const ReplayStatusName = {
  REQUESTED: "requested",
  REPLAYING: "replaying",
  COMPARING: "comparing",
  COMPARED: "compared",
  DONE: "done",
  FAILED: "failed",
} as const;
export type ReplayStatusName = (typeof ReplayStatusName)[keyof typeof ReplayStatusName];
registerEnumType(ReplayStatusName, {
  name: "LedgerReplayStatus",
  description:
    "REQUESTED: the door was asked. REPLAYING: it reads the bodies. COMPARING: shadow and ledger are compared. COMPARED: proposals wait for a decision. DONE: none waits. FAILED: `failure` says why.",
});

export const ProposalStatusName = {
  PROPOSED: "proposed",
  ACCEPTED: "accepted",
  BOOKED: "booked",
  REFUSED: "refused",
  OUTDATED: "outdated",
} as const;
export type ProposalStatusName = (typeof ProposalStatusName)[keyof typeof ProposalStatusName];
registerEnumType(ProposalStatusName, {
  name: "CorrectionProposalStatus",
  description:
    "ACCEPTED: somebody agreed, it is being booked. OUTDATED: fact or price changed after the comparison, nothing was booked.",
});

export const CorrectionCauseName = {
  NEVER_HEARD: "never_heard",
  UNHEARD_STATUS: "unheard_status",
  NO_WEBHOOK: "no_webhook",
  NO_PROOF: "no_proof",
  NOT_PRICED: "not_priced",
  PRICED_NOW: "priced_now",
  READ_OTHERWISE: "read_otherwise",
  DAY_CHANGED: "day_changed",
  MARKET_CHANGED: "market_changed",
  CATEGORY_CHANGED: "category_changed",
  RATE_CHANGED: "rate_changed",
  PLAN_CHANGED: "plan_changed",
  RATED_OTHERWISE: "rated_otherwise",
} as const;
export type CorrectionCauseName = (typeof CorrectionCauseName)[keyof typeof CorrectionCauseName];
registerEnumType(CorrectionCauseName, {
  name: "CorrectionCause",
  description: "Why ledger and replay differ; `explanation` of a proposal says it in a sentence.",
});

export const CorrectionKindName = {
  CHANGED: "changed",
  ONLY_IN_LEDGER: "only_in_ledger",
  ONLY_IN_SHADOW: "only_in_shadow",
} as const;
export type CorrectionKindName = (typeof CorrectionKindName)[keyof typeof CorrectionKindName];
registerEnumType(CorrectionKindName, {
  name: "CorrectionKind",
  description: "Which side of the comparison has a charge.",
});

export const VerdictName = { ACCEPT: "accept", REFUSE: "refuse" } as const;
export type VerdictName = (typeof VerdictName)[keyof typeof VerdictName];
registerEnumType(VerdictName, {
  name: "CorrectionVerdict",
  description: "What somebody said of proposed corrections.",
});

@ObjectType("ReplayTold", { description: "What the door said of a range when it had gone through it." })
export class ReplayToldNode {
  @Field(() => Int, { description: "Bodies read." })
  bodies!: number;
  @Field(() => Int, { description: "Statuses handed on, each once." })
  statuses!: number;
  @Field(() => Int, {
    description: "Statuses that a person's erasure has blanked: nobody can say which message they were about.",
  })
  blanked!: number;
  @Field(() => Int, { description: "Updates that wait in quarantine or cannot be read." })
  held!: number;
  @Field(() => Int, { description: "Bodies whose bytes the retention period has erased." })
  erased!: number;
}

@ObjectType("ReplaySum", { description: "The compared charges of both sides in one pair of currencies. Staff only." })
export class ReplaySumNode {
  @Field(() => Money)
  ledgerCost!: Money;
  @Field(() => Money)
  replayedCost!: Money;
  @Field(() => Money)
  ledgerCharge!: Money;
  @Field(() => Money)
  replayedCharge!: Money;
}

@ObjectType("NotCompared", { description: "A fact that was not compared." })
export class NotComparedNode {
  @Field(() => ID)
  factId!: string;
  @Field(() => String, {
    description:
      "`partly_outside`: some of its webhooks were received outside the range. `unproven`: not all of its webhooks are kept.",
  })
  because!: string;
}

@ObjectType("CorrectionTotal", { description: "Proposals of one status and cause, and what they change together." })
export class CorrectionTotalNode {
  @Field(() => ProposalStatusName)
  status!: ProposalStatusName;
  @Field(() => CorrectionCauseName)
  cause!: CorrectionCauseName;
  @Field(() => Int)
  count!: number;
  @Field(() => Money, { description: "Of Meta's side: proposed less standing." })
  costDifference!: Money;
  @Field(() => Money, { description: "Of the client's side: proposed less standing." })
  chargeDifference!: Money;
}

@ObjectType("LedgerReplay", {
  description:
    "A range of a client's kept webhooks, rated again beside the ledger with today's code, cards and plans. Staff only.",
})
export class LedgerReplayNode {
  @Field(() => ID)
  id!: string;
  @Field(() => Boolean, { description: "False in a sandbox." })
  livemode!: boolean;
  @Field(() => TenantWithBilling, { nullable: true })
  tenant!: TenantWithBilling | null;
  @Field(() => Date, { description: "First instant of receipt, system time." })
  from!: Date;
  @Field(() => Date, { description: "End of the range, not included." })
  to!: Date;
  @Field(() => String, { nullable: true, description: "Only of this WhatsApp account, by Meta's id." })
  wabaId!: string | null;
  @Field(() => ReplayStatusName)
  status!: ReplayStatusName;
  @Field(() => ID, { description: "Who asked; somebody else accepts." })
  requestedBy!: string;
  @Field(() => Date)
  requestedAt!: Date;
  @Field(() => Date, { nullable: true })
  finishedAt!: Date | null;
  @Field(() => String, { nullable: true, description: "Why it failed, and what to do." })
  failure!: string | null;
  @Field(() => ReplayToldNode, { nullable: true })
  told!: ReplayToldNode | null;
  @Field(() => Int, { description: "Facts with the same charge on both sides, or none on both." })
  same!: number;
  @Field(() => Int, { description: "Facts that differ: each is a proposal." })
  differing!: number;
  @Field(() => Int, {
    description: "Facts that were not compared, because some of their webhooks were received outside the range.",
  })
  partlyOutside!: number;
  @Field(() => Int, {
    description: "Facts whose charge is neither confirmed nor refuted, because not all of their webhooks are kept.",
  })
  unproven!: number;
  @Field(() => [ReplaySumNode])
  sums!: ReplaySumNode[];
  @Field(() => [NotComparedNode], { description: "The first hundred facts that were not compared." })
  notCompared!: NotComparedNode[];
}
export const LedgerReplayConnection = connectionOf("LedgerReplay", LedgerReplayNode);

@ObjectType("ProposedCharge", { description: "What would stand in the ledger if the proposal is accepted." })
export class ProposedChargeNode {
  @Field(() => Money, { description: "What Meta charges us." })
  cost!: Money;
  @Field(() => Money, { description: "What the client pays." })
  charge!: Money;
  @Field(() => Boolean)
  free!: boolean;
  @Field(() => String)
  bucket!: string;
  @Field(() => String, { nullable: true })
  market!: string | null;
  @Field(() => String, { nullable: true, description: "Category of the rate card." })
  category!: string | null;
  @Field(() => Date, { nullable: true })
  deliveredAt!: Date | null;
  @Field(() => String, { nullable: true, description: "Price date, in the zone of the WhatsApp account." })
  priceDate!: string | null;
  @Field(() => Int, { nullable: true, description: "Number of the price plan." })
  planNumber!: number | null;
  @Field(() => RateReferenceNode, { nullable: true })
  rate!: RateReferenceNode | null;
  @Field(() => [ReasonNode], { description: "From delivery to price, step by step." })
  reasons!: ReasonNode[];
  @Field(() => WebhookUpdateRef, { nullable: true, description: "The webhook that proves the delivery." })
  webhook!: WebhookUpdateRef | null;
}

@ObjectType("CorrectionProposal", {
  description: "A difference between the ledger and a replay, and what would be booked if somebody agrees. Staff only.",
})
export class CorrectionProposalNode {
  @Field(() => ID)
  id!: string;
  @Field(() => Boolean, { description: "False in a sandbox." })
  livemode!: boolean;
  @Field(() => TenantWithBilling, { nullable: true })
  tenant!: TenantWithBilling | null;
  @Field(() => ID)
  replayId!: string;
  @Field(() => ID, { description: "What was delivered: tenant, kind and keyed hashes." })
  factId!: string;
  @Field(() => String, { description: "Meta's id of the WhatsApp account." })
  wabaId!: string;
  @Field(() => CorrectionKindName)
  kind!: CorrectionKindName;
  @Field(() => CorrectionCauseName)
  cause!: CorrectionCauseName;
  @Field(() => String, { description: "The cause in a sentence." })
  explanation!: string;
  @Field(() => [String], {
    description: "`cost`, `charge`, `free`, `rate`, `price_date`, `utc_day`, `market`, `category`, or `existence`.",
  })
  differs!: string[];
  @Field(() => String, {
    nullable: true,
    description: "Stable word for why it has no price today, as in `unratedFacts`.",
  })
  unrated!: string | null;
  @Field(() => LedgerEntryNode, { nullable: true, description: "What stands in the ledger." })
  standing!: LedgerEntryNode | null;
  @Field(() => ProposedChargeNode, { nullable: true, description: "Null where the charge would only be taken back." })
  proposed!: ProposedChargeNode | null;
  @Field(() => ProposalStatusName)
  status!: ProposalStatusName;
  @Field(() => ID, { nullable: true })
  decidedBy!: string | null;
  @Field(() => Date, { nullable: true })
  decidedAt!: Date | null;
  @Field(() => String, { nullable: true, description: "Why it was accepted or refused, or what outdated it." })
  reason!: string | null;
  @Field(() => [ID], { description: "Ledger entries that were booked for it." })
  entryIds!: string[];
}
export const CorrectionProposalConnection = connectionOf("CorrectionProposal", CorrectionProposalNode);

@ObjectType("CorrectionDecision", {
  description: "Somebody's word on proposed corrections, and what became of them. Staff only.",
})
export class CorrectionDecisionNode {
  @Field(() => ID)
  id!: string;
  @Field(() => ID)
  replayId!: string;
  @Field(() => VerdictName)
  verdict!: VerdictName;
  @Field(() => String)
  reason!: string;
  @Field(() => ID)
  decidedBy!: string;
  @Field(() => Date)
  decidedAt!: Date;
  @Field(() => Boolean, { description: "Every proposal it is about was carried out." })
  done!: boolean;
  @Field(() => Int)
  booked!: number;
  @Field(() => Int)
  refused!: number;
  @Field(() => Int, { description: "Fact or price had changed: nothing was booked." })
  outdated!: number;
  @Field(() => Int, { description: "Another decision had come first." })
  decidedBefore!: number;
}

@InputType()
export class RequestReplayInput {
  @Field(() => ID, { description: "The client." })
  tenantId!: string;
  @Field(() => Date, { description: "Webhooks received from then on; system time." })
  from!: Date;
  @Field(() => Date, { description: "And before that instant, which is past." })
  to!: Date;
  @Field(() => String, { nullable: true, description: "Only of this WhatsApp account, by Meta's id." })
  wabaId?: string;
  @Field(() => String, { nullable: true })
  idempotencyKey?: string;
}
@ObjectType()
export class RequestReplayPayload {
  @Field(() => LedgerReplayNode)
  replay!: LedgerReplayNode;
}

@InputType()
export class DecideCorrectionsInput {
  @Field(() => ID)
  replayId!: string;
  @Field(() => [ID], {
    nullable: true,
    description: "At most a hundred. Default: all of the replay that are still proposed.",
  })
  proposalIds?: string[];
  @Field(() => String, { description: "Why; it stands in the audit trail." })
  reason!: string;
  @Field(() => String, { nullable: true })
  idempotencyKey?: string;
}
@ObjectType()
export class DecideCorrectionsPayload {
  @Field(() => CorrectionDecisionNode)
  decision!: CorrectionDecisionNode;
}

@ArgsType()
export class ProposalArgs extends PageArgs {
  @Field(() => ID)
  replayId!: string;
  @Field(() => ProposalStatusName, { nullable: true })
  status?: ProposalStatusName;
  @Field(() => CorrectionCauseName, { nullable: true })
  cause?: CorrectionCauseName;
}
