import { event } from "@greentick/contracts";
import { AppError, type Call, type EventEnvelope, type Log, onFaultPoint } from "@greentick/kernel";
import { aDefinition, type BenchBus, busBench, type Recorder, recorder, until } from "@greentick/testing";
import { silentLog } from "../log.js";
import { auditRefusals, refusalCollection } from "../refusals.js";
import { type Job } from "../service.js";
import { type Aggregate, type AggregateStore } from "./aggregates.js";
import { aggregateStore } from "./aggregate-store.js";
import { type Database } from "./database.js";
import { outboxRelay } from "./outbox.js";

interface Thing extends Aggregate {
  readonly n: number;
}

const keeping =
  (heard: Recorder) =>
  (_: Call, given: EventEnvelope): Promise<void> => {
    heard.keep(given);
    return Promise.resolve();
  };

describe("the outbox relay", () => {
  const bench = busBench("outbox");
  let one: BenchBus;
  let database: Database;
  let things: AggregateStore<Thing>;
  let relay: Job;
  let heard: Recorder;
  let call: Call;
  const errors: Record<string, unknown>[] = [];
  const log: Log = { ...silentLog, error: (fields) => void errors.push(fields) };
  beforeAll(async () => {
    one = await bench.open();
    call = bench.call(one.calls);
    database = await bench.database("things");
    things = aggregateStore<Thing>({
      database,
      collection: "things",
      kind: "thing",
      schemaVersion: 1,
      state: { n: { type: Number, required: true } },
      notFound: (id) => new AppError("NOT_FOUND", "thing_not_found", `No thing ${id}.`),
    });
    await things.ensureIndexes();
    relay = outboxRelay({ database, collections: ["things", refusalCollection], bus: one.bus, log });
    heard = recorder();
    const handle = keeping(heard);
    await one.bus.consume({ name: "outbox.reader", on: [{ event: aDefinition("thing"), handle }] });
  });
  afterEach(() => {
    onFaultPoint(undefined);
    errors.length = 0;
  });
  const counted = (n: number): ReturnType<typeof event> => event(aDefinition("thing"), { key: "k", n });
  const aThing = (): Thing => ({
    id: call.newId("audit"),
    tenantId: call.tenantId,
    ancestorIds: call.ancestorIds,
    livemode: false,
    version: 0,
    n: 0,
  });
  const waiting = async (id: string): Promise<readonly EventEnvelope[]> => {
    const row = await database.db.collection<{ _id: string; outbox: EventEnvelope[] }>("things").findOne({ _id: id });
    return row?.outbox ?? [];
  };
  const numbersOf = (id: string): number[] =>
    heard.seen.filter((given) => given.aggregate.id === id).map((given) => (given.data as { n: number }).n);
  const delivered = (id: string, count: number): Promise<void> => heard.when(() => numbersOf(id).length >= count);

  const eventsInLog = async (): Promise<number> =>
    (await one.bus.lag()).reduce((sum, { offset, behind }) => sum + offset + behind, 0);

  const relayUntil = async (done: Promise<unknown>): Promise<void> => {
    const state = { writing: true };
    void done.finally(() => {
      state.writing = false;
    });
    const more = async (): Promise<boolean> => (await relay.run()) > 0 || state.writing;
    while (await more());
  };

  it("publishes what aggregates carry, in the order of each, and takes it off them", async () => {
    const first = await things.insert(call, aThing(), [counted(1), counted(2)]);
    await things.save(call, first, [counted(3)]);
    expect(await relay.run()).toBe(3);
    await delivered(first.id, 3);
    expect(numbersOf(first.id)).toEqual([1, 2, 3]);
    expect(await waiting(first.id)).toEqual([]);
    expect(await relay.run()).toBe(0);
  });

  it("publishes again what it had published when it was killed before taking it off; the bus knows the repeat", async () => {
    const before = await eventsInLog();
    const thing = await things.insert(call, aThing(), [counted(1), counted(2)]);
    onFaultPoint(() => {
      throw new Error("killed here");
    });
    await expect(relay.run()).rejects.toThrow("killed here");
    expect(await waiting(thing.id)).toHaveLength(2);
    onFaultPoint(undefined);
    await relay.run();
    expect(await eventsInLog()).toBe(before + 2);
    await delivered(thing.id, 2);
    expect(await waiting(thing.id)).toEqual([]);
  });

  it("takes off only what it published: what a save adds meanwhile waits for the next run", async () => {
    const thing = await things.insert(call, aThing(), [counted(1)]);
    onFaultPoint(async () => {
      onFaultPoint(undefined);
      await things.save(call, thing, [counted(2)]);
    });
    await relay.run();
    expect((await waiting(thing.id)).map((given) => given.data)).toEqual([{ key: "k", n: 2 }]);
    await relay.run();
    await delivered(thing.id, 2);
    expect(numbersOf(thing.id)).toEqual([1, 2]);
  });

  it("is not held up by a document whose events no bus takes, and says which one it is", async () => {
    const bad = await things.insert(call, aThing(), [counted(1)]);
    await database.db
      .collection<{ _id: string }>("things")
      .updateOne({ _id: bad.id }, { $set: { "outbox.0.type": "nowhere" } });
    const good = await things.insert(call, aThing(), [counted(7)]);
    await relay.run();
    await delivered(good.id, 1);
    expect(errors).toMatchObject([{ documentId: bad.id, collection: "things" }]);
    expect(await waiting(bad.id)).toHaveLength(1);
    await database.db.collection<{ _id: string }>("things").deleteOne({ _id: bad.id });
  });

  it("is not held up by more such documents than a run takes at once, and complains of each only once", async () => {
    const rows = database.db.collection<{ _id: string; outbox: object[] }>("things");
    const stuck = Array.from({ length: 450 }, (_, n) => ({
      _id: `stuck ${n}`,
      outbox: [{ id: `evt_${String(n).padStart(4, "0")}`, type: "nowhere", partitionKey: "k" }],
    }));
    await rows.insertMany(stuck);
    const good = await things.insert(call, aThing(), [counted(8)]);
    expect(await relay.run()).toBe(1);
    await delivered(good.id, 1);
    relay.afresh?.();
    expect(await relay.run()).toBe(0);
    expect(errors).toHaveLength(stuck.length);
    await rows.deleteMany({ _id: { $in: stuck.map(({ _id }) => _id) } });
  });

  it("keeps everything when the bus takes nothing", async () => {
    const thing = await things.insert(call, aThing(), [counted(1)]);
    const deaf = { ...one.bus, publish: () => Promise.reject(new Error("bus away")) };
    const blocked = outboxRelay({ database, collections: ["things"], bus: deaf, log });
    await expect(blocked.run()).rejects.toThrow("bus away");
    expect(await waiting(thing.id)).toHaveLength(1);
    await relay.run();
  });

  it("is woken by every write that carries events to it", async () => {
    let wakes = 0;
    relay.onWake?.(() => {
      wakes += 1;
    });
    const thing = await things.insert(call, aThing(), [counted(1)]);
    await things.save(call, thing, [counted(2)]);
    expect(wakes).toBe(2);
    await relay.run();
  });

  it("spares the store a look while it heard of no write, and looks for itself when somebody wants to know for sure", async () => {
    const there = await bench.database("things");
    const quiet = outboxRelay({ database: there, collections: ["things"], bus: one.bus, log, lookAnywayMs: 3_600_000 });
    quiet.onWake?.(() => undefined);
    await quiet.run();
    const thing = await things.insert(call, aThing(), [counted(1)]);
    expect(await quiet.waiting?.()).toBe(true);
    expect(await quiet.run()).toBe(0);
    quiet.afresh?.();
    expect(await quiet.run()).toBe(1);
    expect(await waiting(thing.id)).toEqual([]);
    expect(await quiet.waiting?.()).toBe(false);
  });

  it("works through a crowd of writers while it runs, and loses nothing", async () => {
    const made: string[] = [];
    const writers = Array.from({ length: 20 }, async (_, writer) => {
      let thing = await things.insert(call, aThing(), [counted(0)]);
      made.push(thing.id);
      for (let n = 1; n < 10; n++) thing = await things.save(call, thing, [counted(n)]);
      return writer;
    });
    const written = Promise.all(writers);
    await Promise.all([written, relayUntil(written)]);
    await until(async () => (await one.bus.lag()).every((lag) => lag.behind === 0));
    for (const id of made) expect(numbersOf(id)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  describe("and refusals", () => {
    const rows = (): Promise<number> => database.db.collection(refusalCollection).countDocuments();
    const refusal = new AppError("CONFLICT", "template_under_review", "It is being reviewed.", { templateId: "tpl_1" });

    it("hands a refused call to the audit trail and the refusal to the caller, and keeps no row behind", async () => {
      const refused = recorder();
      await one.bus.consume({
        name: "outbox.audit",
        on: [
          {
            event: { ...aDefinition(), type: "audit.refused", stream: "audit" },
            handle: keeping(refused),
          },
        ],
      });
      const { refusing, ensureIndexes } = auditRefusals(database, "template");
      await ensureIndexes();
      const submit = refusing("submit", (_: Call, id: string) =>
        id === "" ? Promise.resolve("done") : Promise.reject(refusal),
      );
      await expect(submit(call, "tpl_1")).rejects.toBe(refusal);
      expect(await submit(call, "")).toBe("done");
      expect(await rows()).toBe(1);
      await relay.run();
      await refused.when((seen) => seen.length === 1);
      expect(refused.seen[0]).toMatchObject({
        type: "audit.refused",
        tenantId: call.tenantId,
        actor: call.actor,
        requestId: call.requestId,
        data: {
          action: "template.submit",
          code: "CONFLICT",
          refusal: "template_under_review",
          details: '{"templateId":"tpl_1"}',
        },
      });
      expect(await rows()).toBe(0);
    });

    it("stand in the trail for a query by an id that names nothing, once each, refused or answered null", async () => {
      const { refusing, missed } = auditRefusals(database, "template");
      const ids = { id: "tpl_1" };
      await missed(call, { field: "template", ids });
      await missed(call, { field: "waba", ids, refusal });
      const read = refusing("readWaba", () => Promise.reject(refusal));
      await expect(read(call)).rejects.toBe(refusal);
      await missed(call, { field: "waba", ids, refusal });
      const kept = await database.db.collection(refusalCollection).find().toArray();
      expect(kept.map((row) => (row as unknown as { outbox: { data: unknown }[] }).outbox[0]?.data)).toEqual([
        { action: "template.template", code: "NOT_FOUND", refusal: "not_found", details: '{"id":"tpl_1"}' },
        expect.objectContaining({ action: "template.waba", refusal: refusal.reason }),
        expect.objectContaining({ action: "template.readWaba", refusal: refusal.reason }),
      ]);
      await database.db.collection(refusalCollection).deleteMany({});
    });

    describe("of fields that the caller may not use", () => {
      const may = (word: string): AppError =>
        new AppError("FORBIDDEN", "permission_missing", "You may not.", { permission: word });
      const at = (iso: string, more: Partial<Call> = {}): Call => ({
        ...call,
        systemNow: () => new Date(iso),
        ...more,
      });
      const noon = "2026-11-30T12:00:00Z";
      afterEach(() => database.db.collection(refusalCollection).deleteMany({}));

      it("stand in the trail once for each call and field, unless a use case has kept them", async () => {
        const { refusing, denied } = auditRefusals(database, "billing");
        const one = at(noon);
        for (const field of ["invoices", "Tenant.account", "Tenant.account"])
          await denied(one, { field, refusal: may("billing:read") });
        const read = refusing("readInvoice", () => Promise.reject(refusal));
        await expect(read(one)).rejects.toBe(refusal);
        await denied(one, { field: "invoice", refusal });
        const kept = await database.db.collection(refusalCollection).find().toArray();
        expect(kept.map((row) => (row as unknown as { outbox: { data: unknown }[] }).outbox[0]?.data)).toEqual([
          {
            action: "billing.invoices",
            code: "FORBIDDEN",
            refusal: "permission_missing",
            details: '{"permission":"billing:read"}',
          },
          expect.objectContaining({ action: "billing.Tenant.account" }),
          expect.objectContaining({ action: "billing.readInvoice" }),
        ]);
      });

      it("stand there twenty times a field and caller in an hour, and the log says once that more are left out", async () => {
        const { denied } = auditRefusals(database, "billing");
        const said: unknown[] = [];
        const heard = { ...log, warn: (facts: object) => said.push(facts) };
        const ask = (iso: string, more: Partial<Call> = {}): Promise<void> =>
          denied(at(iso, { log: heard, ...more }), { field: "invoices", refusal: may("billing:read") });
        for (let time = 0; time < 50; time++) await ask(noon);
        expect(await rows()).toBe(20);
        expect(said).toEqual([expect.objectContaining({ action: "billing.invoices", reason: "permission_missing" })]);
        await ask(noon, { actor: { kind: "member", id: "per_another" } });
        await ask("2026-11-30T13:00:00Z");
        expect(await rows()).toBe(22);
      });
    });

    it("leave bugs alone: only refusals of ours are audited", async () => {
      const { refusing } = auditRefusals(database, "template");
      const broken = refusing("submit", () => Promise.reject(new TypeError("bug")));
      await expect(broken(call)).rejects.toThrow("bug");
      expect(await rows()).toBe(0);
    });

    it("reach the caller even when the trail cannot be written, and the log says so", async () => {
      const gone = {
        ...database,
        db: { collection: () => ({ insertOne: () => Promise.reject(new Error("store away")) }) },
      };
      const { refusing } = auditRefusals(gone as unknown as Database, "template");
      const submit = refusing("submit", () => Promise.reject(refusal));
      await expect(submit({ ...call, log })).rejects.toBe(refusal);
      expect(errors).toMatchObject([{ action: "submit", reason: "template_under_review" }]);
    });
  });
});
