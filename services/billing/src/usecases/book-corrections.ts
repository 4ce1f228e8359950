import { correctionEnded, event } from "@greentick/contracts";
import { type DomainEvent, systemScope } from "@greentick/kernel";
import {
  accept,
  booked,
  type CorrectionDecision,
  type CorrectionProposal,
  type DecisionCounts,
  outdated,
  refuse,
} from "../domain/correction-proposal.js";
import { corrected, isBooked, withEvidence } from "../domain/correction.js";
import { type Fact } from "../domain/fact.js";
import { decidedAll } from "../domain/ledger-replay.js";
import { type DecisionStore } from "../ports/replay.js";
import { type ComparePorts } from "./compare-replay.js";
import { eachAlone } from "./each-alone.js";
import { settleFacts, surroundingsFor } from "./settle-facts.js";

const scope = systemScope("ledger-replays");
const pageSize = 50;

export interface BookPorts extends ComparePorts {
  readonly decisions: DecisionStore;
}

/**
 * Carries out one more page of every decision, the earliest first. Each proposal is claimed in one write before anything is booked, and the fact
 * carries its new entries before the ledger has them: a crash between any two steps is repaired by repeating, and of two decisions one wins.
 * Returns how many pages. @throws what a decision met, after the others had their turn.
 */
export const bookCorrections = (ports: BookPorts) => async (): Promise<number> => {
  const open = await ports.decisions.findAll(scope, { status: "requested" });
  const inOrder = open.toSorted((a, b) => a.decidedAt.getTime() - b.decidedAt.getTime() || (a.id < b.id ? -1 : 1));
  return eachAlone(inOrder, (decision) => decidePage(ports, decision));
};

async function decidePage(ports: BookPorts, decision: CorrectionDecision): Promise<number> {
  const page = await pageOf(ports, decision);
  const last = page.at(-1);
  const call = ports.callFor(decision);
  if (last === undefined) {
    await endReplay(ports, decision);
    await ports.decisions.save(call, { ...decision, status: "done" }, []);
    call.log.info({ decisionId: decision.id, ...decision.counts }, "proposed corrections decided");
    return 1;
  }
  let { counts } = decision;
  for (const proposal of page) counts = counted(counts, decision, await carryOut(ports, decision, proposal));
  await ports.decisions.save(call, { ...decision, counts, cursor: last.id }, []);
  return 1;
}

async function pageOf(
  { proposals }: BookPorts,
  { replayId, proposalIds, cursor: after }: CorrectionDecision,
): Promise<readonly CorrectionProposal[]> {
  if (proposalIds === undefined)
    return proposals.behind(scope, { replayId, limit: pageSize, ...(after !== undefined && { after }) });
  const next = proposalIds.filter((id) => after === undefined || id > after).slice(0, pageSize);
  return (await proposals.getMany(scope, next)).flatMap((one) => one ?? []);
}

function counted(so: DecisionCounts, decision: CorrectionDecision, proposal: CorrectionProposal): DecisionCounts {
  if (proposal.decisionId !== decision.id) return { ...so, decidedBefore: so.decidedBefore + 1 };
  const { status } = proposal;
  return status === "booked" || status === "refused" || status === "outdated"
    ? { ...so, [status]: so[status] + 1 }
    : so;
}

/** The proposal as it stands afterwards. */
async function carryOut(
  ports: BookPorts,
  decision: CorrectionDecision,
  proposal: CorrectionProposal,
): Promise<CorrectionProposal> {
  const call = ports.callFor(decision);
  if (proposal.status === "proposed" && decision.verdict === "refuse") {
    const refused = refuse(proposal, decision);
    return ports.proposals.save(call, refused, [ended(refused)]);
  }
  if (proposal.status === "proposed")
    return book(ports, decision, await ports.proposals.save(call, accept(proposal, decision), []));
  const isMine = proposal.status === "accepted" && proposal.decisionId === decision.id;
  return isMine ? book(ports, decision, proposal) : proposal;
}

const ended = ({ id, replayId, status, entryIds, reason }: CorrectionProposal): DomainEvent =>
  event(
    correctionEnded,
    { proposalId: id, replayId, status, entryIds: [...entryIds] },
    reason === undefined ? {} : { reason },
  );

/** Books an accepted proposal, or says why it cannot be booked any more. Safe to repeat. */
async function book(
  ports: BookPorts,
  decision: CorrectionDecision,
  proposal: CorrectionProposal,
): Promise<CorrectionProposal> {
  const call = ports.callFor(decision);
  const done = (next: CorrectionProposal): Promise<CorrectionProposal> =>
    ports.proposals.save(call, next, [ended(next)]);
  const fact = (await ports.facts.load(scope, [proposal.factId])).get(proposal.factId);
  const again = fact !== undefined && isBooked(fact, { proposalId: proposal.id });
  const after = again ? fact : await correctionOf(ports, proposal, fact);
  if (typeof after === "string") return done(outdated(proposal, after));
  await settleFacts(ports)([{ before: fact, after }]);
  return done(
    booked(
      proposal,
      after.entries.filter(({ proposalId }) => proposalId === proposal.id).map(({ id }) => id),
    ),
  );
}

/** The fact as it would be, or why the proposal is outdated. */
async function correctionOf(
  ports: BookPorts,
  proposal: CorrectionProposal,
  fact: Fact | undefined,
): Promise<Fact | string> {
  if ((fact?.version ?? 0) !== proposal.factVersion)
    return "The ledger has heard more of it since the comparison. Ask for another replay.";
  const { id, replayId, factId } = proposal;
  const shadow = (await ports.shadow.load(scope, replayId, [factId])).get(factId);
  const target = withEvidence(fact, shadow);
  if (target === undefined) return "What the replay made of it is gone. Ask for another replay.";
  const around = (await surroundingsFor(ports, [target]))(target);
  const after = corrected(target, proposal, { around, acceptance: { proposalId: id, replayId } });
  return (
    after ??
    "Cards, plans or accounts have changed since the comparison, and give another price. Ask for another replay."
  );
}

/** Once nothing is proposed any more, the replay is done and its shadow goes. Safe to repeat. */
async function endReplay(ports: BookPorts, { replayId }: CorrectionDecision): Promise<void> {
  const totals = await ports.proposals.totals(scope, replayId);
  if (totals.some(({ status }) => status === "proposed" || status === "accepted")) return;
  const replay = await ports.replays.find(scope, replayId);
  if (replay?.status !== "compared") return;
  await ports.shadow.remove(scope, replayId);
  await ports.replays.save(ports.callFor(replay), decidedAll(replay), []);
}
