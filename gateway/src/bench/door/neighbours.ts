import { median } from "../load.js";
import { type Ground } from "./ground.js";
import { percentileOf } from "./latency.js";
import { type DoorOptions, fewRounds } from "./options.js";
import { type LiveSender } from "./platform.js";
import { type Ratio, ratioOf } from "./throughput.js";

export interface Times {
  readonly p50: number;
  readonly p99: number;
}

/** What one quiet client feels. */
export interface Neighbour {
  readonly ackAlone: Times;
  readonly ackBeside: Times;
  readonly lagAlone: Times;
  readonly lagBeside: Times;
  readonly ackP99Ratio: Ratio;
  readonly lagP99Ratio: Ratio;
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
  const forMs = 3 * roundMs;
  const quiet = async () => {
    const watch = ledger.lags(client);
    const posting = ground.posting([client], { forMs, pace: { perSecond: rates.quiet }, sampleEvery: 1 });
    const { p50, p99 } = await posters[0].post(posting, watch.sampled);
    const lag = await watch.done();
    return { ack: { p50, p99 }, lag: timesOf(lag.ms), missing: lag.missing };
  };
  const hot = (): Promise<unknown> =>
    posters[1].post(ground.posting(clients.slice(0, 1), { forMs: forMs + 500, pace: { perSecond: rates.hot } }));
  const found = [];
  for (let round = 0; round < Math.min(rounds, fewRounds); round++) {
    const alone = await quiet();
    const flood = hot();
    const beside = await quiet();
    await flood;
    await ledger.drained();
    found.push({ alone, beside });
  }
  return {
    ackAlone: mid(found.map(({ alone }) => alone.ack)),
    ackBeside: mid(found.map(({ beside }) => beside.ack)),
    lagAlone: mid(found.map(({ alone }) => alone.lag)),
    lagBeside: mid(found.map(({ beside }) => beside.lag)),
    ackP99Ratio: ratioOf(found.map(({ alone, beside }) => beside.ack.p99 / alone.ack.p99)),
    lagP99Ratio: ratioOf(found.map(({ alone, beside }) => beside.lag.p99 / alone.lag.p99)),
    missing: found.reduce((sum, { alone, beside }) => sum + alone.missing + beside.missing, 0),
  };
}

const timesOf = (ms: readonly number[]): Times => ({ p50: percentileOf(ms, 0.5), p99: percentileOf(ms, 0.99) });
const mid = (times: readonly Times[]): Times => ({
  p50: median(times.map(({ p50 }) => p50)),
  p99: median(times.map(({ p99 }) => p99)),
});
