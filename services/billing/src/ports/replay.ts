import { type Call, type Scope, type TenantId } from "@greentick/kernel";
import {
  type CorrectionDecision,
  type CorrectionProposal,
  type ProposalStatus,
} from "../domain/correction-proposal.js";
import { type CorrectionCause } from "../domain/correction.js";
import { type Fact } from "../domain/fact.js";
import { type LedgerReplay } from "../domain/ledger-replay.js";
import { type Aggregates } from "../ports.js";

export type ReplayStore = Aggregates<LedgerReplay>;
export type DecisionStore = Aggregates<CorrectionDecision>;

/** Proposals of one status and cause, and what they would change together in one pair of currencies. Micros. */
export interface ProposalTotal {
  readonly status: ProposalStatus;
  readonly cause: CorrectionCause;
  readonly costCurrency: string;
  readonly chargeCurrency: string;
  readonly count: number;
  readonly costMicros: bigint;
  readonly chargeMicros: bigint;
}
export interface ProposalStore extends Aggregates<CorrectionProposal> {
  /** Keeps those that are not there yet. Safe to repeat: one that is there stays as it is. */
  readonly keep: (call: Call, proposals: readonly CorrectionProposal[]) => Promise<void>;
  /** Of a replay, in order of id behind `after`. */
  readonly behind: (
    scope: Scope,
    ask: { readonly replayId: string; readonly after?: string; readonly limit: number },
  ) => Promise<readonly CorrectionProposal[]>;
  readonly totals: (scope: Scope, replayId: string) => Promise<readonly ProposalTotal[]>;
}

/** The facts of replays, apart from those of the ledger: nothing here is booked or invoiced. */
export interface ShadowStore {
  readonly load: (scope: Scope, replayId: string, factIds: readonly string[]) => Promise<ReadonlyMap<string, Fact>>;
  /** Writes each if its kept version is still the one it was read at. False when somebody else was faster: read again. */
  readonly save: (scope: Scope, replayId: string, facts: readonly Fact[]) => Promise<boolean>;
  /** In order of id behind `after`. */
  readonly behind: (
    scope: Scope,
    ask: { readonly replayId: string; readonly after?: string; readonly limit: number },
  ) => Promise<readonly Fact[]>;
  /** How many different statuses they were made of. */
  readonly statuses: (scope: Scope, replayId: string) => Promise<number>;
  readonly remove: (scope: Scope, replayId: string) => Promise<void>;
}

/** An id that is the same for the same replay and fact, for ever. */
export type ProposalIds = (tenantId: TenantId, replayId: string, factId: string) => string;
