import "reflect-metadata";
import { type Connection, PageArgs, pageOf, Requires, toConnection } from "@greentick/graphql";
import { type Call } from "@greentick/kernel";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { type SettingsChange } from "../../domain/change-settings.js";
import { type RetentionPolicy } from "../../domain/retention.js";
import { type Inheritable, type Tenant } from "../../domain/tenant.js";
import { without } from "../../domain/without.js";
import { type Page, type PageRequest } from "../../ports.js";
import { type PlaceLegalHold } from "../../usecases/retain-and-erase.js";
import { type CreateSandboxTwin } from "../../usecases/sandbox-twin.js";
import { type UpdateTenantSettings } from "../../usecases/update-tenant-settings.js";
import { TenantPayload } from "./inputs.js";
import {
  EffectiveSettingsType,
  LegalHoldInput,
  RetentionRuleType,
  SandboxTwinInput,
  type SettingOriginType,
  UpdateTenantSettingsInput,
} from "./organisation.types.js";
import { TenantConnection, TenantType, toTenant } from "./types.js";

export interface OrganisationUseCases {
  readonly updateTenantSettings: UpdateTenantSettings;
  readonly createSandboxTwin: CreateSandboxTwin;
  readonly placeLegalHold: PlaceLegalHold;
  readonly liftLegalHold: PlaceLegalHold;
  readonly listChildren: (call: Call, parentId: string, page: PageRequest) => Promise<Page<Tenant>>;
  readonly readTwinId: (call: Call, liveId: string) => Promise<string | undefined>;
  readonly policy: RetentionPolicy;
}

/** The same without what is null or left out: for parts of lists, where both mean "none". */
const filled = <T extends object>(value: T): { [K in keyof T]: Exclude<T[K], null> } =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one != null)) as { [K in keyof T]: Exclude<T[K], null> };

/** Null keeps its meaning; what was left out is not there. */
function changeOf({ address, contacts, taxIds, ...plain }: UpdateTenantSettingsInput): SettingsChange {
  const change = {
    ...without(plain, "tenantId"),
    address: address && filled(address),
    contacts: contacts?.map(filled) ?? contacts,
    taxIds: taxIds ?? undefined,
  };
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}

@Resolver(() => TenantType)
export class OrganisationResolver {
  constructor(private readonly use: OrganisationUseCases) {}

  @Requires("tenant:read")
  @Query(() => [RetentionRuleType], {
    description:
      "How long each kind of data is kept here, from when, and why. Law sets the least, the deployment the rest.",
  })
  retentionRules(): RetentionRuleType[] {
    return this.use.policy.map((rule) => ({ ...rule }));
  }

  @Requires("tenant:read")
  @FieldResolver(() => TenantConnection, {
    description: "Those directly below, newest first: of a client its branches.",
  })
  async children(
    @Ctx() call: Call,
    @Root() tenant: TenantType,
    @Args() page: PageArgs,
  ): Promise<Connection<TenantType>> {
    return toConnection(await this.use.listChildren(call, tenant.id, pageOf(page)), toTenant);
  }

  @Requires("tenant:read")
  @FieldResolver(() => ID, {
    nullable: true,
    description:
      "Of a live client: the id of its sandbox twin. Everything else of the twin needs a token or key of the twin.",
  })
  async sandboxTwinId(@Ctx() call: Call, @Root() tenant: TenantType): Promise<string | null> {
    return (await this.use.readTwinId(call, tenant.id)) ?? null;
  }

  @Requires("tenant:read")
  @FieldResolver(() => EffectiveSettingsType, {
    description:
      "The settings in force, each with the tenant it comes from: a branch takes from its client what it has not of its own.",
  })
  effectiveSettings(@Root() tenant: TenantType): EffectiveSettingsType {
    const setting = <K extends Inheritable>(field: K): { value: TenantType[K]; origin: SettingOriginType } => {
      const inherited = tenant.inherited.includes(field);
      return { value: tenant[field], origin: { inherited, tenantId: inherited ? (tenant.parentId ?? "") : tenant.id } };
    };
    return {
      legalName: setting("legalName"),
      country: setting("country"),
      currency: setting("currency"),
      timeZone: setting("timeZone"),
      languages: setting("languages"),
      contacts: setting("contacts"),
    };
  }

  @Requires("tenant:settings")
  @Mutation(() => TenantPayload, {
    description:
      "Safe to repeat. Branches follow soon after. Fails with BAD_USER_INPUT/invalid_input naming the field, BAD_USER_INPUT/nothing_to_inherit, NOT_FOUND/tenant_not_found, CONFLICT/tenant_closed.",
  })
  async updateTenantSettings(
    @Ctx() call: Call,
    @Arg("input") input: UpdateTenantSettingsInput,
  ): Promise<TenantPayload> {
    const change = { tenantId: input.tenantId, ...changeOf(input) };
    return { tenant: toTenant(await this.use.updateTenantSettings(call, change)) };
  }

  @Requires("tenant:create")
  @Mutation(() => TenantPayload, {
    description:
      "The sandbox twin of a live client: the same API on data of its own. Made once; asked again, the same one. Fails with BAD_USER_INPUT/twin_not_possible, NOT_FOUND/tenant_not_found, CONFLICT/tenant_closed.",
  })
  async createSandboxTwin(@Ctx() call: Call, @Arg("input") input: SandboxTwinInput): Promise<TenantPayload> {
    return { tenant: toTenant(await this.use.createSandboxTwin(call, input.tenantId)) };
  }

  @Requires("tenant:hold")
  @Mutation(() => TenantPayload, {
    description:
      "Nothing of the tenant is erased until the hold is lifted, neither after closing nor for a person who asks. Fails with CONFLICT/legal_hold_stands, CONFLICT/tenant_erased, NOT_FOUND/tenant_not_found.",
  })
  async placeLegalHold(@Ctx() call: Call, @Arg("input") input: LegalHoldInput): Promise<TenantPayload> {
    return { tenant: toTenant(await this.use.placeLegalHold(call, input)) };
  }

  @Requires("tenant:hold")
  @Mutation(() => TenantPayload, {
    description:
      "What became due for erasure meanwhile is erased now. Fails with CONFLICT/no_legal_hold, NOT_FOUND/tenant_not_found.",
  })
  async liftLegalHold(@Ctx() call: Call, @Arg("input") input: LegalHoldInput): Promise<TenantPayload> {
    return { tenant: toTenant(await this.use.liftLegalHold(call, input)) };
  }
}
