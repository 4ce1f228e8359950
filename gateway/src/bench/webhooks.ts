import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { messageStatusReceived } from "@greentick/contracts";
import { type EventEnvelope } from "@greentick/kernel";
import { type LocalPlatform } from "../local/local-platform.js";
import { bringLive, type LiveClient, twoClients } from "../story/provider.js";
import { type Bench, ms, type Outcome, rounded } from "./bench.js";
import { median, percentile } from "./load.js";
import { type Posted, type Poster, poster, type Posting } from "./poster.js";

const rounds = 3;
const roundMs = 8_000;
const connections = 64;
const quietPerSecond = 10;
const hotPerSecond = 50 * quietPerSecond;
const start = new Date("2026-10-01T00:00:00Z");

const how = `Webhooks of about 1.5 KB with three statuses of one message, signed, each another one, from processes of their own on this machine.
${rounds} rounds of ${roundMs / 1_000} s over ${connections} connections, as fast as answers come, in turn with an anchor: bare node:http that checks the signature and
flushes one file for all who wait. Then at half and at nine tenths of the door's median, each webhook sent when it is due. Then one client at ${quietPerSecond} a
second alone, and beside another at ${hotPerSecond} a second: from receipt to a consumer of the bus. Everything behind the door works all the while.`;

/** The door under load: how many webhooks it makes durable and acknowledges, how fast, and what a loud client costs a quiet one. */
export const webhooks: Bench = {
  what: "how many webhooks a second are made durable and acknowledged, beside an anchor without a store",
  run: async (local) => {
    const [one, other] = [poster(), poster()];
    const anchor = await startAnchor(local.secrets.metaAppSecret);
    try {
      return outcomeOf(await measured(local, anchor.url, one, other));
    } finally {
      one.close();
      other.close();
      anchor.close();
    }
  },
};

