import { type Month, type UtcDay } from "@greentick/kernel";
import { accountingDay, dayAfter, dayBefore, firstOpenDay, isDay, monthLater, previousMonth } from "./calendar.js";

const day = (text: string): UtcDay => text as UtcDay;

describe("a day", () => {
  it("is written in full, and is one of the calendar", () => {
    expect(["2026-02-28", "2028-02-29", "2026-12-31"].map(isDay)).toEqual([true, true, true]);
    const none = ["2026-02-29", "2026-02-31", "2026-13-01", "2026-1-01", "2026-01-1", "26-01-01", "12026-01-01"];
    expect([...none, "2026-01-01T00", "x2026-01-01", "2026-01-01x", "abcd-01-01", ""].filter(isDay)).toEqual([]);
  });
  it("has one before and one after it, across months and leap years", () => {
    expect([dayAfter("2026-02-28"), dayAfter("2028-02-28"), dayBefore(day("2026-01-01"))]).toEqual(["2026-03-01", "2028-02-29", "2025-12-31"]); // prettier-ignore
  });
  it("has the same day in the next month, or that month's last", () => {
    expect(["2026-01-31", "2028-01-31", "2026-05-15", "2026-12-31"].map(monthLater)).toEqual(["2026-02-28", "2028-02-29", "2026-06-15", "2027-01-31"]); // prettier-ignore
  });
  it("belongs to a month, which has one before it", () => {
    expect(["2026-11", "2026-01"].map((month) => previousMonth(month as Month))).toEqual(["2026-10", "2025-12"]);
  });
});

describe("the day that is invoiced", () => {
  const booked = (service: string, now: string, billedFrom = "2026-01-01"): UtcDay =>
    accountingDay(day(service), new Date(now), day(billedFrom));
  it("is that of the delivery up to one day ahead, because clocks differ, and no further", () => {
    const now = "2026-11-11T23:59:59Z";
    expect(["2026-11-11", "2026-11-12", "2026-11-13"].map((one) => booked(one, now))).toEqual(["2026-11-11", "2026-11-12", "2026-11-11"]); // prettier-ignore
  });
  it("is that of the delivery from the first billed day on", () => {
    const on = (service: string): UtcDay => booked(service, "2026-10-05T00:00:00Z", "2026-10-02");
    expect([on("2026-10-01"), on("2026-10-02")]).toEqual(["2026-10-05", "2026-10-02"]);
  });
  it("may be one of the month before for 48 hours after its end", () => {
    expect(["2026-12-02T23:59:59Z", "2026-12-03T00:00:00Z"].map((now) => firstOpenDay(new Date(now)))).toEqual(["2026-11-01", "2026-12-01"]); // prettier-ignore
    expect(["2026-12-02T23:59:59Z", "2026-12-03T00:00:00Z"].map((now) => booked("2026-11-01", now))).toEqual(["2026-11-01", "2026-12-03"]); // prettier-ignore
  });
});
