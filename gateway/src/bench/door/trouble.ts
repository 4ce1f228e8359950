import { type Posted } from "../poster.js";
import { type Ground, perSecond } from "./ground.js";
import { connections, type DoorOptions } from "./options.js";

export interface Overload {
  readonly offeredPerSecond: number;
  /** What the senders came to send of it. */
  readonly sentPerSecond: number;
  readonly goodputPerSecond: number;
  readonly shed: number;
  /** Of the acknowledged, and of those that were told to come again. */
  readonly p50: number;
  readonly p99: number;
  readonly shedP99: number;
  readonly overSecond: number;
  readonly rssGrowthMiB: number;
}

/** Of each of two: so many that the queue stands at the door, and not before it on the sender's side. */
const overloadConnections = 600;

/**
 * Twice as many webhooks a second as the door can take, as far as the senders come to send them. Times count from when a webhook is sent: the
 * senders have no more time than the door.
 */
export async function measureOverload(ground: Ground, { roundMs }: DoorOptions, capacity: number): Promise<Overload> {
  const { posters, clients, ledger } = ground;
  const before = await ground.platform().usage();
  const offered = 2 * capacity;
  const half = {
    forMs: 2 * roundMs,
    pace: { perSecond: offered / 2, connections: overloadConnections },
    sinceSent: true,
  };
  const both = await Promise.all(posters.map((one) => one.post(ground.posting(clients, half))));
  const after = await ground.platform().usage();
  await ledger.drained();
  return {
    offeredPerSecond: offered,
    sentPerSecond: both.reduce((sum, one) => sum + sentPerSecond(one), 0),
    goodputPerSecond: both.reduce((sum, one) => sum + perSecond(one), 0),
    shed: both.reduce((sum, { shed }) => sum + shed, 0),
    p50: Math.max(...both.map(({ p50 }) => p50)),
    p99: Math.max(...both.map(({ p99 }) => p99)),
    shedP99: Math.max(...both.map(({ shedP99 }) => shedP99)),
    overSecond: Math.max(...both.map(({ overSecond }) => overSecond)),
    rssGrowthMiB: after.rssMiB - before.rssMiB,
  };
}

const sentPerSecond = ({ acknowledged, shed, elapsedMs }: Posted): number =>
  (acknowledged + shed) / (elapsedMs / 1_000);

export interface Kill {
  /** From the kill to the first acknowledgement of the new process. */
  readonly gapMs: number;
  readonly acknowledged: number;
  /** Of those, how many have no entry in the ledger; each webhook makes one. */
  readonly missing: number;
  readonly drainedPerSecond: number;
}

/** One who asks fifty times a second until somebody answers, and so long. */
const asking = { pace: { perSecond: 50, connections: 4 }, persistent: true, sampleEvery: 1, forMs: 20_000 };

/** `kill -9` in the middle of the full load, and a new process at once on the same store. */
export async function measureKill(ground: Ground, { roundMs }: DoorOptions): Promise<Kill> {
  const { posters, clients, ledger } = ground;
  await ledger.drained();
  const how = { pace: { connections }, persistent: true, sampleEvery: 1 };
  const first = posters[0].post(ground.posting(clients, { ...how, forMs: 2 * roundMs }));
  await new Promise((resolve) => setTimeout(resolve, roundMs));
  const killedAt = performance.timeOrigin + performance.now();
  const restarted = ground.restart();
  const asked = posters[1].post(ground.posting(clients, asking));
  await restarted;
  const posted = [await first, await asked, await posters[0].post(ground.posting(clients, { ...how, forMs: roundMs }))];
  const samples = posted.flatMap((one) => one.samples);
  const later = samples.filter(({ at, tookMs }) => at - tookMs >= killedAt).map(({ at }) => at);
  const drained = await ledger.drained();
  return {
    gapMs: Math.min(...later) - killedAt,
    acknowledged: posted.reduce((sum, { acknowledged }) => sum + acknowledged, 0),
    missing: await ledger.missing(clients, samples),
    drainedPerSecond: drained.entries / (drained.ms / 1_000),
  };
}
