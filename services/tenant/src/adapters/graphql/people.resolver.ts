import "reflect-metadata";
import { type Call, type Role } from "@greentick/kernel";
import { type Connection, pageOf, Requires, toConnection } from "@greentick/graphql";
import { Arg, Args, Ctx, Mutation, Query, Resolver } from "type-graphql";
import { type Invitation } from "../../domain/invitation.js";
import { type RosterEntry } from "../../domain/roster.js";
import { type Page, type PageRequest } from "../../ports.js";
import {
  type InviteInput,
  type ListInvitationsInput,
  type ListPeopleInput,
} from "../../usecases/people/manage-people.js";
import {
  ChangeRolesInput,
  InvitationConnection,
  InvitationIdInput,
  InvitationPayload,
  InvitationsArgs,
  type InvitationType,
  InvitePersonInput,
  PeopleArgs,
  PersonIdInput,
  TenantPersonConnection,
  TenantPersonPayload,
  type TenantPersonType,
  toInvitation,
  toTenantPerson,
} from "./people.types.js";

type OnePerson = (call: Call, personId: string) => Promise<RosterEntry>;
type OneInvitation = (call: Call, id: string) => Promise<Invitation>;

export interface PeopleUseCases {
  readonly listPeople: (call: Call, input: ListPeopleInput, page: PageRequest) => Promise<Page<RosterEntry>>;
  readonly listInvitations: (call: Call, input: ListInvitationsInput, page: PageRequest) => Promise<Page<Invitation>>;
  readonly invitePerson: (call: Call, input: InviteInput) => Promise<Invitation>;
  readonly resendInvitation: OneInvitation;
  readonly withdrawInvitation: OneInvitation;
  readonly changeRoles: (
    call: Call,
    input: { readonly personId: string; readonly roles: readonly Role[] },
  ) => Promise<RosterEntry>;
  readonly deactivatePerson: OnePerson;
  readonly reactivatePerson: OnePerson;
  readonly removeFromTenant: OnePerson;
}

type Given<T> = { [K in keyof T]?: NonNullable<T[K]> };
/** GraphQL writes null where nothing was said; the use cases know only what was said. */
const given = <T extends object>(values: T): Given<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== undefined)) as Given<T>;

/** Who belongs to a tenant, and how somebody comes to. */
@Resolver()
export class PeopleResolver {
  constructor(private readonly use: PeopleUseCases) {}

  @Requires("person:read")
  @Query(() => TenantPersonConnection, {
    description:
      "Who belongs to the caller's tenant or to one below it, those who came last first. Fails with NOT_FOUND/tenant_not_found.",
  })
  async people(@Ctx() call: Call, @Args() args: PeopleArgs): Promise<Connection<TenantPersonType>> {
    const { tenantId, role, standing, text } = args;
    const filter = given({ tenantId, role, standing, text });
    return toConnection(await this.use.listPeople(call, filter, pageOf(args)), toTenantPerson);
  }

  @Requires("person:read")
  @Query(() => InvitationConnection, {
    description:
      "Invitations to the caller's tenant or one below it, newest first. Fails with NOT_FOUND/tenant_not_found.",
  })
  async invitations(@Ctx() call: Call, @Args() args: InvitationsArgs): Promise<Connection<InvitationType>> {
    const { tenantId, status } = args;
    const page = await this.use.listInvitations(call, given({ tenantId, status }), pageOf(args));
    return toConnection(page, (invitation) => toInvitation(invitation, call.systemNow()));
  }

  @Requires("person:invite")
  @Mutation(() => InvitationPayload, {
    description:
      "Sends somebody a link that works once and for seven days, and only while whoever sent it may invite; an open invitation of the same address is replaced. Onboarding agents invite the first owner of a client, or the first platform admin of a reseller, below their tenant. Fails with CONFLICT/already_in_tenant, BAD_USER_INPUT/roles_not_allowed, FORBIDDEN/invite_below_only, FORBIDDEN/first_person_only, FORBIDDEN/not_oneself, NOT_FOUND/tenant_not_found.",
  })
  async invitePerson(@Ctx() call: Call, @Arg("input") input: InvitePersonInput): Promise<InvitationPayload> {
    const { idempotencyKey, tenantId, email, name, roles } = input;
    const once = { ...call, ...given({ idempotencyKey }) };
    return payload(call, await this.use.invitePerson(once, { email, name, roles, ...given({ tenantId }) }));
  }

  @Requires("person:invite")
  @Mutation(() => InvitationPayload, {
    description:
      "Sends a new link; the one before works no more. Fails with NOT_FOUND/invitation_not_found, CONFLICT/invitation_not_open, and FORBIDDEN as `invitePerson`.",
  })
  async resendInvitation(@Ctx() call: Call, @Arg("input") input: InvitationIdInput): Promise<InvitationPayload> {
    return payload(call, await this.use.resendInvitation(call, input.invitationId));
  }

  @Requires("person:invite")
  @Mutation(() => InvitationPayload, {
    description:
      "The link leads nowhere any more. Safe to repeat. Fails with NOT_FOUND/invitation_not_found, CONFLICT/invitation_not_open.",
  })
  async withdrawInvitation(@Ctx() call: Call, @Arg("input") input: InvitationIdInput): Promise<InvitationPayload> {
    return payload(call, await this.use.withdrawInvitation(call, input.invitationId));
  }

  @Requires("person:write")
  @Mutation(() => TenantPersonPayload, {
    description:
      "Gives a person of the caller's tenant exactly these roles, effective within seconds. Fails with NOT_FOUND/person_not_found, CONFLICT/last_admin_stays, CONFLICT/person_removed, BAD_USER_INPUT/roles_not_allowed.",
  })
  async changeRoles(@Ctx() call: Call, @Arg("input") input: ChangeRolesInput): Promise<TenantPersonPayload> {
    return { person: toTenantPerson(await this.use.changeRoles(call, input)) };
  }

  @Requires("person:write")
  @Mutation(() => TenantPersonPayload, {
    description:
      "The person may not sign in here until reactivated; her sessions here end. Safe to repeat. Fails with NOT_FOUND/person_not_found, CONFLICT/last_admin_stays.",
  })
  async deactivatePerson(@Ctx() call: Call, @Arg("input") input: PersonIdInput): Promise<TenantPersonPayload> {
    return { person: toTenantPerson(await this.use.deactivatePerson(call, input.personId)) };
  }

  @Requires("person:write")
  @Mutation(() => TenantPersonPayload, {
    description:
      "The person may sign in here again, with the roles of before. Safe to repeat. Fails with NOT_FOUND/person_not_found, CONFLICT/person_removed.",
  })
  async reactivatePerson(@Ctx() call: Call, @Arg("input") input: PersonIdInput): Promise<TenantPersonPayload> {
    return { person: toTenantPerson(await this.use.reactivatePerson(call, input.personId)) };
  }

  @Requires("person:write")
  @Mutation(() => TenantPersonPayload, {
    description:
      "The person leaves the tenant and loses all roles here; only a new invitation leads back. Safe to repeat. Fails with NOT_FOUND/person_not_found, CONFLICT/last_admin_stays.",
  })
  async removeFromTenant(@Ctx() call: Call, @Arg("input") input: PersonIdInput): Promise<TenantPersonPayload> {
    return { person: toTenantPerson(await this.use.removeFromTenant(call, input.personId)) };
  }
}

const payload = (call: Call, invitation: Invitation): InvitationPayload => ({
  invitation: toInvitation(invitation, call.systemNow()),
});
