import { badInput } from "@greentick/kernel";
import { type Collection, type Filter } from "mongodb";
import { anyRef, refSeenBy } from "../../domain/update-ref.js";
import { type AtMost, type RangeOfBodies, type RawLog, type SearchedBodies } from "../../ports.js";
import { type RawRow } from "./raw-inserts.js";
import { only, type OpenRows, upTo } from "./raw-rows.js";

type RawPast = Pick<RawLog, "range" | "publishedSince" | "countRange" | "countErased" | "search">;
type Instant = "keptAt" | "publishedAt";

/** What was received, by time or by what it names. */
export function rawPast(rows: Collection<RawRow>, open: OpenRows): RawPast {
  const inOrderOf =
    (at: Instant) => async (filters: readonly Filter<RawRow>[], after: string | undefined, atMost: AtMost) => {
      const found = rows.find({ $and: [...filters, behind(at, after)] });
      const taken = await upTo(found.sort({ [at]: 1, sequence: 1 }).limit(atMost.bodies), atMost);
      return open(taken.rows).map(({ row, body }) => ({
        ...body,
        place: placeOf(row, at),
        split: row.waiting === undefined,
        told: row.told ?? [],
      }));
    };
  return {
    range: (scope, asked, atMost) => inOrderOf("keptAt")([only(scope), inRange(asked)], asked.after, atMost),
    publishedSince: (scope, { since, until, after }, atMost) => {
      const published = { publishedAt: { $gte: since, $lt: until }, body: { $exists: true } };
      return inOrderOf("publishedAt")([only(scope), published], after, atMost);
    },
    countRange: (scope, asked) => rows.countDocuments({ $and: [only(scope), inRange(asked)] }),
    countErased: (scope, { from, until, tenantId }) =>
      rows.countDocuments({
        ...only(scope),
        tenants: { $eq: tenantId },
        erasedAt: { $exists: true },
        receivedAt: { $gte: from, $lt: until },
      }),
    search: async (scope, asked, atMost) => {
      const found = rows.find({ $and: [only(scope), searched(asked)] }).sort({ sequence: -1 });
      return open((await upTo(found.limit(atMost.bodies), atMost)).rows).map(({ body }) => body);
    },
  };
}

const inRange = ({ from, until, keys, tenantId }: Omit<RangeOfBodies, "after">): Filter<RawRow> => ({
  keptAt: { ...(from && { $gte: from }), ...(until && { $lt: until }), ...(!from && !until && { $exists: true }) },
  ...(keys && { _id: { $in: [...keys] } }),
  ...(tenantId && { tenants: { $eq: tenantId } }),
});

const searched = ({ keys, refs, receivedAt, seenBy, olderThan }: SearchedBodies): Filter<RawRow> => ({
  body: { $exists: true },
  ...(keys && { _id: { $in: [...keys] } }),
  ...((refs ?? seenBy) && { refs: { $in: (refs ?? [anyRef]).map((ref) => (seenBy ? refSeenBy(seenBy, ref) : ref)) } }),
  ...(receivedAt && { keptAt: { $eq: receivedAt } }),
  ...(olderThan !== undefined && { sequence: { $lt: olderThan } }),
});

const placeOf = (row: RawRow, at: Instant): string => `${row[at]?.toISOString() ?? ""}|${row.sequence}`;

function behind(field: Instant, place: string | undefined): Filter<RawRow> {
  if (place === undefined) return {};
  const [instant = "", sequence = ""] = place.split("|");
  const at = new Date(instant);
  if (Number.isNaN(at.getTime())) throw badInput("after", "is not a place in the log");
  return { [field]: { $gte: at }, $or: [{ [field]: { $gt: at } }, { [field]: at, sequence: { $gt: sequence } }] };
}
