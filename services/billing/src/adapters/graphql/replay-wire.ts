import { moneyOf } from "@greentick/graphql";
import {} from "@greentick/kernel";
import { type CorrectionDecision, type CorrectionProposal } from "../../domain/correction-proposal.js";
import { correctionCauses } from "../../domain/correction.js";
import { type LedgerEntry } from "../../domain/ledger-entry.js";
import { type LedgerReplay, type ReplaySum } from "../../domain/ledger-replay.js";
import { type ProposalTotal } from "../../ports/replay.js";
import {
  type CorrectionDecisionNode,
  type CorrectionProposalNode,
  type CorrectionTotalNode,
  type LedgerReplayNode,
  type ProposedChargeNode,
  type ReplaySumNode,
} from "./replay-types.js";
import { toEntry } from "./wire.js";
import { amount } from "./amounts.js";

const toSum = (sum: ReplaySum): ReplaySumNode => ({
  ledgerCost: amount(sum.costCurrency, sum.ledgerCostMicros),
  replayedCost: amount(sum.costCurrency, sum.shadowCostMicros),
  ledgerCharge: amount(sum.chargeCurrency, sum.ledgerChargeMicros),
  replayedCharge: amount(sum.chargeCurrency, sum.shadowChargeMicros),
});

export const toReplay = (replay: LedgerReplay): LedgerReplayNode => ({
  id: replay.id,
  livemode: replay.livemode,
  tenant: { id: replay.tenantId },
  from: replay.from,
  to: replay.until,
  wabaId: replay.wabaId ?? null,
  status: replay.status,
  requestedBy: replay.requestedBy,
  requestedAt: replay.requestedAt,
  finishedAt: replay.finishedAt ?? null,
  failure: replay.failure ?? null,
  told: replay.told ?? null,
  ...replay.counts,
  sums: replay.sums.map(toSum),
  notCompared: [...replay.notCompared],
});

function toProposed(entry: LedgerEntry): ProposedChargeNode {
  const { market, category, deliveredAt, priceDate, planNumber, rate, webhook, free, bucket, charge, reasons } =
    toEntry(entry);
  const service = { market, category, deliveredAt, priceDate, planNumber, rate, webhook };
  return { cost: moneyOf(entry.cost), charge, free, bucket, reasons, ...service };
}

export const toProposal = (proposal: CorrectionProposal): CorrectionProposalNode => ({
  id: proposal.id,
  livemode: proposal.livemode,
  tenant: { id: proposal.tenantId },
  replayId: proposal.replayId,
  factId: proposal.factId,
  wabaId: proposal.wabaId,
  kind: proposal.kind,
  cause: proposal.cause,
  explanation: correctionCauses[proposal.cause],
  differs: [...proposal.differs],
  unrated: proposal.unrated ?? null,
  standing: proposal.standing === undefined ? null : toEntry(proposal.standing),
  proposed: proposal.proposed === undefined ? null : toProposed(proposal.proposed),
  status: proposal.status,
  decidedBy: proposal.decidedBy ?? null,
  decidedAt: proposal.decidedAt ?? null,
  reason: proposal.reason ?? null,
  entryIds: [...proposal.entryIds],
});

export const toTotal = (total: ProposalTotal): CorrectionTotalNode => ({
  status: total.status,
  cause: total.cause,
  count: total.count,
  costDifference: amount(total.costCurrency, total.costMicros),
  chargeDifference: amount(total.chargeCurrency, total.chargeMicros),
});

export const toDecision = (decision: CorrectionDecision): CorrectionDecisionNode => ({
  id: decision.id,
  replayId: decision.replayId,
  verdict: decision.verdict,
  reason: decision.reason,
  decidedBy: decision.decidedBy,
  decidedAt: decision.decidedAt,
  done: decision.status === "done",
  ...decision.counts,
});
