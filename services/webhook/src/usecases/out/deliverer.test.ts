import { randomBytes } from "node:crypto";
import { dayMs, onFaultPoint } from "@greentick/kernel";
import { connectDatabase, openSecrets, type Outside } from "@greentick/runtime";
import { testDatabase } from "@greentick/testing";
import fc from "fast-check";
import { mongoDeliveries } from "../../adapters/mongo/deliveries.js";
import { mongoEventLog } from "../../adapters/mongo/event-log.js";
import { mongoLanes } from "../../adapters/mongo/lanes.js";
import { type Outcome } from "../../domain/out/delivery.js";
import { delivering, type Delivering, newTenant, refused, taken, testLimits } from "../../fixtures/delivering.js";
import { type Message } from "../../ports/outgoing.js";
import { type Deliverer } from "./deliverer.js";

const start = new Date("2026-10-01T08:00:00Z");
const twoDaysMs = 2 * dayMs;
/** A process that dies while it sends never hears anything again. */
const died = new Promise<Outcome>(() => undefined);
const plus = (from: Date, ms: number): Date => new Date(from.getTime() + ms);
const idOf = ({ headers }: Message): string => headers["webhook-id"] ?? "";

describe("sending what is due", () => {
  const { uri, dbName } = testDatabase("deliverer");
  let store: Pick<Outside, "database" | "vault">;
  let at: Delivering;
  const workers: Deliverer[] = [];
  beforeAll(async () => {
    const database = await connectDatabase(uri, dbName("webhook"));
    const masterKeys = [{ id: "test", key: randomBytes(32) }];
    const { vault } = await openSecrets({ database, masterKeys, now: () => start });
    store = { database, vault };
    const events = mongoEventLog({ database, vault, now: () => start });
    for (const one of [mongoDeliveries(database), mongoLanes(database), events]) await one.ensureIndexes();
  });
  afterAll(() => store.database.close());
  beforeEach(() => {
    at = delivering(store, start);
  });
  afterEach(async () => {
    onFaultPoint(undefined);
    for (const worker of workers.splice(0)) await worker.stop();
  });
  const worker = (limits?: Parameters<Delivering["worker"]>[0]): Deliverer => {
    const one = at.worker(limits);
    workers.push(one);
    return one;
  };
  const untilIdle = async (one: Deliverer): Promise<void> => {
    while ((await one.run()) > 0);
  };

  it("goes on in another process when one dies after a receiver took a message: again, under the same id", async () => {
    const endpoint = at.add({});
    await at.publish([at.event(endpoint, "tpl_1", "a"), at.event(endpoint, "tpl_2", "b")]);
    const ids: string[] = [];
    at.send = (message) => {
      ids.push(idOf(message));
      return died;
    };
    const first = at.worker();
    while (ids.length < 2) await first.run();
    at.send = (message) => {
      ids.push(idOf(message));
      return Promise.resolve(taken);
    };
    const second = worker();
    await untilIdle(second);
    expect(ids).toHaveLength(2);
    at.now = plus(at.now, testLimits.leaseMs + 1);
    await untilIdle(second);
    expect(await at.open([endpoint.tenantId])).toBe(0);
    expect(ids).toHaveLength(4);
    expect(new Set(ids).size).toBe(2);
  });

  it("goes on in another process when the clock of one that died was days ahead", async () => {
    const endpoint = at.add({});
    await at.publish([at.event(endpoint, "tpl_1", "a")]);
    let sent = 0;
    at.send = () => {
      sent += 1;
      return died;
    };
    at.now = plus(start, twoDaysMs);
    const first = at.worker();
    while (sent === 0) await first.run();
    at.send = () => Promise.resolve(taken);
    at.now = plus(start, 1_000);
    await untilIdle(worker());
    expect(await at.open([endpoint.tenantId])).toBe(0);
  });

  it("keeps to an endpoint's rate, and to no less, when a clock that was days ahead is set right", async () => {
    const ratePerSecond = 50;
    const endpoint = at.add({ ratePerSecond });
    const one = worker();
    at.now = plus(start, twoDaysMs);
    await at.publish(Array.from({ length: ratePerSecond - 1 }, (_, n) => at.event(endpoint, `tpl_${n}`, "a")));
    await untilIdle(one);
    at.now = start;
    await at.publish([at.event(endpoint, "tpl_last", "b"), at.event(endpoint, "tpl_too_many", "b")]);
    while ((await at.open([endpoint.tenantId])) > 1) await one.run();
    at.now = plus(start, 1_000);
    await untilIdle(one);
    expect(await at.open([endpoint.tenantId])).toBe(0);
  });

  it("goes on when a process dies between the published log and the line: the event that comes again finishes it", async () => {
    const endpoint = at.add({ ordered: true });
    const event = at.event(endpoint, "tpl_1", "a");
    onFaultPoint((name) => {
      if (name === "publisher.kept") throw new Error("killed");
    });
    await expect(at.publish([event])).rejects.toThrow("killed");
    onFaultPoint(undefined);
    expect(await at.open([endpoint.tenantId])).toBe(0);
    await at.publish([event]);
    await untilIdle(worker());
    expect(await at.open([endpoint.tenantId])).toBe(0);
  });

  it("loses nothing when the store fails while an outcome is written", async () => {
    const endpoint = at.add({});
    await at.publish([at.event(endpoint, "tpl_1", "a")]);
    let sent = 0;
    at.send = () => {
      sent += 1;
      return Promise.resolve(taken);
    };
    onFaultPoint((name) => {
      if (name === "deliverer.sent" && sent === 1) throw new Error("store away");
    });
    const one = worker();
    await untilIdle(one);
    await untilIdle(one);
    expect(sent).toBe(2);
    expect(at.failures).toHaveLength(1);
    expect(await at.open([endpoint.tenantId])).toBe(0);
  });

  it("keeps the order of one key and lets the other keys go on while one fails", async () => {
    const endpoint = at.add({ ordered: true });
    const seen: string[] = [];
    at.send = (message) => {
      const { templateId, status } = (JSON.parse(message.body) as { data: { templateId: string; status: string } })
        .data;
      if (templateId === "bad" && at.now.getTime() === start.getTime()) return Promise.resolve(refused);
      seen.push(`${templateId}.${status}`);
      return Promise.resolve(taken);
    };
    const events = ["1", "2", "3"].flatMap((status) => ["bad", "good"].map((key) => at.event(endpoint, key, status)));
    await at.publish(events);
    const one = worker();
    await untilIdle(one);
    expect(seen).toEqual(["good.1", "good.2", "good.3"]);
    at.now = plus(start, 5_000);
    await untilIdle(one);
    expect(seen.slice(3)).toEqual(["bad.1", "bad.2", "bad.3"]);
  });

  it("never has more requests under way at one endpoint than it allows, and no more a second than it wants", async () => {
    const endpoint = at.add({ concurrency: 3, ratePerSecond: 7 });
    let [under, most, sent] = [0, 0, 0];
    at.send = async () => {
      sent += 1;
      under += 1;
      most = Math.max(most, under);
      await new Promise((resolve) => setImmediate(resolve));
      under -= 1;
      return taken;
    };
    await at.publish(Array.from({ length: 20 }, (_, n) => at.event(endpoint, `tpl_${n}`, "a")));
    const one = worker();
    while (sent < 7) await one.run();
    await one.run();
    expect(sent).toBe(7);
    at.now = plus(at.now, 1_000);
    while (sent < 14) await one.run();
    at.now = plus(at.now, 1_000);
    await untilIdle(one);
    expect(sent).toBe(20);
    expect(most).toBeLessThanOrEqual(3);
  });

  it("reaches the receivers of others although eight of one tenant answer nothing", async () => {
    const hog = newTenant();
    const hogs = Array.from({ length: 8 }, () => at.add({ tenantId: hog }));
    const other = at.add({});
    await at.publish(hogs.slice(0, 1).map((endpoint) => at.event(endpoint, "tpl_1", "a")));
    await at.publish([at.event(other, "tpl_1", "a")]);
    const seen: string[] = [];
    const slow: ((outcome: Outcome) => void)[] = [];
    at.send = ({ url }) => {
      seen.push(url);
      return url === other.url ? Promise.resolve(taken) : new Promise((resolve) => slow.push(resolve));
    };
    const one = worker();
    while (seen.length < testLimits.lanesPerTenant + 1) await one.run();
    await one.run();
    expect(seen.filter((url) => url !== other.url)).toHaveLength(testLimits.lanesPerTenant);
    expect(seen).toContain(other.url);
    at.send = () => Promise.resolve(taken);
    for (const answer of slow) answer(taken);
    await untilIdle(one);
    expect(await at.open([hog, other.tenantId])).toBe(0);
  });

  it("breaks off what is under way when the process ends, and the next one sends it", async () => {
    const endpoint = at.add({});
    await at.publish([at.event(endpoint, "tpl_1", "a")]);
    let begun = 0;
    at.send = (_, gone) =>
      new Promise((resolve) => {
        begun += 1;
        gone.addEventListener("abort", () => {
          resolve({ totalMs: 1, problem: "ended", response: "" });
        });
      });
    const first = at.worker({ graceMs: 1 });
    while (begun === 0) await first.run();
    await first.stop();
    at.send = () => Promise.resolve(taken);
    await untilIdle(worker());
    const [row] = await store.database.db.collection("deliveries").find({ endpointId: endpoint.id }).toArray();
    expect(row).toMatchObject({ status: "delivered", tries: 1 });
  });

  it("takes every event to every endpoint exactly once as its id tells, in order where that is asked for, whatever fails", async () => {
    const network = fc.array(fc.constantFrom("taken", "refused", "refused", "died", "taken then died"), {
      maxLength: 12,
    });
    const plan = fc.record({
      keys: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 14 }),
      batch: fc.integer({ min: 1, max: 5 }),
      repeats: fc.boolean(),
      network,
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ keys, batch, repeats, network: fates }) => {
        at.now = start;
        const tenantId = newTenant();
        const [loose, strict] = [at.add({ tenantId }), at.add({ tenantId, ordered: true, concurrency: 3 })];
        const seen = new Map<string, string[]>([
          [loose.url, []],
          [strict.url, []],
        ]);
        const left = [...fates];
        const deaths = { now: 0, known: 0 };
        at.send = (message) => {
          const fate = left.shift() ?? "taken";
          if (fate.startsWith("taken")) seen.get(message.url)?.push(idOf(message));
          if (fate.endsWith("died")) deaths.now += 1;
          return fate.endsWith("died") ? died : Promise.resolve(fate === "taken" ? taken : refused);
        };
        const events = keys.map((key, n) => at.event({ tenantId }, `key_${key}`, String(n)));
        for (let from = 0; from < events.length; from += batch) await at.publish(events.slice(from, from + batch));
        if (repeats) await at.publish(events);
        let one = at.worker();
        for (let rounds = 0; (await at.open([tenantId])) > 0; rounds++) {
          if (rounds > 400) throw new Error("does not come to an end");
          const done = await one.run();
          if (deaths.now > deaths.known && done <= 1) {
            one = at.worker();
            deaths.known = deaths.now;
            at.now = plus(at.now, testLimits.leaseMs + 1);
          } else if (done === 0) at.now = plus(at.now, 3_600_000);
        }
        await one.stop();
        for (const url of [loose.url, strict.url])
          expect([...new Set(seen.get(url))].sort()).toEqual(events.map(({ id }) => id).sort());
        const firsts = [...new Set(seen.get(strict.url))];
        for (const key of new Set(keys)) {
          const own = events.filter(({ partitionKey }) => partitionKey === `key_${key}`).map(({ id }) => id);
          expect(firsts.filter((id) => own.includes(id as never))).toEqual(own);
        }
        const finished = await store.database.db.collection("deliveries").find({ tenantId }).toArray();
        expect(finished.map(({ status }) => String(status))).toEqual(finished.map(() => "delivered"));
        expect(finished).toHaveLength(events.length * 2);
      }),
      { numRuns: 8 },
    );
  });
});
