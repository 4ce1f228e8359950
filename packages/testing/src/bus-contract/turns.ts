import { type EventEnvelope } from "@greentick/kernel";
import { aDefinition, aNote, type BenchBus, type BusAdapter, busBench } from "../bus-bench.js";
import { someTenants } from "../outside.js";
import { recorder } from "../recorder.js";
import { batches, caughtUp, keeping, numberOf, table } from "./tools.js";

const hotEvents = 5_000;
const quietEvents = 10;

/** What only the embedded adapter promises: of what waits in a partition, tenants are handled in turns. */
export function turnsContract(adapter: BusAdapter): void {
  describe("a tenant with a long backlog", () => {
    const bench = busBench("turns", adapter);
    let one: BenchBus;
    beforeAll(async () => {
      one = await bench.open();
    });
    /** One key has one partition, so each tenant's key is chosen to lie in the same one. */
    const eventsOf = (stream: string, tenantId: EventEnvelope["tenantId"], count: number): EventEnvelope[] => {
      const call = { ...bench.call(one.calls), tenantId };
      const notes = Array.from({ length: count }, (_, n) => aNote(call, { key: tenantId, n }, aDefinition(stream)));
      return notes.map((event) => ({ ...event, partitionKey: partitionMates[tenantId === someTenants.casa ? 0 : 1] }));
    };
    const waiting = async (stream: string): Promise<readonly [EventEnvelope[], EventEnvelope[]]> => {
      const hot = eventsOf(stream, someTenants.casa, hotEvents);
      const quiet = eventsOf(stream, someTenants.otra, quietEvents);
      await one.bus.publish(hot);
      await one.bus.publish(quiet);
      return [hot, quiet];
    };
    const numbersOf = (seen: readonly EventEnvelope[], tenantId: string): number[] =>
      seen.filter((event) => event.tenantId === tenantId).map(numberOf);

    it("holds up nobody whose events lie behind it: they are in the first batch", async () => {
      await waiting("turns_batch");
      const given: EventEnvelope[][] = [];
      await one.bus.consume(
        batches("turns_batch", 500, (events) => {
          given.push([...events]);
          return Promise.resolve();
        }),
      );
      await caughtUp(one.bus, "turns_batch.reader");
      expect(numbersOf(given[0] ?? [], someTenants.otra)).toEqual(numbersUpTo(quietEvents));
      expect(given.every((events) => events.length <= 500)).toBe(true);
    });

    it("holds up nobody where events are handled one by one, and everybody's keep their order", async () => {
      await waiting("turns_single");
      const heard = recorder();
      await one.bus.consume(table("turns_single", keeping(heard)));
      await caughtUp(one.bus, "turns_single.reader");
      const lastQuiet = heard.seen.findLastIndex(({ tenantId }) => tenantId === someTenants.otra);
      expect(lastQuiet).toBeLessThan(100);
      expect(numbersOf(heard.seen, someTenants.otra)).toEqual(numbersUpTo(quietEvents));
      expect(numbersOf(heard.seen, someTenants.casa)).toEqual(numbersUpTo(hotEvents));
    });

    it("is gone on with where it was when the consumer stops in between: nothing comes twice, nothing is left out", async () => {
      const [hot, quiet] = await waiting("turns_stop");
      const heard = recorder();
      const reader = batches("turns_stop", 50, (events) => {
        for (const event of events) heard.keep(event);
        return Promise.resolve();
      });
      const consumer = await one.bus.consume(reader);
      await heard.when((seen) => seen.length > 300);
      await consumer.stop();
      expect(heard.seen.length).toBeLessThan(hotEvents);
      await one.bus.consume(reader);
      await caughtUp(one.bus, "turns_stop.reader");
      expect(heard.seen.map(({ id }) => id).toSorted()).toEqual([...hot, ...quiet].map(({ id }) => id).toSorted());
      expect(numbersOf(heard.seen, someTenants.casa)).toEqual(numbersUpTo(hotEvents));
    });

    it("waits for nothing of another owner's, except what that one said under a key that is now its own", async () => {
      const key = partitionMates[0];
      const before = eventsOf("turns_moved", someTenants.casa, 700);
      const after = eventsOf("turns_moved", someTenants.otra, 5).map((event) => ({ ...event, partitionKey: key }));
      await one.bus.publish([...before, ...after]);
      const heard = recorder();
      await one.bus.consume(table("turns_moved", keeping(heard)));
      await caughtUp(one.bus, "turns_moved.reader");
      expect(heard.seen.map(({ id }) => id)).toEqual([...before, ...after].map(({ id }) => id));
    });
  });
}

/** Two keys in one partition of a stream with the usual number of them. */
const partitionMates = ["key 0", "key 4"] as const;
const numbersUpTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
