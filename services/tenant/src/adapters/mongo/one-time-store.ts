import { type Database } from "@greentick/runtime";
import { type OneTimeStore } from "../../ports/people.js";

interface OneTimeRow {
  /** A hash of the secret that opens it. */
  _id: string;
  data: Readonly<Record<string, string>>;
  until: Date;
}

/** Taking removes: the store's own atomic delete decides between two who come at once. */
export function mongoOneTimeStore(database: Database): OneTimeStore & { readonly ensureIndexes: () => Promise<void> } {
  const rows = database.db.collection<OneTimeRow>("one_time");
  return {
    put: async (key, data, until) => {
      await rows.insertOne({ _id: key, data, until });
    },
    take: async (key, now) => {
      const row = await rows.findOneAndDelete({ _id: key });
      return row === null || row.until <= now ? undefined : row.data;
    },
    ensureIndexes: async () => {
      await rows.createIndexes([{ key: { until: 1 }, name: "over", expireAfterSeconds: 0 }]);
    },
  };
}
