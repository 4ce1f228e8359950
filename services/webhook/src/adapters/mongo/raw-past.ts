import { badInput } from "@greentick/kernel";
import { type Collection, type Filter } from "mongodb";
import { type RangeOfBodies, type RawLog, type SearchedBodies } from "../../ports.js";
import { type RawRow } from "./raw-inserts.js";
import { only, type OpenRows, upTo } from "./raw-rows.js";

/** What was received, by time or by what it names. */
export function rawPast(rows: Collection<RawRow>, open: OpenRows): Pick<RawLog, "range" | "countRange" | "search"> {
  return {
    range: async (scope, asked, atMost) => {
      const found = rows.find({ $and: [only(scope), inRange(asked), behind(asked.after)] });
      const taken = await upTo(found.sort({ receivedAt: 1, sequence: 1 }).limit(atMost.bodies), atMost);
      return open(taken.rows).map(({ row, body }) => ({
        ...body,
        place: placeOf(row),
        split: row.waiting === undefined,
        told: row.told ?? [],
      }));
    },
    countRange: (scope, asked) => rows.countDocuments({ $and: [only(scope), inRange(asked)] }),
    search: async (scope, asked, atMost) => {
      const found = rows.find({ $and: [only(scope), searched(asked)] }).sort({ sequence: -1 });
      return open((await upTo(found.limit(atMost.bodies), atMost)).rows).map(({ body }) => body);
    },
  };
}

const inRange = ({ from, until, keys, tenantId }: Omit<RangeOfBodies, "after">): Filter<RawRow> => ({
  body: { $exists: true },
  ...((from ?? until) && { receivedAt: { ...(from && { $gte: from }), ...(until && { $lt: until }) } }),
  ...(keys && { _id: { $in: [...keys] } }),
  ...(tenantId && { tenants: { $eq: tenantId } }),
});

const searched = ({ keys, refs, receivedAt, tenantId, olderThan }: SearchedBodies): Filter<RawRow> => ({
  body: { $exists: true },
  ...(keys && { _id: { $in: [...keys] } }),
  ...(refs && { refs: { $in: [...refs] } }),
  ...(receivedAt && { receivedAt: { $eq: receivedAt } }),
  ...(tenantId && { tenants: { $eq: tenantId } }),
  ...(olderThan !== undefined && { sequence: { $lt: olderThan } }),
});

const placeOf = ({ receivedAt, sequence }: RawRow): string => `${receivedAt.toISOString()}|${sequence}`;

function behind(place: string | undefined): Filter<RawRow> {
  if (place === undefined) return {};
  const [at = "", sequence = ""] = place.split("|");
  const receivedAt = new Date(at);
  if (Number.isNaN(receivedAt.getTime())) throw badInput("after", "is not a place in the log");
  return { $or: [{ receivedAt: { $gt: receivedAt } }, { receivedAt, sequence: { $gt: sequence } }] };
}
