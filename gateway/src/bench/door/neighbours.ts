import { type Ground } from "./ground.js";
import { percentileOf } from "./latency.js";
import { type DoorOptions, fewRounds } from "./options.js";
import { type LiveSender } from "./platform.js";

export interface Times {
  readonly p50: number;
  readonly p99: number;
}

/** What one quiet client feels, over the webhooks of all rounds: one round has too few of them for a percentile. */
export interface Neighbour {
  /** Its webhooks alone, and beside the flood. */
  readonly webhooks: readonly [number, number];
  readonly ackAlone: Times;
  readonly ackBeside: Times;
  readonly lagAlone: Times;
  readonly lagBeside: Times;
  readonly ackP99Ratio: number;
  readonly lagP99Ratio: number;
  readonly missing: number;
}

export interface Neighbours {
  readonly quietPerSecond: number;
  readonly hotPerSecond: number;
  /** Its number's events share the flooder's partition of the event bus. */
  readonly samePartition: Neighbour;
  readonly otherPartition: Neighbour;
}

/** A client at a steady pace alone, and beside another that sends fifty times as much. */
export async function measureNeighbours(
  ground: Ground,
  options: DoorOptions,
  hotPerSecond: number,
): Promise<Neighbours> {
  const quietPerSecond = hotPerSecond / 50;
  const [, beside, apart] = ground.clients;
  if (beside === undefined || apart === undefined) throw new RangeError("there are too few clients");
  const rates = { quiet: quietPerSecond, hot: hotPerSecond };
  return {
    ...{ quietPerSecond, hotPerSecond },
    samePartition: await neighbour(ground, options, rates, beside),
    otherPartition: await neighbour(ground, options, rates, apart),
  };
}

interface Rates {
  readonly quiet: number;
  readonly hot: number;
}

async function neighbour(
  ground: Ground,
  { rounds, roundMs }: DoorOptions,
  ...[rates, client]: [Rates, LiveSender]
): Promise<Neighbour> {
  const { posters, ledger, clients } = ground;
  const forMs = 10 * roundMs;
  const quiet = async (felt: Felt): Promise<void> => {
    const watch = ledger.lags(client);
    const posting = ground.posting([client], { forMs, pace: { perSecond: rates.quiet }, sampleEvery: 1 });
    const { samples } = await posters[0].post(posting, watch.sampled);
    const lag = await watch.done();
    felt.acks.push(...samples.map(({ tookMs }) => tookMs));
    felt.lags.push(...lag.ms);
    felt.missing += lag.missing;
  };
  const hot = (): Promise<unknown> =>
    posters[1].post(ground.posting(clients.slice(0, 1), { forMs: forMs + 500, pace: { perSecond: rates.hot } }));
  const [alone, beside]: [Felt, Felt] = [felt(), felt()];
  for (let round = 0; round < Math.min(rounds, fewRounds); round++) {
    await quiet(alone);
    const flood = hot();
    await quiet(beside);
    await flood;
    await ledger.drained();
  }
  const [ackAlone, ackBeside] = [timesOf(alone.acks), timesOf(beside.acks)];
  const [lagAlone, lagBeside] = [timesOf(alone.lags), timesOf(beside.lags)];
  return {
    webhooks: [alone.acks.length, beside.acks.length],
    ...{ ackAlone, ackBeside, lagAlone, lagBeside },
    ackP99Ratio: ackBeside.p99 / ackAlone.p99,
    lagP99Ratio: lagBeside.p99 / lagAlone.p99,
    missing: alone.missing + beside.missing,
  };
}

interface Felt {
  readonly acks: number[];
  readonly lags: number[];
  missing: number;
}
const felt = (): Felt => ({ acks: [], lags: [], missing: 0 });

const timesOf = (ms: readonly number[]): Times => ({ p50: percentileOf(ms, 0.5), p99: percentileOf(ms, 0.99) });
