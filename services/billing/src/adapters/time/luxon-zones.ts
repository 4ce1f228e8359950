import { type LocalDate } from "@greentick/kernel";
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
