import "reflect-metadata";
import { type Call } from "@greentick/kernel";
import { type Connection, pageOf, Requires, toConnection } from "@greentick/graphql";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { type ChangeTenantStatus } from "../../usecases/change-tenant-status.js";
import { type CloseTenant } from "../../usecases/close-tenant.js";
import { type CreateTenant } from "../../usecases/create-tenant.js";
import { type Me } from "../../usecases/read-tenants.js";
import { type RenameTenant } from "../../usecases/rename-tenant.js";
import { type RotateSigningKey } from "../../usecases/sign-in.js";
import { type Tenant, type TenantVerb } from "../../domain/tenant.js";
import { type Page, type PageRequest, type TenantFilter } from "../../ports.js";
import {
  CreateTenantInput,
  RenameTenantInput,
  RotateSigningKeyInput,
  RotateSigningKeyPayload,
  TenantPayload,
  TenantsArgs,
  TenantStatusInput,
} from "./inputs.js";
import { MeType, TenantConnection, TenantType, toPerson, toTenant } from "./types.js";

export interface TenantUseCases {
  readonly readMe: (call: Call) => Promise<Me>;
  readonly readTenants: (call: Call, ids: readonly string[]) => Promise<readonly (Tenant | undefined)[]>;
  readonly listTenants: (call: Call, page: PageRequest, filter: TenantFilter) => Promise<Page<Tenant>>;
  readonly createTenant: CreateTenant;
  readonly renameTenant: RenameTenant;
  readonly changeTenantStatus: ChangeTenantStatus;
  readonly closeTenant: CloseTenant;
  readonly rotateSigningKey: RotateSigningKey;
}

/** Drops what a client left out or gave as null. */
const given = <K extends string, V>(values: Readonly<Record<K, V | null | undefined>>): Partial<Record<K, V>> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value != null)) as Partial<Record<K, V>>;

@Resolver(() => TenantType)
export class TenantResolver {
  constructor(private readonly use: TenantUseCases) {}

  @Requires("tenant:read")
  @Query(() => MeType, { description: "Who is asking, where, and what they may do there." })
  async me(@Ctx() call: Call): Promise<MeType> {
    const { tenant, person } = await this.use.readMe(call);
    return {
      actor: call.actor,
      ...(call.onBehalfOf && { onBehalfOf: call.onBehalfOf }),
      ...(person && { person: toPerson(person) }),
      tenant: toTenant(tenant),
      permissions: [...call.permissions].sort(),
    };
  }

  @Requires("tenant:read")
  @Query(() => TenantType, {
    nullable: true,
    description: "A tenant in the caller's sight; null when there is none of that id.",
  })
  async tenant(@Ctx() call: Call, @Arg("id", () => ID) id: string): Promise<TenantType | null> {
    const [tenant] = await this.use.readTenants(call, [id]);
    return tenant === undefined ? null : toTenant(tenant);
  }

  @Requires("tenant:list")
  @Query(() => TenantConnection, {
    description:
      "The caller's tenant and all below it, newest first. Fails with FORBIDDEN/staff_only for a client's people.",
  })
  async tenants(@Ctx() call: Call, @Args() args: TenantsArgs): Promise<Connection<TenantType>> {
    const { status, kind, parentId, country, text, createdAfter, createdBefore, livemode } = args;
    const filter = {
      ...given({ status, kind, parentId, country, text }),
      ...given({ createdAfter, createdBefore }),
      ...given({ livemode }),
    };
    return toConnection(await this.use.listTenants(call, pageOf(args), filter), toTenant);
  }

  @Requires("tenant:read")
  @FieldResolver(() => TenantType, {
    nullable: true,
    description: "The tenant above; null at the root and outside the caller's sight.",
  })
  async parent(@Ctx() call: Call, @Root() tenant: TenantType): Promise<TenantType | null> {
    if (tenant.parentId === undefined) return null;
    const [parent] = await this.use.readTenants(call, [tenant.parentId]);
    return parent === undefined ? null : toTenant(parent);
  }

