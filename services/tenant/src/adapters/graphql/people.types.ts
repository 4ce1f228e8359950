import "reflect-metadata";
import { connectionOf, DateTime, PageArgs } from "@greentick/graphql";
import { type Role, roles as allRoles } from "@greentick/kernel";
import { ArgsType, Field, ID, InputType, ObjectType, registerEnumType } from "type-graphql";
import { type Invitation, type InvitationStatus, statusAt } from "../../domain/invitation.js";
import { type PersonStanding, type RosterEntry } from "../../domain/roster.js";

const upper = <T extends string>(words: readonly T[]): Record<string, T> =>
  Object.fromEntries(words.map((word) => [word.toUpperCase(), word]));

export const roleWords = upper(allRoles.filter((role) => role !== "service"));
const standings = { ACTIVE: "active", DEACTIVATED: "deactivated", REMOVED: "removed" } as const;
const invitationStatuses = { OPEN: "open", ACCEPTED: "accepted", WITHDRAWN: "withdrawn", EXPIRED: "expired" } as const;
const keptInvitationStatuses = { OPEN: "open", ACCEPTED: "accepted", WITHDRAWN: "withdrawn" } as const;
registerEnumType(roleWords, {
  name: "Role",
  description:
    "What a person is in a tenant. The first five belong to the provider and resellers, the others to clients and their branches.",
});
registerEnumType(standings, {
  name: "PersonStanding",
  description: "Whether a person may sign in to the tenant: yes, not for a while, or not any more.",
});
registerEnumType(invitationStatuses, {
  name: "InvitationStatus",
  description: "Waiting, used, taken back, or too old; an expired one can be sent again.",
});
registerEnumType(keptInvitationStatuses, {
  name: "InvitationFilter",
  description: "Which invitations to list; expired ones are among the open ones.",
});

@ObjectType("TenantPerson", { description: "A person in one tenant. The same person may belong to several." })
export class TenantPersonType {
  @Field(() => ID)
  personId!: string;

  @Field(() => String)
  name!: string;

  @Field(() => String)
  email!: string;

  @Field(() => [roleWords], { description: "None once removed." })
  roles!: readonly Role[];

  @Field(() => standings)
  standing!: PersonStanding;

  @Field(() => DateTime, { description: "Business time of the last change of standing." })
  since!: Date;
}
export const TenantPersonConnection = connectionOf("TenantPerson", TenantPersonType);

@ObjectType("Invitation", {
  description: "Somebody may join a tenant by a link that works once. The link itself is in the message only.",
})
export class InvitationType {
  @Field(() => ID)
  id!: string;

  @Field(() => Boolean, { description: "False in a sandbox." })
  livemode!: boolean;

  @Field(() => ID)
  tenantId!: string;

  @Field(() => String)
  email!: string;

  @Field(() => String)
  name!: string;

  @Field(() => [roleWords])
  roles!: readonly Role[];

  @Field(() => invitationStatuses)
  status!: InvitationStatus;

  @Field(() => DateTime, { description: "System time until which the link works." })
  expiresAt!: Date;

  @Field(() => ID, { description: "Who invited." })
  invitedBy!: string;

  @Field(() => ID, { nullable: true, description: "Who used the link." })
  acceptedBy?: string;
}
export const InvitationConnection = connectionOf("Invitation", InvitationType);

@ArgsType()
export class PeopleArgs extends PageArgs {
  @Field(() => ID, { nullable: true, description: "Default: the caller's tenant. One below it works too." })
  tenantId?: string | null;

  @Field(() => roleWords, { nullable: true })
  role?: Role | null;

  @Field(() => standings, { nullable: true, description: "Default: those who may sign in or might again." })
  standing?: PersonStanding | null;

  @Field(() => String, { nullable: true, description: "Part of a name or e-mail address." })
  text?: string | null;
}

@ArgsType()
export class InvitationsArgs extends PageArgs {
  @Field(() => ID, { nullable: true, description: "Default: the caller's tenant. One below it works too." })
  tenantId?: string | null;

  @Field(() => keptInvitationStatuses, { nullable: true })
  status?: "open" | "accepted" | "withdrawn" | null;
}

@InputType({ description: "Whom to let in, and as what." })
export class InvitePersonInput {
  @Field(() => ID, { nullable: true, description: "Default: the caller's tenant. Staff may name a tenant below it." })
  tenantId?: string | null;

  @Field(() => String)
  email!: string;

  @Field(() => String, { description: "As the message addresses the person; the person may correct it." })
  name!: string;

  @Field(() => [roleWords])
  roles!: Role[];

  @Field(() => String, { nullable: true, description: "The same key with the same input invites once." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Which invitation." })
export class InvitationIdInput {
  @Field(() => ID)
  invitationId!: string;
}

@InputType({ description: "All roles that the person shall hold here." })
export class ChangeRolesInput {
  @Field(() => ID)
  personId!: string;

  @Field(() => [roleWords])
  roles!: Role[];
}

@InputType({ description: "Which person of the caller's tenant." })
export class PersonIdInput {
  @Field(() => ID)
  personId!: string;
}

@ObjectType({ description: "The invitation as it is now." })
export class InvitationPayload {
  @Field(() => InvitationType)
  invitation!: InvitationType;
}

@ObjectType({ description: "The person as she stands in the tenant now." })
export class TenantPersonPayload {
  @Field(() => TenantPersonType)
  person!: TenantPersonType;
}

export const toTenantPerson = (entry: RosterEntry): TenantPersonType => ({ ...entry });
export const toInvitation = (invitation: Invitation, now: Date): InvitationType => {
  const { id, tenantId, email, name, roles, expiresAt, invitedBy, acceptedBy } = invitation;
  return {
    ...{ id, tenantId, email, name, roles, expiresAt, invitedBy },
    ...(acceptedBy !== undefined && { acceptedBy }),
    status: statusAt(invitation, now),
    livemode: invitation.livemode,
  };
};
