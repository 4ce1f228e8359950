import { randomBytes } from "node:crypto";
import { type Call, type TenantId } from "@greentick/kernel";
import { busBench, someTenants } from "@greentick/testing";
import { type CallFactory, callFactory } from "./calls.js";
import { type Clocks, storedClocks } from "./clocks.js";
import { type Database } from "./data/database.js";
import { durableTimers } from "./durable-timers.js";
import { silentLog } from "./log.js";
import { type DueTimer, type Timers, type TimerSpec } from "./timers.js";

const day = (n: number): Date => new Date(Date.UTC(2026, 9, n));

describe("durable timers", () => {
  const bench = busBench("timers");
  let database: Database;
  let clocks: Clocks;
  let calls: CallFactory;
  let timers: ReturnType<typeof durableTimers>;
  let system = new Date("2026-11-21T12:00:00Z");
  const fired: { readonly call: Call; readonly timer: DueTimer }[] = [];
  const warnings: Record<string, unknown>[] = [];
  let onFire: (call: Call, timer: DueTimer) => Promise<void> = () => Promise.resolve();
  const spec: TimerSpec = {
    kind: "deadline",
    permissions: ["onboarding:write"],
    fire: async (call, timer) => {
      fired.push({ call, timer });
      await onFire(call, timer);
    },
  };
  let run: () => Promise<number>;
  beforeAll(async () => {
    database = await bench.database("timers");
    clocks = storedClocks(database.db, () => system);
    calls = callFactory({ clocks, randomBytes, log: silentLog });
    const log = { ...silentLog, warn: (fields: Readonly<Record<string, unknown>>) => void warnings.push(fields) };
    timers = durableTimers({ database, calls, clocks, log });
    await timers.indexes();
    run = timers.job([spec]).run;
  });
  beforeEach(async () => {
    await database.db.collection("timers").deleteMany({});
    await clocks.setSandbox(day(1));
    fired.length = 0;
    onFire = () => Promise.resolve();
  });
  const callIn = (tenantId: TenantId = someTenants.casa, livemode = false): Call =>
    calls.system("onboarding", { tenantId, ancestorIds: [someTenants.provider], livemode });
  const set = (dueAt: Date, about = "sig_1", call = callIn()): ReturnType<Timers["set"]> =>
    timers.set(call, { kind: "deadline", about, dueAt });
  const abouts = (): string[] => fired.map(({ timer }) => timer.about);

  it("fire once the tenant's clock has reached their time, once", async () => {
    await set(day(10));
    expect(await run()).toBe(0);
    await clocks.setSandbox(new Date(day(10).getTime() - 1));
    expect(await run()).toBe(0);
    await clocks.setSandbox(day(10));
    expect(await run()).toBe(1);
    expect(await run()).toBe(0);
    expect(fired).toMatchObject([{ timer: { kind: "deadline", about: "sig_1", dueAt: day(10) } }]);
  });

  it("give their handler a call in their tenant, with the permissions of its table line", async () => {
    await set(day(1));
    await run();
    expect(fired[0]?.call).toMatchObject({
      tenantId: someTenants.casa,
      ancestorIds: [someTenants.provider],
      livemode: false,
      actor: { kind: "service", id: database.name },
      permissions: new Set(["onboarding:write"]),
    });
    expect(fired[0]?.call.now()).toEqual(day(1));
  });

  it("of live tenants follow the system, those of sandboxes the clock that was set", async () => {
    await set(day(10), "sandbox", callIn(someTenants.casa, false));
    await set(new Date("2026-11-21T12:00:01Z"), "live", callIn(someTenants.casa, true));
    expect(await run()).toBe(0);
    system = new Date("2026-11-21T12:00:01Z");
    expect(await run()).toBe(1);
    await clocks.setSandbox(day(31));
    expect(await run()).toBe(1);
    expect(abouts()).toEqual(["live", "sandbox"]);
  });

  it("that are set again move, forward and back", async () => {
    await set(day(5));
    await set(day(20));
    await clocks.setSandbox(day(10));
    expect(await run()).toBe(0);
    await set(day(9));
    expect(await run()).toBe(1);
  });

  it("that are cancelled never fire, also when they were due already", async () => {
    await set(day(1), "sig_1");
    await set(day(1), "sig_2");
    onFire = () => timers.cancel(callIn(), { kind: "deadline", about: abouts()[0] === "sig_1" ? "sig_2" : "sig_1" });
    expect(await run()).toBe(1);
    await run();
    expect(abouts()).toHaveLength(1);
    await timers.cancel(callIn(), { kind: "deadline", about: "never set" });
  });

  it("that fail are tried again after a growing gap, and do not hold up others", async () => {
    await set(day(1), "failing");
    await set(day(2), "fine");
    await clocks.setSandbox(day(2));
    onFire = (_, timer) => (timer.about === "failing" ? Promise.reject(new Error("not yet")) : Promise.resolve());
    expect(await run()).toBe(1);
    expect(await run()).toBe(0);
    expect(abouts()).toEqual(["failing", "fine"]);
    system = new Date(system.getTime() + 1_000);
    await run();
    system = new Date(system.getTime() + 1_999);
    await run();
    expect(abouts().filter((about) => about === "failing")).toHaveLength(2);
    onFire = () => Promise.resolve();
    system = new Date(system.getTime() + 1);
    expect(await run()).toBe(1);
    expect(await run()).toBe(0);
  });

  it("that a handler sets again are kept, also for the very same time", async () => {
    await set(day(1));
    onFire = () => (fired.length < 3 ? set(day(1)) : Promise.resolve());
    expect([await run(), await run(), await run(), await run()]).toEqual([1, 1, 1, 0]);
  });

  it("belong to their tenant: another one's timer of the same name is another timer", async () => {
    await set(day(5), "2026-10", callIn(someTenants.casa));
    await set(day(6), "2026-10", callIn(someTenants.otra));
    await timers.cancel(callIn(someTenants.otra), { kind: "deadline", about: "2026-10" });
    await clocks.setSandbox(day(7));
    expect(await run()).toBe(1);
    expect(fired[0]?.call.tenantId).toBe(someTenants.casa);
  });

  it("of a kind that nothing here handles wait for who does, in nobody's way, and are told once", async () => {
    for (let n = 0; n < 60; n++) await timers.set(callIn(), { kind: "unknown", about: String(n), dueAt: day(1) });
    await set(day(1));
    const { run: fresh } = timers.job([spec]);
    expect(await fresh()).toBe(1);
    await fresh();
    expect(warnings).toMatchObject([{ kinds: ["unknown"] }]);
    expect(await database.db.collection("timers").countDocuments()).toBe(60);
  });

  it("that are due when they are set wake the job", async () => {
    let wakes = 0;
    timers.job([spec]).onWake?.(() => {
      wakes += 1;
    });
    await set(day(2));
    expect(wakes).toBe(0);
    await set(day(1));
    expect(wakes).toBe(1);
  });

  it("set by 32 callers at once are one timer", async () => {
    await Promise.all(Array.from({ length: 32 }, () => set(day(1))));
    expect(await run()).toBe(1);
    expect(await run()).toBe(0);
  });
});
