import { performance } from "node:perf_hooks";
import { type Call, type EventEnvelope } from "@greentick/kernel";
import { aDefinition, aNote, type BenchBus, busBench, type Recorder, recorder, until } from "@greentick/testing";
import { type ConsumerSpec } from "../contract.js";

/** So long that a stall of the machine that runs the tests does not look like a death. */
const leaseMs = 3_000;
/** Puts every stopwatch of this process forward: whoever does not beat from now on has been silent for so long. */
const passesBy = (ms: number): void => {
  const stopwatch = performance.now.bind(performance);
  jest.spyOn(performance, "now").mockImplementation(() => stopwatch() + ms);
};
/** Enough partitions that chance does not give all of them to one of two. */
const streams = ["status", "message", "alpha", "beta", "gamma", "delta"];
const keys = Array.from({ length: 40 }, (_, n) => `key ${n}`);

describe("processes that run the same consumer", () => {
  const bench = busBench("sharing");
  const open = (): Promise<BenchBus> => bench.open({ leaseMs });
  afterEach(() => {
    jest.restoreAllMocks();
  });
  const reader = (name: string, heard: Recorder, gate?: (event: EventEnvelope) => Promise<void>): ConsumerSpec => ({
    name,
    on: streams.map((stream) => ({
      event: aDefinition(stream),
      handle: async (_, event) => {
        await gate?.(event);
        heard.keep(event);
      },
    })),
  });
  const owners = async (of: BenchBus, consumer: string): Promise<Map<string, number>> => {
    const rows = await of.database.db.collection("offsets").find({ consumer }).toArray();
    const counts = new Map<string, number>();
    for (const { owner } of rows as unknown as { owner: string }[]) counts.set(owner, (counts.get(owner) ?? 0) + 1);
    return counts;
  };
  const shared = (of: BenchBus, consumer: string, members: number): Promise<void> =>
    until(async () => {
      const counts = await owners(of, consumer);
      return counts.size === members && !counts.has("");
    });
  const aRound = (call: Call, n: number): EventEnvelope[] =>
    keys.flatMap((key) => streams.map((stream) => aNote(call, { key, n }, aDefinition(stream))));
  const all = keys.length * streams.length;

  it("share its partitions, and each event is handled by one of them", async () => {
    const [one, other] = [await open(), await open()];
    const [mine, theirs] = [recorder(), recorder()];
    await one.bus.consume(reader("share.all", mine));
    await shared(one, "share.all", 1);
    await other.bus.consume(reader("share.all", theirs));
    await shared(one, "share.all", 2);
    const events = aRound(bench.call(one.calls), 0);
    await one.bus.publish(events);
    await until(async () => (await one.bus.lag()).every((lag) => lag.behind === 0));
    expect(mine.seen.length).toBeGreaterThan(0);
    expect(theirs.seen.length).toBeGreaterThan(0);
    const handled = [...mine.seen, ...theirs.seen].map(({ id }) => id);
    expect(handled.sort()).toEqual(events.map(({ id }) => id).sort());
    await Promise.all([one.bus.close(), other.bus.close()]);
  });

  it("take over from one that stops, at once and without a double", async () => {
    const [one, other] = [await open(), await open()];
    const [mine, theirs] = [recorder(), recorder()];
    await one.bus.consume(reader("leave.all", mine));
    const leaving = await other.bus.consume(reader("leave.all", theirs));
    await shared(one, "leave.all", 2);
    const call = bench.call(one.calls);
    const [first, second] = [aRound(call, 0), aRound(call, 1)];
    const wanted = new Set([...first, ...second].map(({ id }) => id));
    const handled = (): string[] => [...mine.seen, ...theirs.seen].map(({ id }) => id).filter((id) => wanted.has(id));
    await other.bus.publish(first);
    await leaving.stop();
    await other.bus.publish(second);
    await mine.when(() => new Set(handled()).size === wanted.size);
    expect(handled().sort()).toEqual([...wanted].sort());
    await Promise.all([one.bus.close(), other.bus.close()]);
  });

  it("take over from one that stops in the middle of what it read, behind what it has handled", async () => {
    const [one, other] = [await open(), await open()];
    const [mine, theirs] = [recorder(), recorder()];
    const call = bench.call(one.calls);
    const events = Array.from({ length: 10 }, (_, n) => aNote(call, { key: "key", n }, aDefinition("alpha")));
    const ids = events.map(({ id }) => id);
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const begun = recorder();
    const gate = async (event: EventEnvelope): Promise<void> => {
      if (event.id === ids[3]) begun.keep(event);
      if (event.id === ids[3]) await held;
    };
    const leaving = await other.bus.consume(reader("middle.all", theirs, gate));
    await shared(one, "middle.all", 1);
    await other.bus.publish(events);
    await begun.when((seen) => seen.length === 1);
    const stopped = leaving.stop();
    goOn();
    await stopped;
    await one.bus.consume(reader("middle.all", mine));
    await mine.when((seen) => seen.some(({ id }) => id === ids[9]));
    const handled = [theirs, mine].map(({ seen }) => seen.map(({ id }) => id).filter((id) => ids.includes(id)));
    expect(handled).toEqual([ids.slice(0, 4), ids.slice(4)]);
    await Promise.all([one.bus.close(), other.bus.close()]);
  });

  it("take over from one that was killed; nothing is lost, and every key keeps its order", async () => {
    const [one, victim] = [await open(), await open()];
    const heard = recorder();
    let killed = false;
    const dying = new Promise<void>(() => undefined);
    await one.bus.consume(reader("kill.all", heard));
    await victim.bus.consume(reader("kill.all", heard, () => (killed ? dying : Promise.resolve())));
    await shared(one, "kill.all", 2);
    const call = bench.call(one.calls);
    await one.bus.publish(aRound(call, 0));
    killed = true;
    await victim.crash();
    passesBy(leaseMs);
    for (let n = 1; n < 4; n++) await one.bus.publish(aRound(call, n));
    const own = (): EventEnvelope[] => heard.seen.filter((event) => event.correlationId === call.correlationId);
    await heard.when(() => new Set(own().map(({ id }) => id)).size === 4 * all);
    expect(firstSeenOutOfOrder(own())).toEqual([]);
    await one.bus.close();
  });

  it("do not steal from each other when one's clock is an hour ahead", async () => {
    const ahead = (): Date => new Date(Date.now() + 3_600_000);
    const [one, fast] = [await open(), await bench.open({ leaseMs, system: ahead })];
    const heard = recorder();
    let finish = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const call = bench.call(one.calls);
    const [event] = aRound(call, 0);
    const started = recorder();
    const own = (given: EventEnvelope): boolean => given.id === event?.id;
    const slow = async (given: EventEnvelope): Promise<void> => {
      if (own(given)) started.keep(given);
      if (own(given)) await gate;
    };
    await one.bus.consume(reader("skew.all", heard, slow));
    if (event !== undefined) await one.bus.publish([event]);
    await started.when((seen) => seen.length === 1);
    await fast.bus.consume(reader("skew.all", heard, slow));
    await shared(one, "skew.all", 2);
    finish();
    await until(async () =>
      (await one.bus.lag()).filter((lag) => lag.consumer === "skew.all").every((lag) => lag.behind === 0),
    );
    expect(started.seen).toHaveLength(1);
    await Promise.all([one.bus.close(), fast.bus.close()]);
  });

  it("hear of each other's events without being told", async () => {
    const [one, other] = [await open(), await open()];
    const heard = recorder();
    await one.bus.consume(reader("hear.all", heard));
    const event = aNote(bench.call(other.calls), { key: "key", n: 1 }, aDefinition("alpha"));
    await other.bus.publish([event]);
    await heard.when((seen) => seen.some(({ id }) => id === event.id));
    expect(heard.seen).toContainEqual(event);
    await Promise.all([one.bus.close(), other.bus.close()]);
  });
});

/** Keys of which a later event was seen before an earlier one; repeats of what was seen do not count. */
function firstSeenOutOfOrder(events: readonly EventEnvelope[]): readonly string[] {
  const last = new Map<string, number>();
  const known = new Set<string>();
  return events.flatMap((event) => {
    if (known.has(event.id)) return [];
    known.add(event.id);
    const { key, n } = event.data as { key: string; n: number };
    const line = `${event.type}/${key}`;
    const before = last.get(line) ?? -1;
    last.set(line, n);
    return n > before ? [] : [`${line}: ${n} after ${before}`];
  });
}
