import { type Scope, type TenantId } from "@greentick/kernel";
import { type Database } from "@greentick/runtime";
import { type Collection } from "mongodb";
import { type Owner, type Owners } from "../../ports.js";

interface Row {
  _id: string;
  schemaVersion: 1;
  tenantId: TenantId;
  ancestorIds: readonly TenantId[];
  livemode: boolean;
}

const system = (scope: Scope): void => {
  if (!("system" in scope)) throw new RangeError("owners are looked up with a system scope");
};

/** Owners over MongoDB with a memory of those seen; an owner of an account never changes to another tenant. */
export function mongoOwners(database: Database): Owners {
  const rows: Collection<Row> = database.db.collection("owners");
  const seen = new Map<string, Owner>();
  const find = async (id: string): Promise<Owner | undefined> => {
    const known = seen.get(id);
    if (known !== undefined) return known;
    const row = await rows.findOne({ _id: { $eq: id } });
    if (row === null) return undefined;
    const owner = { tenantId: row.tenantId, ancestorIds: row.ancestorIds, livemode: row.livemode };
    seen.set(id, owner);
    return owner;
  };
  const keep = async (id: string, owner: Owner): Promise<void> => {
    await rows.updateOne({ _id: id }, { $set: { ...owner, schemaVersion: 1 } }, { upsert: true });
    seen.delete(id);
  };
  return {
    ofWaba: (scope, wabaId) => {
      system(scope);
      return find(`waba/${wabaId}`);
    },
    ofProvider: (scope) => {
      system(scope);
      return find("provider");
    },
    keepWaba: (scope, wabaId, owner) => {
      system(scope);
      return keep(`waba/${wabaId}`, owner);
    },
    keepProvider: (scope, owner) => {
      system(scope);
      return keep("provider", owner);
    },
  };
}
