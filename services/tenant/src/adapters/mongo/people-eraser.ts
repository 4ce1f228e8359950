import { type PersonId, systemScope, type TenantId } from "@greentick/kernel";
import { type Database, type Vault } from "@greentick/runtime";
import { heldIn } from "../../domain/roster.js";
import { type PeopleEraser, type RosterStore } from "../../ports/people.js";

interface Owned {
  _id: string;
  tenantId: string;
}

export interface EraserParts {
  readonly database: Database;
  readonly rosters: RosterStore;
  readonly vault: Pick<Vault, "shred">;
}

const erasing = systemScope("own-account");

/**
 * Removes what a tenant knows of its people; who works elsewhere too keeps her person and her account. With the last tenant of somebody the key
 * goes under which her second factor is sealed.
 */
export function mongoPeopleEraser({ database, rosters, vault }: EraserParts): PeopleEraser {
  const rows = (name: string): ReturnType<typeof database.db.collection<Owned>> => database.db.collection<Owned>(name);
  const elsewhere = async (personId: string, tenantId: TenantId): ReturnType<RosterStore["withPerson"]> =>
    (await rosters.withPerson(erasing, personId)).filter(({ id }) => id !== tenantId);
  const atHome = async (tenantId: TenantId): Promise<readonly PersonId[]> => {
    const people = await rows("people")
      .find({ tenantId: { $eq: tenantId } }, { projection: { _id: 1 } })
      .toArray();
    const ids: PersonId[] = [];
    for (const { _id } of people) {
      const isNeeded = (await elsewhere(_id, tenantId)).some((roster) => heldIn(roster, _id).length > 0);
      if (!isNeeded) ids.push(_id as PersonId);
    }
    return ids;
  };
  /** Guests of this tenant whom nobody else knows any more: their home was erased before. */
  const leftOver = async (tenantId: TenantId): Promise<readonly PersonId[]> => {
    const ids: PersonId[] = [];
    for (const { personId } of (await rosters.find(erasing, tenantId))?.entries ?? [])
      if ((await elsewhere(personId, tenantId)).length === 0) ids.push(personId);
    return ids;
  };
  /** The key first: whoever is still there is met again when this is repeated. */
  const erase = async (personId: PersonId): Promise<void> => {
    await vault.shred(personId);
    await rows("accounts").deleteOne({ _id: personId });
    await rows("people").deleteOne({ _id: personId });
  };
  return {
    eraseTenant: async (tenantId) => {
      for (const name of ["sessions", "invitations"]) await rows(name).deleteMany({ tenantId: { $eq: tenantId } });
      for (const personId of new Set([...(await atHome(tenantId)), ...(await leftOver(tenantId))]))
        await erase(personId);
      await rows("rosters").deleteMany({ tenantId: { $eq: tenantId } });
    },
  };
}
