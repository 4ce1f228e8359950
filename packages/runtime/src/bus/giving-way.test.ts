import { type EventEnvelope } from "@greentick/kernel";
import { aDefinition, aNote, type BusAdapter, busBench, caughtUp, keeping, recorder, table } from "@greentick/testing";
import { courtesy, type GiveWay } from "../courtesy.js";

function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return {
    opened,
    open: () => {
      open();
    },
  };
}

describe.each<BusAdapter>(["mongo", "nats"])("consumers beside somebody who waits for an answer (%s)", (adapter) => {
  const bench = busBench(`manners${adapter}`, adapter);

  it("give way with what they do in batches, in small pieces, and with nothing that may call somebody outside", async () => {
    let pieces = 0;
    const giveWay: GiveWay = (piece) => {
      pieces += 1;
      return piece();
    };
    const { bus, calls } = await bench.open({ manners: { ...courtesy(), giveWay, isQueue: () => true } });
    const call = bench.call(calls);
    const numbers = Array.from({ length: 60 }, (_, n) => n);
    const notes = (stream: string) => numbers.map((n) => aNote(call, { key: "key", n }, aDefinition(stream)));
    const [together, single] = [recorder(), recorder()];
    const sizes: number[] = [];
    const handle = (events: readonly EventEnvelope[]): Promise<void> => {
      sizes.push(events.length);
      for (const event of events) together.keep(event);
      return Promise.resolve();
    };
    await bus.publish([...notes("batched"), ...notes("single")]);
    const batch = { events: [aDefinition("batched")], handle, batchSize: 100 };
    await bus.consume({ name: "batched.reader", on: [], batch });
    await bus.consume(table("single", keeping(single)));
    await Promise.all(["batched.reader", "single.reader"].map((name) => caughtUp(bus, name)));
    expect([together, single].map((heard) => heard.notes().map(({ n }) => n))).toEqual([numbers, numbers]);
    expect(sizes).toEqual([10, 10, 10, 10, 10, 10]);
    expect(pieces).toBe(6);
  });

  it("begin no further piece once they are to stop, and hand the rest to the next run", async () => {
    const { bus, calls } = await bench.open({ manners: { ...courtesy(), isQueue: () => true } });
    const call = bench.call(calls);
    const numbers = Array.from({ length: 60 }, (_, n) => n);
    await bus.publish(numbers.map((n) => aNote(call, { key: "key", n }, aDefinition("stopped"))));
    const [begun, release] = [gate(), gate()];
    const [before, after] = [recorder(), recorder()];
    const readBy = (handle: (events: readonly EventEnvelope[]) => Promise<void>) =>
      bus.consume({
        name: "stopped.reader",
        on: [],
        batch: { events: [aDefinition("stopped")], handle, batchSize: 100 },
      });
    const first = await readBy(async (events) => {
      for (const event of events) before.keep(event);
      begun.open();
      await release.opened;
    });
    await begun.opened;
    const stopping = first.stop();
    release.open();
    await stopping;
    expect(before.notes().map(({ n }) => n)).toEqual(numbers.slice(0, 10));
    await readBy((events) => {
      for (const event of events) after.keep(event);
      return Promise.resolve();
    });
    await caughtUp(bus, "stopped.reader");
    expect(new Set([...before.notes(), ...after.notes()].map(({ n }) => n))).toEqual(new Set(numbers));
  });
});
