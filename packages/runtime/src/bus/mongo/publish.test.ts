import { aDefinition, aNote, type BenchBus, busBench, recorder, until } from "@greentick/testing";
import { type Call, type EventEnvelope } from "@greentick/kernel";
import fc from "fast-check";
import { BSON } from "mongodb";
import { type BusRecord, endOf } from "./records.js";
import { intoRecords } from "../cutting.js";

describe("publishing", () => {
  const bench = busBench("publish");
  let one: BenchBus;
  let other: BenchBus;
  let call: Call;
  beforeAll(async () => {
    [one, other] = await Promise.all([bench.open(), bench.open()]);
    call = bench.call(one.calls);
  });
  const recordsOf = (stream: string): Promise<BusRecord[]> =>
    one.database.db.collection<BusRecord>("records").find({ stream }).sort({ partition: 1, offset: 1 }).toArray();
  const noteOn = (stream: string, key: string, ...[n, text]: [n: number, text?: string]): EventEnvelope => ({
    ...aNote(call, { key, n, ...(text !== undefined && { text }) }),
    type: `${stream}.noted`,
  });

  it("leaves no gap and no double among 16 parallel publishers in two processes, and keeps each one's order", async () => {
    const keys = ["a", "b", "c", "d", "e"];
    const sent: EventEnvelope[] = [];
    await Promise.all(
      Array.from({ length: 16 }, async (_, publisher) => {
        for (let round = 0; round < 20; round++) {
          const some = keys.slice(0, 1 + ((publisher + round) % keys.length));
          const events = some.map((key) => noteOn("crowd", key, round, String(publisher)));
          sent.push(...events);
          await (publisher % 2 === 0 ? one : other).bus.publish(events);
        }
      }),
    );
    const records = await recordsOf("crowd");
    expect(holes(records)).toEqual([]);
    const kept = records.flatMap((record) => record.events);
    expect(kept.map((event) => event.id).sort()).toEqual(sent.map((event) => event.id).sort());
    expect(outOfOrder(kept)).toEqual([]);
  });

  it("keeps the events of one key in the order of the list, in records of at most 500", async () => {
    const events = Array.from({ length: 1_201 }, (_, n) => noteOn("long", "key", n));
    await one.bus.publish(events);
    const records = await recordsOf("long");
    expect(records.map((record) => record.count)).toEqual([500, 500, 201]);
    expect(records.flatMap((record) => record.events.map((event) => event.id))).toEqual(
      events.map((event) => event.id),
    );
  });

  it("keeps records below 1 MB", async () => {
    await one.bus.publish(Array.from({ length: 7 }, (_, n) => noteOn("heavy", "key", n, "x".repeat(300_000))));
    const records = await recordsOf("heavy");
    expect(records.map((record) => record.count)).toEqual([3, 3, 1]);
    for (const record of records) expect(BSON.calculateObjectSize(record)).toBeLessThanOrEqual(1_000_000);
  });

  it("refuses an event that is larger than a record before it keeps any of the list", async () => {
    const list = [noteOn("whole", "key", 1), noteOn("whole", "key", 2, "x".repeat(1_000_000))];
    await expect(one.bus.publish(list)).rejects.toThrow(
      /The event whole\.noted evt_\w+ has \d+ bytes; at most 1000000 travel/,
    );
    expect(await recordsOf("whole")).toEqual([]);
  });

  it.each(["noted", "", ".noted", "Bench.noted", "bench."])(
    "refuses an event of the type %j: it names no stream",
    async (type) => {
      const lost = { ...noteOn("whole", "key", 1), type };
      await expect(one.bus.publish([noteOn("whole", "key", 1), lost])).rejects.toThrow("names no stream");
      expect(await recordsOf("whole")).toEqual([]);
    },
  );

  it("lets many small publishes share few writes", async () => {
    await Promise.all(Array.from({ length: 200 }, (_, n) => one.bus.publish([noteOn("small", "key", n)])));
    const records = await recordsOf("small");
    expect(records.reduce((sum, record) => sum + record.count, 0)).toBe(200);
    expect(records.length).toBeLessThan(20);
  });

  it("keeps instants, whole numbers beyond 2^53 and empty lists as they are", async () => {
    const heard = recorder();
    const data = { at: new Date("2026-10-01T00:00:00.123Z"), micros: 2n ** 62n, count: 7, none: [] };
    const event = { ...noteOn("exact", "key", 1), data };
    const definition = { type: "exact.noted", version: 1, stream: "exact", meaning: "" };
    await one.bus.consume({ name: "exact.all", on: [{ event: definition as never, handle: keep(heard) }] });
    await one.bus.publish([event]);
    await heard.when((seen) => seen.length === 1);
    expect(heard.seen[0]).toEqual(event);
  });

  it("never passes a hole: a consumer stops before it, and those of other partitions go on", async () => {
    const events = Array.from({ length: 4 }, (_, n) => noteOn("torn", "key", n));
    for (const event of events) await one.bus.publish([event]);
    await one.database.db.collection("records").deleteOne({ stream: "torn", offset: 1 });
    const heard = recorder();
    const definition = { type: "torn.noted", version: 1, stream: "torn", meaning: "" };
    await other.bus.consume({ name: "torn.all", on: [{ event: definition as never, handle: keep(heard) }] });
    const elsewhere = noteOn("torn", "another key", 9);
    await one.bus.publish([elsewhere]);
    await heard.when((seen) => seen.some((event) => event.id === elsewhere.id));
    await until(async () => (await other.bus.lag()).some((lag) => lag.consumer === "torn.all" && lag.behind > 0));
    expect(heard.notes().map((note) => note.n)).not.toContain(2);
  });

  it("is read in pieces of about 8 MB, however many events a consumer takes at a time", async () => {
    const large = Array.from({ length: 12 }, (_, n) => noteOn("large", "key", n, "x".repeat(900_000)));
    await one.bus.publish(large);
    const sizes: number[] = [];
    const handle = (events: readonly EventEnvelope[]): Promise<void> => {
      sizes.push(events.length);
      return Promise.resolve();
    };
    await one.bus.consume({
      name: "large.reader",
      on: [],
      batch: { events: [aDefinition("large")], handle, batchSize: 500 },
    });
    await until(() => Promise.resolve(sizes.reduce((sum, size) => sum + size, 0) === large.length));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(9);
  });
});

