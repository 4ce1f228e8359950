import { allow, type Call } from "@greentick/kernel";
import {
  type CorrectionDecision,
  type CorrectionProposal,
  type ProposalStatus,
} from "../domain/correction-proposal.js";
import { type CorrectionCause } from "../domain/correction.js";
import { type LedgerReplay } from "../domain/ledger-replay.js";
import { type Page, type PageRequest } from "../ports.js";
import { type DecisionStore, type ProposalStore, type ProposalTotal, type ReplayStore } from "../ports/replay.js";
import { inSight } from "./in-sight.js";

export interface ReadReplayPorts {
  readonly replays: ReplayStore;
  readonly proposals: ProposalStore;
  readonly decisions: DecisionStore;
}

export interface ProposalFilter {
  readonly status?: ProposalStatus;
  readonly cause?: CorrectionCause;
}

export interface ReadReplays {
  readonly replays: (call: Call, page: PageRequest) => Promise<Page<LedgerReplay>>;
  readonly replay: (call: Call, id: string) => Promise<LedgerReplay | undefined>;
  /** @throws NOT_FOUND/ledger_replay_not_found. */
  readonly proposals: (
    call: Call,
    ask: { readonly replayId: string; readonly filter: ProposalFilter; readonly page: PageRequest },
  ) => Promise<Page<CorrectionProposal>>;
  readonly totals: (call: Call, replayId: string) => Promise<readonly ProposalTotal[]>;
  readonly decision: (call: Call, id: string) => Promise<CorrectionDecision | undefined>;
}

/** What staff ask about replays of their clients. Another tenant's read as missing. */
export function readReplays({ replays, proposals, decisions }: ReadReplayPorts): ReadReplays {
  const staff = (call: Call): ReturnType<typeof inSight> => {
    allow(call, "billing:list");
    return inSight(call);
  };
  return {
    replays: (call, page) => replays.list(staff(call), page),
    replay: (call, id) => replays.find(staff(call), id),
    proposals: async (call, { replayId, filter, page }) => {
      const scope = staff(call);
      await replays.get(scope, replayId);
      return proposals.list(scope, page, { ...filter, replayId });
    },
    totals: (call, replayId) => proposals.totals(staff(call), replayId),
    decision: (call, id) => decisions.find(staff(call), id),
  };
}
