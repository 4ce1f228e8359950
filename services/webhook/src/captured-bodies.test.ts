import { createHash } from "node:crypto";
import { connectDatabase, type Database } from "@greentick/runtime";
import { testDatabase } from "@greentick/testing";
import { bodyOf, casaWaba, deliveries, type DoorOnStore, doorOnStore, splitScope, start } from "./fixtures/door.js";
import { splitBodies } from "./usecases/split-bodies.js";

const hourMs = 3_600_000;

/** Meta signs no time, so a captured body keeps its right signature for ever: only that it is known can stop it. */
describe("a body that somebody captured and sends again", () => {
  const { uri, dbName } = testDatabase("captured");
  const body = bodyOf(casaWaba, deliveries(["wamid.captured"]));
  const key = createHash("sha256").update(body).digest("hex");
  let database: Database;
  let door: DoorOnStore;
  const split = async (): Promise<void> => {
    while ((await splitBodies(door.ports)()) > 0);
  };
  beforeAll(async () => {
    database = await connectDatabase(uri, dbName());
    door = await doorOnStore(database);
  });
  afterAll(() => database.close());
  afterEach(() => {
    door.published.length = 0;
  });

  it("has its effect the first time", async () => {
    expect(await door.keep(key, body)).toBe("kept");
    await split();
    expect(door.published).toHaveLength(1);
  });

  it.each([
    ["a minute", 60_000],
    ["an hour", hourMs],
    ["a day", 24 * hourMs],
    ["eight days, when Meta itself has long given up", 8 * 24 * hourMs],
    ["a year", 365 * 24 * hourMs],
  ])("is known after %s, and causes nothing", async (_, ms) => {
    door.now = new Date(start.getTime() + ms);
    expect(await door.keep(key, body)).toBe("repeated");
    await split();
    expect(door.published).toEqual([]);
  });

  it("is known after a restart of the door, also to one beside it", async () => {
    const [again, beside] = [await doorOnStore(database), await doorOnStore(database)];
    for (const one of [again, beside]) {
      expect(await one.keep(key, body)).toBe("repeated");
      while ((await splitBodies(one.ports)()) > 0);
      expect(one.published).toEqual([]);
    }
  });

  it("is known after its bytes were erased for their age", async () => {
    const later = new Date(start.getTime() + 40 * 24 * hourMs);
    expect(await door.ports.rawLog.eraseBefore(splitScope, later, [])).toBe(1);
    expect(await door.ports.rawLog.find(splitScope, key)).toBeUndefined();
    door.now = later;
    expect(await door.keep(key, body)).toBe("repeated");
    await split();
    expect(door.published).toEqual([]);
    expect((await door.ports.rawLog.counts(splitScope)).kept).toBe(1);
  });
});
