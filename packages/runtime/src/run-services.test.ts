import { event } from "@greentick/contracts";
import { AppError, type Call, type EventEnvelope } from "@greentick/kernel";
import { aDefinition, aNote, type BenchBus, busBench, until } from "@greentick/testing";
import { type ConsumerSpec } from "./bus/contract.js";
import { type Aggregate, type AggregateStore } from "./data/aggregates.js";
import { aggregateStore } from "./data/aggregate-store.js";
import { type Database } from "./data/database.js";
import { outboxRelay } from "./data/outbox.js";
import { silentLog } from "./log.js";
import { type RunningServices, runServices } from "./run-services.js";
import { type Job, type Service } from "./service.js";

interface Hop extends Aggregate {
  readonly left: number;
}

const hop = aDefinition("hop");
const leaseMs = 600;

describe("services that run together", () => {
  const bench = busBench("services");
  const started: { running: RunningServices; one: BenchBus }[] = [];
  afterEach(async () => {
    for (const { running, one } of started.splice(0)) {
      await running.stop();
      await one.bus.close();
    }
  });
  const aService = (name: string, parts: Partial<Service>): Service => ({
    name,
    schema: undefined,
    routes: [],
    handlers: [],
    timers: [],
    jobs: [],
    indexes: () => Promise.resolve(),
    health: () => Promise.resolve({ ok: true, detail: {} }),
    close: () => Promise.resolve(),
    ...parts,
  });
  const run = async (one: BenchBus, ...services: Service[]): Promise<RunningServices> => {
    const { bus, database } = one;
    const running = await runServices({
      services,
      bus,
      db: database.db,
      now: one.clocks.system,
      log: silentLog,
      leaseMs,
    });
    started.push({ running, one });
    return running;
  };
  const consumer = (name: string, handle: (call: Call, given: EventEnvelope) => Promise<void>): ConsumerSpec => ({
    name,
    on: [{ event: hop, handle }],
  });

  /** Each handled hop saves an aggregate whose event is the next hop, through the outbox. */
  const hopper = (
    database: Database,
    one: BenchBus,
  ): { service: Service; hops: AggregateStore<Hop>; send: (left: number) => Promise<Hop> } => {
    const hops = aggregateStore<Hop>({
      database,
      collection: "hops",
      kind: "hop",
      schemaVersion: 1,
      state: { left: { type: Number, required: true } },
      notFound: (id) => new AppError("NOT_FOUND", "hop_not_found", `No hop ${id}.`),
    });
    const save = (call: Call, left: number): Promise<Hop> => {
      const { tenantId, ancestorIds, livemode } = call;
      const state = { id: call.newId("audit"), tenantId, ancestorIds, livemode, version: 0, left };
      return hops.insert(call, state, [event(hop, { key: state.id, n: left })]);
    };
    const relay = outboxRelay({ database, collections: ["hops"], bus: one.bus, log: silentLog });
    const next = consumer("hops.next", async (call, given) => {
      const { n } = given.data as { n: number };
      if (n > 0) await save(call, n - 1);
    });
    return {
      hops,
      send: (left) => save(bench.call(one.calls), left),
      service: aService("hops", { jobs: [relay], handlers: [next], indexes: hops.ensureIndexes }),
    };
  };

  it("have settled only when a chain over outbox and handlers has come to its end", async () => {
    const [one, database] = [await bench.open(), await bench.database("hops")];
    const { service, hops, send } = hopper(database, one);
    const running = await run(one, service);
    for (let round = 1; round <= 8; round++) {
      await send(6);
      await running.settle();
      expect(await hops.findAll({ system: "start-up" }, {})).toHaveLength(7 * round);
      expect(await database.db.collection("hops").countDocuments({ "outbox.0.id": { $exists: true } })).toBe(0);
    }
  });

  it("have not settled while an outbox waits that another process filled without a word", async () => {
    const [one, database] = [await bench.open(), await bench.database("hops")];
    const { service, hops } = hopper(database, one);
    const running = await run(one, service);
    const stranger = hopper(await bench.database("hops"), one);
    for (let round = 1; round <= 3; round++) {
      await running.settle();
      const { id } = await stranger.send(0);
      await running.settle();
      expect((await hops.get({ system: "start-up" }, id)).left).toBe(0);
      expect(await database.db.collection("hops").countDocuments({ "outbox.0.id": { $exists: true } })).toBe(0);
    }
  });

  it("have not settled while work waits for a job that another process holds, where the job can tell", async () => {
    const [here, there] = [await bench.open(), await bench.open()];
    const work = { waiting: true, asked: 0 };
    const job: Job = {
      name: "held.job",
      everyMs: 3_600_000,
      run: () => Promise.resolve(0),
      waiting: () => {
        work.asked += 1;
        if (work.asked === 3) work.waiting = false;
        return Promise.resolve(work.waiting);
      },
    };
    const holder = await run(there, aService("holder", { jobs: [job] }));
    await holder.settle();
    expect(work.asked).toBe(0);
    const other = await run(here, aService("other", { jobs: [job] }));
    await other.settle();
    expect(work).toEqual({ waiting: false, asked: 3 });
  });

  it("count a job that another process holds as resting where it cannot tell: each process settles for its own", async () => {
    const [here, there] = [await bench.open(), await bench.open()];
    const ran: string[] = [];
    const job = (who: string): Job => ({
      name: "silent.job",
      everyMs: 3_600_000,
      run: () => Promise.resolve(ran.push(who) > 1_000 ? 1 : 0),
    });
    const holder = await run(there, aService("holder", { jobs: [job("holder")] }));
    await holder.settle();
    const other = await run(here, aService("other", { jobs: [job("other")] }));
    await expect(other.settle()).resolves.toBeUndefined();
    expect(ran).not.toContain("other");
  });

  it("wait for a job that failed to have another try before they count as settled", async () => {
    const one = await bench.open();
    let tries = 0;
    let lateWork = 0;
    const flaky: Job = {
      name: "flaky.job",
      everyMs: 3_600_000,
      run: () => {
        tries += 1;
        if (tries < 3) return Promise.reject(new Error("not yet"));
        lateWork = 1;
        return Promise.resolve(0);
      },
    };
    const running = await run(one, aService("flaky", { jobs: [flaky] }));
    await running.settle();
    expect(lateWork).toBe(1);
  });

  it("settle although a job fails for ever, or a consumer that nobody runs any more is behind", async () => {
    const one = await bench.open();
    const retired = await one.bus.consume(consumer("retired.reader", () => Promise.resolve()));
    await retired.stop();
    await one.bus.publish([aNote(bench.call(one.calls), { key: "k", n: 0 }, hop)]);
    const broken: Job = { name: "broken.job", everyMs: 3_600_000, run: () => Promise.reject(new Error("never")) };
    const running = await run(one, aService("broken", { jobs: [broken] }));
    await expect(running.settle()).resolves.toBeUndefined();
  });

  it("say what still moves when they do not settle in time", async () => {
    const one = await bench.open();
    const busy: Job = {
      name: "busy.job",
      everyMs: 3_600_000,
      run: () => new Promise((resolve) => setImmediate(resolve, 1)),
    };
    const running = await run(one, aService("busy", { jobs: [busy] }));
    await expect(running.settle(50)).rejects.toThrow(
      /did not come to rest within 50 ms; still moving: jobs did \d+ things/,
    );
  });

  it("do not settle while the process that held a job may be dead: its work is still to be done", async () => {
    const [dying, one] = [await bench.open({ leaseMs }), await bench.open({ leaseMs })];
    const work: string[] = [];
    const job = (who: string): Job => ({
      name: "inherited.job",
      everyMs: 3_600_000,
      run: () => Promise.resolve(work.push(who) > 100 ? 1 : 0),
    });
    const first = await run(dying, aService("first", { jobs: [job("dead")] }));
    await first.settle();
    await dying.crash();
    const second = await run(one, aService("second", { jobs: [job("heir")] }));
    await second.settle();
    expect(work).toContain("heir");
  });

  it("finish what they have in hand before they close", async () => {
    const one = await bench.open();
    const order: string[] = [];
    let finish = (): void => undefined;
    const handle = (): Promise<void> =>
      new Promise((resolve) => {
        order.push("handling");
        finish = () => {
          order.push("handled");
          resolve();
        };
      });
    const close = (): Promise<void> => Promise.resolve(void order.push("closed"));
    const slow = aDefinition("slow");
    const service = aService("slow", { handlers: [{ name: "slow.reader", on: [{ event: slow, handle }] }], close });
    const parts = { services: [service], bus: one.bus, db: one.database.db, now: one.clocks.system, log: silentLog };
    const running = await runServices(parts);
    await one.bus.publish([aNote(bench.call(one.calls), { key: "k", n: 0 }, slow)]);
    await until(() => Promise.resolve(order.length > 0));
    const stopping = running.stop();
    finish();
    await stopping;
    expect(order).toEqual(["handling", "handled", "closed"]);
    await one.bus.close();
  });

  it("leave no consumer behind when one of them cannot start", async () => {
    const one = await bench.open();
    const twice = consumer("twice.reader", () => Promise.resolve());
    const service = aService("twice", { handlers: [twice, twice] });
    const parts = { services: [service], bus: one.bus, db: one.database.db, now: one.clocks.system, log: silentLog };
    await expect(runServices(parts)).rejects.toThrow("runs in this process already");
    await expect(one.bus.consume(twice)).resolves.toBeDefined();
    await one.bus.close();
  });
});
