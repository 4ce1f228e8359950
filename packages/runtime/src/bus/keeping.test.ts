import { type Call, type EventEnvelope } from "@greentick/kernel";
import {
  aDefinition,
  aNote,
  type BenchBus,
  benchStream,
  type BusAdapter,
  busBench,
  caughtUp,
  keeping,
  recorder,
  table,
  until,
} from "@greentick/testing";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

describe.each<BusAdapter>(["mongo", "nats"])("how long events are kept (%s)", (adapter) => {
  const bench = busBench(`keeping${adapter}`, adapter);
  let passedMs = 0;
  let one: BenchBus;
  let call: Call;
  beforeEach(async () => {
    passedMs = 0;
    one = await bench.open({ leaseMs: 1_500, recordLeaseMs: 1_500, system: () => new Date(Date.now() + passedMs) });
    call = bench.call(one.calls);
  });
  afterEach(() => one.bus.close());
  const note = (stream: string, n: number): EventEnvelope => aNote(call, { key: "key", n }, aDefinition(stream));
  /** A record each. */
  const publish = async (stream: string, from: number, to: number): Promise<void> => {
    for (let n = from; n < to; n++) await one.bus.publish([note(stream, n)]);
  };
  const recordsOf = async (stream: string): Promise<number> => {
    if (adapter === "mongo") return one.database.db.collection("records").countDocuments({ stream });
    const connection = await connect({ servers: bench.server().url });
    const jsm = await jetstreamManager(connection);
    const { state } = await jsm.streams.info(benchStream, { subjects_filter: `${benchStream}.${stream}.>` });
    await connection.close();
    return Object.values(state.subjects ?? {}).reduce((sum, count) => sum + count, 0);
  };
  const endOf = async (stream: string): Promise<number> =>
    (await one.bus.lag())
      .filter((place) => place.consumer === `${stream}.reader`)
      .reduce((sum, { offset, behind }) => sum + offset + behind, 0);

  it("until everybody has passed them and a day is over; the newest of a partition stays, and offsets go on", async () => {
    const heard = recorder();
    await one.bus.consume(table("often", keeping(heard)));
    await publish("often", 0, 5);
    await caughtUp(one.bus, "often.reader");
    passedMs += dayMs + hourMs;
    await until(async () => (await recordsOf("often")) === 1);
    await publish("often", 5, 7);
    await caughtUp(one.bus, "often.reader");
    expect(heard.notes().map(({ n }) => n)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(await endOf("often")).toBe(7);
    const late = recorder();
    await one.bus.consume({ ...table("often", keeping(late)), name: "often.late" });
    await caughtUp(one.bus, "often.late");
    expect(late.notes().map(({ n }) => n)).toEqual([4, 5, 6]);
  });

  it("while one consumer has not passed them, however old they are", async () => {
    const slow = await one.bus.consume({ ...table("slow", () => Promise.resolve()), name: "slow.other" });
    await slow.stop();
    await one.bus.consume(table("slow", () => Promise.resolve()));
    await one.bus.consume(table("slower", () => Promise.resolve()));
    for (const stream of ["slow", "slower"]) await publish(stream, 0, 4);
    for (const stream of ["slow", "slower"]) await caughtUp(one.bus, `${stream}.reader`);
    passedMs += 40 * dayMs;
    await until(async () => (await recordsOf("slower")) === 1);
    expect(await recordsOf("slow")).toBe(4);
    const heard = recorder();
    await one.bus.consume({ ...table("slow", keeping(heard)), name: "slow.other" });
    await caughtUp(one.bus, "slow.other");
    expect(heard.notes().map(({ n }) => n)).toEqual([0, 1, 2, 3]);
  });

  it("for thirty days where nobody reads them; who comes later begins at the oldest that is kept", async () => {
    for (const stream of ["nobody", "witness"]) await publish(stream, 0, 3);
    await one.bus.consume(table("witness", () => Promise.resolve()));
    await caughtUp(one.bus, "witness.reader");
    passedMs += 29 * dayMs;
    await until(async () => (await recordsOf("witness")) === 1);
    expect(await recordsOf("nobody")).toBe(3);
    passedMs += 2 * dayMs;
    await until(async () => (await recordsOf("nobody")) === 1);
    const heard = recorder();
    await one.bus.consume(table("nobody", keeping(heard)));
    await caughtUp(one.bus, "nobody.reader");
    expect(heard.notes().map(({ n }) => n)).toEqual([2]);
  });
});
