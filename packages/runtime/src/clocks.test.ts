import { busBench } from "@greentick/testing";
import { storedClocks } from "./clocks.js";
import { type Database } from "./data/database.js";

describe("clocks", () => {
  const bench = busBench("clocks");
  const october = new Date("2026-10-01T00:00:00Z");
  let system = new Date("2026-11-21T12:00:00Z");
  let database: Database;
  beforeAll(async () => {
    database = await bench.database("clocks");
  });

  it("of live tenants follow the system, whatever the sandbox clock says", async () => {
    const clocks = storedClocks(database.db, () => system);
    await clocks.setSandbox(october);
    expect(clocks.business(true)()).toEqual(system);
    expect(clocks.system()).toEqual(system);
  });

  it("of sandbox tenants stand where they were set, until they follow the system again", async () => {
    const clocks = storedClocks(database.db, () => system);
    const sandbox = clocks.business(false);
    await clocks.setSandbox(october);
    system = new Date(system.getTime() + 60_000);
    expect(sandbox()).toEqual(october);
    await clocks.setSandbox("system");
    expect(sandbox()).toEqual(system);
  });

  it("are shared: another process reads what was set, and keeps it over a restart", async () => {
    const [here, there] = [storedClocks(database.db), storedClocks(database.db)];
    await here.setSandbox(october);
    await there.refresh();
    expect(there.business(false)()).toEqual(october);
  });

  it("that are set while they are read keep the setting", async () => {
    const clocks = storedClocks(database.db);
    for (let day = 1; day <= 20; day++) {
      const to = new Date(Date.UTC(2026, 9, day));
      await Promise.all([clocks.refresh(), clocks.setSandbox(to), clocks.refresh()]);
      expect(clocks.business(false)()).toEqual(to);
    }
  });

  it("show everybody who asks what was set before the asking, however many ask at once", async () => {
    const [here, there] = [storedClocks(database.db), storedClocks(database.db)];
    for (let day = 1; day <= 20; day++) {
      const to = new Date(Date.UTC(2026, 10, day));
      const early = Array.from({ length: 5 }, () => there.refresh());
      await here.setSandbox(to);
      await Promise.race([there.refresh(), Promise.all(early).then(() => there.refresh())]);
      expect(there.business(false)()).toEqual(to);
    }
  });

  it("cannot be moved by who was given the time", async () => {
    const clocks = storedClocks(database.db);
    const to = new Date(october);
    await clocks.setSandbox(to);
    to.setUTCFullYear(1999);
    clocks.business(false)().setUTCFullYear(1999);
    expect(clocks.business(false)()).toEqual(october);
  });
});
