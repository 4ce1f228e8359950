import { type Scope } from "@greentick/kernel";
import { type Database } from "@greentick/runtime";
import { type Collection } from "mongodb";
import { type QuarantinedUpdate } from "../../domain/quarantine.js";
import { type Quarantine } from "../../ports.js";

interface Row extends Omit<QuarantinedUpdate, "id"> {
  _id: string;
  schemaVersion: 1;
}

const system = (scope: Scope): Record<string, never> => {
  if (!("system" in scope)) throw new RangeError("the quarantine is read with a system scope");
  return {};
};

const fromRow = ({ _id, schemaVersion, ...row }: Row): QuarantinedUpdate & { schemaVersion?: number } => ({
  ...row,
  id: _id,
  schemaVersion,
});

export function mongoQuarantine(database: Database): Quarantine & { readonly ensureIndexes: () => Promise<void> } {
  const rows: Collection<Row> = database.db.collection("quarantine");
  return {
    put: async (scope, updates) => {
      if (updates.length === 0) return;
      const writes = updates.map(({ id, ...fields }) => ({
        updateOne: {
          filter: { ...system(scope), _id: id },
          update: { $setOnInsert: { ...fields, schemaVersion: 1 as const } },
          upsert: true,
        },
      }));
      await rows.bulkWrite(writes, { ordered: false });
    },
    waitingFor: async (scope, wabaId, limit) => {
      const waiting = { wabaId: { $eq: wabaId }, reason: "unknown_account" as const, releasedAt: { $exists: false } };
      const found = rows.find({ ...system(scope), ...waiting }).sort({ at: 1, _id: 1 });
      return (await found.limit(limit).toArray()).map(fromRow);
    },
    holdAs: async (scope, ids, reason) => {
      if (ids.length > 0) await rows.updateMany({ ...system(scope), _id: { $in: [...ids] } }, { $set: { reason } });
    },
    release: async (scope, ids, at) => {
      await rows.updateMany({ ...system(scope), _id: { $in: [...ids] } }, { $set: { releasedAt: at } });
    },
    list: async (scope) =>
      (
        await rows
          .find({ ...system(scope), releasedAt: { $exists: false } })
          .sort({ at: 1 })
          .limit(1_000)
          .toArray()
      ).map(fromRow),
    ensureIndexes: async () => {
      await rows.createIndex({ wabaId: 1, releasedAt: 1 }, { name: "waiting_for_account" }, {});
    },
  };
}
