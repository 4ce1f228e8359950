import { randomBytes } from "node:crypto";
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
  firstSeenOutOfOrder,
  keeping,
  numberOf,
  recorder,
  table,
  until,
} from "@greentick/testing";
import { callFactory } from "../../calls.js";
import { storedClocks } from "../../clocks.js";
import { silentLog } from "../../log.js";
import { natsBus } from "./nats-bus.js";

describe("a broker", () => {
  const bench = busBench("broker", "nats");
  let one: BenchBus;
  let call: Call;
  beforeAll(async () => {
    one = await bench.open({ leaseMs: 1_500, recordLeaseMs: 1_500 });
    call = bench.call(one.calls);
  });
  const keys = Array.from({ length: 10 }, (_, n) => `key ${n}`);
  const aRound = (stream: string, n: number): EventEnvelope[] =>
    keys.map((key) => aNote(call, { key, n }, aDefinition(stream)));
  /** As an outbox does: what was not acknowledged is published until it is. */
  const publishUntilTaken = (events: readonly EventEnvelope[]): Promise<void> =>
    until(() =>
      one.bus.publish(events).then(
        () => true,
        () => false,
      ),
    );

  it("that is killed and comes back in the middle loses nothing that it acknowledged, and every key keeps its order", async () => {
    const heard = recorder();
    await one.bus.consume(table("restarts", keeping(heard)));
    for (let n = 0; n < 6; n++) {
      if (n % 2 === 1) await bench.server().kill();
      const published = publishUntilTaken(aRound("restarts", n));
      if (n % 2 === 1) await bench.server().start();
      await published;
    }
    await heard.when((seen) => new Set(seen.map(({ id }) => id)).size === 6 * keys.length);
    expect(firstSeenOutOfOrder(heard.seen)).toEqual([]);
    await caughtUp(one.bus, "restarts.reader");
  });

  it("whose connection is cut in the middle of a handler hands the event out again", async () => {
    const started = recorder();
    const cut = await bench.open({ leaseMs: 1_500, recordLeaseMs: 1_500 });
    const heard = recorder();
    await cut.bus.consume(
      table("cuts", (_, event) => {
        started.keep(event);
        if (started.seen.length === 1) cut.cutBroker();
        heard.keep(event);
        return Promise.resolve();
      }),
    );
    const events = aRound("cuts", 0);
    await publishUntilTaken(events);
    await caughtUp(one.bus, "cuts.reader");
    expect(new Set(heard.seen.map(({ id }) => id))).toEqual(new Set(events.map(({ id }) => id)));
    await cut.bus.close();
  });

  it("that lost its stream is noticed by every process once; consumers go on with what is published from then on", async () => {
    const heard = recorder();
    const other = await bench.open({ leaseMs: 1_500, recordLeaseMs: 1_500 });
    await one.bus.consume(table("losses", keeping(heard)));
    await one.bus.publish(aRound("losses", 0));
    await caughtUp(one.bus, "losses.reader");
    const connection = await connect({ servers: bench.server().url });
    const jsm = await jetstreamManager(connection);
    await jsm.streams.delete(benchStream);
    await connection.close();
    const lossesOf = ({ bus }: BenchBus): readonly unknown[] => bus.broker?.losses(0) ?? [];
    await until(() => Promise.resolve(lossesOf(one).length > 0 && lossesOf(other).length > 0));
    expect(lossesOf(one)).toEqual([{ number: 1, since: new Date(0) }]);
    expect(lossesOf(other)).toEqual(lossesOf(one));
    await publishUntilTaken(aRound("losses", 1));
    await heard.when((seen) => seen.filter((event) => numberOf(event) === 1).length === keys.length);
    expect(firstSeenOutOfOrder(heard.seen)).toEqual([]);
    await other.bus.close();
  });

  it("that cannot be reached is named in one sentence, without its password", async () => {
    const clocks = storedClocks(one.database.db);
    const calls = callFactory({ clocks, randomBytes, log: silentLog });
    const parts = { db: one.database.db, clocks, calls, log: silentLog, stream: "none" };
    await expect(natsBus({ ...parts, url: "nats://bus:secret@127.0.0.1:1" })).rejects.toThrow(
      /^The event bus at 127\.0\.0\.1:1 cannot be reached: is it running, and is BUS_URL right\?$/,
    );
  });
});
