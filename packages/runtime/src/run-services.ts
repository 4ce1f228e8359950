import { type Clock, type Log } from "@greentick/kernel";
import { type Db } from "mongodb";
import { type Bus, type ConsumerLag, type RunningConsumer } from "./bus/contract.js";
import { type JobRunner, runJobs } from "./jobs.js";
import { pause } from "./pause.js";
import { type Service } from "./service.js";

export interface RunningServices {
  readonly jobs: JobRunner;
  /**
   * Resolves when nothing moves any more: every outbox is empty, every consumer that runs anywhere has caught up, no job and no timer finds
   * work. It ends with a look of its own at all of these, so that what another process wrote without a word is seen. A job that fails three
   * times in a row, and a timer that waits after a failure, count as resting. So does a job that another process holds, unless it can tell
   * what waits for it (`Job.waiting`), as outboxes, timers and the splitter do: where services run in processes of their own, each one settles
   * for its own jobs, and rest of the whole is read from the databases.
   * @throws Error naming what still moves when `withinMs` of system time pass.
   */
  readonly settle: (withinMs?: number) => Promise<void>;
  /** Jobs and consumers finish what they have in hand, then the services close. */
  readonly stop: () => Promise<void>;
}

export interface RunServicesParts {
  readonly services: readonly Service[];
  readonly bus: Bus;
  /** Keeps the leases of jobs. */
  readonly db: Db;
  readonly now: Clock;
  readonly log: Log;
  /** A process that is silent for this long loses its jobs. */
  readonly leaseMs?: number;
}

/** Builds indexes, starts consumers and jobs of the services in this process. A start that fails leaves no consumer behind. */
export async function runServices(parts: RunServicesParts): Promise<RunningServices> {
  await Promise.all(parts.services.map((service) => service.indexes()));
  const consumers = await startConsumers(parts);
  const all = parts.services.flatMap((service) => service.jobs);
  const { db, log, leaseMs } = parts;
  const jobs = runJobs({ db, jobs: all, log, ...(leaseMs !== undefined && { leaseMs }) });
  for (const job of all)
    job.onWake?.(() => {
      jobs.nudge(job.name);
    });
  return {
    jobs,
    settle: (withinMs = 120_000) => settle(parts, jobs, withinMs),
    stop: async () => {
      await jobs.stop();
      await Promise.all(consumers.map((consumer) => consumer.stop()));
      await Promise.all(parts.services.map((service) => service.close()));
    },
  };
}

async function startConsumers({ services, bus }: RunServicesParts): Promise<readonly RunningConsumer[]> {
  const started: RunningConsumer[] = [];
  try {
    for (const service of services) for (const spec of service.handlers) started.push(await bus.consume(spec));
  } catch (error) {
    await Promise.all(started.map((consumer) => consumer.stop()));
    throw error;
  }
  return started;
}

interface Round {
  /** What still moves, for people; empty when nothing does. */
  readonly moving: string;
  /** Where everything stands: two quiet rounds that agree in it had nothing between them. */
  readonly standing: string;
}

async function look(bus: Bus, jobs: JobRunner, afresh: boolean): Promise<Round> {
  const done = await (afresh ? jobs.lookNow() : jobs.runNow());
  const lag = (await bus.lag()).filter((one) => one.running);
  const { done: ever, unsettled } = jobs.progress();
  return {
    moving: [
      ...(done > 0 ? [`jobs did ${done} things`] : []),
      ...unsettled.map((name) => `job ${name}`),
      ...behind(lag),
    ].join(", "),
    standing: JSON.stringify([
      ever,
      lag.map(({ consumer, stream, partition, offset }) => [consumer, stream, partition, offset]),
    ]),
  };
}

const behind = (lag: readonly ConsumerLag[]): string[] =>
  lag.filter((one) => one.behind > 0).map((one) => `${one.consumer} (${one.behind} behind)`);

/**
 * One quiet round is not enough: between its look at the jobs and its look at the consumers a handler may have filled an outbox. If two
 * rounds are quiet and every offset is the same in both, no handler ran between them, and the jobs of the second saw all there was: that one
 * spares no look.
 */
async function settle(parts: RunServicesParts, jobs: JobRunner, withinMs: number): Promise<void> {
  const until = parts.now().getTime() + withinMs;
  let before: string | undefined;
  for (;;) {
    const { moving, standing } = await look(parts.bus, jobs, before !== undefined);
    if (moving === "" && standing === before) return;
    before = moving === "" ? standing : undefined;
    if (parts.now().getTime() > until)
      throw new Error(`The platform did not come to rest within ${withinMs} ms; still moving: ${moving || "offsets"}.`);
    if (moving !== "") await pause(10, new AbortController().signal);
  }
}
