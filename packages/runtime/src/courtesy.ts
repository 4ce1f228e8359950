import { performance } from "node:perf_hooks";
import { setTimeout as timer } from "node:timers/promises";

/** Does a piece of work that nobody waits for. */
export type GiveWay = <T>(piece: () => Promise<T>) => Promise<T>;

/** Lets those go first who wait for an answer of this process. */
export interface Courtesy {
  /** Somebody waits, until what is returned is called. */
  readonly waits: () => () => void;
  /**
   * Does a piece at once while there is no queue. Else one piece goes after the other, and behind each there is a rest, until the queue is over or
   * the pieces have had their share of the time: they are held up, never stopped. A piece calls nobody but the store, and begins no other
   * piece.
   */
  readonly giveWay: GiveWay;
  /** Whether so many wait, or come, that pieces should be small: whoever waits, waits for a piece at most. */
  readonly isQueue: () => boolean;
}

export interface CourtesyParts {
  /** Milliseconds of a stopwatch. */
  readonly now?: () => number;
  readonly pause?: (ms: number) => Promise<unknown>;
}

/** How many wait, as an average: what a process can follow with ease, waits in fewer than that on a slow machine as on a fast one. */
const queueFrom = 8;
/** How many come in a second: between two of their queues the pieces would be large again. Where fewer than two of them wait, they are followed with ease. */
const crowdFrom = 1_000;
const crowdWaits = 2;
/** A crowd is known soon, so that those who come first do not wait for pieces that nobody held up; and forgotten late, so that a pause of the process is not its end. */
const [soonMs, lateMs] = [40, 250];
/** Of the average: longer than one flush of the disk, which answers all who wait. */
const memoryMs = 50;
/** Of the time, for the pieces, while there is a queue. */
const share = 0.125;
/** A piece that was held up itself, e.g. by a slow store, holds up those behind it no longer than this. */
const longestRestMs = 500;
const lookEveryMs = 10;

export function courtesy({ now = () => performance.now(), pause = (ms) => timer(ms) }: CourtesyParts = {}): Courtesy {
  let waiting = 0;
  let seen = { average: 0, cameSoon: 0, cameLate: 0, at: now() };
  const change = (by: number): void => {
    const at = now();
    const average = waiting + (seen.average - waiting) * Math.exp((seen.at - at) / memoryMs);
    const came = Math.max(by, 0);
    const cameSoon = seen.cameSoon * Math.exp((seen.at - at) / soonMs) + came;
    const cameLate = seen.cameLate * Math.exp((seen.at - at) / lateMs) + came;
    seen = { average, cameSoon, cameLate, at };
    waiting += by;
  };
  const isQueue = (): boolean => {
    change(0);
    const isCrowd = Math.max(seen.cameSoon / soonMs, seen.cameLate / lateMs) >= crowdFrom / 1_000;
    return seen.average >= (isCrowd ? crowdWaits : queueFrom);
  };
  let before: Promise<unknown> = Promise.resolve();
  const turnOf = async (earlier: Promise<unknown>): Promise<void> => {
    const others = { areDone: false };
    const done = earlier.then(() => {
      others.areDone = true;
    });
    while (!others.areDone && isQueue()) await Promise.race([done, pause(lookEveryMs)]);
  };
  const rest = async (ms: number): Promise<void> => {
    const end = now() + Math.min(ms, longestRestMs);
    while (now() < end && isQueue()) await pause(lookEveryMs);
  };
  return {
    isQueue,
    waits: () => {
      change(1);
      let isAnswered = false;
      return () => {
        if (!isAnswered) change(-1);
        isAnswered = true;
      };
    },
    giveWay: (piece) => {
      if (!isQueue()) return piece();
      let began = now();
      const done = turnOf(before).then(() => {
        began = now();
        return piece();
      });
      const resting = (): Promise<void> => rest((now() - began) * (1 / share - 1));
      before = done.then(resting, resting);
      return done;
    },
  };
}
