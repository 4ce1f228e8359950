import { type Scope } from "@greentick/kernel";
import { type Database } from "@greentick/runtime";
import { type Collection, type Filter, type IndexDescription } from "mongodb";
import { type QuarantinedUpdate } from "../../domain/quarantine.js";
import { type Quarantine } from "../../ports.js";
import { oldestFirst } from "./pages.js";

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

const indexes: IndexDescription[] = [
  { key: { wabaId: 1, releasedAt: 1, sequence: 1, index: 1 }, name: "waiting_for_account" },
  { key: { releasedAt: 1, at: 1, _id: 1 }, name: "longest_waiting" },
  { key: { at: 1 }, name: "entered" },
];

export function mongoQuarantine(database: Database): Quarantine & { readonly ensureIndexes: () => Promise<void> } {
  const rows: Collection<Row> = database.db.collection("quarantine");
  /** Accounts of which none waited when they were asked for. */
  const free = new Set<string>();
  const waitingFor = (scope: Scope, wabaId: string): Filter<Row> => ({
    ...system(scope),
    wabaId: { $eq: wabaId },
    reason: "unknown_account",
    releasedAt: { $exists: false },
  });
  return {
    put: async (scope, updates) => {
      if (updates.length === 0) return;
      for (const { wabaId = "" } of updates) free.delete(wabaId);
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
      const found = rows.find(waitingFor(scope, wabaId)).sort({ sequence: 1, index: 1 });
      return (await found.limit(limit).toArray()).map(fromRow);
    },
    holdsBack: async (scope, wabaId) => {
      if (free.has(wabaId)) return false;
      const waits = (await rows.findOne(waitingFor(scope, wabaId), { projection: { _id: 1 } })) !== null;
      if (!waits) free.add(wabaId);
      return waits;
    },
    holdAs: async (scope, ids, reason) => {
      if (ids.length === 0) return;
      const change = { $set: { reason }, $unset: { releasedAt: 1 as const } };
      await rows.updateMany({ ...system(scope), _id: { $in: [...ids] } }, change);
    },
    release: async (scope, ids, at) => {
      await rows.updateMany({ ...system(scope), _id: { $in: [...ids] } }, { $set: { releasedAt: at } });
    },
    page: async (scope, { reason }, page) => {
      const waiting = { ...system(scope), releasedAt: { $exists: false }, ...(reason && { reason: { $eq: reason } }) };
      const found = await oldestFirst(rows, waiting, page);
      return { ...found, items: found.items.map(fromRow) };
    },
    released: async (scope, ids) => {
      const gone = { ...system(scope), _id: { $in: [...ids] }, releasedAt: { $exists: true } };
      return new Set((await rows.find(gone, { projection: { _id: 1 } }).toArray()).map(({ _id }) => _id));
    },
    eraseBefore: async (scope, before) => {
      await rows.deleteMany({ ...system(scope), at: { $lt: before } });
    },
    ensureIndexes: async () => {
      await rows.createIndexes(indexes);
    },
  };
}
