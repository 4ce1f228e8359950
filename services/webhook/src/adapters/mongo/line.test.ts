import { randomBytes } from "node:crypto";
import { makeId, systemScope, type TenantId } from "@greentick/kernel";
import { connectDatabase, openSecrets, type Outside } from "@greentick/runtime";
import { testDatabase } from "@greentick/testing";
import { type Document } from "mongodb";
import { type Delivery } from "../../domain/out/delivery.js";
import { type Endpoint } from "../../domain/out/endpoint.js";
import { delivering, type Delivering, refused, taken } from "../../fixtures/delivering.js";
import { type Message } from "../../ports/outgoing.js";
import { type Deliverer } from "../../usecases/out/deliverer.js";
import { mongoDeliveries } from "./deliveries.js";
import { mongoEventLog } from "./event-log.js";
import { mongoLanes } from "./lanes.js";
import { mongoLine } from "./line.js";

const start = new Date("2026-10-01T08:00:00Z");
const dayMs = 86_400_000;
const plus = (from: Date, ms: number): Date => new Date(from.getTime() + ms);
const scope = systemScope("webhook-delivery");
const statusOf = ({ body }: Message): string => (JSON.parse(body) as { data: { status: string } }).data.status;

describe("the line of deliveries", () => {
  const { uri, dbName } = testDatabase("line");
  let store: Pick<Outside, "database" | "vault">;
  let at: Delivering;
  const workers: Deliverer[] = [];
  beforeAll(async () => {
    const database = await connectDatabase(uri, dbName("webhook"));
    await database.db.createCollection("deliveries", { validator: { kind: { $ne: "kind.the_store_refuses" } } });
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
    for (const worker of workers.splice(0)) await worker.stop();
  });
  const worker = (): Deliverer => {
    const one = at.worker();
    workers.push(one);
    return one;
  };
  const untilIdle = async (one: Deliverer): Promise<void> => {
    while ((await one.run()) > 0);
  };
  const rowsOf = ({ tenantId }: { tenantId: TenantId }): Promise<Document[]> =>
    store.database.db.collection("deliveries").find({ tenantId }).sort({ place: 1 }).toArray();
  const kept = async ({ tenantId }: Endpoint): Promise<readonly Delivery[]> =>
    (await mongoDeliveries(store.database).list({ tenant: tenantId, ancestors: [] }, { first: 10 }, {})).items;
  const change = (endpoint: Endpoint, to: Partial<Endpoint>): Endpoint => at.add({ ...endpoint, ...to });

  it("is told to repeat what the store refused, although a delivery beside it was there already", async () => {
    const endpoint = at.add({});
    await at.publish([at.event(endpoint, "tpl_1", "a")]);
    const [there] = await kept(endpoint);
    if (there === undefined) throw new Error("nothing was put into line");
    const id = makeId("delivery", start.getTime(), randomBytes(10));
    const both = [there, { ...there, id, kind: "kind.the_store_refuses" }];
    const line = mongoLine(store.database);
    await expect(line.put(scope, both, at.now)).rejects.toThrow();
    await expect(line.put(scope, [there], at.now)).resolves.toBeUndefined();
  });

  it("goes on behind one that was in no order, when its endpoint was told to keep it meanwhile", async () => {
    const endpoint = at.add({});
    const first = at.event(endpoint, "tpl_1", "a");
    at.send = () => Promise.resolve(refused);
    await at.publish([first]);
    await untilIdle(worker());
    change(endpoint, { ordered: true });
    await at.publish([at.event(endpoint, "tpl_1", "b")]);
    at.send = () => Promise.resolve(taken);
    at.now = plus(start, 5_000);
    await untilIdle(worker());
    expect((await rowsOf(endpoint)).map(({ status }) => String(status))).toEqual(["delivered", "delivered"]);
  });

  it("goes on when the first of a key was too old to be kept while its endpoint was disabled", async () => {
    const endpoint = at.add({ ordered: true });
    await at.publish([at.event(endpoint, "tpl_1", "a")]);
    at.now = plus(start, 20 * dayMs);
    await at.publish([at.event(endpoint, "tpl_1", "b")]);
    change(endpoint, { status: "disabled" });
    await untilIdle(worker());
    await mongoDeliveries(store.database).eraseBefore(scope, plus(start, dayMs), []);
    change(endpoint, { status: "enabled" });
    await mongoLine(store.database).stir(scope, endpoint, at.now);
    await untilIdle(worker());
    expect((await rowsOf(endpoint)).map(({ status }) => String(status))).toEqual(["delivered"]);
  });

  it("goes on by itself when the first of a key was too old to be kept and waited for a clock that stood still", async () => {
    const endpoint = at.add({ ordered: true });
    at.send = () => Promise.resolve(refused);
    await at.publish([at.event(endpoint, "tpl_1", "a")]);
    await untilIdle(worker());
    await store.database.db
      .collection("deliveries")
      .updateOne({ tenantId: endpoint.tenantId }, { $set: { createdAt: plus(start, -31 * dayMs) } });
    await at.publish([at.event(endpoint, "tpl_1", "b")]);
    await mongoDeliveries(store.database).eraseBefore(scope, plus(start, -dayMs), []);
    at.send = () => Promise.resolve(taken);
    await untilIdle(worker());
    expect((await rowsOf(endpoint)).map(({ status }) => String(status))).toEqual(["delivered"]);
  });

  it("is looked at again when its endpoint was enabled while a process let go of it as disabled", async () => {
    const endpoint = at.add({});
    await at.publish([at.event(endpoint, "tpl_1", "a")]);
    const [lanes, line] = [mongoLanes(store.database), mongoLine(store.database)];
    const claim = { businessNow: () => at.now, systemNow: at.now, leaseUntil: plus(at.now, 45_000), notOf: [] };
    const held = await lanes.claim(scope, claim);
    if (held?.endpointId !== endpoint.id) throw new Error("another lane is due");
    await line.stir(scope, endpoint, at.now);
    await lanes.release(scope, held, { paused: true, systemNow: at.now });
    await untilIdle(worker());
    expect((await rowsOf(endpoint)).map(({ status }) => String(status))).toEqual(["delivered"]);
  });

  it("never has two of a key on their way, when an earlier one is sent again by hand while a later one is", async () => {
    const endpoint = at.add({ ordered: true });
    await at.publish([at.event(endpoint, "tpl_1", "a")]);
    await untilIdle(worker());
    const before = await kept(endpoint);
    await at.publish([at.event(endpoint, "tpl_1", "b")]);
    await mongoLine(store.database).again(scope, before, at.now);
    expect((await rowsOf(endpoint)).map(({ dueAt }) => dueAt instanceof Date)).toEqual([false, true]);
    const seen: string[] = [];
    at.send = (message) => {
      seen.push(statusOf(message));
      return Promise.resolve(taken);
    };
    await untilIdle(worker());
    expect(seen).toEqual(["b", "a"]);
  });

  it("never has two of a key on their way, even when both were given their time at once", async () => {
    const endpoint = at.add({ ordered: true });
    await at.publish(["a", "b", "c"].map((status) => at.event(endpoint, "tpl_1", status)));
    await store.database.db
      .collection("deliveries")
      .updateMany({ tenantId: endpoint.tenantId }, { $set: { dueAt: start } });
    let [under, most] = [0, 0];
    at.send = async () => {
      under += 1;
      most = Math.max(most, under);
      await new Promise((resolve) => setImmediate(resolve));
      under -= 1;
      return taken;
    };
    await untilIdle(worker());
    expect(await at.open([endpoint.tenantId])).toBe(0);
    expect(most).toBe(1);
  });

  it("tells listeners how far events are kept when a process died before it could", async () => {
    const endpoint = at.add({});
    const events = [at.event(endpoint, "tpl_1", "a"), at.event(endpoint, "tpl_1", "b")];
    await at.publish(events);
    const streams = store.database.db.collection<{ _id: string; last: number }>("streams");
    await streams.updateOne({ _id: endpoint.tenantId }, { $set: { last: 0 } });
    await at.publish(events);
    expect(await streams.findOne({ _id: endpoint.tenantId })).toMatchObject({ last: 2 });
  });
});
