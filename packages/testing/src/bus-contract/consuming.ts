import { type Call, onFaultPoint } from "@greentick/kernel";
import { aDefinition, aNote, type BenchBus, type BusAdapter, busBench } from "../bus-bench.js";
import { someTenants } from "../outside.js";
import { recorder } from "../recorder.js";
import { type EventHandler } from "@greentick/runtime";
import { caughtUp, keeping, type Streams, streams, table } from "./tools.js";

/** What a consumer is given, in which order, and from where. */
export function consumingContract(adapter: BusAdapter): void {
  describe("a consumer", () => {
    const bench = busBench("consuming", adapter);
    let one: BenchBus;
    let call: Call;
    let at: Streams;
    beforeAll(async () => {
      one = await bench.open();
      call = bench.call(one.calls);
      at = streams(call, "consuming");
    });
    afterEach(() => {
      onFaultPoint(undefined);
    });

    it("is given a call of its service in the event's tenant, that knows what caused it and may do only what it was granted", async () => {
      const stream = at.next();
      const calls: Call[] = [];
      const heard = recorder();
      const handle: EventHandler = (given, event) => {
        calls.push(given);
        heard.keep(event);
        return Promise.resolve();
      };
      await one.bus.consume({ ...table(stream, handle), permissions: ["template:submit"] });
      const [event] = at.notes(stream, 1);
      if (event !== undefined) await one.bus.publish([event]);
      await heard.when((seen) => seen.length === 1);
      expect(calls[0]).toMatchObject({
        actor: { kind: "service", id: stream },
        tenantId: someTenants.casa,
        ancestorIds: [someTenants.provider],
        livemode: false,
        staff: false,
        permissions: new Set(["template:submit"]),
        causationId: event?.id,
        requestId: event?.requestId,
        correlationId: event?.correlationId,
      });
    });

    it("that is new begins at the oldest event that is kept, and is given only what it asked for", async () => {
      const stream = at.next();
      const wanted = at.notes(stream, 3);
      await one.bus.publish([...wanted, { ...aNote(call, { key: "key", n: 9 }), type: `${stream}.else` }]);
      const heard = recorder();
      await one.bus.consume(table(stream, keeping(heard)));
      await caughtUp(one.bus, `${stream}.reader`);
      expect(heard.seen.map((event) => event.id)).toEqual(wanted.map((event) => event.id));
    });

    it("gives one event to every line of its table, in the table's order", async () => {
      const stream = at.next();
      const order: string[] = [];
      const line =
        (word: string): EventHandler =>
        () =>
          Promise.resolve(void order.push(word));
      const on = ["first", "second"].map((word) => ({ event: aDefinition(stream), handle: line(word) }));
      await one.bus.consume({ name: `${stream}.reader`, on });
      await one.bus.publish(at.notes(stream, 2));
      await caughtUp(one.bus, `${stream}.reader`);
      expect(order).toEqual(["first", "second", "first", "second"]);
    });

    it("that is killed between handling and moving is given the same events again, and loses none", async () => {
      const stream = at.next();
      const heard = recorder();
      let kills = 0;
      onFaultPoint((name) => {
        if (name === "bus.handled" && heard.seen.some((event) => event.type.startsWith(stream)) && kills++ === 0)
          throw new Error("killed here");
      });
      await one.bus.publish(at.notes(stream, 3));
      await one.bus.consume(table(stream, keeping(heard)));
      await caughtUp(one.bus, `${stream}.reader`);
      expect(heard.notes().map((note) => note.n)).toEqual([0, 1, 2, 0, 1, 2]);
    });

    it("lets the event in hand finish when it stops, and is not given it again", async () => {
      const stream = at.next();
      const heard = recorder();
      let finish = (): void => undefined;
      const consumer = await one.bus.consume(
        table(stream, (_, event) => {
          heard.keep(event);
          return new Promise((resolve) => {
            finish = resolve;
          });
        }),
      );
      await one.bus.publish(at.notes(stream, 1));
      await heard.when((seen) => seen.length === 1);
      const stopping = consumer.stop();
      finish();
      await stopping;
      const again = recorder();
      await one.bus.consume(table(stream, keeping(again)));
      await caughtUp(one.bus, `${stream}.reader`);
      expect(again.seen).toEqual([]);
    });

    it("has a name that runs once in a process, and either a table or a batch handler", async () => {
      const spec = table(at.next(), () => Promise.resolve());
      await one.bus.consume(spec);
      await expect(one.bus.consume(spec)).rejects.toThrow("runs in this process already");
      const batch = { events: [aDefinition()], handle: () => Promise.resolve(), batchSize: 1 };
      await expect(one.bus.consume({ ...spec, name: "both.at_once", batch })).rejects.toThrow(
        "both a table and a batch",
      );
    });

    it("is as far behind as there are events it has not passed, and runs until it stops", async () => {
      const stream = at.next();
      const running = await one.bus.consume(table(stream, () => Promise.resolve()));
      await running.stop();
      await one.bus.publish(at.notes(stream, 7));
      const lag = (await one.bus.lag()).filter((place) => place.consumer === `${stream}.reader`);
      expect(lag.reduce((sum, place) => sum + place.behind, 0)).toBe(7);
      expect(new Set(lag.map((place) => place.running))).toEqual(new Set([false]));
    });
  });
}
