import { firstAnchor, nextBoundary } from "./periods.js";

const at = (iso: string): number => Date.parse(iso) / 1000;
const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();
const monthly = {
  interval: "month",
  interval_count: 1,
  meter: null,
  trial_period_days: null,
  usage_type: "metered",
} as const;
const firstOfMonth = { day_of_month: 1, hour: 0, minute: 0, second: 0, month: null };

describe("billing periods", () => {
  it.each([
    ["2026-10-01T10:15:00Z", "2026-11-01T00:00:00.000Z"],
    ["2026-10-01T00:00:00Z", "2026-10-01T00:00:00.000Z"],
    ["2026-12-31T23:59:59Z", "2027-01-01T00:00:00.000Z"],
  ])("anchors a subscription of %s at %s", (start, anchor) => {
    expect(iso(firstAnchor(at(start), firstOfMonth))).toBe(anchor);
  });

  it("takes the last day of a month that is too short for the anchor day", () => {
    expect(iso(firstAnchor(at("2026-02-10T00:00:00Z"), { ...firstOfMonth, day_of_month: 31 }))).toBe(
      "2026-02-28T00:00:00.000Z",
    );
  });

  it("ends the first period at the anchor and every later one a month after, counted from the anchor", () => {
    const anchor = at("2026-01-31T00:00:00Z");
    const ends = [at("2026-01-15T00:00:00Z")];
    for (let i = 0; i < 4; i += 1) ends.push(nextBoundary(ends.at(-1) ?? 0, anchor, monthly));
    expect(ends.slice(1).map(iso)).toEqual([
      "2026-01-31T00:00:00.000Z",
      "2026-02-28T00:00:00.000Z",
      "2026-03-31T00:00:00.000Z",
      "2026-04-30T00:00:00.000Z",
    ]);
  });

  it("gives a full month to a subscription that starts on its anchor", () => {
    const start = at("2026-10-01T00:00:00Z");
    expect(iso(nextBoundary(start, start, monthly))).toBe("2026-11-01T00:00:00.000Z");
  });
});
