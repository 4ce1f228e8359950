import { type World, background } from "./world.js";
import { type ClockSetting } from "./options.js";
import { runJob } from "./jobs.js";

/** Moves the simulator's time and does what falls due on the way. */
export interface TimeKeeper {
  /**
   * Sets the clock. Jobs up to the new time run one by one in order of time, each with the clock at its own, and their webhooks are posted
   * before the next. Answers when everything due is acknowledged, or after `patienceMs` of system time with the rest still being
   * posted. @throws RangeError when the time would run backwards.
   */
  readonly setClock: (setting: ClockSetting, patienceMs?: number) => Promise<void>;
  /** Does what is due now; on a clock that follows the system it happens by itself. */
  readonly tick: () => Promise<void>;
  /** Begins nothing more, and answers when what is under way is done; its posts end when the sender is closed. */
  readonly close: () => Promise<void>;
}

export function timeKeeper(world: World): TimeKeeper {
  let turn: Promise<void> = Promise.resolve();
  /** One at a time: two callers that set the clock do not interleave. */
  const inTurn = async (work: () => Promise<void>): Promise<void> => {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    return mine;
  };
  const tick = async (): Promise<void> => inTurn(async () => advance(world, world.clock.now()));
  const timer = setInterval(() => {
    if (world.clock.mode() === "system") background(world, tick());
  }, 500);
  timer.unref();
  return {
    tick,
    setClock: async (setting, patienceMs) =>
      inTurn(async () => {
        if (setting !== "system" && setting.now >= world.clock.now()) await advance(world, setting.now, patienceMs);
        await world.clock.set(setting);
        await advance(world, world.clock.now(), patienceMs);
      }),
    close: async () => {
      clearInterval(timer);
      await turn;
    },
  };
}

/** Runs the jobs due up to a time, stepping a fixed clock to each, and posts what is due. */
async function advance(world: World, until: Date, patienceMs?: number): Promise<void> {
  for (;;) {
    const job = await world.store.jobs.findOne({ dueAt: { $lte: until } }, { sort: { dueAt: 1, _id: 1 } });
    if (job === null) break;
    if (world.clock.mode() === "fixed" && job.dueAt > world.clock.now()) {
      await world.sender.sendDue(job.dueAt, patienceMs);
      await world.clock.set({ now: job.dueAt });
    }
    await runJob(world, job);
    await world.store.jobs.deleteOne({ _id: job._id });
    await world.sender.sendDue(world.clock.now(), patienceMs);
  }
  await world.sender.sendDue(until, patienceMs);
}
