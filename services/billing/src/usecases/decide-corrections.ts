import { correctionsDecided, event } from "@greentick/contracts";
import { allow, badInput, type Call, type Scope } from "@greentick/kernel";
import { checkDecision, type CorrectionDecision, mostNamed, type Verdict } from "../domain/correction-proposal.js";
import { billingErrors } from "../domain/errors.js";
import { type LedgerReplay } from "../domain/ledger-replay.js";
import { type DecisionStore, type ProposalStore, type ReplayStore } from "../ports/replay.js";
import { inSight } from "./in-sight.js";

export interface DecideInput {
  readonly replayId: string;
  /** Absent: all that are still proposed. */
  readonly proposalIds?: readonly string[];
  readonly reason: string;
}
export type DecideCorrections = (call: Call, input: DecideInput) => Promise<CorrectionDecision>;

export interface DecidePorts {
  readonly replays: ReplayStore;
  readonly proposals: ProposalStore;
  readonly decisions: DecisionStore;
}

/**
 * Accepts or refuses proposals of a replay. What is accepted is booked from this intent, each proposal once whoever else decides at the same moment;
 * read the decision again for what became of them.
 * @throws NOT_FOUND/ledger_replay_not_found, NOT_FOUND/correction_proposal_not_found, CONFLICT/replay_not_compared,
 * CONFLICT/correction_needs_second_person, BAD_USER_INPUT naming the field.
 */
export const decideCorrections =
  (ports: DecidePorts, verdict: Verdict): DecideCorrections =>
  async (call, input) => {
    allow(call, "billing:write");
    const replay = await ports.replays.get(inSight(call), input.replayId);
    const reason = input.reason.trim();
    if (reason === "") throw badInput("reason", "has to say why, for the audit trail");
    const proposalIds = input.proposalIds && (await named(ports, replay, input.proposalIds));
    const mutation = verdict === "accept" ? "acceptCorrections" : "refuseCorrections";
    const once = { mutation, input };
    checkDecision(replay, verdict, call.actor.id);
    const { tenantId, ancestorIds, livemode } = replay;
    const decision: CorrectionDecision = {
      id: call.newId("correctionDecision"),
      ...{ tenantId, ancestorIds, livemode, version: 0 },
      ...{ replayId: replay.id, verdict, reason, status: "requested" },
      ...(proposalIds && { proposalIds }),
      decidedBy: call.actor.id,
      decidedAt: call.now(),
      counts: { booked: 0, refused: 0, outdated: 0, decidedBefore: 0 },
    };
    const about = { decisionId: decision.id, replayId: replay.id, verdict };
    const told = { ...about, ...(proposalIds && { named: proposalIds.length }) };
    return ports.decisions.insert(call, decision, [event(correctionsDecided, told, { reason })], once);
  };

/** @throws when one is not of this replay. */
async function named(
  { proposals }: DecidePorts,
  { id, tenantId, ancestorIds }: LedgerReplay,
  ids: readonly string[],
): Promise<readonly string[]> {
  if (ids.length === 0 || ids.length > mostNamed)
    throw badInput("proposalIds", `holds 1 to ${mostNamed} ids, not ${ids.length}; leave it out for all of the replay`);
  const scope: Scope = { tenant: tenantId, ancestors: ancestorIds };
  const found = await proposals.getMany(scope, ids);
  const missing = ids.find((_, at) => found[at]?.replayId !== id);
  if (missing !== undefined) throw billingErrors.proposalNotFound(missing);
  return [...new Set(ids)].sort();
}
