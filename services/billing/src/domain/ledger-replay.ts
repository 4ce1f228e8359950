import { badInput, type TenantId } from "@greentick/kernel";
import { type Fact } from "./fact.js";

/**
 * `requested`: the door was asked to read the bodies again. `replaying`: it hands their statuses on. `comparing`: all was said, shadow and
 * ledger are compared. `compared`: proposals wait for a decision. `done`: none waits. `failed`: nothing was compared, `failure` says why.
 */
export type ReplayStatus = "requested" | "replaying" | "comparing" | "compared" | "done" | "failed";

/** What the door said of a range when it had gone through it. */
export interface Told {
  /** Bodies read. */
  readonly bodies: number;
  /** Statuses handed on, each once. */
  readonly statuses: number;
  /** Statuses of people who were erased since: nobody can say any more which message they were about. */
  readonly blanked: number;
  /** Updates that wait in quarantine, or that today's code cannot read. */
  readonly held: number;
  /** Bodies of the range whose bytes the retention period has erased. */
  readonly erased: number;
}

/** How facts came out of a comparison. */
export interface ReplayCounts {
  /** The same charge on both sides, or none on both. */
  readonly same: number;
  /** Different on the two sides: each is a proposal. */
  readonly differing: number;
  /** Some of their webhooks were received outside the range: not compared. */
  readonly partlyOutside: number;
  /** Not all of their webhooks are kept, so that a charge is neither confirmed nor refuted. */
  readonly unproven: number;
}

/** The compared facts' charges on both sides, in one pair of currencies. Micros. */
export interface ReplaySum {
  readonly costCurrency: string;
  readonly chargeCurrency: string;
  readonly ledgerCostMicros: bigint;
  readonly shadowCostMicros: bigint;
  readonly ledgerChargeMicros: bigint;
  readonly shadowChargeMicros: bigint;
}

export interface NotCompared {
  readonly factId: string;
  readonly because: "partly_outside" | "unproven";
}

/** How far the comparison came: through the shadow's facts, then through those of the ledger that the shadow lacks. */
export interface CompareCursor {
  readonly of: "shadow" | "ledger";
  /** Behind this fact; absent at the beginning. */
  readonly after?: string;
}

/** A range of one client's raw webhooks, rated again into a shadow of the ledger and compared with it. Nothing of it is invoiced. */
export interface LedgerReplay {
  readonly id: string;
  /** The client's. */
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  readonly version: number;
  /** Instants of receipt, system time; `until` is not included. */
  readonly from: Date;
  readonly until: Date;
  readonly wabaId?: string;
  readonly status: ReplayStatus;
  /** Who asked; somebody else accepts. */
  readonly requestedBy: string;
  readonly requestedAt: Date;
  readonly finishedAt?: Date;
  readonly failure?: string;
  readonly told?: Told;
  readonly cursor?: CompareCursor;
  readonly counts: ReplayCounts;
  readonly sums: readonly ReplaySum[];
  /** The first hundred. */
  readonly notCompared: readonly NotCompared[];
}

const mostNamed = 100;

export interface ReplayRange {
  readonly from: Date;
  readonly until: Date;
  readonly wabaId?: string;
}
type Asked = Pick<LedgerReplay, "id" | "tenantId" | "ancestorIds" | "livemode" | "requestedBy" | "requestedAt">;

/** @throws BAD_USER_INPUT naming `to` for a range that is empty or not over yet at `now` (system time). */
export function requestReplayOf(asked: Asked, range: ReplayRange, now: Date): LedgerReplay {
  if (range.from >= range.until) throw badInput("to", "has to be later than from");
  if (range.until > now) throw badInput("to", "has to be past: webhooks are still being received until then");
  return {
    ...asked,
    version: 0,
    ...range,
    status: "requested",
    counts: { same: 0, differing: 0, partlyOutside: 0, unproven: 0 },
    sums: [],
    notCompared: [],
  };
}

/** Whether statuses of the replay are still expected. */
export const isListening = ({ status }: LedgerReplay): boolean => status === "requested" || status === "replaying";

/** requested -> replaying. */
export const replaying = (replay: LedgerReplay): LedgerReplay => ({ ...replay, status: "replaying" });

/** All was said -> comparing, or failed when less arrived than was said: a comparison would take the rest for missing. */
export function toldAll(
  replay: LedgerReplay,
  told: Told,
  { arrived, now }: { readonly arrived: number; readonly now: Date },
): LedgerReplay {
  if (arrived === told.statuses) return { ...replay, told, status: "comparing", cursor: { of: "shadow" } };
  const why = `Of ${told.statuses} statuses that the door handed on, ${arrived} arrived. See the dead letters of billing.replay, then ask for the replay again.`;
  return failed({ ...replay, told }, why, now);
}

/** Any state before `compared` -> failed. */
export const failed = (replay: LedgerReplay, failure: string, now: Date): LedgerReplay => ({
  ...replay,
  status: "failed",
  failure,
  finishedAt: now,
});

/** comparing -> compared, or done when nothing differs. */
export const comparedAll = (replay: LedgerReplay, now: Date): LedgerReplay => ({
  ...replay,
  status: replay.counts.differing === 0 ? "done" : "compared",
  finishedAt: now,
});

/** compared -> done: every proposal is decided. */
export const decidedAll = (replay: LedgerReplay): LedgerReplay => ({ ...replay, status: "done" });

/** What one more page of the comparison found. */
export interface PageOutcome {
  readonly counts: ReplayCounts;
  readonly sums: readonly ReplaySum[];
  readonly notCompared: readonly NotCompared[];
}

/** The replay after one more page: figures and place are kept in one write, so a page that is done again counts once. */
export function afterPage(replay: LedgerReplay, page: PageOutcome, cursor: CompareCursor): LedgerReplay {
  const { counts: so, sums, notCompared } = replay;
  return {
    ...replay,
    cursor,
    counts: {
      same: so.same + page.counts.same,
      differing: so.differing + page.counts.differing,
      partlyOutside: so.partlyOutside + page.counts.partlyOutside,
      unproven: so.unproven + page.counts.unproven,
    },
    sums: addSums([...sums, ...page.sums]),
    notCompared: [...notCompared, ...page.notCompared].slice(0, mostNamed),
  };
}

/** One sum for each pair of currencies. */
export function addSums(sums: readonly ReplaySum[]): readonly ReplaySum[] {
  const byCurrency = new Map<string, ReplaySum>();
  for (const one of sums) {
    const key = `${one.costCurrency}|${one.chargeCurrency}`;
    const before = byCurrency.get(key);
    byCurrency.set(key, before === undefined ? one : bothOf(before, one));
  }
  return [...byCurrency.values()];
}

const bothOf = (a: ReplaySum, b: ReplaySum): ReplaySum => ({
  ...a,
  ledgerCostMicros: a.ledgerCostMicros + b.ledgerCostMicros,
  shadowCostMicros: a.shadowCostMicros + b.shadowCostMicros,
  ledgerChargeMicros: a.ledgerChargeMicros + b.ledgerChargeMicros,
  shadowChargeMicros: a.shadowChargeMicros + b.shadowChargeMicros,
});

/** Whether every webhook about the fact was received within the range. False also for one of which nobody noted when it was received. */
export const liesWithin = ({ kept }: Fact, { from, until }: ReplayRange): boolean =>
  kept !== undefined && kept.first >= from && kept.last < until;

/** Everything of the range was read: what no kept webhook speaks for was never received. */
export const isWhole = ({ blanked, held, erased }: Told): boolean => blanked === 0 && held === 0 && erased === 0;
