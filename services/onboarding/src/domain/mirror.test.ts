import fc from "fast-check";
import { historyLength, type Mirror, observe, remember } from "./mirror.js";

type Field = "status" | "quality";
const day = (count: number): Date => new Date(Date.UTC(2026, 9, 1 + count));
const reports = fc.uniqueArray(fc.record({ value: fc.constantFrom("GREEN", "YELLOW", "RED"), day: fc.nat(30) }), {
  selector: (report) => report.day,
});
const end = (list: readonly { value: string; day: number }[]): Mirror<Field> =>
  list.reduce<Mirror<Field>>(
    (mirror, { value, day: count }) =>
      observe<Field>(mirror, { quality: value }, { at: day(count), source: "webhook" }).mirror,
    {},
  );

describe("a mirror of Meta's words", () => {
  it("ends in the same state for webhooks in any order", () => {
    fc.assert(
      fc.property(reports, fc.func(fc.nat()), (list, order) => {
        const shuffled = [...list].sort((a, b) => order(a.day) - order(b.day));
        expect(end(shuffled)).toEqual(end([...list].sort((a, b) => a.day - b.day)));
      }),
    );
  });

  it("tells a change with both words, and nothing when the word is the same", () => {
    const first = observe<Field>({}, { quality: "GREEN" }, { at: day(0), source: "sync" });
    const second = observe<Field>(
      first.mirror,
      { quality: "RED", status: "CONNECTED" },
      { at: day(1), source: "sync" },
    );
    expect(second.changes).toEqual([
      { field: "quality", from: "GREEN", to: "RED", at: day(1), source: "sync" },
      { field: "status", to: "CONNECTED", at: day(1), source: "sync" },
    ]);
    expect(observe<Field>(second.mirror, { quality: "RED" }, { at: day(2), source: "sync" }).changes).toEqual([]);
  });

  it("keeps words that nobody knows yet as Meta wrote them", () => {
    const { mirror } = observe<Field>({}, { status: "Brand_New" }, { at: day(0), source: "webhook" });
    expect(mirror.status?.value).toBe("Brand_New");
  });

  it("bounds its history to the newest changes", () => {
    const change = (count: number) => ({ field: "status", to: String(count), at: day(0), source: "sync" as const });
    const all = Array.from({ length: historyLength + 5 }, (_, index) => change(index));
    expect(remember([], all)).toHaveLength(historyLength);
    expect(remember([], all).at(-1)?.to).toBe(String(historyLength + 4));
  });
});
