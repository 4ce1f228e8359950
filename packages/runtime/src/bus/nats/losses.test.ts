import { type Call, type EventEnvelope } from "@greentick/kernel";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import {
  aDefinition,
  aNote,
  type BenchBus,
  benchStream,
  busBench,
  caughtUp,
  keeping,
  recorder,
  table,
  testDatabase,
  until,
} from "@greentick/testing";
import { type Database, connectDatabase } from "../../data/database.js";
import { silentLog } from "../../log.js";
import { type LossBook, lossBook, type StreamState } from "./losses.js";

describe("what the servers had", () => {
  const { uri, dbName } = testDatabase("losses");
  let database: Database;
  let now: number;
  let times: string[];
  let book: LossBook;
  beforeAll(async () => {
    database = await connectDatabase(uri, dbName());
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await database.db.collection("brokers").deleteMany({});
    now = Date.parse("2026-10-01T00:00:00Z");
    times = [];
    book = lossBook(database.db, () => new Date(now), { stream: "s", log: silentLog });
  });
  /** The stream takes messages until it has so many. */
  const fill = (count: number, when = "before"): void => {
    while (times.length < count) times.push(`${when} ${times.length}`);
  };
  const look = (by = book, more: Partial<StreamState> = {}): Promise<boolean> =>
    by.compare(() =>
      Promise.resolve({
        created: "c",
        lastSeq: times.length,
        lastTime: times.at(-1) ?? "",
        timeAt: (seq) => Promise.resolve(times[seq - 1]),
        ...more,
      }),
    );

  it("is noted at every look, so that nothing that was ever seen can go unnoticed", async () => {
    for (const count of [10, 15, 20]) {
      fill(count);
      expect(await look()).toBe(false);
      now += 100;
    }
    times.length = 18;
    expect(await look()).toBe(true);
    expect(book.wholeSince(0)).toBe(10);
  });

  it("is missed also when as much has come in its place before anybody looked", async () => {
    fill(10);
    await look();
    now += 20_000;
    fill(20);
    await look();
    times.length = 15;
    fill(30, "after");
    expect(await look()).toBe(true);
    expect(book.losses(0)).toEqual([{ number: 1, since: new Date("2026-09-30T23:59:50Z") }]);
    expect(book.wholeSince(0)).toBe(10);
    expect(await look()).toBe(false);
  });

  it("is not missed when it went because everybody had it", async () => {
    fill(10);
    await look();
    fill(20);
    expect(await look(book, { timeAt: () => Promise.resolve(undefined) })).toBe(false);
    expect(book.losses(0)).toEqual([]);
  });

  it("is not judged by what was noted after the loss, by somebody who did not know of it", async () => {
    fill(10);
    await look();
    now += 60_000;
    const short = { since: new Date(now) };
    now += 60_000;
    fill(20, "after");
    await look();
    expect(await look(book, { short })).toBe(true);
    expect(book.wholeSince(0)).toBe(10);
  });

  it("is known to every process, whoever noticed: nothing from before the losses that nobody remembers counts as whole", async () => {
    const other = lossBook(database.db, () => new Date(now), { stream: "s", log: silentLog });
    fill(10);
    await look();
    for (let n = 0; n < 25; n++) await look(book, { short: {} });
    expect(await look(other)).toBe(true);
    expect(other.number()).toBe(25);
    expect([other.wholeSince(25), other.wholeSince(24), other.wholeSince(2)]).toEqual([Infinity, 10, 0]);
  });
});

describe("a broker that comes back with less", () => {
  const bench = busBench("less", "nats");
  const leases = { leaseMs: 1_500, recordLeaseMs: 1_500 };
  let call: Call;
  const open = async (): Promise<BenchBus> => {
    const one = await bench.open(leases);
    call = bench.call(one.calls);
    return one;
  };
  const notes = (stream: string, from: number, to: number): EventEnvelope[] =>
    Array.from({ length: to - from }, (_, n) => aNote(call, { key: "key", n: from + n }, aDefinition(stream)));
  /** One record each, as an outbox does it: what was not acknowledged is published until it is. */
  const publishAll = async ({ bus }: BenchBus, events: readonly EventEnvelope[]): Promise<void> => {
    for (const event of events)
      await until(() =>
        bus.publish([event]).then(
          () => true,
          () => false,
        ),
      );
  };
  const hasLost = ({ bus }: BenchBus): Promise<boolean> => Promise.resolve((bus.broker?.losses(0).length ?? 0) > 0);

  it("has lost something, and a consumer who had that passes over nothing of what comes in its place", async () => {
    const one = await open();
    const heard = recorder();
    await one.bus.consume(table("fewer", keeping(heard)));
    await publishAll(one, notes("fewer", 0, 5));
    const loseTheRest = await bench.server().remember(benchStream);
    await publishAll(one, notes("fewer", 5, 11));
    await caughtUp(one.bus, "fewer.reader");
    await loseTheRest();
    await publishAll(one, notes("fewer", 20, 32));
    await until(() => hasLost(one));
    await caughtUp(one.bus, "fewer.reader");
    const numbers = new Set(heard.notes().map(({ n }) => n));
    expect([...numbers].filter((n) => n >= 20).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 12 }, (_, n) => 20 + n),
    );
    expect(one.bus.broker?.losses(0)).toHaveLength(1);
    await one.bus.close();
  });

  it("takes nothing new from whoever did not know of the loss when it was published", async () => {
    const one = await open();
    await publishAll(one, notes("unknowing", 0, 2));
    const connection = await connect({ servers: bench.server().url });
    const jsm = await jetstreamManager(connection);
    const { state } = await jsm.streams.info(benchStream);
    await jsm.streams.deleteMessage(benchStream, state.last_seq);
    await connection.close();
    const fresh = notes("unknowing", 20, 21);
    await expect(one.bus.publish(fresh)).rejects.toMatchObject({
      code: "PROVIDER_UNAVAILABLE",
      reason: "bus_lost_events",
    });
    expect(one.bus.broker?.losses(0).at(-1)?.since).toBeInstanceOf(Date);
    await one.bus.publish(fresh);
    await one.bus.close();
  });

  it("is found out at the next start by where consumers stand, when nobody lives who knows more", async () => {
    const one = await open();
    const known = one.bus.broker?.losses(0).length ?? 0;
    await one.bus.consume(table("nobody", () => Promise.resolve()));
    await publishAll(one, notes("nobody", 0, 5));
    const loseTheRest = await bench.server().remember(benchStream);
    const rows = one.database.db.collection("brokers");
    await until(async () => (await rows.findOne({ "newest.seq": { $gt: 0 } })) !== null);
    const before = await rows.findOne();
    await publishAll(one, notes("nobody", 5, 11));
    await caughtUp(one.bus, "nobody.reader");
    await one.bus.close();
    await rows.replaceOne({}, { ...before });
    await loseTheRest();
    const next = await open();
    expect(next.bus.broker?.losses(0)).toHaveLength(known + 1);
    const heard = recorder();
    await next.bus.consume(table("nobody", keeping(heard)));
    await caughtUp(next.bus, "nobody.reader");
    await publishAll(next, notes("nobody", 20, 23));
    await heard.when((seen) => seen.some(({ data }) => (data as { n: number }).n === 22));
    expect(heard.notes().flatMap(({ n }) => (n >= 5 ? [n] : []))).toEqual([20, 21, 22]);
    await next.bus.close();
  });
});
