import { aDefinition, aNote, busBench, recorder, until } from "@greentick/testing";
import { Collection } from "mongodb";
import { handed } from "./handed.js";
import { type BusRecord } from "./records.js";

const record = (offset: number, count = 2, bytes = 1_000): BusRecord => ({
  ...{ _id: String(offset), stream: "status", partition: 0, at: new Date(0), events: [] },
  ...{ offset, count, bytes },
});

describe("records that were just written", () => {
  it("are taken once, by who stands right before them", () => {
    const hand = handed();
    for (const offset of [10, 12, 14]) hand.offer(record(offset));
    expect(hand.take(10, 1_000_000).map(({ offset }) => offset)).toEqual([10, 12, 14]);
    expect(hand.take(10, 1_000_000)).toEqual([]);
  });

  it("are taken as far as there is room, and the rest is read", () => {
    const hand = handed();
    for (const offset of [10, 12, 14]) hand.offer(record(offset));
    expect(hand.take(10, 1_500).map(({ offset }) => offset)).toEqual([10, 12]);
    expect(hand.take(14, 1_500)).toEqual([]);
  });

  it("are not taken by who stands further back, for whom something else comes first", () => {
    const hand = handed();
    hand.offer(record(10));
    expect(hand.take(8, 1_000_000)).toEqual([]);
    expect(hand.take(10, 1_000_000)).toHaveLength(1);
  });

  it("have no gap between them: another process may have written there", () => {
    const hand = handed();
    hand.offer(record(10));
    hand.offer(record(20));
    expect(hand.take(10, 1_000_000)).toEqual([]);
    expect(hand.take(20, 1_000_000).map(({ offset }) => offset)).toEqual([20]);
  });

  it("are not kept for somebody who does not come", () => {
    const hand = handed();
    for (let offset = 0; offset < 2_000; offset += 2) hand.offer(record(offset));
    const first = Array.from({ length: 1_000 }, (_, at) => 2 * at).find((offset) => hand.take(offset, 1e9).length > 0);
    expect(first).toBeGreaterThan(1_400);
  });
});

describe("a consumer beside a publisher", () => {
  const bench = busBench("handed");
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it("reads nothing back that its own process wrote, and what others wrote between in the order of the log", async () => {
    const [one, other] = [await bench.open(), await bench.open()];
    const heard = recorder();
    const event = aDefinition("alpha");
    const handle = (_: unknown, given: Parameters<typeof heard.keep>[0]): Promise<void> => {
      heard.keep(given);
      return Promise.resolve();
    };
    await one.bus.consume({ name: "handed.all", on: [{ event, handle }] });
    const call = bench.call(one.calls);
    const say = async (by: typeof one, n: number): Promise<void> => {
      await by.bus.publish([aNote(call, { key: "key", n }, event)]);
      await heard.when((seen) => seen.length > n);
    };
    await say(one, 0);
    await until(async () => (await one.bus.lag()).every(({ behind }) => behind === 0));
    const find = jest.spyOn(Collection.prototype, "find");
    const reads = (): number =>
      find.mock.contexts.filter((on) => (on as Collection).collectionName === "records").length;
    for (const n of [1, 2, 3]) await say(one, n);
    expect(reads()).toBe(0);
    await say(other, 4);
    expect(reads()).toBeGreaterThan(0);
    await say(one, 5);
    expect(heard.seen.map(({ data }) => (data as { n: number }).n)).toEqual([0, 1, 2, 3, 4, 5]);
    await Promise.all([one.bus.close(), other.bus.close()]);
  });
});
