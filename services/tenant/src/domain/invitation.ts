import { after, dayMs, type Id, type PersonId, type Role, type TenantId } from "@greentick/kernel";
import { peopleErrors } from "./people-errors.js";
import { emailAddress, fittingRoles, personName, type RosterSide } from "./roster.js";
import { type Tenant } from "./tenant.js";

export type InvitationStatus = "open" | "accepted" | "withdrawn" | "expired";

/** Somebody may join a tenant with certain roles by a link that works once. */
export interface Invitation {
  readonly id: Id<"invitation">;
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  readonly version: number;
  readonly email: string;
  readonly name: string;
  readonly roles: readonly Role[];
  /** Expiry is not a status of its own in the store: it comes with time. */
  readonly status: Exclude<InvitationStatus, "expired">;
  /** Counts the links sent; only the last one works. */
  readonly sending: number;
  /** Random; the link is made of it with a key that is not in the store. */
  readonly nonce: string;
  /** Of the link's token. */
  readonly tokenHash: string;
  /** System time. */
  readonly expiresAt: Date;
  /** Who sent the link. It works only as long as this person may invite. */
  readonly invitedBy: string;
  readonly acceptedBy?: PersonId;
}

/** How long a link works. */
const invitationMs = 7 * dayMs;

export interface Link {
  readonly nonce: string;
  readonly tokenHash: string;
}

export interface NewInvitation {
  readonly id: Id<"invitation">;
  readonly email: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly invitedBy: string;
  readonly link: Link;
  /** System time. */
  readonly now: Date;
}

/** @throws BAD_USER_INPUT for a bad name or address or roles that do not fit. */
export function invite(tenant: Tenant, side: RosterSide, wanted: NewInvitation): Invitation {
  return {
    id: wanted.id,
    tenantId: tenant.id,
    ancestorIds: tenant.ancestorIds,
    livemode: tenant.livemode,
    version: 0,
    email: emailAddress(wanted.email),
    name: personName(wanted.name),
    roles: fittingRoles(side, wanted.roles),
    status: "open",
    sending: 1,
    ...wanted.link,
    expiresAt: after(wanted.now, invitationMs),
    invitedBy: wanted.invitedBy,
  };
}

export const statusAt = (invitation: Invitation, now: Date): InvitationStatus =>
  invitation.status === "open" && invitation.expiresAt <= now ? "expired" : invitation.status;

interface Resending {
  readonly link: Link;
  readonly invitedBy: string;
  /** System time. */
  readonly now: Date;
}

/** A new link by whoever sends it; the one before works no more. @throws CONFLICT/invitation_not_open for one accepted or withdrawn. */
export function resend(invitation: Invitation, { link, invitedBy, now }: Resending): Invitation {
  if (invitation.status !== "open") throw peopleErrors.invitationNotOpen(invitation.id, invitation.status);
  const { sending } = invitation;
  return { ...invitation, ...link, invitedBy, sending: sending + 1, expiresAt: after(now, invitationMs) };
}

/** Safe to repeat. @throws CONFLICT/invitation_not_open for one accepted. */
export function withdraw(invitation: Invitation): Invitation {
  if (invitation.status === "accepted") throw peopleErrors.invitationNotOpen(invitation.id, invitation.status);
  return { ...invitation, status: "withdrawn" };
}

/** Uses the link up. @throws NOT_FOUND/link_not_good. */
export function accept(invitation: Invitation, personId: PersonId, now: Date): Invitation {
  if (statusAt(invitation, now) !== "open") throw peopleErrors.linkNotGood();
  return { ...invitation, status: "accepted", acceptedBy: personId };
}
