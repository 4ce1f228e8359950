import {
  event,
  invitationWithdrawn,
  personInvited,
  personRolesChanged,
  personStandingChanged,
} from "@greentick/contracts";
import { allow, badInput, type Call, type DomainEvent, type Role, tenantScope } from "@greentick/kernel";
import {
  type Invitation,
  type InvitationStatus,
  invite,
  type Link,
  resend,
  withdraw,
} from "../../domain/invitation.js";
import { inviteRight, type InviteRight, onlyFirst } from "../../domain/inviting.js";
import { peopleErrors } from "../../domain/people-errors.js";
import {
  changeRoles,
  changeStanding,
  emailAddress,
  entryByEmail,
  entryOf,
  matchingEntries,
  type PeopleFilter,
  type PersonStanding,
  type Roster,
  type RosterEntry,
  sideOf,
} from "../../domain/roster.js";
import { tenantErrors } from "../../domain/errors.js";
import { type Tenant } from "../../domain/tenant.js";
import { type Page, type PageRequest, type TenantStore } from "../../ports.js";
import { familyOf } from "../tenants-in-sight.js";
import { isLost } from "./change-account.js";
import { linkToken } from "./links.js";
import { type InvitationStore, type RosterStore, type Secrets } from "../../ports/people.js";
import { changeRoster, type RosterChange, rosterOf } from "./rosters.js";

export interface PeoplePorts {
  readonly tenants: TenantStore;
  readonly rosters: RosterStore;
  readonly invitations: InvitationStore;
  readonly secrets: Secrets;
}

interface Below {
  /** Default: the caller's tenant. Staff may name one below it. */
  readonly tenantId?: string;
}

export interface ListPeopleInput extends Below, PeopleFilter {}

const cursorOf = ({ personId }: RosterEntry): string => Buffer.from(personId).toString("base64url");

function pageOf(entries: readonly RosterEntry[], { first, after }: PageRequest): Page<RosterEntry> {
  const from = after === undefined ? 0 : entries.findIndex((entry) => cursorOf(entry) === after) + 1;
  if (after !== undefined && from === 0) throw badInput("after", "is not a cursor of this list");
  const items = entries.slice(from, from + first);
  const last = items.at(-1);
  return {
    items,
    hasNextPage: from + first < entries.length,
    totalCount: entries.length,
    ...(last && { endCursor: cursorOf(last) }),
  };
}

/** Who belongs to a tenant. @throws NOT_FOUND/tenant_not_found. */
export const listPeople =
  ({ tenants, rosters }: Pick<PeoplePorts, "tenants" | "rosters">) =>
  async (
    call: Call,
    { tenantId = call.tenantId, ...filter }: ListPeopleInput,
    page: PageRequest,
  ): Promise<Page<RosterEntry>> => {
    allow(call, "person:read");
    const tenant = await tenants.get(familyOf(call), tenantId);
    return pageOf(matchingEntries(await rosterOf(rosters, tenant), filter), page);
  };

export interface ListInvitationsInput extends Below {
  readonly status?: Exclude<InvitationStatus, "expired">;
}

export const listInvitations =
  ({ tenants, invitations }: Pick<PeoplePorts, "tenants" | "invitations">) =>
  async (
    call: Call,
    { tenantId = call.tenantId, ...filter }: ListInvitationsInput,
    page: PageRequest,
  ): Promise<Page<Invitation>> => {
    allow(call, "person:read");
    const tenant = await tenants.get(familyOf(call), tenantId);
    return invitations.list({ tenant: tenant.id, ancestors: tenant.ancestorIds }, page, filter);
  };

export interface InviteInput extends Below {
  readonly email: string;
  readonly name: string;
  readonly roles: readonly Role[];
}

const told = (invitation: Invitation): DomainEvent =>
  event(personInvited, {
    invitationId: invitation.id,
    sending: invitation.sending,
    roles: [...invitation.roles],
    expiresAt: invitation.expiresAt,
  });

