import { type Database } from "@greentick/runtime";
import { type Collection } from "mongodb";
import { without } from "../../domain/without.js";
import { type Recheck, type RecheckBook } from "../../ports.js";

interface RecheckRow extends Omit<Recheck, "id"> {
  _id: string;
  schemaVersion: 1;
  dueAt: Date;
}

/** Which deliveries are to be decided again, and when. Documents are removed when they are done. */
export function mongoRecheckBook(database: Database): RecheckBook & { readonly ensureIndexes: () => Promise<void> } {
  const rows: Collection<RecheckRow> = database.db.collection("rechecks");
  return {
    ask: async (_, { id, ...recheck }, dueAt) => {
      const fresh = { ...recheck, passes: 0, dueAt, schemaVersion: 1 as const };
      await rows.updateOne({ _id: id }, { $setOnInsert: fresh }, { upsert: true });
    },
    due: async (_, now, limit) => {
      const found = await rows
        .find({ dueAt: { $lte: now } })
        .sort({ dueAt: 1 })
        .limit(limit)
        .toArray();
      return found.map(({ _id, ...row }) => ({ ...without(row, "schemaVersion", "dueAt"), id: _id }));
    },
    again: async (_, { id, passes }, dueAt) => {
      await rows.updateOne({ _id: id, passes }, { $set: { passes: passes + 1, dueAt } });
    },
    done: async (_, { id, passes }) => {
      await rows.deleteOne({ _id: id, passes });
    },
    ensureIndexes: async () => {
      await rows.createIndexes([{ key: { dueAt: 1 }, name: "due" }]);
    },
  };
}
