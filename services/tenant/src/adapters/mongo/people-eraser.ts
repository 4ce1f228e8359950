import { systemScope } from "@greentick/kernel";
import { type Database } from "@greentick/runtime";
import { heldIn } from "../../domain/roster.js";
import { type PeopleEraser, type RosterStore } from "../../ports/people.js";

interface Owned {
  _id: string;
  tenantId: string;
}

/** Removes what a tenant knows of its people; who works elsewhere too keeps her person and her account. */
export function mongoPeopleEraser(database: Database, rosters: RosterStore): PeopleEraser {
  const rows = (name: string): ReturnType<typeof database.db.collection<Owned>> => database.db.collection<Owned>(name);
  const isNeededElsewhere = async (personId: string, tenantId: string): Promise<boolean> =>
    (await rosters.withPerson(systemScope("own-account"), personId)).some(
      (roster) => roster.id !== tenantId && heldIn(roster, personId).length > 0,
    );
  return {
    eraseTenant: async (tenantId) => {
      for (const name of ["sessions", "invitations", "rosters"])
        await rows(name).deleteMany({ tenantId: { $eq: tenantId } });
      const atHome = await rows("people")
        .find({ tenantId: { $eq: tenantId } }, { projection: { _id: 1 } })
        .toArray();
      for (const { _id } of atHome) {
        if (await isNeededElsewhere(_id, tenantId)) continue;
        await rows("accounts").deleteOne({ _id, tenantId });
        await rows("people").deleteOne({ _id, tenantId });
      }
    },
  };
}
