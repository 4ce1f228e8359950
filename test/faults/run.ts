import { setTimeout as sleep } from "node:timers/promises";
import { faultPoints } from "@greentick/kernel";
import { diceOf } from "./dice.js";
import { judge, updatesOf, type Verdict } from "./judge.js";
import { play, type Played } from "./play.js";
import { faultOf, inWords } from "./plan.js";
import { type Hits } from "./platform-process.js";
import { openWorld, type World } from "./world.js";

export interface Wanted {
  readonly runs: number;
  readonly seed: number;
  /** The first run; default 0. The same number is the same run, whatever comes before it. */
  readonly from?: number;
}

export interface Found {
  readonly figures: {
    readonly runs: number;
    readonly points: Hits;
    readonly acknowledged: number;
    readonly lost: number;
    readonly doubled: number;
    readonly reordered: number;
    readonly intruders: number;
  };
  /** What went wrong, in words. */
  readonly words: readonly string[];
}

const looks = 120;
const lookEveryMs = 1_000;
/** So many runs are judged together: what waits for a lease or for its next try has come by then. */
const together = 25;

/** Plays the runs one after the other on one platform, and judges them. */
export async function runFaults({ runs, seed, from = 0 }: Wanted, tell: (line: string) => void): Promise<Found> {
  const world = await openWorld();
  try {
    const words: string[] = [];
    const sums = { acknowledged: 0, lost: 0, doubled: 0, reordered: 0, intruders: 0 };
    let open: Played[] = [];
    for (let run = from; run < from + runs; run++) {
      const dice = diceOf(seed * 1_000_003 + run);
      const fault = faultOf(run, dice);
      tell(`run ${run}: ${inWords(fault)}`);
      const played = await play(world, { seed, run, fault, dice });
      sums.acknowledged += played.acknowledged;
      open.push(played);
      if (open.length < together && run + 1 < from + runs) continue;
      const verdict = await judged(world, open);
      for (const word of ["lost", "doubled", "reordered", "intruders"] as const) {
        sums[word] += verdict[word].length;
        words.push(...verdict[word].map((sentence) => `${word}: ${sentence} (--seed ${seed} --from …)`));
      }
      open = [];
    }
    const points = await pointsOf(world);
    return { figures: { runs, points, ...sums }, words };
  } finally {
    await world.close();
  }
}

/** A lane whose holder was killed rests until its lease is over; an endpoint that refused is tried again an hour later. */
async function judged(world: World, open: readonly Played[]): Promise<Verdict> {
  const wanted = updatesOf(open);
  for (let look = 0; look < looks; look++) {
    const told = new Set(world.receiver.told.map(({ updateId }) => updateId));
    if (wanted.every((id) => told.has(id))) break;
    await sleep(lookEveryMs);
    await world.hourPasses();
  }
  const { ready } = await world.alive();
  return judge(ready.storeUri, open, world.receiver.told);
}

/** Every fault point with its hits; one that is never reached tells nothing about what follows it. */
async function pointsOf(world: World): Promise<Hits> {
  const hits = await world.hits();
  return Object.fromEntries(Object.keys(faultPoints).map((name) => [name, hits[name] ?? 0]));
}
