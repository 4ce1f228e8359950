import { setImmediate } from "node:timers/promises";
import { type EventEnvelope } from "@greentick/kernel";
import { connectDatabase, type Database } from "@greentick/runtime";
import { testDatabase } from "@greentick/testing";
import {
  bodyOf,
  casa,
  casaWaba,
  deliveries,
  type DoorOnStore,
  doorOnStore,
  otra,
  start,
  splitScope as scope,
} from "./fixtures/door.js";
import { doorWorld } from "./fixtures/door-world.js";
import { publishLostSince } from "./usecases/publish-lost.js";
import { releaseAccount } from "./usecases/release-account.js";
import { replayPart } from "./usecases/replay-part.js";

const late = "777000111222333";
const hourMs = 3_600_000;

describe("a bus that has lost what was handed on since an instant", () => {
  const { uri, dbName } = testDatabase("lost");
  let database: Database;
  let door: DoorOnStore;
  beforeAll(async () => {
    database = await connectDatabase(uri, dbName());
    door = await doorOnStore(database);
  });
  afterAll(() => database.close());

  const at = (hours: number): Date => new Date(start.getTime() + hours * hourMs);
  const published = (): (string | undefined)[] => door.published.splice(0).map(({ source }) => source?.sha256);
  const replay = (key: string): Promise<unknown> =>
    replayPart(door.ports, {
      ...{ id: "dtk_1", ...casa, version: 1, kind: "replay", mode: "all", reason: "a look", openedBy: "per_1" },
      ...{ status: "running", openedAt: door.now, range: { ids: [key] }, kinds: [], differences: [] },
      ...{ done: 0, handedOn: 0, left: 0, waiting: 0 },
    });

  it("is given all of it again, also what was received long before: behind a backlog, in quarantine, or replayed", async () => {
    for (const key of ["still there", "replayed"]) await door.keep(key, bodyOf(casaWaba, deliveries([`wamid.${key}`])));
    await door.keep("quarantined", bodyOf(late, deliveries(["wamid.quarantined"])));
    await door.drain();
    await door.keep("in line", bodyOf(casaWaba, deliveries(["wamid.in line"])));
    door.now = at(2);
    await door.drain();
    await replay("replayed");
    await door.ports.owners.keepWaba(scope, late, otra);
    door.now = at(3);
    await releaseAccount(door.ports)(late);
    published();
    expect(await publishLostSince(door.ports)(at(1))).toBe(3);
    expect(published()).toEqual(["replayed", "in line", "quarantined"]);
  });

  it("is given again what it lost a second time after it was made good", async () => {
    door.now = at(5);
    await publishLostSince(door.ports)(at(1));
    published();
    expect(await publishLostSince(door.ports)(at(4))).toBe(3);
    door.now = at(6);
    expect(await publishLostSince(door.ports)(at(7))).toBe(0);
  });
});

describe("the job that makes good what a broker has lost", () => {
  const again: EventEnvelope[] = [];
  /** Of each publish, whether it was one again. */
  const publishes: boolean[] = [];
  let losses: { readonly number: number; readonly since: Date }[] = [];
  const door = doorWorld("lostjob", (outside) => ({
    ...outside,
    bus: {
      ...outside.bus,
      publish: (events, how) => {
        if (how?.again === true) again.push(...events);
        publishes.push(how?.again === true);
        return outside.bus.publish(events, how);
      },
      broker: { losses: (known) => losses.filter(({ number }) => number > known) },
    },
  }));

  it("publishes again, once for each loss, what was released since then although it was received before", async () => {
    for (const waba of [casaWaba, late]) await door.post(bodyOf(waba, deliveries([`wamid.${waba}`])));
    await door.world.settle();
    const since = new Date(Date.now() + 1);
    while (new Date() < since) await setImmediate();
    await door.link(late, door.world.call());
    losses = [{ number: 1, since }];
    await door.world.settle();
    await door.world.settle();
    expect(again.map(({ data }) => (data as { wabaId?: string }).wabaId)).toEqual([late]);
  });

  it("goes before what is new, once, however many ask for it", async () => {
    const since = new Date(Date.now() + 1);
    while (new Date() < since) await setImmediate();
    await door.post(bodyOf(casaWaba, deliveries(["wamid.before"])));
    await door.world.settle();
    publishes.length = 0;
    losses = [...losses, { number: 2, since }];
    await Promise.all(["one", "two"].map((name) => door.post(bodyOf(casaWaba, deliveries([`wamid.${name}`])))));
    await Promise.all([door.world.settle(), door.world.settle()]);
    expect(publishes.indexOf(true)).toBe(0);
    expect(publishes.lastIndexOf(true)).toBe(0);
    expect(publishes).toContain(false);
  });
});
