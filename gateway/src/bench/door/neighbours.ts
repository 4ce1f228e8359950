import { type Ground } from "./ground.js";
import { percentileOf } from "./latency.js";
import { type DoorOptions, fewRounds } from "./options.js";

export interface Times {
  readonly p50: number;
  readonly p99: number;
}

/** What a quiet client feels, over the webhooks of all rounds: one round has too few of them for a percentile. */
export interface Neighbour {
  /** Its webhooks alone, and beside the flood. */
  readonly webhooks: readonly [number, number];
  readonly ackAlone: Times;
  readonly ackBeside: Times;
  readonly lagAlone: Times;
  readonly lagBeside: Times;
  readonly ackP99Ratio: number;
  readonly lagP99Ratio: number;
}

export interface Neighbours {
  readonly quietPerSecond: number;
  readonly hotPerSecond: number;
  /** Its number's events share the flooder's partition of the event bus. */
  readonly samePartition: Neighbour;
  readonly otherPartition: Neighbour;
  /** Of both. */
  readonly missing: number;
}

/** Two clients at a steady pace alone, and beside a third that sends fifty times as much as each of them. */
export async function measureNeighbours(
  { posters, ledger, clients, posting }: Ground,
  { rounds, roundMs }: DoorOptions,
  hotPerSecond: number,
): Promise<Neighbours> {
  const [hot, quiet] = [clients.slice(0, 1), clients.slice(1)];
  const quietPerSecond = hotPerSecond / 50;
  const forMs = 15 * roundMs;
  const listen = async (felt: readonly Felt[]): Promise<number> => {
    const watch = ledger.lags(quiet);
    const pace = { perSecond: quietPerSecond * quiet.length };
    const { samples } = await posters[0].post(posting(quiet, { forMs, pace, sampleEvery: 1 }), watch.sampled);
    const { lags, missing } = await watch.done();
    for (const { sender, tookMs } of samples) felt[sender]?.acks.push(tookMs);
    for (const { sender, ms } of lags) felt[sender]?.lags.push(ms);
    return missing;
  };
  const [alone, beside] = [quiet.map(nothingYet), quiet.map(nothingYet)];
  let missing = 0;
  for (let round = 0; round < Math.min(rounds, fewRounds); round++) {
    missing += await listen(alone);
    const flood = posters[1].post(posting(hot, { forMs: forMs + 500, pace: { perSecond: hotPerSecond } }));
    missing += await listen(beside);
    await flood;
    await ledger.drained();
  }
  const [samePartition, otherPartition] = alone.map((felt, at) => neighbourOf(felt, beside[at] ?? felt));
  if (samePartition === undefined || otherPartition === undefined) throw new RangeError("there are too few clients");
  return { quietPerSecond, hotPerSecond, samePartition, otherPartition, missing };
}

interface Felt {
  readonly acks: number[];
  readonly lags: number[];
}
const nothingYet = (): Felt => ({ acks: [], lags: [] });

function neighbourOf(alone: Felt, beside: Felt): Neighbour {
  const [ackAlone, ackBeside] = [timesOf(alone.acks), timesOf(beside.acks)];
  const [lagAlone, lagBeside] = [timesOf(alone.lags), timesOf(beside.lags)];
  return {
    webhooks: [alone.acks.length, beside.acks.length],
    ...{ ackAlone, ackBeside, lagAlone, lagBeside },
    ackP99Ratio: ackBeside.p99 / ackAlone.p99,
    lagP99Ratio: lagBeside.p99 / lagAlone.p99,
  };
}

const timesOf = (ms: readonly number[]): Times => ({ p50: percentileOf(ms, 0.5), p99: percentileOf(ms, 0.99) });
