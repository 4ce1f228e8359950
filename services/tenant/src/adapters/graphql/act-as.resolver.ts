import "reflect-metadata";
import { type Call } from "@greentick/kernel";
import { type Connection, PageArgs, pageOf, Requires, toConnection } from "@greentick/graphql";
import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { type ActAsGrant } from "../../domain/grant.js";
import { type Page, type PageRequest } from "../../ports.js";
import { type ActFor } from "../../usecases/act-for.js";
import { type RevokeActAs } from "../../usecases/revoke-act-as.js";
import {
  ActAsGrantConnection,
  type ActAsGrantType,
  ActForInput,
  ActForPayload,
  RevokeActAsGrantInput,
  RevokeActAsGrantPayload,
  toGrant,
} from "./act-as.types.js";
import { TenantType } from "./types.js";

export interface ActAsUseCases {
  readonly listGrants: (call: Call, tenantId: string, page: PageRequest) => Promise<Page<ActAsGrant>>;
  readonly actFor: ActFor;
  readonly revokeActAs: RevokeActAs;
}

/** Staff at work for a client: asked for, seen by the client, ended by either side. */
@Resolver(() => TenantType)
export class ActAsResolver {
  constructor(private readonly use: ActAsUseCases) {}

  @Requires("tenant:read")
  @FieldResolver(() => ActAsGrantConnection, {
    description: "Who of the provider's staff may or might have acted for this tenant, newest first.",
  })
  async actAsGrants(
    @Ctx() call: Call,
    @Root() tenant: TenantType,
    @Args() page: PageArgs,
  ): Promise<Connection<ActAsGrantType>> {
    const now = call.systemNow();
    return toConnection(await this.use.listGrants(call, tenant.id, pageOf(page)), (grant) => toGrant(grant, now));
  }

  @Requires("tenant:act-for")
  @Mutation(() => ActForPayload, {
    description:
      "An access token in a client for at most an hour, with a part of the caller's own permissions; the client sees who, why, what and until when, and can end it. Fails with NOT_FOUND/tenant_not_found, BAD_USER_INPUT/invalid_input, FORBIDDEN/scope_not_held, CONFLICT/tenant_closed.",
  })
  async actFor(@Ctx() call: Call, @Arg("input") { scopes, ...input }: ActForInput): Promise<ActForPayload> {
    const { token, expiresAt, grant } = await this.use.actFor(call, { ...input, ...(scopes && { scopes }) });
    return { token, expiresAt, grantId: grant.id, scopes: grant.scopes };
  }

  @Requires("grant:revoke")
  @Mutation(() => RevokeActAsGrantPayload, {
    description:
      "Ends a visit of staff, in force everywhere within five seconds: a client's owner ends any in the client, staff their own, a platform admin every one. Safe to repeat. Fails with NOT_FOUND/act_as_grant_not_found, BAD_USER_INPUT/invalid_input.",
  })
  async revokeActAsGrant(
    @Ctx() call: Call,
    @Arg("input") input: RevokeActAsGrantInput,
  ): Promise<RevokeActAsGrantPayload> {
    return { grant: toGrant(await this.use.revokeActAs(call, input), call.systemNow()) };
  }
}
