import { money } from "@greentick/kernel";
import { trafficBelow } from "./margin.js";

describe("a cell of past traffic in which more was taken back than charged", () => {
  const cell = (charge: bigint, cost: bigint) => ({
    market: "Brazil",
    category: "marketing" as const,
    messages: -1,
    before: money("USD", charge),
    after: money("USD", charge),
    cost: money("USD", cost),
    unpriced: [],
  });
  const below = (charge: bigint, cost: bigint): number =>
    trafficBelow({ lines: [cell(charge, cost)], adjustments: [] }, 2_000).length;

  it("is judged by the margin of what was taken back", () => {
    expect([below(100n, 50n), below(-100n, -50n)]).toEqual([0, 0]);
    expect([below(100n, 95n), below(-100n, -95n)]).toEqual([1, 1]);
    expect(below(-100n, 5n)).toBe(1);
  });
});
