import { type ClockMode, type ClockView } from "./clock.js";
import { refusals } from "./http/errors.js";
import { createJobs, type JobParts } from "./jobs.js";
import { type Gate } from "./lib/gate.js";
import { type Log } from "./log.js";

export interface Scheduler {
  /**
   * Moves the clock forwards. Jobs that fall due run in order of time, each with the clock at its time, and the webhooks of one are attempted
   * before the next runs, so a receiver can still act on a draft before it finalizes. @throws a Stripe-shaped refusal for a step backwards
   */
  moveTo: (target: ClockMode) => Promise<ClockView>;
  /** Runs what is overdue by now. */
  catchUp: () => Promise<void>;
}

export interface SchedulerParts extends JobParts {
  readonly gate: Gate;
  readonly log: Log;
}

export function createScheduler(parts: SchedulerParts): Scheduler {
  const { gate, clock, deliverer, log } = parts;

  const nextJob = createJobs(parts);

  /** Runs the first job due by `limit`; false when there is none. */
  const step = async (limit: number, frozen: boolean): Promise<boolean> => {
    await deliverer.idle();
    return gate.exclusive(async () => {
      const job = await nextJob();
      if (!job || job.at > limit) return false;
      if (frozen && job.at > clock.seconds()) await clock.set({ now: new Date(job.at * 1000) });
      await job.run();
      return true;
    });
  };
  const runUntil = async (limit: number, frozen: boolean): Promise<void> => {
    while (await step(limit, frozen)) log.info({ now: clock.view().now }, "ran a job that fell due");
    await deliverer.idle();
  };

  const move = async (target: ClockMode): Promise<ClockView> => {
    const targetMs = target === "system" ? Date.now() : target.now.getTime();
    const { mode, now } = clock.view();
    if (target === "system" && mode === "system") return clock.view();
    if (targetMs < now.getTime())
      throw refusals.invalidParameter(
        "now",
        `The clock can only move forwards: it is at ${now.toISOString()}, which is after ${new Date(targetMs).toISOString()}.`,
      );
    if (mode === "system") await clock.set({ now });
    await runUntil(Math.floor(targetMs / 1000), true);
    await clock.set(target);
    return clock.view();
  };

  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const running = turn.then(work, work);
    turn = running.catch(() => undefined);
    return running;
  };
  return {
    moveTo: (target) => inTurn(() => move(target)),
    catchUp: () => inTurn(() => runUntil(clock.seconds(), false)),
  };
}
