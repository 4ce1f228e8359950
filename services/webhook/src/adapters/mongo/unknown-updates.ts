import { type Scope } from "@greentick/kernel";
import { type Database } from "@greentick/runtime";
import { type Collection } from "mongodb";
import { type UnknownKind, type UnknownUpdate } from "../../domain/unknown-update.js";
import { type UnknownUpdates } from "../../ports.js";
import { oldestFirst } from "./pages.js";

interface Row extends Omit<UnknownUpdate, "id"> {
  _id: string;
  schemaVersion: 1;
}

const system = (scope: Scope): Record<string, never> => {
  if (!("system" in scope)) throw new RangeError("unknown updates are read with a system scope");
  return {};
};

const fromRow = ({ _id, field, kind, tenantId, ancestorIds, livemode, at }: Row): UnknownUpdate => ({
  id: _id,
  field,
  kind,
  tenantId,
  ancestorIds,
  livemode,
  at,
});

const kindsShown = 100;
const byKind = "by_kind";

export function mongoUnknownUpdates(
  database: Database,
): UnknownUpdates & { readonly ensureIndexes: () => Promise<void> } {
  const rows: Collection<Row> = database.db.collection("unknown_updates");
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
    page: async (scope, { field }, page) => {
      const found = await oldestFirst(
        rows,
        { ...system(scope), ...(field !== undefined && { field: { $eq: field } }) },
        page,
      );
      return { ...found, items: found.items.map(fromRow) };
    },
    kinds: (scope) => {
      system(scope);
      return rows
        .aggregate<Omit<UnknownKind, "updates"> & { readonly updates: number | bigint }>(
          [
            { $group: { _id: { field: "$field", kind: "$kind" }, updates: { $sum: 1 } } },
            { $sort: { updates: -1, _id: 1 } },
            { $limit: kindsShown },
            { $project: { _id: 0, field: "$_id.field", kind: "$_id.kind", updates: 1 } },
          ],
          { hint: byKind },
        )
        .map(({ updates, ...kind }) => ({ ...kind, updates: Number(updates) }))
        .toArray();
    },
    eraseBefore: async (scope, before) => {
      await rows.deleteMany({ ...system(scope), at: { $lt: before } });
    },
    ensureIndexes: async () => {
      await rows.createIndexes([
        { key: { field: 1, kind: 1, at: 1, _id: 1 }, name: byKind },
        { key: { at: 1, _id: 1 }, name: "oldest" },
      ]);
    },
  };
}
