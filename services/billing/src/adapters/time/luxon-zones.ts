import { type LocalDate, minuteMs } from "@greentick/kernel";
import { DateTime } from "luxon";
import { type Zones } from "../../ports.js";

/** Calendar days by the IANA time-zone data of the runtime. @throws RangeError for a zone that does not exist. */
export const luxonZones: Zones = {
  localDate: (instant, zone) => valid(DateTime.fromJSDate(instant, { zone }), zone).toISODate() as LocalDate,
  localMonth: (month, zone) => {
    const start = valid(DateTime.fromISO(`${month}-01`, { zone }), zone);
    return { start: start.toJSDate(), end: start.plus({ months: 1 }).toJSDate() };
  },
};

function valid(instant: DateTime, zone: string): DateTime<true> {
  if (!instant.isValid) throw new RangeError(`There is no time zone "${zone}", or no such time in it.`);
  return instant as DateTime<true>;
}

/** Since then every zone has been whole quarters of an hour away from UTC, and has changed its clocks at one. */
export const quartersSince = new Date("2024-01-01T00:00:00.000Z");
const quarterMs = 15 * minuteMs;

/**
 * The same, with the days remembered: within a quarter of an hour of UTC a zone is in one day. Forgets all when it remembers `most`, which a busy
 * day does not fill.
 */
export function rememberingZones(zones: Zones, most = 50_000): Zones {
  const days = new Map<string, Map<number, LocalDate>>();
  let remembered = 0;
  return {
    ...zones,
    localDate: (instant, zone) => {
      if (!(instant >= quartersSince)) return zones.localDate(instant, zone);
      const quarter = Math.floor(instant.getTime() / quarterMs);
      const known = days.get(zone)?.get(quarter);
      if (known !== undefined) return known;
      const day = zones.localDate(instant, zone);
      if (remembered >= most) {
        days.clear();
        remembered = 0;
      }
      const mine = days.get(zone) ?? new Map<number, LocalDate>();
      days.set(zone, mine.set(quarter, day));
      remembered += 1;
      return day;
    },
  };
}
