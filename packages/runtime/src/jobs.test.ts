import { performance } from "node:perf_hooks";
import { type Log } from "@greentick/kernel";
import { busBench, until } from "@greentick/testing";
import { type Database } from "./data/database.js";
import { type JobRunner, runJobs } from "./jobs.js";
import { silentLog } from "./log.js";
import { membership } from "./members.js";
import { type Job } from "./service.js";

const leaseMs = 400;
const rarely = 3_600_000;

interface Counter {
  readonly run: () => Promise<number>;
  readonly runs: () => number;
}
function counter(): Counter {
  let runs = 0;
  return {
    run: () => {
      runs += 1;
      return Promise.resolve(0);
    },
    runs: () => runs,
  };
}

describe("jobs", () => {
  const bench = busBench("jobs");
  const runners: JobRunner[] = [];
  let names = 0;
  const aJob = (run: Job["run"], everyMs = rarely): Job => ({ name: `bench.job-${names++}`, everyMs, run });
  const start = (database: Database, jobs: readonly Job[], log: Log = silentLog): JobRunner => {
    const runner = runJobs({ db: database.db, jobs, log, leaseMs });
    runners.push(runner);
    return runner;
  };
  const open = (): Promise<Database> => bench.database("leases");
  afterEach(async () => {
    await Promise.all(runners.splice(0).map((runner) => runner.stop()));
  });
  /** Waits until every living member has beaten that often since now. */
  const beats = async (database: Database, count: number): Promise<void> => {
    const rows = database.db.collection<{ beat: number }>("members");
    const sum = async (): Promise<number> => (await rows.find().toArray()).reduce((all, row) => all + row.beat, 0);
    const before = await sum();
    await until(async () => (await sum()) >= before + count);
  };

  it("run at the start, and again at once while they find work", async () => {
    let left = 3;
    const runner = start(await open(), [aJob(() => Promise.resolve(left > 0 ? left-- : 0))]);
    await until(() => Promise.resolve(left === 0 && runner.progress().done === 6));
    expect(runner.progress()).toEqual({ done: 6, unsettled: [] });
  });

  it("run in every process when they share their work by themselves", async () => {
    const database = await open();
    const [here, there] = [counter(), counter()];
    const shared = { name: "bench.shared", everyMs: rarely, everywhere: true } as const;
    start(database, [{ ...shared, run: here.run }]);
    start(await bench.database("leases"), [{ ...shared, run: there.run }]);
    await until(() => Promise.resolve(here.runs() === 1 && there.runs() === 1));
    expect(await database.db.collection("leases").countDocuments({ _id: shared.name as never })).toBe(0);
  });

  it("run on their schedule, also one that is rarer than a timer of Node's can be", async () => {
    const [often, seldom] = [counter(), counter()];
    start(await open(), [aJob(often.run, 5), aJob(seldom.run, 2 ** 33)]);
    await until(() => Promise.resolve(often.runs() >= 5 && seldom.runs() >= 1));
    expect(seldom.runs()).toBe(1);
  });

  it("run soon when nudged, and never twice at once in a process", async () => {
    const seen = { running: 0, most: 0, runs: 0 };
    const database = await open();
    const job = aJob(async () => {
      seen.running += 1;
      seen.most = Math.max(seen.most, seen.running);
      await database.db.command({ ping: 1 });
      seen.running -= 1;
      seen.runs += 1;
      return 0;
    });
    const runner = start(database, [job]);
    for (let n = 0; n < 50; n++) runner.nudge(job.name);
    await Promise.all([runner.runNow(), runner.runNow()]);
    runner.nudge(job.name);
    const before = seen.runs;
    await until(() => Promise.resolve(seen.runs > before));
    expect(seen.most).toBe(1);
  });

  it("that fail are told, tried again soon, and keep no other job waiting", async () => {
    const told: Record<string, unknown>[] = [];
    let tries = 0;
    const others = counter();
    const failing = aJob(() => (++tries < 2 ? Promise.reject(new Error("not yet")) : Promise.resolve(0)));
    const runner = start(await open(), [failing, aJob(others.run)], {
      ...silentLog,
      error: (fields) => void told.push(fields),
    });
    await until(() => Promise.resolve(tries >= 2 && others.runs() > 0));
    expect(told).toMatchObject([{ job: failing.name, failures: 1 }]);
    await runner.runNow();
    expect(runner.progress().unsettled).toEqual([]);
  });

  it("have names of their own", async () => {
    const job = aJob(() => Promise.resolve(0));
    const database = await open();
    expect(() => runJobs({ db: database.db, jobs: [job, job], log: silentLog })).toThrow("names are unique");
  });

  it("are done by one process at a time, however long a run takes", async () => {
    const runs: string[] = [];
    let finish = (): void => undefined;
    const gate = new Promise<number>((resolve) => {
      finish = () => {
        resolve(0);
      };
    });
    const job = aJob(() => Promise.resolve(0));
    const [here, there] = [await open(), await open()];
    start(here, [{ ...job, run: () => (runs.push("here"), gate) }]);
    await until(() => Promise.resolve(runs.length === 1));
    const second = start(there, [{ ...job, run: () => (runs.push("there"), Promise.resolve(0)) }]);
    await beats(there, 24);
    expect(await second.runNow()).toBe(0);
    expect(runs).toEqual(["here"]);
    finish();
  });

  it("go to another process when theirs stops", async () => {
    const counted = counter();
    const job = aJob(() => Promise.resolve(0));
    const first = start(await open(), [job]);
    await until(() => Promise.resolve(first.progress().unsettled.length === 0));
    const second = start(await open(), [{ ...job, run: counted.run }]);
    await second.runNow();
    expect(counted.runs()).toBe(0);
    await first.stop();
    await second.runNow();
    expect(counted.runs()).toBeGreaterThan(0);
  });

  it("go to another process when theirs dies without a word", async () => {
    const counted = counter();
    const job = aJob(() => Promise.resolve(0));
    const dying = await open();
    const first = start(dying, [job]);
    await until(() => Promise.resolve(first.progress().unsettled.length === 0));
    const second = start(await open(), [{ ...job, run: counted.run }]);
    await dying.connection.close(true);
    await until(() => Promise.resolve(counted.runs() > 0 && second.progress().unsettled.length === 0));
    expect(counted.runs()).toBeGreaterThan(0);
  });

  it("that keep a pace wait for it between runs that follow one another, and for nobody who runs them or stops them", async () => {
    let runs = 0;
    const job = aJob(() => Promise.resolve((runs += 1)));
    const runner = start(await open(), [{ ...job, paceMs: rarely }]);
    await until(() => Promise.resolve(runs === 1));
    runner.nudge(job.name);
    await runner.runNow();
    expect(runs).toBe(2);
    await runner.stop();
    expect(runs).toBe(2);
  });

  it("let a run finish when they stop, and start no more", async () => {
    let finish = (): void => undefined;
    const order: string[] = [];
    const job = aJob(
      () =>
        new Promise<number>((resolve) => {
          order.push("started");
          finish = () => {
            order.push("finished");
            resolve(1);
          };
        }),
    );
    const runner = start(await open(), [job]);
    await until(() => Promise.resolve(order.length === 1));
    const stopping = runner.stop().then(() => order.push("stopped"));
    runner.nudge(job.name);
    finish();
    await stopping;
    expect(order).toEqual(["started", "finished", "stopped"]);
  });
});

