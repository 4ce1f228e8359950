import { event } from "@greentick/contracts";
import { AppError, type Call, type EventEnvelope } from "@greentick/kernel";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { aDefinition, type BenchBus, benchStream, busBench, keeping, recorder, until } from "@greentick/testing";
import { silentLog } from "../log.js";
import { type Job } from "../service.js";
import { type Aggregate, type AggregateStore } from "./aggregates.js";
import { aggregateStore } from "./aggregate-store.js";
import { outboxRelay } from "./outbox.js";

interface Thing extends Aggregate {
  readonly n: number;
}

describe("an outbox whose bus is a server of its own", () => {
  const bench = busBench("told", "nats");
  let one: BenchBus;
  let call: Call;
  let things: AggregateStore<Thing>;
  let relay: Job;
  beforeAll(async () => {
    one = await bench.open({ leaseMs: 1_500, recordLeaseMs: 1_500 });
    call = bench.call(one.calls);
    const database = await bench.database("things");
    things = aggregateStore<Thing>({
      database,
      collection: "things",
      kind: "thing",
      schemaVersion: 1,
      state: { n: { type: Number, required: true } },
      notFound: (id) => new AppError("NOT_FOUND", "thing_not_found", `No thing ${id}.`),
    });
    await things.ensureIndexes();
    relay = outboxRelay({ database, collections: ["things"], bus: one.bus, log: silentLog });
  });
  const aThing = (n: number): Promise<Thing> => {
    const { tenantId, ancestorIds } = call;
    const thing = { id: call.newId("audit"), tenantId, ancestorIds, livemode: false, version: 0, n };
    return things.insert(call, thing, [event(aDefinition("told"), { key: "k", n }, { partitionKey: "k" })]);
  };
  const loseEverything = async (): Promise<void> => {
    const connection = await connect({ servers: bench.server().url });
    await (await jetstreamManager(connection)).streams.delete(benchStream);
    await connection.close();
    const known = one.bus.broker?.losses(0).length ?? 0;
    await until(() => Promise.resolve((one.bus.broker?.losses(0).length ?? 0) > known));
  };

  it("publishes again what the server has lost before anybody heard it, once for each loss", async () => {
    for (let n = 0; n < 5; n++) await aThing(n);
    expect(await relay.run()).toBe(5);
    await loseEverything();
    const heard = recorder();
    await one.bus.consume({ name: "told.reader", on: [{ event: aDefinition("told"), handle: keeping(heard) }] });
    relay.afresh?.();
    expect(await relay.run()).toBe(5);
    await heard.when((seen) => seen.length === 5);
    expect(heard.notes().map(({ n }) => n)).toEqual([0, 1, 2, 3, 4]);
    expect(await relay.run()).toBe(0);
  });

  it("goes on as before afterwards", async () => {
    const heard = recorder();
    await one.bus.consume({ name: "told.later", on: [{ event: aDefinition("told"), handle: keeping(heard) }] });
    await aThing(9);
    relay.afresh?.();
    expect(await relay.run()).toBe(1);
    await heard.when((seen: readonly EventEnvelope[]) => seen.some(({ data }) => (data as { n: number }).n === 9));
    expect(heard.seen.length).toBeGreaterThan(0);
  });

  it("says what was lost before what is new, also when it is the first to learn of the loss", async () => {
    const say = async (n: number): Promise<void> => {
      await aThing(n);
      relay.afresh?.();
    };
    const sayAll = (): Promise<void> =>
      until(() =>
        relay.run().then(
          (moved) => moved === 0,
          () => false,
        ),
      );
    await say(20);
    await sayAll();
    const loseTheRest = await bench.server().remember(benchStream);
    for (const n of [21, 22]) await say(n);
    await sayAll();
    await loseTheRest();
    await say(23);
    await sayAll();
    const heard = recorder();
    await one.bus.consume({ name: "told.last", on: [{ event: aDefinition("told"), handle: keeping(heard) }] });
    await heard.when((seen: readonly EventEnvelope[]) => seen.some(({ data }) => (data as { n: number }).n === 23));
    const numbers = heard.notes().map(({ n }) => n);
    expect([...new Set(numbers)].filter((n) => n >= 20)).toEqual([20, 21, 22, 23]);
  });
});
