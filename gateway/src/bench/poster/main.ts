import { type Posted, type Posting, type Sample, type Told } from "../poster.js";
import { requests } from "./bodies.js";
import { line, type Line } from "./line.js";

/** Posts in a process of its own: one posting at a time, told by its parent. */
const usualConnections = 256;
const tellEveryMs = 100;

const say = (told: Told): void => {
  process.send?.(told);
};

/** What was answered; times in ms. */
interface Tally {
  readonly taken: number[];
  readonly shed: number[];
  broken: number;
  strange: number | undefined;
  samples: Sample[];
  last: number;
  gap: { from: number; to: number };
}

const epoch = (): number => performance.timeOrigin + performance.now();

type Send = (on: Line, n: number, since: number) => Promise<void>;

function sender(what: Posting, tally: Tally): Send {
  const { make, messageId } = requests(new URL(what.url).host, what);
  const every = what.sampleEvery ?? 0;
  return async (on, n, since) => {
    const request = make(n);
    const sent = performance.now();
    const status = await on.ask(request);
    const ms = performance.now() - (what.sinceSent === true ? sent : since);
    if (status === 503) tally.shed.push(ms);
    else if (status === 0) tally.broken += 1;
    else if (status !== 200) tally.strange = status;
    else {
      tally.taken.push(ms);
      const at = epoch();
      if (at - tally.last > tally.gap.to - tally.gap.from) tally.gap = { from: tally.last, to: at };
      tally.last = at;
      if (every > 0 && n % every === 0) {
        const sender = n % what.senders.length;
        tally.samples.push({ messageId: messageId(n), sender, at, tookMs: ms });
      }
    }
  };
}

async function closedLoop(
  lines: readonly Line[],
  send: Send,
  { forMs }: Posting,
  isOver: () => boolean,
): Promise<void> {
  const end = performance.now() + forMs;
  let next = 0;
  await Promise.all(
    lines.map(async (one) => {
      while (performance.now() < end && !isOver()) await send(one, next++, performance.now());
    }),
  );
}

/** Each when it is due, whether or not earlier ones are answered (open loop): what finds no free connection waits, and its wait counts. */
function openLoop(
  lines: readonly Line[],
  send: Send,
  { forMs, perSecond }: { readonly forMs: number; readonly perSecond: number },
): Promise<void> {
  const start = performance.now();
  const total = Math.floor((forMs * perSecond) / 1_000);
  const free = [...lines];
  let [next, open] = [0, 0];
  return new Promise((resolve) => {
    const go = (one: Line): void => {
      const due = start + (next * 1_000) / perSecond;
      if (next >= total || performance.now() < due) {
        free.push(one);
        if (next >= total && open === 0) resolve();
        return;
      }
      open += 1;
      void send(one, next++, due).then(() => {
        open -= 1;
        go(one);
      });
    };
    const tick = (): void => {
      while (free.length > 0 && next < total && performance.now() >= start + (next * 1_000) / perSecond) {
        const one = free.pop();
        if (one !== undefined) go(one);
      }
      if (next < total) setTimeout(tick, 1);
      else if (open === 0) resolve();
    };
    tick();
  });
}

function percentile(times: readonly number[], share: number): number {
  const sorted = Float64Array.from(times).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

async function post(what: Posting): Promise<Posted> {
  const { pace } = what;
  const lines = Array.from({ length: pace.connections ?? usualConnections }, () => line(what.url));
  if (what.sinceSent === true) await Promise.all(lines.map((one) => one.connected()));
  const begin = epoch();
  const tally: Tally = {
    ...{ taken: [], shed: [], broken: 0, strange: undefined, samples: [], last: begin },
    gap: { from: begin, to: begin },
  };
  const samples: Sample[] = [];
  const tell = (): void => {
    if (tally.samples.length === 0) return;
    say({ sampled: tally.samples });
    samples.push(...tally.samples.splice(0));
  };
  const telling = setInterval(tell, tellEveryMs);
  const start = performance.now();
  const send = sender(what, tally);
  const isOver = (): boolean => tally.strange !== undefined || (tally.broken > 0 && what.persistent !== true);
  if ("perSecond" in pace) await openLoop(lines, send, { forMs: what.forMs, perSecond: pace.perSecond });
  else await closedLoop(lines, send, what, isOver);
  const elapsedMs = performance.now() - start;
  clearInterval(telling);
  tell();
  for (const one of lines) one.close();
  if (tally.strange !== undefined) throw new Error(`A webhook was answered ${tally.strange}.`);
  if (tally.broken > 0 && what.persistent !== true) throw new Error("A connection broke before its answer.");
  return {
    acknowledged: tally.taken.length,
    shed: tally.shed.length,
    broken: tally.broken,
    elapsedMs,
    p50: percentile(tally.taken, 0.5),
    p99: percentile(tally.taken, 0.99),
    shedP99: percentile(tally.shed, 0.99),
    overSecond: tally.taken.filter((ms) => ms > 1_000).length / Math.max(tally.taken.length, 1),
    gap: tally.gap,
    samples,
  };
}

process.on("message", (what: Posting) => {
  post(what).then(say, (error: unknown) => {
    say({ error: String(error) });
  });
});
