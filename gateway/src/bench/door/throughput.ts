import { median } from "../load.js";
import { type Posted } from "../poster.js";
import { type Ground, perSecond } from "./ground.js";
import { connections, type DoorOptions } from "./options.js";

/** A ratio over the rounds: its median, its worst and its best. */
export interface Ratio {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export const ratioOf = (values: readonly number[]): Ratio => ({
  median: median(values),
  min: Math.min(...values),
  max: Math.max(...values),
});

export interface Acks {
  readonly doorPerSecond: number;
  readonly anchorPerSecond: number;
  readonly ratio: Ratio;
  readonly p99: number;
  readonly shed: number;
  /** How fast the backlog of all rounds was worked off to the last ledger entry. */
  readonly ledgerPerSecond: number;
  readonly rssMiB: number;
}

/** As fast as answers come, with everything behind the door at work, in turn with the anchor that flushes a file. */
export async function measureAcks(ground: Ground, { rounds, roundMs }: DoorOptions): Promise<Acks> {
  const { posters, clients, group, ledger } = ground;
  const [one] = posters;
  const how = { forMs: roundMs, pace: { connections } };
  const warm = { ...how, forMs: roundMs / 2 };
  await one.post(ground.posting(clients, warm));
  await one.post(ground.posting(clients, warm, group));
  await ledger.drained();
  const [door, anchor]: [Posted[], Posted[]] = [[], []];
  const [entriesBefore, start] = [await ledger.count(), performance.now()];
  for (let round = 0; round < rounds; round++) {
    anchor.push(await one.post(ground.posting(clients, how, group)));
    door.push(await one.post(ground.posting(clients, how)));
  }
  const { rssMiB } = await ground.platform().usage();
  const [left, before] = [performance.now() - start, await ledger.count()];
  const drained = await ledger.drained();
  const entries = before - entriesBefore + drained.entries;
  return {
    doorPerSecond: median(door.map(perSecond)),
    anchorPerSecond: median(anchor.map(perSecond)),
    ratio: ratioOf(door.map((posted, at) => perSecond(posted) / perSecond(anchor[at] ?? posted))),
    p99: median(door.map(({ p99 }) => p99)),
    shed: door.reduce((sum, { shed }) => sum + shed, 0),
    ledgerPerSecond:
      drained.entries > 0 ? drained.entries / (drained.ms / 1_000) : entries / ((left + drained.ms) / 1_000),
    rssMiB,
  };
}

export interface Cpu {
  /** User and system time of the platform's process, µs a webhook, nothing handed on meanwhile. */
  readonly doorUs: number;
  readonly rawUs: number;
  readonly groupUs: number;
  readonly timesRaw: Ratio;
  readonly doorPerSecond: number;
  readonly ratio: Ratio;
  /** The same with all that follows, to the ledger. */
  readonly wholeUs: number;
  /** Webhooks to ledger entries while nothing else was to do. */
  readonly ledgerPerSecond: number;
}

/** What a webhook costs up to its answer: what is kept stays where it is until the rounds are over, and is then worked off. */
export async function measureCpu(ground: Ground, { rounds, roundMs }: DoorOptions): Promise<Cpu> {
  const { posters, clients, raw, group, ledger } = ground;
  const platform = ground.platform();
  const door = { cpuMs: async () => (await platform.usage()).cpuMs };
  const posting = { forMs: roundMs, pace: { connections } };
  const measure = async (of: { cpuMs: () => Promise<number> }, anchor?: typeof raw) => {
    const before = await of.cpuMs();
    const posted = await posters[0].post(ground.posting(clients, posting, anchor));
    const us = (((await of.cpuMs()) - before) * 1_000) / (posted.acknowledged + posted.shed);
    return { us, rate: perSecond(posted), acknowledged: posted.acknowledged };
  };
  await platform.hold(true);
  await measure(raw, raw);
  const found = [];
  for (let round = 0; round < rounds; round++)
    found.push({ raw: await measure(raw, raw), group: await measure(group, group), door: await measure(door) });
  const before = await door.cpuMs();
  await platform.hold(false);
  const drained = await ledger.drained();
  const behindUs = (((await door.cpuMs()) - before) * 1_000) / Math.max(drained.entries, 1);
  const doorUs = median(found.map((one) => one.door.us));
  return {
    doorUs,
    rawUs: median(found.map((one) => one.raw.us)),
    groupUs: median(found.map((one) => one.group.us)),
    timesRaw: ratioOf(found.map((one) => one.door.us / one.raw.us)),
    doorPerSecond: median(found.map((one) => one.door.rate)),
    ratio: ratioOf(found.map((one) => one.door.rate / one.group.rate)),
    wholeUs: doorUs + behindUs,
    ledgerPerSecond: drained.entries / (drained.ms / 1_000),
  };
}