const newLink = (secrets: Secrets, id: string): Link => {
  const nonce = secrets.newSecret();
  return { nonce, tokenHash: secrets.hashOf(linkToken(secrets, "invitation", { id, nonce })) };
};

interface Inviting {
  readonly tenant: Tenant;
  readonly right: Exclude<InviteRight, "nobody">;
}

/** The tenant into which the caller may invite. @throws NOT_FOUND/tenant_not_found, FORBIDDEN/invite_below_only. */
async function placeToInvite(tenants: TenantStore, call: Call, tenantId: string): Promise<Inviting> {
  allow(call, "person:invite");
  const tenant = await tenants.get(familyOf(call), tenantId);
  const right = inviteRight(call.permissions, { isAbove: tenant.id !== call.tenantId });
  if (right === "nobody") throw peopleErrors.inviteBelowOnly();
  if (tenant.status === "closed") throw tenantErrors.closed(tenant.id);
  return { tenant, right };
}

interface Whom {
  readonly roster: Roster;
  readonly email: string;
  readonly roles: readonly Role[];
}

/** What holds for somebody who may bring in the first person only. @throws FORBIDDEN/first_person_only, FORBIDDEN/not_oneself. */
async function othersFirst(
  { rosters }: Pick<PeoplePorts, "rosters">,
  call: Call,
  { roster, email, roles }: Whom,
): Promise<void> {
  onlyFirst(roster, roles);
  const home = await rosters.find(tenantScope(call), call.tenantId);
  if (home !== undefined && entryOf(home, call.actor.id)?.email === email) throw peopleErrors.notOneself();
}

/**
 * Invites somebody: the intent is kept, and a handler of its event sends the link. An open invitation of the same address is replaced. Without
 * `person:write` the caller brings in the first owner of a client, or the first platform admin of a reseller, below the own tenant, and nobody
 * else. With `call.idempotencyKey` a repeat returns the first. @throws CONFLICT/already_in_tenant, FORBIDDEN/invite_below_only,
 * FORBIDDEN/first_person_only, FORBIDDEN/not_oneself, BAD_USER_INPUT for address, name or roles.
 */
export const invitePerson =
  (ports: PeoplePorts) =>
  async (call: Call, input: InviteInput): Promise<Invitation> => {
    const { tenant, right } = await placeToInvite(ports.tenants, call, input.tenantId ?? call.tenantId);
    const roster = await rosterOf(ports.rosters, tenant);
    const email = emailAddress(input.email);
    if (right === "first") await othersFirst(ports, call, { roster, email, roles: input.roles });
    if (entryByEmail(roster, email) !== undefined) throw peopleErrors.alreadyHere();
    const id = call.newId("invitation");
    const { name, roles } = input;
    const link = newLink(ports.secrets, id);
    const wanted = { id, email, name, roles, invitedBy: call.actor.id, link, now: call.systemNow() };
    const invitation = invite(tenant, sideOf(tenant), wanted);
    const kept = await ports.invitations.insert(call, invitation, { events: [told(invitation)], input });
    await withdrawEarlier(ports, call, kept);
    call.log.info({ invitationId: kept.id, forTenantId: tenant.id }, "person invited");
    return kept;
  };

/** One open invitation for one address in one tenant, the newest; ids grow with time. Safe to repeat. */
async function withdrawEarlier({ invitations }: PeoplePorts, call: Call, kept: Invitation): Promise<void> {
  const place = { tenant: kept.tenantId, ancestors: kept.ancestorIds };
  for (const earlier of await invitations.openFor(place, kept.email))
    if (earlier.id < kept.id)
      await invitations.save(call, withdraw(earlier), [withdrawn(earlier)]).catch((error: unknown) => {
        if (!isLost(error)) throw error;
      });
}

