import { AppError, type Call, type EventEnvelope } from "@greentick/kernel";
import { aDefinition, aNote, type BenchBus, type BusAdapter, busBench } from "../bus-bench.js";
import { recorder } from "../recorder.js";
import { type Bus, type EventHandler } from "@greentick/runtime";
import { caughtUp, keeping, type Streams, streams, table } from "./tools.js";

const away = new AppError("PROVIDER_UNAVAILABLE", "meta_unreachable", "Meta does not answer.");

/** Tries, gaps between them, and dead letters. */
export function failingContract(adapter: BusAdapter): void {
  describe("an event that cannot be handled", () => {
    const bench = busBench("failing", adapter);
    let one: BenchBus;
    let call: Call;
    let at: Streams;
    beforeAll(async () => {
      one = await bench.open();
      call = bench.call(one.calls);
      at = streams(call, "failing");
    });
    const lettersOf = (name: string): ReturnType<Bus["deadLetters"]> => one.bus.deadLetters({ consumer: name });

    it("buries a poisonous event after five tries, and handles its neighbours in their order", async () => {
      const stream = at.next();
      const heard = recorder();
      let tries = 0;
      await one.bus.consume(
        table(stream, (_, event) => {
          if ((event.data as { n: number }).n !== 1) return keeping(heard)(call, event);
          tries += 1;
          return Promise.reject(new AppError("BAD_USER_INPUT", "poison", "It cannot be read."));
        }),
      );
      const events = at.notes(stream, 3);
      await one.bus.publish(events);
      await caughtUp(one.bus, `${stream}.reader`);
      expect(heard.notes().map((note) => note.n)).toEqual([0, 2]);
      expect(tries).toBe(5);
      expect(await lettersOf(`${stream}.reader`)).toEqual([
        expect.objectContaining({
          event: events[1],
          reason: "failed",
          tries: 5,
          error: "BAD_USER_INPUT/poison: It cannot be read.",
        }),
      ]);
    });

    it("tries the events of a failed batch one by one, and buries only the one that cannot be handled", async () => {
      const stream = at.next();
      const heard = recorder();
      const handle = (events: readonly EventEnvelope[]): Promise<void> => {
        if (events.some((event) => (event.data as { n: number }).n === 2)) return Promise.reject(new Error("poison"));
        events.forEach(heard.keep);
        return Promise.resolve();
      };
      await one.bus.publish(at.notes(stream, 5));
      await one.bus.consume({
        name: `${stream}.reader`,
        on: [],
        batch: { events: [aDefinition(stream)], handle, batchSize: 50 },
      });
      await caughtUp(one.bus, `${stream}.reader`);
      expect(heard.notes().map((note) => note.n)).toEqual([0, 1, 3, 4]);
      expect(await lettersOf(`${stream}.reader`)).toMatchObject([{ tries: 5, error: "Error: poison" }]);
    });

    it("is given its event's version and older ones by the line that fits best; a newer one waits among the dead letters", async () => {
      const stream = at.next();
      const given: string[] = [];
      const line =
        (reader: number): EventHandler =>
        (_, event) =>
          Promise.resolve(void given.push(`${event.version} by ${reader}`));
      const on = [2, 1].map((version) => ({ event: aDefinition(stream, version), handle: line(version) }));
      const of = (version: number): EventEnvelope => ({
        ...aNote(call, { key: "key", n: version }),
        type: `${stream}.noted`,
        version,
      });
      await one.bus.consume({ name: `${stream}.reader`, on });
      await one.bus.publish([of(1), of(3), of(2)]);
      await caughtUp(one.bus, `${stream}.reader`);
      expect(given).toEqual(["1 by 1", "2 by 2"]);
      const [letter] = await lettersOf(`${stream}.reader`);
      expect(letter).toMatchObject({ reason: "unknown_version", tries: 0, event: { version: 3 } });
      expect(letter?.error).toContain("up to version 2, this is version 3");
      expect(await one.bus.redeliver(letter?.id ?? "")).toBe(true);
      expect(await lettersOf(`${stream}.reader`)).toHaveLength(1);
    });

    it("of batches is not given newer versions either", async () => {
      const stream = at.next();
      const heard = recorder();
      const handle = (events: readonly EventEnvelope[]): Promise<void> => {
        events.forEach(heard.keep);
        return Promise.resolve();
      };
      const newer = { ...aNote(call, { key: "key", n: 2 }), type: `${stream}.noted`, version: 2 };
      await one.bus.publish([...at.notes(stream, 1), newer]);
      await one.bus.consume({
        name: `${stream}.reader`,
        on: [],
        batch: { events: [aDefinition(stream)], handle, batchSize: 10 },
      });
      await caughtUp(one.bus, `${stream}.reader`);
      expect(heard.seen.map((event) => event.version)).toEqual([1]);
      expect(await lettersOf(`${stream}.reader`)).toMatchObject([{ event: { version: 2 } }]);
    });

    it("is more patient with a provider that is away than with a bug", async () => {
      const patience = {
        deliveries: 5,
        usual: { attempts: 2, firstDelayMs: 1, maxDelayMs: 1 },
        provider: { attempts: 6, firstDelayMs: 1, maxDelayMs: 1 },
      };
      const { bus } = await bench.open({ patience });
      const stream = at.next();
      const tries = { provider: 0, bug: 0 };
      await bus.consume(
        table(stream, (_, event) => {
          const kind = (event.data as { n: number }).n === 0 ? "provider" : "bug";
          tries[kind] += 1;
          return Promise.reject(kind === "provider" ? away : new Error("bug"));
        }),
      );
      await bus.publish(at.notes(stream, 2));
      await caughtUp(bus, `${stream}.reader`);
      expect(tries).toEqual({ provider: 6, bug: 2 });
    });

    it("stops in the middle of waiting for a provider, and the event comes again at the next start", async () => {
      const hour = { attempts: 9, firstDelayMs: 3_600_000, maxDelayMs: 3_600_000 };
      const { bus } = await bench.open({ patience: { usual: hour, provider: hour, deliveries: 5 } });
      const stream = at.next();
      const tried = recorder();
      await bus.consume(
        table(stream, async (_, event) => {
          tried.keep(event);
          await Promise.reject(away);
        }),
      );
      const [event] = at.notes(stream, 1);
      if (event !== undefined) await bus.publish([event]);
      await tried.when((seen) => seen.length === 1);
      await bus.close();
      expect(await lettersOf(`${stream}.reader`)).toEqual([]);
      const heard = recorder();
      await one.bus.consume(table(stream, keeping(heard)));
      await heard.when((seen) => seen.some((again) => again.id === event?.id));
    });
  });
}
