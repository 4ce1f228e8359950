import { type Call, type EventEnvelope } from "@greentick/kernel";
import { aDefinition, aNote, type BenchBus, type BusAdapter, busBench } from "../bus-bench.js";
import { recorder } from "../recorder.js";
import { batches, caughtUp, keeping, numberOf, type Streams, streams, table } from "./tools.js";

/** What is published arrives: all of it, in order, as it was, and once where a publisher repeats itself. */
export function publishingContract(adapter: BusAdapter): void {
  describe("publishing", () => {
    const bench = busBench("publishing", adapter);
    let one: BenchBus;
    let other: BenchBus;
    let call: Call;
    let at: Streams;
    beforeAll(async () => {
      [one, other] = await Promise.all([bench.open(), bench.open()]);
      call = bench.call(one.calls);
      at = streams(call, "publishing");
    });

    it("keeps each publisher's order among 16 parallel ones in two processes, and loses and doubles nothing", async () => {
      const stream = at.next();
      const sent: EventEnvelope[] = [];
      const keys = ["a", "b", "c", "d", "e"];
      const publish = async (publisher: number): Promise<void> => {
        for (let n = 0; n < 12; n++) {
          const some = keys.slice(0, 1 + ((publisher + n) % keys.length));
          const events = some.map((key) => aNote(call, { key, n, text: String(publisher) }, aDefinition(stream)));
          sent.push(...events);
          await (publisher % 2 === 0 ? one : other).bus.publish(events);
        }
      };
      await Promise.all(Array.from({ length: 16 }, (_, publisher) => publish(publisher)));
      const heard = recorder();
      await one.bus.consume(table(stream, keeping(heard)));
      await caughtUp(one.bus, `${stream}.reader`);
      expect(heard.seen.map(({ id }) => id).sort()).toEqual(sent.map(({ id }) => id).sort());
      expect(outOfOrder(heard.seen)).toEqual([]);
    });

    it("keeps the order of a list that is longer than a record", async () => {
      const stream = at.next();
      const heard = recorder();
      await one.bus.publish(at.notes(stream, 1_201));
      const handle = (events: readonly EventEnvelope[]): Promise<void> => {
        events.forEach(heard.keep);
        return Promise.resolve();
      };
      await one.bus.consume(batches(stream, 500, handle));
      await caughtUp(one.bus, `${stream}.reader`);
      expect(heard.seen.map(numberOf)).toEqual(Array.from({ length: 1_201 }, (_, n) => n));
    });

    it("drops what was published a moment ago, by whichever process, and delivers it again where that is asked for", async () => {
      const stream = at.next();
      const heard = recorder();
      const events = at.notes(stream, 3);
      await one.bus.publish(events.slice(0, 2));
      await one.bus.publish(events);
      await other.bus.publish(events);
      await one.bus.consume(table(stream, keeping(heard)));
      await caughtUp(one.bus, `${stream}.reader`);
      expect(heard.seen.map(numberOf)).toEqual([0, 1, 2]);
      await other.bus.publish(events.slice(1, 2), { again: true });
      await caughtUp(one.bus, `${stream}.reader`);
      expect(heard.seen.map(numberOf)).toEqual([0, 1, 2, 1]);
    });

    it("keeps instants, whole numbers beyond 2^53 and empty lists as they are", async () => {
      const stream = at.next();
      const heard = recorder();
      const data = { at: new Date("2026-10-01T00:00:00.123Z"), micros: 2n ** 62n, count: 7, none: [] };
      const event = { ...aNote(call, { key: "key", n: 1 }, aDefinition(stream)), data };
      await one.bus.consume(table(stream, keeping(heard)));
      await one.bus.publish([event]);
      await heard.when((seen) => seen.length === 1);
      expect(heard.seen[0]).toEqual(event);
    });

    it("refuses what no bus could carry, before it keeps any of the list", async () => {
      const stream = at.next();
      const [first, ...rest] = at.notes(stream, 2);
      const large = rest.map((event) => ({ ...event, data: { text: "x".repeat(1_000_000) } }));
      const nameless = rest.map((event) => ({ ...event, type: "noted" }));
      const published = first === undefined ? [] : [first];
      await expect(one.bus.publish([...published, ...large])).rejects.toThrow("bytes; at most 1000000 travel");
      await expect(one.bus.publish([...published, ...nameless])).rejects.toThrow("names no stream");
      const heard = recorder();
      await one.bus.consume(table(stream, keeping(heard)));
      await caughtUp(one.bus, `${stream}.reader`);
      expect(heard.seen).toEqual([]);
    });

    it("carries events of almost 1 MB", async () => {
      const stream = at.next();
      const heard = recorder();
      const text = "x".repeat(990_000);
      await one.bus.publish([0, 1, 2].map((n) => aNote(call, { key: "key", n, text }, aDefinition(stream))));
      await one.bus.consume(table(stream, keeping(heard)));
      await caughtUp(one.bus, `${stream}.reader`);
      expect(heard.notes().map(({ n, text: sent }) => [n, sent?.length])).toEqual([0, 1, 2].map((n) => [n, 990_000]));
    });
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
