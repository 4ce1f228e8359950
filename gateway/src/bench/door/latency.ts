import { median } from "../load.js";
import { type Posted } from "../poster.js";
import { type Ground } from "./ground.js";
import { connections, type DoorOptions, fewRounds } from "./options.js";
import { type Ratio, ratioOf } from "./throughput.js";

export interface Latency {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly timesRawP50: Ratio;
  readonly timesRawP99: Ratio;
  readonly overSecond: number;
  readonly shed: number;
}

/** Each webhook sent when it is due, so many a second, in turn with the raw anchor; everything behind the door works meanwhile. */
export async function measureLatency(ground: Ground, { rounds, roundMs }: DoorOptions, rate: number): Promise<Latency> {
  const { posters, clients, raw, ledger } = ground;
  const how = { forMs: roundMs, pace: { perSecond: rate, connections: 2 * connections } };
  const [door, anchor]: [Posted[], Posted[]] = [[], []];
  for (let round = 0; round < Math.min(rounds, fewRounds); round++) {
    anchor.push(await posters[0].post(ground.posting(clients, how, raw)));
    door.push(await posters[0].post(ground.posting(clients, how)));
    await ledger.drained();
  }
  const times = (pick: (posted: Posted) => number): Ratio =>
    ratioOf(door.map((posted, at) => pick(posted) / pick(anchor[at] ?? posted)));
  return {
    perSecond: rate,
    p50: median(door.map(({ p50 }) => p50)),
    p99: median(door.map(({ p99 }) => p99)),
    timesRawP50: times(({ p50 }) => p50),
    timesRawP99: times(({ p99 }) => p99),
    overSecond: Math.max(...door.map(({ overSecond }) => overSecond)),
    shed: door.reduce((sum, { shed }) => sum + shed, 0),
  };
}

export interface Lag {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly missing: number;
}

/** From the acknowledgement until the ledger entry is there, at a rate that the ledger path can follow. */
export async function measureLag(ground: Ground, { roundMs }: DoorOptions, rate: number): Promise<Lag> {
  const { posters, clients, ledger } = ground;
  const [client] = clients;
  if (client === undefined) throw new RangeError("there are no clients");
  const watch = ledger.lags([client]);
  const forMs = 3 * roundMs;
  const sampleEvery = Math.max(1, Math.round(rate / 100));
  await posters[0].post(ground.posting([client], { forMs, pace: { perSecond: rate }, sampleEvery }), watch.sampled);
  const { lags, missing } = await watch.done();
  const ms = lags.map((one) => one.ms);
  return { perSecond: rate, p50: percentileOf(ms, 0.5), p99: percentileOf(ms, 0.99), missing };
}

export const percentileOf = (times: readonly number[], share: number): number =>
  times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
