import { after, dayMs, type LocalDate, minuteMs } from "@greentick/kernel";
import fc from "fast-check";
import { IANAZone } from "luxon";
import { type Zones } from "../../ports.js";
import { luxonZones, quartersSince, rememberingZones } from "./luxon-zones.js";

const zoneNames = ["UTC", ...Intl.supportedValuesOf("timeZone")];
const until = new Date("2031-01-01T00:00:00.000Z");
const instant = fc.date({ min: quartersSince, max: until, noInvalidDate: true });

/** Counts how often the day was really looked up. */
function counted(): { readonly zones: Zones; readonly asked: () => number } {
  let asked = 0;
  const localDate: Zones["localDate"] = (at, zone) => {
    asked += 1;
    return luxonZones.localDate(at, zone);
  };
  return { zones: { ...luxonZones, localDate }, asked: () => asked };
}

describe("a remembered local day", () => {
  it("is the day of the calendar at any instant, in every zone, whatever was asked before", () => {
    const remembering = rememberingZones(luxonZones);
    fc.assert(
      fc.property(fc.constantFrom(...zoneNames), instant, fc.nat(15 * minuteMs - 1), (zone, at, ms) => {
        for (const one of [at, after(at, ms), after(at, -ms)])
          expect(remembering.localDate(one, zone)).toBe(luxonZones.localDate(one, zone));
      }),
      { numRuns: 2_000 },
    );
  });

  it("begins and ends at a quarter of an hour of UTC, in every zone from 2024 to 2030", () => {
    const differing = zoneNames.filter((zone) => !changesAtQuarters(zone));
    expect(differing).toEqual([]);
  });

  it("is not remembered for days before 2024, when zones were away from UTC by minutes and seconds", () => {
    const { zones, asked } = counted();
    const remembering = rememberingZones(zones);
    const old = new Date("1900-01-01T00:20:00.000Z");
    expect([old, old].map((at) => remembering.localDate(at, "Europe/Amsterdam"))).toEqual(["1900-01-01", "1900-01-01"]);
    expect(asked()).toBe(2);
  });

  it("is looked up once for a zone and a quarter of an hour", () => {
    const { zones, asked } = counted();
    const remembering = rememberingZones(zones);
    const start = new Date("2026-11-28T03:00:00.000Z");
    const days = [0, 7, 14].flatMap((minutes) =>
      ["Asia/Kathmandu", "America/Bogota"].map((zone) => remembering.localDate(after(start, minutes * minuteMs), zone)),
    );
    expect(new Set(days)).toEqual(new Set(["2026-11-28", "2026-11-27"]));
    expect(asked()).toBe(2);
  });

  it("is forgotten when too many are remembered", () => {
    const { zones, asked } = counted();
    const remembering = rememberingZones(zones, 3);
    const day = (number: number): LocalDate => remembering.localDate(after(quartersSince, number * dayMs), "UTC");
    for (const number of [0, 1, 2, 0, 3, 0]) day(number);
    expect(asked()).toBe(5);
  });

  it("is none in a zone that does not exist, however often it is asked for", () => {
    const remembering = rememberingZones(luxonZones);
    for (let time = 0; time < 2; time++)
      expect(() => remembering.localDate(new Date("2026-11-28T03:00:00.000Z"), "Mars/Olympus")).toThrow(RangeError);
  });
});

/** Looks once a week, and for the minute of each change in between. */
function changesAtQuarters(name: string): boolean {
  const zone = IANAZone.create(name);
  const whole = (minutes: number): boolean => minutes % 15 === 0;
  let [at, offset] = [quartersSince.getTime(), zone.offset(quartersSince.getTime())];
  while (whole(offset) && at < until.getTime()) {
    const [next, then] = [at + 7 * dayMs, zone.offset(at + 7 * dayMs)];
    if (then !== offset && !whole(changeBetween(zone, at, next) / minuteMs)) return false;
    [at, offset] = [next, then];
  }
  return whole(offset);
}

/** The first minute that has the offset of `end`, in ms. */
function changeBetween(zone: IANAZone, start: number, end: number): number {
  const middle = start + Math.floor((end - start) / minuteMs / 2) * minuteMs;
  if (middle === start) return end;
  return zone.offset(middle) === zone.offset(end)
    ? changeBetween(zone, start, middle)
    : changeBetween(zone, middle, end);
}
