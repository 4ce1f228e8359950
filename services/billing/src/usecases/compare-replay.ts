import { systemScope } from "@greentick/kernel";
import { compareFact, type Comparison, type Pair, withEvidence } from "../domain/correction.js";
import { proposalOf } from "../domain/correction-proposal.js";
import { type Fact } from "../domain/fact.js";
import { type LedgerEntry } from "../domain/ledger-entry.js";
import {
  addSums,
  afterPage,
  comparedAll,
  isWhole,
  type LedgerReplay,
  liesWithin,
  type PageOutcome,
  type ReplaySum,
} from "../domain/ledger-replay.js";
import { type ProposalIds, type ProposalStore } from "../ports/replay.js";
import { eachAlone } from "./each-alone.js";
import { type FoldPorts, replayEnded } from "./fold-replay.js";
import { type RatingPorts, surroundingsFor } from "./settle-facts.js";

const scope = systemScope("ledger-replays");
const pageSize = 200;

export interface ComparePorts extends RatingPorts, FoldPorts {
  readonly proposals: ProposalStore;
  readonly proposalIds: ProposalIds;
}

/**
 * Compares one more page of every replay whose range was read. A page's proposals are kept first, then its figures with the place behind it: a page
 * that is done again finds its proposals there and counts once. Returns how many pages. @throws what a replay met, after the others had their turn.
 */
export const compareReplays = (ports: ComparePorts) => async (): Promise<number> =>
  eachAlone(await ports.replays.findAll(scope, { status: "comparing" }), (replay) => comparePage(ports, replay));

async function comparePage(ports: ComparePorts, replay: LedgerReplay): Promise<number> {
  const { of = "shadow", after } = replay.cursor ?? {};
  const page = await (of === "shadow" ? shadowPage : ledgerPage)(ports, replay, after);
  const call = ports.callFor(replay);
  if (page.last === undefined && of === "shadow") {
    await ports.replays.save(call, { ...replay, cursor: { of: "ledger" } }, []);
    return 1;
  }
  if (page.last === undefined) {
    const ended = comparedAll(replay, call.now());
    if (ended.status === "done") await ports.shadow.remove(scope, replay.id);
    await ports.replays.save(call, ended, [replayEnded(ended)]);
    call.log.info({ replayId: replay.id, ...ended.counts }, "replay compared with the ledger");
    return 1;
  }
  const compared = await compareAll(ports, page.pairs);
  const found = compared.flatMap(({ comparison }) =>
    comparison.verdict === "differing"
      ? [
          proposalOf(replay, comparison.correction, {
            id: ports.proposalIds(replay.tenantId, replay.id, comparison.correction.factId),
            foundAt: call.now(),
          }),
        ]
      : [],
  );
  await ports.proposals.keep(call, found);
  await ports.replays.save(call, afterPage(replay, outcomeOf(compared), { of, after: page.last }), []);
  return 1;
}

interface PairPage {
  readonly pairs: readonly Pair[];
  /** Id of the last fact that was looked at; undefined when there was none. */
  readonly last: string | undefined;
}

const pairOf = (replay: LedgerReplay, fact: Fact | undefined, shadow: Fact | undefined): Pair => ({
  ...(fact && { fact }),
  ...(shadow && { shadow }),
  within: fact === undefined || liesWithin(fact, replay),
  whole: replay.told !== undefined && isWhole(replay.told) && !isBookedSince(fact, replay),
});

/** What was booked after the replay was asked for may rest on a body that the door read before it was split or released. */
const isBookedSince = (fact: Fact | undefined, { requestedAt }: LedgerReplay): boolean =>
  fact?.entries.some(({ bookedAt }) => bookedAt > requestedAt) ?? false;

async function shadowPage(ports: ComparePorts, replay: LedgerReplay, after: string | undefined): Promise<PairPage> {
  const ask = { replayId: replay.id, limit: pageSize, ...(after !== undefined && { after }) };
  const shadows = await ports.shadow.behind(scope, ask);
  const facts = await ports.facts.load(
    scope,
    shadows.map(({ id }) => id),
  );
  return { pairs: shadows.map((one) => pairOf(replay, facts.get(one.id), one)), last: shadows.at(-1)?.id };
}

/** What the ledger has of the range and the replay did not make. */
async function ledgerPage(ports: ComparePorts, replay: LedgerReplay, after: string | undefined): Promise<PairPage> {
  const { tenantId, from, until, wabaId } = replay;
  const facts = await ports.facts.receivedIn(scope, {
    ...{ tenantId, from, until, limit: pageSize },
    ...(wabaId !== undefined && { wabaId }),
    ...(after !== undefined && { after }),
  });
  const shadows = await ports.shadow.load(
    scope,
    replay.id,
    facts.map(({ id }) => id),
  );
  const alone = facts.filter(({ id }) => !shadows.has(id));
  return { pairs: alone.map((fact) => pairOf(replay, fact, undefined)), last: facts.at(-1)?.id };
}

interface Compared {
  readonly factId: string;
  readonly comparison: Comparison;
}

async function compareAll(ports: ComparePorts, pairs: readonly Pair[]): Promise<readonly Compared[]> {
  const targets = pairs.map(({ fact, shadow }) => withEvidence(fact, shadow));
  const around = await surroundingsFor(
    ports,
    targets.flatMap((target) => target ?? []),
  );
  return pairs.flatMap((pair, at) => {
    const target = targets[at];
    if (target === undefined) return [];
    const comparison = compareFact(pair, around(target));
    // A conversation stands for its messages and is counted instead.
    const isCounted = target.joined === undefined || comparison.verdict !== "same";
    return isCounted ? [{ factId: target.id, comparison }] : [];
  });
}

function outcomeOf(compared: readonly Compared[]): PageOutcome {
  const of = (verdict: Comparison["verdict"]): readonly Compared[] =>
    compared.filter(({ comparison }) => comparison.verdict === verdict);
  return {
    counts: {
      same: of("same").length,
      differing: of("differing").length,
      partlyOutside: of("partly_outside").length,
      unproven: of("unproven").length,
    },
    sums: addSums(compared.flatMap(({ comparison }) => sumsOf(comparison))),
    notCompared: compared.flatMap(({ factId, comparison: { verdict } }) =>
      verdict === "partly_outside" || verdict === "unproven" ? [{ factId, because: verdict }] : [],
    ),
  };
}

function sumsOf(comparison: Comparison): readonly ReplaySum[] {
  if (comparison.verdict !== "same" && comparison.verdict !== "differing") return [];
  const { standing, proposed } = comparison.verdict === "same" ? comparison : comparison.correction;
  const none = { ledgerCostMicros: 0n, shadowCostMicros: 0n, ledgerChargeMicros: 0n, shadowChargeMicros: 0n };
  const pair = ({ cost, charge }: LedgerEntry): Pick<ReplaySum, "costCurrency" | "chargeCurrency"> => ({
    costCurrency: cost.currency,
    chargeCurrency: charge.currency,
  });
  return [
    ...(standing === undefined
      ? []
      : [
          {
            ...none,
            ...pair(standing),
            ledgerCostMicros: standing.cost.amountMicros,
            ledgerChargeMicros: standing.charge.amountMicros,
          },
        ]),
    ...(proposed === undefined
      ? []
      : [
          {
            ...none,
            ...pair(proposed),
            shadowCostMicros: proposed.cost.amountMicros,
            shadowChargeMicros: proposed.charge.amountMicros,
          },
        ]),
  ];
}
