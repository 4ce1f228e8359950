import { addKinds, type KindCount, nothingCompared } from "./door-task.js";

const one = (kind: string, held = 1): KindCount => ({ kind, ...nothingCompared, held });

describe("what a replay counts by kind", () => {
  it("is added up part by part, in the order of the kinds' names", () => {
    const first = addKinds([], [one("status.received"), one("messages"), one("messages")]);
    expect(addKinds(first, [one("messages", 3)])).toEqual([one("messages", 5), one("status.received")]);
  });

  it("stays of a bounded size and loses no update, however many kinds somebody invents", () => {
    const invented = Array.from({ length: 5_000 }, (_, n) => one(`field ${n}`));
    const sums = addKinds(addKinds([], invented.slice(0, 2_500)), invented.slice(2_500));
    expect(sums).toHaveLength(200);
    expect(sums.reduce((sum, { held }) => sum + held, 0)).toBe(5_000);
    expect(sums.find(({ kind }) => kind === "others")?.held).toBe(4_801);
  });
});