  @Requires("tenant:create")
  @Mutation(() => TenantPayload, {
    description:
      "Creates a prospect below the caller's tenant, or below one in its sight; a live client gets a sandbox twin soon after. Fails with BAD_USER_INPUT/invalid_input, BAD_USER_INPUT/tenant_kind_not_allowed, CONFLICT/idempotency_mismatch.",
  })
  async createTenant(@Ctx() call: Call, @Arg("input") input: CreateTenantInput): Promise<TenantPayload> {
    const { idempotencyKey, livemode, kind, name, parentId, legalName, country, currency, timeZone } = input;
    const keyed = { ...call, ...given({ idempotencyKey }) };
    const details = given({ parentId, legalName, country, currency, timeZone });
    const wanted = { name, ...details, kind: kind ?? "client", ...given({ livemode }) };
    return { tenant: toTenant(await this.use.createTenant(keyed, wanted)) };
  }

  @Requires("tenant:write")
  @Mutation(() => TenantPayload, {
    description: "Safe to repeat. Fails with NOT_FOUND/tenant_not_found, CONFLICT/tenant_closed.",
  })
  async renameTenant(@Ctx() call: Call, @Arg("input") input: RenameTenantInput): Promise<TenantPayload> {
    const { tenantId, name, legalName } = input;
    return { tenant: toTenant(await this.use.renameTenant(call, { tenantId, ...given({ name, legalName }) })) };
  }

  @Requires("tenant:write")
  @Mutation(() => TenantPayload, {
    description:
      "A prospect or a tenant being onboarded becomes active. Fails with CONFLICT/tenant_transition_not_allowed.",
  })
  activateTenant(@Ctx() call: Call, @Arg("input") input: TenantStatusInput): Promise<TenantPayload> {
    return this.move(call, "activate", input);
  }

  @Requires("tenant:write")
  @Mutation(() => TenantPayload, {
    description: "Stops a tenant until it is resumed. Fails with CONFLICT/tenant_transition_not_allowed.",
  })
  suspendTenant(@Ctx() call: Call, @Arg("input") input: TenantStatusInput): Promise<TenantPayload> {
    return this.move(call, "suspend", input);
  }

  @Requires("tenant:write")
  @Mutation(() => TenantPayload, {
    description:
      "Returns a suspended tenant to the status it had before. Fails with CONFLICT/tenant_transition_not_allowed.",
  })
  resumeTenant(@Ctx() call: Call, @Arg("input") input: TenantStatusInput): Promise<TenantPayload> {
    return this.move(call, "resume", input);
  }

  @Requires("tenant:write")
  @Mutation(() => TenantPayload, {
    description:
      "Ends a tenant for ever: its last usage is billed, its data kept for the periods of `retentionRules` and then erased. Fails with CONFLICT/tenant_closed, CONFLICT/tenant_has_open_children, CONFLICT/provider_stays.",
  })
  async closeTenant(@Ctx() call: Call, @Arg("input") input: TenantStatusInput): Promise<TenantPayload> {
    const { tenantId, reason } = input;
    return { tenant: toTenant(await this.use.closeTenant(call, { tenantId, reason })) };
  }

  @Requires("identity:operate")
  @Mutation(() => RotateSigningKeyPayload, {
    description:
      "A new key for access tokens: published at once, signing after the lead; tokens of the old key stay good until they expire. After a leak, with `withdrawEarlier`, it signs at once and every access token that is out ends within half a minute: people refresh, programs with keys notice nothing. Fails with FORBIDDEN/staff_only.",
  })
  async rotateSigningKey(
    @Ctx() call: Call,
    @Arg("input", { nullable: true }) input?: RotateSigningKeyInput,
  ): Promise<RotateSigningKeyPayload> {
    const withdrawEarlier = input?.withdrawEarlier ?? false;
    const { kid, signsFrom } = await this.use.rotateSigningKey(call, { withdrawEarlier });
    return { kid, signsFrom };
  }

  private async move(call: Call, verb: Exclude<TenantVerb, "close">, input: TenantStatusInput): Promise<TenantPayload> {
    return {
      tenant: toTenant(
        await this.use.changeTenantStatus(call, { tenantId: input.tenantId, reason: input.reason, verb }),
      ),
    };
  }
}
