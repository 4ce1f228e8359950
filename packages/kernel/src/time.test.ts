import fc from "fast-check";
import {
  after,
  contains,
  dayMs,
  type Month,
  monthOfDay,
  nextMonth,
  startOfUtcDay,
  utcDayOf,
  utcMonth,
  utcMonthOf,
} from "./time.js";

const instant = fc.date({ min: new Date("2000-01-01"), max: new Date("2099-12-31"), noInvalidDate: true });

describe("days and months in UTC", () => {
  it("put every instant into the day that holds it", () => {
    fc.assert(
      fc.property(instant, (at) => {
        const start = startOfUtcDay(utcDayOf(at));
        expect(contains({ start, end: after(start, dayMs) }, at)).toBe(true);
        expect(monthOfDay(utcDayOf(at))).toBe(utcMonthOf(at));
      }),
    );
  });

  it("put every instant into exactly one month", () => {
    fc.assert(
      fc.property(instant, (at) => {
        const month = utcMonthOf(at);
        expect(contains(utcMonth(month), at)).toBe(true);
        expect(contains(utcMonth(nextMonth(month)), at)).toBe(false);
        expect(utcMonth(nextMonth(month)).start).toEqual(utcMonth(month).end);
      }),
    );
  });

  it("give the last millisecond of a month to it and the next one to its successor", () => {
    const november = utcMonth("2026-11" as Month);
    expect(contains(november, new Date("2026-11-30T23:59:59.999Z"))).toBe(true);
    expect(contains(november, new Date("2026-12-01T00:00:00.000Z"))).toBe(false);
  });

  it("are written as an ISO text begins, in every year that a date can have", () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true }), (at) => {
        expect([utcDayOf(at), utcMonthOf(at)]).toEqual([at.toISOString().slice(0, 10), at.toISOString().slice(0, 7)]);
      }),
      { numRuns: 1_000 },
    );
    expect(() => utcDayOf(new Date(Number.NaN))).toThrow(RangeError);
  });

  it("know leap years and the end of a year", () => {
    expect(utcMonth("2028-02" as Month).end).toEqual(new Date("2028-03-01T00:00:00Z"));
    expect(nextMonth("2026-12" as Month)).toBe("2027-01");
    expect(utcDayOf(new Date("2028-02-29T23:30:00Z"))).toBe("2028-02-29");
  });

  it.each(["2026-13", "2026-00", "2026-1", "2026", "2026-11-05", "", "+002026-11", "november"])(
    "refuse %j as a month",
    (text) => {
      expect(() => utcMonth(text as Month)).toThrow(RangeError);
    },
  );
});
