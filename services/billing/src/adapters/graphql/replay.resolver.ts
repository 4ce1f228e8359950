import { type Connection, PageArgs, pageOf, Requires, toConnection } from "@greentick/graphql";
import { type Call } from "@greentick/kernel";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { type DecideCorrections } from "../../usecases/decide-corrections.js";
import { type ReadReplays } from "../../usecases/read-replays.js";
import { type RequestReplay } from "../../usecases/request-replay.js";
import {
  CorrectionDecisionNode,
  CorrectionProposalConnection,
  type CorrectionProposalNode,
  CorrectionTotalNode,
  DecideCorrectionsInput,
  DecideCorrectionsPayload,
  LedgerReplayConnection,
  LedgerReplayNode,
  ProposalArgs,
  RequestReplayInput,
  RequestReplayPayload,
} from "./replay-types.js";
import { toDecision, toProposal, toReplay, toTotal } from "./replay-wire.js";

export interface ReplayUses {
  readonly read: ReadReplays;
  readonly request: RequestReplay;
  readonly accept: DecideCorrections;
  readonly refuse: DecideCorrections;
}

const once = (call: Call, key: string | undefined): Call => (key == null ? call : { ...call, idempotencyKey: key });

/** Replays of the ledger, and the corrections they propose. */
@Resolver(() => LedgerReplayNode)
export class ReplayResolver {
  constructor(private readonly use: ReplayUses) {}

  @Requires("billing:write")
  @Mutation(() => RequestReplayPayload, {
    description:
      "Asks for a range of a client's kept webhooks to be rated again beside the ledger; read the replay again for what differs. Fails with NOT_FOUND/billing_account_not_found, BAD_USER_INPUT naming the field.",
  })
  async requestReplay(@Arg("input") input: RequestReplayInput, @Ctx() call: Call): Promise<RequestReplayPayload> {
    const { tenantId, from, to: until, wabaId, idempotencyKey } = input;
    const range = { from, until, ...(wabaId != null && { wabaId }) };
    return { replay: toReplay(await this.use.request(once(call, idempotencyKey), { tenantId, ...range })) };
  }

  @Requires("billing:write")
  @Mutation(() => DecideCorrectionsPayload, {
    description:
      "Accepts proposed corrections: what stands is taken back, and what was proposed is booked, unless fact or price changed after the comparison. Somebody else than who asked for the replay accepts. Fails with NOT_FOUND/ledger_replay_not_found, NOT_FOUND/correction_proposal_not_found, CONFLICT/replay_not_compared, CONFLICT/correction_needs_second_person, BAD_USER_INPUT naming the field.",
  })
  acceptCorrections(@Arg("input") input: DecideCorrectionsInput, @Ctx() call: Call): Promise<DecideCorrectionsPayload> {
    return this.decide(this.use.accept, input, call);
  }

  @Requires("billing:write")
  @Mutation(() => DecideCorrectionsPayload, {
    description:
      "Refuses proposed corrections: the ledger stays as it is. Fails with NOT_FOUND/ledger_replay_not_found, NOT_FOUND/correction_proposal_not_found, CONFLICT/replay_not_compared, BAD_USER_INPUT naming the field.",
  })
  refuseCorrections(@Arg("input") input: DecideCorrectionsInput, @Ctx() call: Call): Promise<DecideCorrectionsPayload> {
    return this.decide(this.use.refuse, input, call);
  }

  private async decide(
    use: DecideCorrections,
    { replayId, proposalIds, reason, idempotencyKey }: DecideCorrectionsInput,
    call: Call,
  ): Promise<DecideCorrectionsPayload> {
    const input = { replayId, reason, ...(proposalIds != null && { proposalIds }) };
    return { decision: toDecision(await use(once(call, idempotencyKey), input)) };
  }

  @Requires("billing:list")
  @Query(() => LedgerReplayConnection, { description: "Replays of every client, newest first. Staff only." })
  async ledgerReplays(@Args() page: PageArgs, @Ctx() call: Call): Promise<Connection<LedgerReplayNode>> {
    return toConnection(await this.use.read.replays(call, pageOf(page)), toReplay);
  }

  @Requires("billing:list")
  @Query(() => LedgerReplayNode, { nullable: true })
  async ledgerReplay(@Arg("id", () => ID) id: string, @Ctx() call: Call): Promise<LedgerReplayNode | null> {
    const replay = await this.use.read.replay(call, id);
    return replay === undefined ? null : toReplay(replay);
  }

  @Requires("billing:list")
  @Query(() => CorrectionProposalConnection, {
    description: "What a replay proposes, newest first. Fails with NOT_FOUND/ledger_replay_not_found.",
  })
  async correctionProposals(
    @Args() args: ProposalArgs,
    @Ctx() call: Call,
  ): Promise<Connection<CorrectionProposalNode>> {
    const { replayId, status, cause } = args;
    const filter = { ...(status != null && { status }), ...(cause != null && { cause }) };
    return toConnection(await this.use.read.proposals(call, { replayId, filter, page: pageOf(args) }), toProposal);
  }

  @Requires("billing:list")
  @Query(() => CorrectionDecisionNode, { nullable: true })
  async correctionDecision(@Arg("id", () => ID) id: string, @Ctx() call: Call): Promise<CorrectionDecisionNode | null> {
    const decision = await this.use.read.decision(call, id);
    return decision === undefined ? null : toDecision(decision);
  }

  @Requires("billing:list")
  @FieldResolver(() => [CorrectionTotalNode], { description: "Its proposals by status and cause." })
  async totals(@Root() replay: LedgerReplayNode, @Ctx() call: Call): Promise<CorrectionTotalNode[]> {
    return (await this.use.read.totals(call, replay.id)).map(toTotal);
  }
}
