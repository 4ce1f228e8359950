import { type EventEnvelope } from "@greentick/kernel";
import { aDefinition, aNote, type BusAdapter, busBench, caughtUp, keeping, recorder, table } from "@greentick/testing";
import { courtesy, type GiveWay } from "../courtesy.js";

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
});
