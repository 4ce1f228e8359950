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