async function startAnchor(secret: string): Promise<{ readonly url: string; readonly close: () => void }> {
  const child = fork(join(__dirname, "anchor", "main.js"), [secret], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const [{ url }] = (await once(child, "message")) as [{ url: string }];
  return {
    url,
    close: () => {
      child.disconnect();
    },
  };
}

interface Measured {
  readonly door: readonly Posted[];
  readonly anchor: readonly Posted[];
  /** At half and at nine tenths of the door's median. */
  readonly half: Posted;
  readonly most: Posted;
  /** Milliseconds from receipt to a consumer, of the quiet client's updates. */
  readonly alone: readonly number[];
  readonly beside: readonly number[];
  readonly drainedMs: number;
  readonly rssMiB: number;
}

const perSecond = ({ acknowledged, elapsedMs }: Posted): number => acknowledged / (elapsedMs / 1_000);

async function measured(local: LocalPlatform, anchorUrl: string, one: Poster, other: Poster): Promise<Measured> {
  const clients = await twoLive(local);
  const [quiet, hot] = clients;
  const lag = await lagOf(local);
  const words = counter();
  const posting = (client: LiveClient, pace: Posting["pace"], url = local.url): Posting => ({
    ...{ url, appSecret: local.secrets.metaAppSecret, word: words(), forMs: roundMs, pace },
    wabaId: client.numbers[0]?.wabaId ?? "",
    phoneNumberId: client.numbers[0]?.phoneNumberId ?? "",
    at: Math.floor(local.platform.clocks.business(false)().getTime() / 1_000),
  });
  await one.post({ ...posting(hot, { connections }), forMs: roundMs / 4 });
  await one.post({ ...posting(hot, { connections }, anchorUrl), forMs: roundMs / 4 });
  const found = { door: [] as Posted[], anchor: [] as Posted[] };
  for (let round = 0; round < rounds; round++) {
    found.anchor.push(await one.post(posting(hot, { connections }, anchorUrl)));
    found.door.push(await one.post(posting(hot, { connections })));
  }
  const rssMiB = Math.round(process.memoryUsage().rss / 2 ** 20);
  const began = performance.now();
  await local.target.settle();
  const drainedMs = performance.now() - began;
  const rate = median(found.door.map(perSecond));
  const half = await one.post(posting(hot, { perSecond: rate / 2 }));
  const most = await one.post(posting(hot, { perSecond: rate * 0.9 }));
  await local.target.settle();
  const alone = await lag.during(quiet.tenantId, one.post(posting(quiet, { perSecond: quietPerSecond })));
  const loud = other.post(posting(hot, { perSecond: hotPerSecond }));
  const beside = await lag.during(quiet.tenantId, one.post(posting(quiet, { perSecond: quietPerSecond })));
  await loud;
  return { ...found, half, most, alone, beside, drainedMs, rssMiB };
}

const counter = (): (() => string) => {
  let count = 0;
  return () => `${process.pid}.${(count += 1)}`;
};

async function twoLive({ target }: LocalPlatform): Promise<readonly [LiveClient, LiveClient]> {
  const clock = { now: start };
  await target.moveClock(start);
  const [one, other] = twoClients("2026-10-01");
  return [await bringLive(target, one, clock), await bringLive(target, other, clock)];
}

interface Lag {
  /** Of the tenant's updates that were received while that was under way. */
  readonly during: (tenantId: string, work: Promise<unknown>) => Promise<readonly number[]>;
}

/** A consumer of its own beside the platform's: when is it given what was received when? */
async function lagOf({ platform, target }: LocalPlatform): Promise<Lag> {
  const heard: { readonly tenantId: string; readonly ms: number }[] = [];
  const handle = (events: readonly EventEnvelope[]): Promise<void> => {
    const now = Date.now();
    heard.push(...events.map(({ tenantId, recordedAt }) => ({ tenantId, ms: now - recordedAt.getTime() })));
    return Promise.resolve();
  };
  const batch = { events: [messageStatusReceived], handle, batchSize: 500 };
  await platform.bus.consume({ name: "bench.lag", on: [], batch });
  return {
    during: async (tenantId, work) => {
      heard.length = 0;
      await work;
      await target.settle();
      return heard.filter((one) => one.tenantId === tenantId).map((one) => one.ms);
    },
  };
}

const p99 = (times: readonly number[]): number =>
  percentile(
    times.map((one) => ({ status: 200, ms: one })),
    0.99,
  );

function outcomeOf(found: Measured): Outcome {
  const ratios = found.door.map((one, at) => perSecond(one) / perSecond(found.anchor[at] ?? one));
  const times = ({ p50, p99: slow }: Posted): { readonly p50: number; readonly p99: number } => ({
    p50: rounded(p50),
    p99: rounded(slow),
  });
  const figures = {
    acknowledgedPerSecond: rounded(median(found.door.map(perSecond))),
    anchorPerSecond: rounded(median(found.anchor.map(perSecond))),
    ratio: rounded(median(ratios)),
    halfLoadMs: times(found.half),
    mostLoadMs: times(found.most),
    overSecond: rounded(Math.max(found.half.overSecond, found.most.overSecond)),
    shed: found.half.shed + found.most.shed,
    drainedMs: rounded(found.drainedMs),
    rssMiB: found.rssMiB,
    quietAlone: { p50: rounded(median(found.alone)), p99: rounded(p99(found.alone)) },
    quietBeside: { p50: rounded(median(found.beside)), p99: rounded(p99(found.beside)) },
    p99Ratio: rounded(p99(found.beside) / p99(found.alone)),
  };
  const { halfLoadMs, mostLoadMs, quietAlone, quietBeside } = figures;
  return {
    figures,
    how,
    rows: [
      ["webhooks acknowledged a second", `${figures.acknowledgedPerSecond} (anchor ${figures.anchorPerSecond})`],
      ["against the anchor, median of rounds", `${figures.ratio} times`],
      ["at half of that, p50 / p99", `${ms(halfLoadMs.p50)} / ${ms(halfLoadMs.p99)}`],
      ["at nine tenths of that, p50 / p99", `${ms(mostLoadMs.p50)} / ${ms(mostLoadMs.p99)}`],
      ["backlog of the full load worked off in", ms(figures.drainedMs)],
      ["memory of the process at full load", `${figures.rssMiB} MiB`],
      ["quiet client alone, receipt to consumer, p50 / p99", `${ms(quietAlone.p50)} / ${ms(quietAlone.p99)}`],
      ["quiet client beside the loud one, p50 / p99", `${ms(quietBeside.p50)} / ${ms(quietBeside.p99)}`],
      ["p99 beside against p99 alone", `${figures.p99Ratio} times`],
    ],
    broken: [
      ...(figures.overSecond >= 0.01
        ? [`${figures.overSecond * 100} % of the webhooks took longer than a second.`]
        : []),
      ...(figures.p99Ratio > 2 ? [`The loud client made the quiet one's p99 ${figures.p99Ratio} times as long.`] : []),
    ],
  };
}
