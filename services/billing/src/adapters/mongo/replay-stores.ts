import { AppError, type Scope } from "@greentick/kernel";
import { aggregateStore, type AggregateStore, type Database, scopeFilter } from "@greentick/runtime";
import { Schema } from "mongoose";
import { type CorrectionDecision, type CorrectionProposal } from "../../domain/correction-proposal.js";
import { billingErrors } from "../../domain/errors.js";
import { type LedgerReplay } from "../../domain/ledger-replay.js";
import { type ProposalStore, type ProposalTotal } from "../../ports/replay.js";

const text = { type: String, required: true } as const;
const instant = { type: Date, required: true } as const;
const list = { type: [Schema.Types.Mixed], required: true } as const;
const anything = { type: Schema.Types.Mixed } as const;
const something = { ...anything, required: true } as const;

const [replays, proposals, decisions] = ["ledger_replays", "correction_proposals", "correction_decisions"] as const;

/** Collections of replays whose documents carry events. */
export const replayCollections = [replays, proposals, decisions] as const;

export const mongoReplayStore = (database: Database): AggregateStore<LedgerReplay> =>
  aggregateStore<LedgerReplay>({
    database,
    schemaVersion: 1,
    collection: replays,
    kind: "ledger_replay",
    state: {
      from: instant,
      until: instant,
      wabaId: String,
      status: text,
      requestedBy: text,
      requestedAt: instant,
      finishedAt: Date,
      failure: String,
      told: anything,
      cursor: anything,
      counts: something,
      sums: list,
      notCompared: list,
    },
    indexes: [{ on: ["status"], acrossTenants: true, name: "status" }],
    notFound: billingErrors.replayNotFound,
    onDuplicate: billingErrors.duplicate,
  });

export const mongoDecisionStore = (database: Database): AggregateStore<CorrectionDecision> =>
  aggregateStore<CorrectionDecision>({
    database,
    schemaVersion: 1,
    collection: decisions,
    kind: "correction_decision",
    state: {
      replayId: text,
      verdict: text,
      proposalIds: { type: [String], default: undefined },
      reason: text,
      decidedBy: text,
      decidedAt: instant,
      status: text,
      cursor: String,
      counts: something,
    },
    indexes: [{ on: ["status"], acrossTenants: true, name: "status" }],
    notFound: billingErrors.decisionNotFound,
    onDuplicate: billingErrors.duplicate,
  });

const proposalAggregates = (database: Database): AggregateStore<CorrectionProposal> =>
  aggregateStore<CorrectionProposal>({
    database,
    schemaVersion: 1,
    collection: proposals,
    kind: "correction_proposal",
    state: {
      replayId: text,
      factId: text,
      wabaId: text,
      kind: text,
      cause: text,
      differs: { type: [String], required: true },
      standing: anything,
      proposed: anything,
      unrated: String,
      factVersion: { type: Number, required: true },
      effects: list,
      status: text,
      foundAt: instant,
      decisionId: String,
      decidedBy: String,
      decidedAt: Date,
      reason: String,
      entryIds: { type: [String], required: true },
    },
    indexes: [{ on: ["replayId", "status"], name: "replay_status" }],
    notFound: billingErrors.proposalNotFound,
    onDuplicate: billingErrors.duplicate,
  });

/** The store gives a sum as a whole number of either kind. */
interface TotalRow extends Record<"count" | "costMicros" | "chargeMicros", number | bigint> {
  readonly _id: Pick<ProposalTotal, "status" | "cause" | "costCurrency" | "chargeCurrency">;
}

/** Proposals of all tenants. */
export function mongoProposalStore(
  database: Database,
): ProposalStore & { readonly ensureIndexes: () => Promise<void> } {
  const store = proposalAggregates(database);
  const rows = database.db.collection<{ _id: string }>(proposals);
  const ofReplay = (scope: Scope, replayId: string): Record<string, unknown> => ({
    $and: [scopeFilter(scope), { "state.replayId": { $eq: replayId } }],
  });
  return {
    ...store,
    keep: async (call, some) => {
      for (const proposal of some)
        await store.insert(call, proposal, []).catch((error: unknown) => {
          if (!(error instanceof AppError && error.reason === "duplicate")) throw error;
        });
    },
    behind: async (scope, { replayId, after, limit }) => {
      const found = await rows
        .find({ ...ofReplay(scope, replayId), ...(after !== undefined && { _id: { $gt: after } }) })
        .project<{ _id: string }>({ _id: 1 })
        .sort({ _id: 1 })
        .limit(limit)
        .toArray();
      const ids = found.map(({ _id }) => _id);
      return (await store.getMany(scope, ids)).flatMap((one) => one ?? []);
    },
    totals: async (scope, replayId) => {
      const by = {
        status: "$state.status",
        cause: "$state.cause",
        costCurrency: "$state.effects.costCurrency",
        chargeCurrency: "$state.effects.chargeCurrency",
      };
      const sums = {
        count: { $sum: 1 },
        costMicros: { $sum: "$state.effects.costMicros" },
        chargeMicros: { $sum: "$state.effects.chargeMicros" },
      };
      const found = await rows
        .aggregate<TotalRow>([
          { $match: ofReplay(scope, replayId) },
          { $unwind: "$state.effects" },
          { $group: { _id: by, ...sums } },
          { $sort: { _id: 1 } },
        ])
        .toArray();
      return found.map(({ _id, count, costMicros, chargeMicros }) => ({
        ..._id,
        count: Number(count),
        costMicros: BigInt(costMicros),
        chargeMicros: BigInt(chargeMicros),
      }));
    },
  };
}