describe("a member that was stalled", () => {
  const bench = busBench("members");

  afterEach(() => {
    jest.restoreAllMocks();
  });

  it("knows that others may have taken its work, and has to claim it again", async () => {
    const database = await bench.database("members");
    const stopwatch = performance.now.bind(performance);
    const member = membership({ db: database.db, log: silentLog, leaseMs: 60_000 });
    await member.join();
    const before = member.term();
    expect(before).toBeDefined();
    jest.spyOn(performance, "now").mockImplementation(() => stopwatch() + 60_000);
    expect(member.term()).toBeUndefined();
    await member.nowDoing([]);
    expect(member.term()).toBeDefined();
    expect(member.term()).not.toBe(before);
    await member.leave();
  });

  it("is seen alive, unsure or gone by what its beats do, never by a clock", async () => {
    const [here, there] = [await bench.database("members"), await bench.database("members")];
    const stopwatch = performance.now.bind(performance);
    const watcher = membership({ db: here.db, log: silentLog, leaseMs: 60_000 });
    const other = membership({ db: there.db, log: silentLog, leaseMs: 60_000 });
    await other.join();
    await watcher.join();
    expect(await watcher.sight(other.id)).toBe("unsure");
    await other.nowDoing([]);
    await watcher.nowDoing([]);
    expect(await watcher.sight(other.id)).toBe("alive");
    expect(await watcher.sight(watcher.id)).toBe("alive");
    expect(await watcher.sight("nobody")).toBe("gone");
    await there.connection.close(true);
    jest.spyOn(performance, "now").mockImplementation(() => stopwatch() + 60_000);
    await watcher.nowDoing([]);
    expect(await watcher.sight(other.id)).toBe("gone");
    await watcher.leave();
    await other.leave().catch(() => undefined);
  });
});
