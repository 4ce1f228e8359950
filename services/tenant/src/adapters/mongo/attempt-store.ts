import { type Database, isDuplicateKey } from "@greentick/runtime";
import { after } from "@greentick/kernel";
import { keptMs } from "../../domain/attempts.js";
import { type AttemptStore } from "../../ports/people.js";

interface AttemptRow {
  /** A keyed hash. */
  _id: string;
  /** Milliseconds since 1970 at which everything is forgotten; a number, so that it can be added to. */
  forgottenAt: number;
  last: Date;
  /** The store removes the row after this. */
  keepUntil: Date;
}

/** Counts that several processes share. Two atomic writes a failure; nothing is read first, so nothing is lost. */
export function mongoAttemptStore(database: Database): AttemptStore & { readonly ensureIndexes: () => Promise<void> } {
  const rows = database.db.collection<AttemptRow>("sign_in_attempts");
  return {
    read: async (keys) => {
      const found = new Map((await rows.find({ _id: { $in: [...keys] } }).toArray()).map((row) => [row._id, row]));
      return keys.map((key) => {
        const row = found.get(key);
        return row && { forgottenAt: new Date(row.forgottenAt), last: row.last };
      });
    },
    add: async (key, rule, now) => {
      const nowMs = now.getTime();
      const floor = { $max: { forgottenAt: nowMs, last: now, keepUntil: after(now, keptMs(rule)) } };
      const lift = (): Promise<unknown> => rows.updateOne({ _id: key }, floor, { upsert: true });
      await lift().catch((error: unknown) => {
        if (!isDuplicateKey(error)) throw error;
        return lift();
      });
      const row = await rows.findOneAndUpdate(
        { _id: key },
        { $inc: { forgottenAt: rule.forgetEveryMs } },
        { returnDocument: "after" },
      );
      return { forgottenAt: new Date(row?.forgottenAt ?? nowMs + rule.forgetEveryMs), last: row?.last ?? now };
    },
    takeBack: async (key, rule) => {
      await rows.updateOne({ _id: key }, { $inc: { forgottenAt: -rule.forgetEveryMs } });
    },
    clear: async (key) => {
      await rows.deleteOne({ _id: key });
    },
    ensureIndexes: async () => {
      await rows.createIndexes([{ key: { keepUntil: 1 }, name: "forgotten", expireAfterSeconds: 0 }]);
    },
  };
}
