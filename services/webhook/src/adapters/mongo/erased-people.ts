import { type Scope, type TenantId } from "@greentick/kernel";
import { type Database } from "@greentick/runtime";
import { type ErasedPeople } from "../../ports.js";

interface Row {
  _id: string;
  tenantId: TenantId;
  ancestorIds: readonly TenantId[];
  schemaVersion: 1;
  erasedAt: Date;
}

const system = (scope: Scope): void => {
  if (!("system" in scope)) throw new RangeError("erased people are looked up with a system scope");
};

/** Keyed hashes of people who asked for erasure, by tenant. */
export function mongoErasedPeople(database: Database): ErasedPeople {
  const rows = database.db.collection<Row>("erased_people");
  return {
    remember: async (scope, { tenantId, ancestorIds }, { people, at }) => {
      system(scope);
      const writes = people.map((_id) => ({
        updateOne: {
          filter: { _id },
          update: { $max: { erasedAt: at }, $setOnInsert: { tenantId, ancestorIds, schemaVersion: 1 as const } },
          upsert: true,
        },
      }));
      await rows.bulkWrite(writes, { ordered: false });
    },
    among: async (scope, people) => {
      system(scope);
      const found = await rows.find({ _id: { $in: [...people] } }).toArray();
      return new Map(found.map((row) => [row._id, row.erasedAt]));
    },
  };
}
