import { setTimeout as sleep } from "node:timers/promises";
import { faultPoints } from "@greentick/kernel";
import { missingFor } from "./attacked-store.js";
import { disagreements } from "./books.js";
import { diceOf } from "./dice.js";
import { judge, sins, type Verdict } from "./judge.js";
import { play, type Played } from "./play.js";
import { brokerFaults, type FaultName, faultNames, faultOf, inWords } from "./plan.js";
import { type Hits } from "./platform-process.js";
import { openWorld, type World, type WorldParts } from "./world.js";

export interface Wanted extends WorldParts {
  readonly runs: number;
  readonly seed: number;
  /** The first run; default 0. The same number is the same run, whatever comes before it. */
  readonly from?: number | undefined;
  /** Only these kinds of fault, in turn; default all. */
  readonly only?: readonly FaultName[] | undefined;
  /** How often it is looked for what is missing, an hour of business time later each time; default 90. */
  readonly patience?: number | undefined;
}

export interface Figures {
  readonly runs: number;
  readonly points: Hits;
  readonly acknowledged: number;
  readonly lost: number;
  readonly doubled: number;
  readonly reordered: number;
  /** Bodies that were kept although nobody who may had signed them. */
  readonly intruders: number;
  /** Runs that could not be played to their end. */
  readonly broken: number;
  /** Kinds of fault that cannot be made on this machine, and why. */
  readonly skipped: Readonly<Record<string, string>>;
  /** The most that the platform's process held. */
  readonly memoryMiB: number;
  readonly seconds: number;
}

export interface Found {
  readonly figures: Figures;
  /** What went wrong, in words. */
  readonly words: readonly string[];
}

/** What waits for a lease or for its next try has come after so many hours of business time and seconds of system time. */
const usualPatience = 90;
const lookEveryMs = 1_000;
/** So many runs are looked at together. */
const together = 25;
/** Bodies of so many lines are remembered by whoever captures them. */
const capturedLines = 200;
/** A process that begins with about 250 MiB and holds at most 64 MB of bodies never needs more, however long it lives. */
const memoryBoundMiB = 768;

/** Plays the runs one after the other on one platform, and judges them. */
export async function runFaults(wanted: Wanted, tell: (line: string) => void): Promise<Found> {
  const { runs, seed, from = 0 } = wanted;
  const began = performance.now();
  const names = (wanted.only ?? faultNames).filter((name) => whyNot(name, wanted) === undefined);
  const world = await openWorld(wanted);
  try {
    const book = bookOf(wanted);
    let captured: readonly Played["lines"][number][] = [];
    let open: readonly Played[] = [];
    for (let run = from; run < from + runs; run++) {
      const at = performance.now();
      const dice = diceOf(seed, run, 0);
      const fault = faultOf(run, dice, names);
      const played = await play(world, { seed, run, fault, dice, captured }).catch((error: unknown) => {
        book.broken(run, error);
      });
      tell(`run ${run}: ${inWords(fault)} (${((performance.now() - at) / 1_000).toFixed(1)} s)`);
      if (played === undefined) {
        await world.startAfresh();
        continue;
      }
      book.acknowledged(played.acknowledged);
      captured = [...captured, ...played.lines].slice(-capturedLines);
      open = [...open, played];
      if (open.length % together === 0) open = await closeClean(world, open, book.note);
    }
    const patience = wanted.patience ?? usualPatience;
    await closeAll(world, open, { note: book.note, patience });
    await closeBooks(world, book, patience);
    const { words, sums } = book;
    const memoryMiB = world.lives.memory();
    if (memoryMiB > memoryBoundMiB) words.push(`The platform held ${memoryMiB} MiB; its bound is ${memoryBoundMiB}.`);
    const points = await pointsOf(world);
    const seconds = Math.round((performance.now() - began) / 1_000);
    return {
      figures: { runs, points, ...sums, skipped: skippedOf(wanted), memoryMiB, seconds },
      words,
    };
  } finally {
    await world.close();
  }
}

