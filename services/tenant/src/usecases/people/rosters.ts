import { AppError, type Call, type DomainEvent, type Scope, systemScope } from "@greentick/kernel";
import { emptyRoster, type Roster } from "../../domain/roster.js";
import { type Tenant } from "../../domain/tenant.js";
import { type RosterStore } from "../../ports/people.js";

export interface RosterChange {
  readonly roster: Roster;
  readonly events: readonly DomainEvent[];
}

/** Everywhere that a person belongs; the person's own view of herself. */
export const everywhere: Scope = systemScope("own-account");

export const rosterOf = async (rosters: RosterStore, tenant: Tenant): Promise<Roster> =>
  (await rosters.find({ tenant: tenant.id, ancestors: tenant.ancestorIds }, tenant.id)) ?? emptyRoster(tenant);

const mostTries = 8;

/**
 * Changes a tenant's roster by a pure rule, again on what is there when somebody else was first. A rule that changes nothing writes nothing.
 * @throws what the rule throws; CONFLICT/version_conflict after eight lost races.
 */
export async function changeRoster(
  rosters: RosterStore,
  call: Call,
  { tenant, change }: { readonly tenant: Tenant; readonly change: (roster: Roster) => RosterChange },
): Promise<Roster> {
  for (let tries = 1; ; tries++) {
    const before = await rosterOf(rosters, tenant);
    const { roster, events } = change(before);
    if (roster === before) return before;
    try {
      return await rosters.keep(call, roster, events);
    } catch (error) {
      const lost = error instanceof AppError && error.reason === "version_conflict";
      if (!lost || tries >= mostTries) throw error;
    }
  }
}
