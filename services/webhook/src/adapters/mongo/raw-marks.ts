import { type Clock } from "@greentick/kernel";
import { type Sealer } from "@greentick/runtime";
import { Binary, type Collection } from "mongodb";
import { type RawLog, type SplitBody } from "../../ports.js";
import { type RawRow } from "./raw-inserts.js";
import { about, only } from "./raw-rows.js";

type RawMarks = Pick<RawLog, "markSplit" | "notePublished" | "notePeople" | "rewrite" | "eraseBefore">;

/** What becomes known of kept bodies, and what is taken from them. */
export function rawMarks(
  rows: Collection<RawRow>,
  { sealer, now }: { readonly sealer: Sealer; readonly now: Clock },
): RawMarks {
  return {
    markSplit: async (scope, bodies) => {
      const writes = bodies.map((one) => ({
        updateOne: { filter: { ...only(scope), _id: one.key }, update: asSplit(one, now()) },
      }));
      await rows.bulkWrite(writes, { ordered: false });
    },
    notePublished: async (scope, which) => {
      const published = "since" in which ? { publishedAt: { $gte: which.since } } : { _id: { $in: [...which] } };
      await rows.updateMany({ ...only(scope), ...published }, { $max: { publishedAt: now() } });
    },
    notePeople: async (scope, { key, people, tenants, refs }) => {
      await rows.updateOne(
        { ...only(scope), _id: key },
        { $addToSet: { ...named(people, tenants), refs: { $each: [...refs] } } },
      );
    },
    rewrite: async (scope, { key, body, people, refs, told }) => {
      const sealed = new Binary(sealer.seal(about(key), body));
      const change = { $set: { body: sealed, refs: [...refs], told: [...told] }, $pullAll: { people: [...people] } };
      await rows.updateOne({ ...only(scope), _id: key, body: { $exists: true } }, change);
    },
    eraseBefore: async (scope, before, held) => {
      const old = {
        ...only(scope),
        keptAt: { $lt: before },
        waiting: { $exists: false },
        tenants: { $nin: [...held] },
      };
      const gone = { body: 1, keptAt: 1, people: 1, refs: 1, told: 1, publishedAt: 1 } as const;
      return (await rows.updateMany(old, { $unset: gone, $set: { erasedAt: now() } })).modifiedCount;
    },
  };
}

const asSplit = ({ updates, people, tenants, refs, told }: SplitBody, now: Date) => ({
  $set: { updates, told: [...told], refs: [...refs] },
  ...(tenants.length > 0 && { $addToSet: named(people, tenants) }),
  ...(told.some((hash) => hash !== "") && { $max: { publishedAt: now } }),
  $unset: { waiting: 1 as const },
});

const named = (people: readonly string[], tenants: readonly string[]) => ({
  people: { $each: [...people] },
  tenants: { $each: [...tenants] },
});
