import { type Call, type EventEnvelope } from "@greentick/kernel";
import { aDefinition, aNote, type BenchBus, type BusAdapter, busBench } from "../bus-bench.js";
import { type Recorder, recorder } from "../recorder.js";
import { type ConsumerSpec } from "@greentick/runtime";
import { caughtUp } from "./tools.js";

const keys = Array.from({ length: 40 }, (_, n) => `key ${n}`);
const stream = "status";

/** Processes that run the same consumer, and what happens to its events when one of them ends. */
export function sharingContract(adapter: BusAdapter): void {
  describe("processes that run the same consumer", () => {
    const bench = busBench("shared", adapter);
    const open = (): Promise<BenchBus> => bench.open({ leaseMs: 1_500, recordLeaseMs: 1_500 });
    const reader = (name: string, heard: Recorder, gate?: () => Promise<void>): ConsumerSpec => ({
      name,
      on: [
        {
          event: aDefinition(stream),
          handle: async (_, event) => {
            await gate?.();
            heard.keep(event);
          },
        },
      ],
    });
    const aRound = (call: Call, n: number): EventEnvelope[] =>
      keys.map((key) => aNote(call, { key, n }, aDefinition(stream)));
    const own = (heard: Recorder, call: Call): readonly EventEnvelope[] =>
      heard.seen.filter((event) => event.correlationId === call.correlationId);
    const distinct = (events: readonly EventEnvelope[]): number => new Set(events.map(({ id }) => id)).size;

    it("hear of each other's events without being told", async () => {
      const [one, other] = [await open(), await open()];
      const heard = recorder();
      await one.bus.consume(reader("hear.all", heard));
      const call = bench.call(other.calls);
      await other.bus.publish(aRound(call, 0));
      await heard.when(() => distinct(own(heard, call)) === keys.length);
      expect(distinct(own(heard, call))).toBe(keys.length);
      await Promise.all([one.bus.close(), other.bus.close()]);
    });

    it("take over from one that stops, and every key keeps its order", async () => {
      const [one, other] = [await open(), await open()];
      const heard = recorder();
      await one.bus.consume(reader("leave.all", heard));
      const leaving = await other.bus.consume(reader("leave.all", heard));
      const call = bench.call(one.calls);
      await other.bus.publish(aRound(call, 0));
      await leaving.stop();
      await other.bus.publish(aRound(call, 1));
      await heard.when(() => distinct(own(heard, call)) === 2 * keys.length);
      expect(firstSeenOutOfOrder(own(heard, call))).toEqual([]);
      await Promise.all([one.bus.close(), other.bus.close()]);
    });

    it("take over from one that is cut off in the middle of its handlers; nothing is lost, and every key keeps its order", async () => {
      const [one, victim] = [await open(), await open()];
      const heard = recorder();
      const started = recorder();
      const call = bench.call(one.calls);
      let release = (): void => undefined;
      const stuck = new Promise<void>((resolve) => {
        release = resolve;
      });
      const stuckWith = (event: EventEnvelope): Promise<void> => {
        started.keep(event);
        return stuck;
      };
      await victim.bus.consume({
        name: "kill.all",
        on: [{ event: aDefinition(stream), handle: (_, event) => stuckWith(event) }],
      });
      await one.bus.publish(aRound(call, 0));
      await started.when((seen) => seen.length > 0);
      await one.bus.consume(reader("kill.all", heard));
      await victim.crash();
      for (let n = 1; n < 4; n++) await one.bus.publish(aRound(call, n));
      await heard.when(() => distinct(own(heard, call)) === 4 * keys.length);
      expect(firstSeenOutOfOrder(own(heard, call))).toEqual([]);
      await caughtUp(one.bus, "kill.all");
      release();
      await one.bus.close();
    });
  });
}

/** Keys of which a later event was seen before an earlier one; repeats of what was seen do not count. */
export function firstSeenOutOfOrder(events: readonly EventEnvelope[]): readonly string[] {
  const last = new Map<string, number>();
  const known = new Set<string>();
  return events.flatMap((event) => {
    if (known.has(event.id)) return [];
    known.add(event.id);
    const { key, n } = event.data as { key: string; n: number };
    const before = last.get(key) ?? -1;
    last.set(key, n);
    return n > before ? [] : [`${key}: ${n} after ${before}`];
  });
}
