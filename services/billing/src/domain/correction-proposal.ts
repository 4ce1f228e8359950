import { type EntryId, type TenantId } from "@greentick/kernel";
import { type FoundCorrection } from "./correction.js";
import { billingErrors } from "./errors.js";
import { type LedgerEntry } from "./ledger-entry.js";
import { type LedgerReplay } from "./ledger-replay.js";

/**
 * `proposed` → `accepted` (somebody agreed, it is being booked) → `booked`; or `refused`; or `outdated`, when the fact or its price changed after
 * the comparison: ask for another replay.
 */
export type ProposalStatus = "proposed" | "accepted" | "booked" | "refused" | "outdated";

/** What booking a correction changes in one pair of currencies. Micros. */
export interface Effect {
  readonly costCurrency: string;
  readonly chargeCurrency: string;
  readonly costMicros: bigint;
  readonly chargeMicros: bigint;
}

/** Proposed less standing; two effects where their currencies differ. */
export function effectsOf({ standing, proposed }: Pick<FoundCorrection, "standing" | "proposed">): readonly Effect[] {
  const effect = ({ cost, charge }: LedgerEntry, sign: bigint): Effect => ({
    costCurrency: cost.currency,
    chargeCurrency: charge.currency,
    costMicros: cost.amountMicros * sign,
    chargeMicros: charge.amountMicros * sign,
  });
  const taken = standing && effect(standing, -1n);
  const given = proposed && effect(proposed, 1n);
  if (taken === undefined || given === undefined) return [taken, given].flatMap((one) => one ?? []);
  const alike = taken.costCurrency === given.costCurrency && taken.chargeCurrency === given.chargeCurrency;
  if (!alike) return [taken, given];
  const [costMicros, chargeMicros] = [taken.costMicros + given.costMicros, taken.chargeMicros + given.chargeMicros];
  return [{ ...given, costMicros, chargeMicros }];
}

/** A difference between ledger and shadow, and what would be booked if somebody agrees. */
export interface CorrectionProposal extends FoundCorrection {
  readonly id: string;
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  readonly version: number;
  readonly replayId: string;
  readonly status: ProposalStatus;
  readonly foundAt: Date;
  readonly effects: readonly Effect[];
  readonly decisionId?: string;
  readonly decidedBy?: string;
  readonly decidedAt?: Date;
  /** Why it was accepted or refused; of an outdated one, what changed. */
  readonly reason?: string;
  /** What was booked. */
  readonly entryIds: readonly EntryId[];
}

export const proposalOf = (
  replay: LedgerReplay,
  found: FoundCorrection,
  at: { readonly id: string; readonly foundAt: Date },
): CorrectionProposal => ({
  ...found,
  ...at,
  tenantId: replay.tenantId,
  ancestorIds: replay.ancestorIds,
  livemode: replay.livemode,
  version: 0,
  replayId: replay.id,
  status: "proposed",
  effects: effectsOf(found),
  entryIds: [],
});

export type Verdict = "accept" | "refuse";

/** What became of the proposals that a decision was about. */
export interface DecisionCounts {
  readonly booked: number;
  readonly refused: number;
  readonly outdated: number;
  /** Another decision came first. */
  readonly decidedBefore: number;
}

/** Somebody's word on proposals of a replay; the intent that is durable before anything is booked. */
export interface CorrectionDecision {
  readonly id: string;
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  readonly version: number;
  readonly replayId: string;
  readonly verdict: Verdict;
  /** Absent: all that are still proposed. */
  readonly proposalIds?: readonly string[];
  readonly reason: string;
  readonly decidedBy: string;
  readonly decidedAt: Date;
  readonly status: "requested" | "done";
  /** Behind this proposal of the list. */
  readonly cursor?: string;
  readonly counts: DecisionCounts;
}

/** At most so many proposals are named one by one. */
export const mostNamed = 100;

/**
 * Money is corrected by two people: who asked for the replay may refuse, and not accept. Once all is decided a decision changes nothing.
 * @throws CONFLICT/replay_not_compared, CONFLICT/correction_needs_second_person.
 */
export function checkDecision(replay: LedgerReplay, verdict: Verdict, personId: string): void {
  if (replay.status !== "compared" && replay.status !== "done")
    throw billingErrors.replayNotCompared(replay.id, replay.status);
  if (verdict === "accept" && replay.requestedBy === personId) throw billingErrors.secondPerson(replay.id);
}

type Decided = Pick<CorrectionDecision, "id" | "decidedBy" | "decidedAt" | "reason">;
const wordOf = (decision: Decided): Pick<CorrectionProposal, "decisionId" | "decidedBy" | "decidedAt" | "reason"> => ({
  decisionId: decision.id,
  decidedBy: decision.decidedBy,
  decidedAt: decision.decidedAt,
  reason: decision.reason,
});

/** proposed -> accepted. */
export const accept = (proposal: CorrectionProposal, decision: Decided): CorrectionProposal => ({
  ...proposal,
  ...wordOf(decision),
  status: "accepted",
});

/** proposed -> refused. */
export const refuse = (proposal: CorrectionProposal, decision: Decided): CorrectionProposal => ({
  ...proposal,
  ...wordOf(decision),
  status: "refused",
});

/** accepted -> booked. */
export const booked = (proposal: CorrectionProposal, entryIds: readonly EntryId[]): CorrectionProposal => ({
  ...proposal,
  status: "booked",
  entryIds,
});

/** accepted -> outdated: nothing was booked. */
export const outdated = (proposal: CorrectionProposal, reason: string): CorrectionProposal => ({
  ...proposal,
  status: "outdated",
  reason,
});
