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

/** The tenant into which the caller may invite. @throws NOT_FOUND/tenant_not_found, FORBIDDEN/invite_below_only. */
async function placeToInvite(tenants: TenantStore, call: Call, tenantId: string): Promise<Tenant> {
  allow(call, "person:invite");
  const tenant = await tenants.get(familyOf(call), tenantId);
  if (tenant.id === call.tenantId && !call.permissions.has("person:write")) throw peopleErrors.inviteBelowOnly();
  if (tenant.status === "closed") throw tenantErrors.closed(tenant.id);
  return tenant;
}

/**
 * Invites somebody: the intent is kept, and a handler of its event sends the link. With `call.idempotencyKey` a repeat returns the first.
 * @throws CONFLICT/already_in_tenant, BAD_USER_INPUT for address, name or roles.
 */
export const invitePerson =
  ({ tenants, rosters, invitations, secrets }: PeoplePorts) =>
  async (call: Call, input: InviteInput): Promise<Invitation> => {
    const tenant = await placeToInvite(tenants, call, input.tenantId ?? call.tenantId);
    if (entryByEmail(await rosterOf(rosters, tenant), emailAddress(input.email)) !== undefined)
      throw peopleErrors.alreadyHere();
    const id = call.newId("invitation");
    const { email, name, roles } = input;
    const wanted = {
      id,
      email,
      name,
      roles,
      invitedBy: call.actor.id,
      link: newLink(secrets, id),
      now: call.systemNow(),
    };
    const invitation = invite(tenant, sideOf(tenant), wanted);
    const kept = await invitations.insert(call, invitation, { events: [told(invitation)], input });
    call.log.info({ invitationId: kept.id, forTenantId: tenant.id }, "person invited");
    return kept;
  };

const invitationFor = async ({ tenants, invitations }: PeoplePorts, call: Call, id: string): Promise<Invitation> => {
  allow(call, "person:invite");
  const invitation = await invitations.get(familyOf(call), id);
  await placeToInvite(tenants, call, invitation.tenantId);
  return invitation;
};

/** A new link by a new message; the old one works no more. @throws NOT_FOUND/invitation_not_found, CONFLICT/invitation_not_open. */
export const resendInvitation =
  (ports: PeoplePorts) =>
  async (call: Call, id: string): Promise<Invitation> => {
    const invitation = await invitationFor(ports, call, id);
    const sent = resend(invitation, newLink(ports.secrets, id), call.systemNow());
    return ports.invitations.save(call, sent, [told(sent)]);
  };

/** The link leads nowhere any more. Safe to repeat. @throws NOT_FOUND/invitation_not_found, CONFLICT/invitation_not_open. */
export const withdrawInvitation =
  (ports: PeoplePorts) =>
  async (call: Call, id: string): Promise<Invitation> => {
    const invitation = await invitationFor(ports, call, id);
    if (invitation.status === "withdrawn") return invitation;
    return ports.invitations.save(call, withdraw(invitation), [event(invitationWithdrawn, { invitationId: id })]);
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