const keep =
  (heard: ReturnType<typeof recorder>) =>
  (_: Call, event: EventEnvelope): Promise<void> => {
    heard.keep(event);
    return Promise.resolve();
  };

/** Places at which a partition's offsets do not continue where the record before ended. */
function holes(records: readonly BusRecord[]): readonly string[] {
  const ends = new Map<number, number>();
  return records.flatMap((record) => {
    const expected = ends.get(record.partition) ?? 0;
    ends.set(record.partition, endOf(record));
    return record.offset === expected ? [] : [`${record.partition}: ${record.offset} instead of ${expected}`];
  });
}

/** Events that come after a later one of the same publisher and key. */
function outOfOrder(events: readonly EventEnvelope[]): readonly string[] {
  const last = new Map<string, number>();
  return events.flatMap((event) => {
    const { key, n, text } = event.data as { key: string; n: number; text: string };
    const line = `${text}/${key}`;
    const before = last.get(line) ?? -1;
    last.set(line, n);
    return n > before ? [] : [`${line}: ${n} after ${before}`];
  });
}

describe("cutting a list into records", () => {
  it("keeps every event in its order, and every record within its limits", () => {
    const event = fc.record({ id: fc.uuid(), text: fc.nat(400_000).map((length) => "x".repeat(length)) });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 20 }), (events) => {
        const records = intoRecords(events as unknown as EventEnvelope[]);
        expect(records.flatMap((record) => record.events)).toEqual(events);
        for (const { events: record, bytes } of records) {
          expect(bytes).toBeGreaterThanOrEqual(BSON.calculateObjectSize({ record }) - 20);
          expect(record.length).toBeLessThanOrEqual(500);
          expect(BSON.calculateObjectSize({ record })).toBeLessThanOrEqual(1_000_000);
        }
      }),
      { numRuns: 50 },
    );
  });
});