/** Why a kind of fault is left out. */
const whyNot = (name: FaultName, { bus }: WorldParts): string | undefined => {
  const needsBroker = (brokerFaults as readonly string[]).includes(name);
  return needsBroker && bus !== "nats" ? "there is a broker only with --bus nats" : missingFor(name);
};

const skippedOf = (wanted: Wanted): Readonly<Record<string, string>> =>
  Object.fromEntries(
    (wanted.only ?? faultNames).flatMap((name) => {
      const why = whyNot(name, wanted);
      return why === undefined ? [] : [[name, why]];
    }),
  );

type Note = (played: Played, verdict: Verdict) => void;

interface Book {
  readonly words: string[];
  readonly sums: Record<"acknowledged" | "broken" | keyof Verdict, number>;
  readonly note: Note;
  /** What concerns all runs together. */
  readonly noteBooks: (sin: "lost" | "doubled", sentences: readonly string[]) => void;
  readonly acknowledged: (count: number) => void;
  readonly broken: (run: number, error: unknown) => void;
}

function bookOf({ seed, only, bus, without }: Wanted): Book {
  const how = [
    `--seed ${seed}`,
    ...(bus === undefined ? [] : [`--bus ${bus}`]),
    ...(only === undefined ? [] : [`--only ${only.join(",")}`]),
    ...(without === undefined ? [] : [`--without ${without}`]),
  ];
  const words: string[] = [];
  const sums = { acknowledged: 0, lost: 0, doubled: 0, reordered: 0, intruders: 0, broken: 0 };
  const again = (run: number): string => ["npm run faults --", ...how, `--from ${run} --runs 1`].join(" ");
  const note: Note = ({ run }, verdict) => {
    for (const sin of sins) {
      sums[sin] += verdict[sin].length;
      words.push(...verdict[sin].map((sentence) => `${sin} in run ${run}: ${sentence} (${again(run)})`));
    }
  };
  return {
    words,
    sums,
    note,
    noteBooks: (sin, sentences) => {
      sums[sin] += sentences.length;
      words.push(...sentences.map((sentence) => `${sin} in the books: ${sentence}`));
    },
    acknowledged: (count: number) => {
      sums.acknowledged += count;
    },
    broken: (run, error) => {
      sums.broken += 1;
      words.push(`Run ${run} broke off: ${error instanceof Error ? error.message : String(error)} (${again(run)})`);
    },
  };
}

const verdictsOf = ({ store, receiver }: World, open: readonly Played[]): Promise<ReadonlyMap<Played, Verdict>> =>
  judge(store.directUri(), open, receiver.told);

/** Closes the runs that lack nothing; the others wait, e.g. for a client's server that refused and is asked again later. */
async function closeClean(world: World, open: readonly Played[], note: Note): Promise<readonly Played[]> {
  await world.hourPasses();
  const waiting: Played[] = [];
  for (const [played, verdict] of await verdictsOf(world, open)) {
    if (verdict.lost.length > 0) waiting.push(played);
    else note(played, verdict);
  }
  return waiting;
}

async function closeAll(
  world: World,
  open: readonly Played[],
  { note, patience }: { readonly note: Note; readonly patience: number },
): Promise<void> {
  let waiting = open;
  for (let look = 0; look < patience && waiting.length > 0; look++) {
    if (look > 0) await sleep(lookEveryMs);
    waiting = await closeClean(world, waiting, note);
  }
  for (const [played, verdict] of await verdictsOf(world, waiting)) note(played, verdict);
}

/** What Stripe could not be told yet is told in the hours that follow. */
async function closeBooks(world: World, { noteBooks }: Book, patience: number): Promise<void> {
  let found = await disagreements(world.store.directUri());
  for (let look = 0; look < patience && found.lost.length + found.doubled.length > 0; look++) {
    await sleep(lookEveryMs);
    await world.hourPasses();
    found = await disagreements(world.store.directUri());
  }
  noteBooks("lost", found.lost);
  noteBooks("doubled", found.doubled);
}

/** Every fault point with its hits; one that is never reached tells nothing about what follows it. */
async function pointsOf({ lives }: World): Promise<Hits> {
  const hits = await lives.hits();
  return Object.fromEntries(Object.keys(faultPoints).map((name) => [name, hits[name] ?? 0]));
}
