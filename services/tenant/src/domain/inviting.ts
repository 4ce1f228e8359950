import { type Permission, type Role } from "@greentick/kernel";
import { peopleErrors } from "./people-errors.js";
import { adminRoleOf, hasAdmin, type Roster } from "./roster.js";

/**
 * Whom somebody may invite into a tenant. Whoever manages people there (`person:write`, held in it or above it) anybody; whoever may only invite,
 * from above, the first person, so that a client can be brought in by staff who have no business in it afterwards.
 */
export type InviteRight = "anybody" | "first" | "nobody";

/** `isAbove`: the permissions are held in a tenant above the one in question, not in itself. */
export function inviteRight(held: ReadonlySet<Permission>, { isAbove }: { readonly isAbove: boolean }): InviteRight {
  if (!held.has("person:invite")) return "nobody";
  if (held.has("person:write")) return "anybody";
  return isAbove ? "first" : "nobody";
}

/** The first person of a tenant, while it has nobody who could invite others. @throws FORBIDDEN/first_person_only. */
export function onlyFirst(roster: Roster, roles: readonly Role[]): void {
  const first = adminRoleOf(roster);
  if (hasAdmin(roster) || roles.some((role) => role !== first)) throw peopleErrors.firstPersonOnly(first);
}