const withdrawn = ({ id }: Invitation): DomainEvent => event(invitationWithdrawn, { invitationId: id });

interface Found extends Inviting {
  readonly invitation: Invitation;
}

const invitationFor = async ({ tenants, invitations }: PeoplePorts, call: Call, id: string): Promise<Found> => {
  allow(call, "person:invite");
  const invitation = await invitations.get(familyOf(call), id);
  return { invitation, ...(await placeToInvite(tenants, call, invitation.tenantId)) };
};

/**
 * A new link by a new message; the old one works no more. @throws NOT_FOUND/invitation_not_found, CONFLICT/invitation_not_open, and as
 * `invitePerson` for somebody who may bring in the first person only.
 */
export const resendInvitation =
  (ports: PeoplePorts) =>
  async (call: Call, id: string): Promise<Invitation> => {
    const { invitation, tenant, right } = await invitationFor(ports, call, id);
    const { email, roles } = invitation;
    if (right === "first")
      await othersFirst(ports, call, { roster: await rosterOf(ports.rosters, tenant), email, roles });
    const link = newLink(ports.secrets, id);
    const sent = resend(invitation, { link, invitedBy: call.actor.id, now: call.systemNow() });
    return ports.invitations.save(call, sent, [told(sent)]);
  };

/** The link leads nowhere any more. Safe to repeat. @throws NOT_FOUND/invitation_not_found, CONFLICT/invitation_not_open. */
export const withdrawInvitation =
  (ports: PeoplePorts) =>
  async (call: Call, id: string): Promise<Invitation> => {
    const { invitation } = await invitationFor(ports, call, id);
    if (invitation.status === "withdrawn") return invitation;
    return ports.invitations.save(call, withdraw(invitation), [withdrawn(invitation)]);
  };

type Managing = Pick<PeoplePorts, "tenants" | "rosters">;

async function manage(
  { tenants, rosters }: Managing,
  call: Call,
  { personId, change }: { readonly personId: string; readonly change: (roster: Roster) => RosterChange },
): Promise<RosterEntry> {
  allow(call, "person:write");
  const tenant = await tenants.get(tenantScope(call), call.tenantId);
  const entry = entryOf(await changeRoster(rosters, call, { tenant, change }), personId);
  if (entry === undefined) throw peopleErrors.notFound(personId);
  return entry;
}

/** Other roles for a person of the caller's tenant; effective within seconds. @throws NOT_FOUND/person_not_found, CONFLICT/last_admin_stays. */
export const changePersonRoles =
  (ports: Managing) =>
  (
    call: Call,
    { personId, roles }: { readonly personId: string; readonly roles: readonly Role[] },
  ): Promise<RosterEntry> =>
    manage(ports, call, {
      personId,
      change: (before) => {
        const roster = changeRoles(before, personId, roles);
        return { roster, events: [rolesChanged(personId, before, roster)] };
      },
    });

function rolesChanged(personId: string, before: Roster, after: Roster): DomainEvent {
  const [was, now] = [before, after].map((roster) => entryOf(roster, personId)?.roles ?? []);
  const changes = [{ field: "roles", from: (was ?? []).join(" "), to: (now ?? []).join(" ") }];
  return event(personRolesChanged, { personId, roles: [...(now ?? [])], changes });
}

/** Deactivates, reactivates or removes. Safe to repeat. @throws NOT_FOUND/person_not_found, CONFLICT/last_admin_stays. */
export const changePersonStanding =
  (ports: Managing, standing: PersonStanding) =>
  (call: Call, personId: string): Promise<RosterEntry> =>
    manage(ports, call, {
      personId,
      change: (before) => {
        const roster = changeStanding(before, personId, { standing, now: call.now() });
        const was = entryOf(before, personId)?.standing ?? standing;
        const changes = [{ field: "standing", from: was, to: standing }];
        return { roster, events: [event(personStandingChanged, { personId, standing, changes })] };
      },
    });
