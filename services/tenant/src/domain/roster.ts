import { badInput, type PersonId, type Role, staffRoles, type TenantId } from "@greentick/kernel";
import { tenantErrors } from "./errors.js";
import { peopleErrors } from "./people-errors.js";
import { type Tenant } from "./tenant.js";

export type PersonStanding = "active" | "deactivated" | "removed";

/** One person in one tenant. */
export interface RosterEntry {
  readonly personId: PersonId;
  readonly name: string;
  /** Lower case; once in a tenant. */
  readonly email: string;
  /** In the order of the roles' table; empty once removed. */
  readonly roles: readonly Role[];
  readonly standing: PersonStanding;
  /** Business time of the last change of standing. */
  readonly since: Date;
}

/**
 * Who belongs to a tenant, in one document, so that "the last owner stays" holds however many people are changed at once. The tenant's id is
 * its id.
 */
export interface Roster {
  readonly id: TenantId;
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  readonly version: number;
  readonly side: RosterSide;
  readonly entries: readonly RosterEntry[];
}

/** Staff of the provider or a reseller, or members of a client and its branches. */
export type RosterSide = "staff" | "member";

const mostPeople = 2_000;

export const sideOf = (tenant: Pick<Tenant, "kind">): RosterSide =>
  tenant.kind === "provider" || tenant.kind === "reseller" ? "staff" : "member";

export const emptyRoster = (tenant: Tenant): Roster => ({
  id: tenant.id,
  tenantId: tenant.id,
  ancestorIds: tenant.ancestorIds,
  livemode: tenant.livemode,
  version: 0,
  side: sideOf(tenant),
  entries: [],
});

export const entryOf = (roster: Roster, personId: string): RosterEntry | undefined =>
  roster.entries.find((entry) => entry.personId === personId);

export const entryByEmail = (roster: Roster, email: string): RosterEntry | undefined =>
  roster.entries.find((entry) => entry.email === email && entry.standing !== "removed");

/** What an active person holds here; nothing for anybody else. */
export const heldIn = (roster: Roster | undefined, personId: string): readonly Role[] => {
  const entry = roster && entryOf(roster, personId);
  return entry?.standing === "active" ? entry.roles : [];
};

/** @throws BAD_USER_INPUT/roles_not_allowed for none, or for roles that do not belong in such a tenant. */
export function fittingRoles(side: RosterSide, wanted: readonly Role[]): readonly Role[] {
  const wrong = wanted.filter((role) => role === "service" || staffRoles.includes(role) !== (side === "staff"));
  if (wrong.length > 0 || wanted.length === 0) throw tenantErrors.rolesNotAllowed(side, wrong);
  return [...new Set(wanted)];
}

/** Lower case without space around it. @throws BAD_USER_INPUT for what is no address. */
export function emailAddress(text: string): string {
  const email = text.trim().toLowerCase();
  if (email.length > 254 || !/^[^\s@<>"',;]+@[^\s@<>"',;]+\.[^\s@<>"',;]+$/.test(email))
    throw badInput("email", "is no e-mail address");
  return email;
}

/** @throws BAD_USER_INPUT for an empty or very long name, or one with control characters. */
export function personName(text: string): string {
  const name = text.trim();
  if (name === "" || name.length > 120 || /\p{Cc}/u.test(name))
    throw badInput("name", "must have 1 to 120 characters, none of them invisible");
  return name;
}

export interface Joining extends Pick<RosterEntry, "personId" | "name" | "email"> {
  readonly roles: readonly Role[];
}

/**
 * The person belongs here from now on, also after having left. Joining twice changes nothing.
 * @throws CONFLICT/already_in_tenant for another person with this address, CONFLICT/tenant_full.
 */
export function join(roster: Roster, { roles, ...who }: Joining, now: Date): Roster {
  const known = entryOf(roster, who.personId);
  if (known !== undefined && known.standing !== "removed") return roster;
  if (entryByEmail(roster, who.email) !== undefined) throw peopleErrors.alreadyHere();
  if (known === undefined && roster.entries.length >= mostPeople) throw peopleErrors.full(mostPeople);
  const entry: RosterEntry = { ...who, roles: fittingRoles(roster.side, roles), standing: "active", since: now };
  return { ...roster, entries: [...roster.entries.filter((one) => one !== known), entry] };
}

/** @throws NOT_FOUND/person_not_found, CONFLICT/person_removed, CONFLICT/last_admin_stays, BAD_USER_INPUT/roles_not_allowed. */
export function changeRoles(roster: Roster, personId: string, wanted: readonly Role[]): Roster {
  const roles = fittingRoles(roster.side, wanted);
  return changed(roster, personId, (entry) => ({ ...entry, roles }));
}

/** @throws NOT_FOUND/person_not_found, CONFLICT/last_admin_stays. Safe to repeat. */
export function changeStanding(
  roster: Roster,
  personId: string,
  to: { readonly standing: PersonStanding; readonly now: Date },
): Roster {
  const { standing, now } = to;
  const entry = entryOf(roster, personId);
  if (entry?.standing === standing) return roster;
  return changed(roster, personId, (one) => ({
    ...one,
    standing,
    since: now,
    roles: standing === "removed" ? [] : one.roles,
  }));
}

function changed(roster: Roster, personId: string, change: (entry: RosterEntry) => RosterEntry): Roster {
  const entry = entryOf(roster, personId);
  if (entry === undefined) throw peopleErrors.notFound(personId);
  if (entry.standing === "removed") throw peopleErrors.hasLeft(personId);
  const after = { ...roster, entries: roster.entries.map((one) => (one === entry ? change(one) : one)) };
  const role = adminRoleOf(roster);
  if (admins(roster, role) > 0 && admins(after, role) === 0) throw peopleErrors.lastAdmin(role);
  return after;
}

const adminRole = { staff: "platform_admin", member: "owner" } as const;

/** Who can let others in: an owner of a client, a platform admin of a provider or reseller. */
export const adminRoleOf = ({ side }: Pick<Roster, "side">): Role => adminRole[side];

/** Whether somebody active can let others in. */
export const hasAdmin = (roster: Roster): boolean => admins(roster, adminRoleOf(roster)) > 0;

const admins = (roster: Roster, role: Role): number =>
  roster.entries.filter((entry) => entry.standing === "active" && entry.roles.includes(role)).length;

export interface PeopleFilter {
  readonly role?: Role;
  readonly standing?: PersonStanding;
  /** Part of a name or address, in any case. */
  readonly text?: string;
}

/** Those who match, in the order in which they came last first; without a wish about standing, those who left are left out. */
export function matchingEntries(roster: Roster, { role, standing, text }: PeopleFilter): readonly RosterEntry[] {
  const part = text?.trim().toLowerCase() ?? "";
  return [...roster.entries]
    .reverse()
    .filter((entry) => (standing === undefined ? entry.standing !== "removed" : entry.standing === standing))
    .filter((entry) => role === undefined || entry.roles.includes(role))
    .filter(({ name, email }) => part === "" || name.toLowerCase().includes(part) || email.includes(part));
}
