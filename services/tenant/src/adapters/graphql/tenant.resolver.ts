import "reflect-metadata";
import { type Call } from "@greentick/kernel";
import { type Connection, PageArgs, pageOf, Requires, toConnection } from "@greentick/graphql";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { type ActFor } from "../../usecases/act-for.js";
import { type ChangeTenantStatus } from "../../usecases/change-tenant-status.js";
import { type CreateTenant } from "../../usecases/create-tenant.js";
import { type Me } from "../../usecases/read-tenants.js";
import { type RenameTenant } from "../../usecases/rename-tenant.js";
import { type AuditRecord } from "../../domain/audit.js";
import { type ActAsGrant } from "../../domain/grant.js";
import { type SigningKey } from "../../domain/signing-keys.js";
import { type Tenant, type TenantVerb } from "../../domain/tenant.js";
import { type AuditFilter, type Page, type PageRequest, type TenantFilter } from "../../ports.js";
import {
  ActForInput,
  ActForPayload,
  AuditTrailArgs,
  CreateTenantInput,
  RenameTenantInput,
  RotateSigningKeyPayload,
  TenantPayload,
  TenantsArgs,
  TenantStatusInput,
} from "./inputs.js";
import {
  ActAsGrantConnection,
  type ActAsGrantType,
  AuditRecordConnection,
  type AuditRecordType,
  MeType,
  TenantConnection,
  TenantType,
  toAuditRecord,
  toGrant,
  toPerson,
  toTenant,
} from "./types.js";

export interface TenantUseCases {
  readonly readMe: (call: Call) => Promise<Me>;
  readonly readTenants: (call: Call, ids: readonly string[]) => Promise<readonly (Tenant | undefined)[]>;
  readonly listTenants: (call: Call, page: PageRequest, filter: TenantFilter) => Promise<Page<Tenant>>;
  readonly listGrants: (call: Call, tenantId: string, page: PageRequest) => Promise<Page<ActAsGrant>>;
  readonly readAuditTrail: (call: Call, page: PageRequest, filter: AuditFilter) => Promise<Page<AuditRecord>>;
  readonly createTenant: CreateTenant;
  readonly renameTenant: RenameTenant;
  readonly changeTenantStatus: ChangeTenantStatus;
  readonly actFor: ActFor;
  readonly rotateSigningKey: (call: Call) => Promise<SigningKey>;
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
    const { status, kind } = args;
    return toConnection(await this.use.listTenants(call, pageOf(args), given({ status, kind })), toTenant);
  }

  @Requires("audit:read")
  @Query(() => AuditRecordConnection, {
    description: "What happened and what was refused, newest first, in the caller's tenant; for staff also below it.",
  })
  async auditTrail(@Ctx() call: Call, @Args() args: AuditTrailArgs): Promise<Connection<AuditRecordType>> {
    const { tenantId, action, aggregateId, actorId } = args;
    const filter = given({ tenantId, action, aggregateId, actorId });
    return toConnection(await this.use.readAuditTrail(call, pageOf(args), filter), toAuditRecord);
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

  @Requires("tenant:read")
  @FieldResolver(() => ActAsGrantConnection, {
    description: "Who of the provider's staff may or might have acted for this tenant, newest first.",
  })
  async actAsGrants(
    @Ctx() call: Call,
    @Root() tenant: TenantType,
    @Args() page: PageArgs,
  ): Promise<Connection<ActAsGrantType>> {
    return toConnection(await this.use.listGrants(call, tenant.id, pageOf(page)), toGrant);
  }

  @Requires("tenant:create")
  @Mutation(() => TenantPayload, {
    description:
      "Creates a prospect below the caller's tenant. Fails with BAD_USER_INPUT/invalid_input, BAD_USER_INPUT/tenant_kind_not_allowed, CONFLICT/idempotency_mismatch.",
  })
  async createTenant(@Ctx() call: Call, @Arg("input") input: CreateTenantInput): Promise<TenantPayload> {
    const { idempotencyKey, livemode, kind, ...details } = input;
    const keyed = { ...call, ...given({ idempotencyKey }) };
    return {
      tenant: toTenant(
        await this.use.createTenant(keyed, { ...details, kind: kind ?? "client", ...given({ livemode }) }),
      ),
    };
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
      "Ends a tenant for ever: nobody signs in to it again. Fails with CONFLICT/tenant_transition_not_allowed.",
  })
  closeTenant(@Ctx() call: Call, @Arg("input") input: TenantStatusInput): Promise<TenantPayload> {
    return this.move(call, "close", input);
  }

  @Requires("tenant:act-for")
  @Mutation(() => ActForPayload, {
    description:
      "An access token in a client for at most an hour; the client sees who, why and until when. Fails with NOT_FOUND/tenant_not_found, BAD_USER_INPUT/invalid_input, CONFLICT/tenant_closed.",
  })
  async actFor(@Ctx() call: Call, @Arg("input") input: ActForInput): Promise<ActForPayload> {
    const { token, expiresAt, grant } = await this.use.actFor(call, input);
    return { token, expiresAt, grantId: grant.id };
  }

  @Requires("identity:operate")
  @Mutation(() => RotateSigningKeyPayload, {
    description:
      "A new key for access tokens: published at once, signing after the lead; tokens of the old key stay good until they expire.",
  })
  async rotateSigningKey(@Ctx() call: Call): Promise<RotateSigningKeyPayload> {
    const { kid, signsFrom } = await this.use.rotateSigningKey(call);
    return { kid, signsFrom };
  }

  private async move(call: Call, verb: TenantVerb, input: TenantStatusInput): Promise<TenantPayload> {
    return {
      tenant: toTenant(
        await this.use.changeTenantStatus(call, { tenantId: input.tenantId, reason: input.reason, verb }),
      ),
    };
  }
}
