import "reflect-metadata";
import { type Actor } from "@greentick/kernel";
import { connectionOf, DateTime } from "@greentick/graphql";
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { type AuditRecord } from "../../domain/audit.js";
import { type ActAsGrant } from "../../domain/grant.js";
import { type Person } from "../../domain/person.js";
import { type Tenant } from "../../domain/tenant.js";

const tenantKinds = { PROVIDER: "provider", RESELLER: "reseller", CLIENT: "client" } as const;
const tenantStatuses = {
  PROSPECT: "prospect",
  ONBOARDING: "onboarding",
  ACTIVE: "active",
  SUSPENDED: "suspended",
  CLOSED: "closed",
} as const;
const actorKinds = {
  STAFF: "staff",
  MEMBER: "member",
  API_KEY: "api_key",
  SERVICE: "service",
  PROVIDER: "provider",
} as const;
registerEnumType(tenantKinds, {
  name: "TenantKind",
  description: "The provider at the root, resellers, client businesses.",
});
registerEnumType(tenantStatuses, { name: "TenantStatus", description: "Where a business stands with the provider." });
registerEnumType(actorKinds, {
  name: "ActorKind",
  description:
    "Who acts: people of the provider or of a client, keys, our own services, or an outside provider such as Meta.",
});
export { tenantKinds as TenantKindEnum, tenantStatuses as TenantStatusEnum };

@ObjectType("TenantActor", { description: "Who did something." })
export class ActorType {
  @Field(() => actorKinds)
  kind!: Actor["kind"];

  @Field(() => ID, { description: "A person's or key's id, or the name of a service or provider." })
  id!: string;
}

@Directive('@key(fields: "id")')
@ObjectType("Tenant", { description: "An organisation: the provider, a reseller, or a client business." })
export class TenantType {
  @Field(() => ID)
  id!: string;

  @Field(() => tenantKinds)
  kind!: Tenant["kind"];

  @Field(() => tenantStatuses)
  status!: Tenant["status"];

  @Field(() => DateTime, { description: "Business time of the last change of status." })
  statusSince!: Date;

  @Field(() => String, { description: "Why it has this status." })
  statusReason!: string;

  @Field(() => String, { description: "What people call it." })
  name!: string;

  @Field(() => String, { description: "As in the register of companies." })
  legalName!: string;

  @Field(() => String, { description: "ISO 3166-1 alpha-2." })
  country!: string;

  @Field(() => String, { description: "ISO 4217: the currency of its invoices." })
  currency!: string;

  @Field(() => String, { description: "IANA name of its time zone." })
  timeZone!: string;

  @Field(() => Boolean, { description: "False for a sandbox: its clock can be set and no real message leaves." })
  livemode!: boolean;

  parentId?: string;
}
export const TenantConnection = connectionOf("Tenant", TenantType);

@ObjectType("Person", { description: "A human being with an account." })
export class PersonType {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  name!: string;

  @Field(() => String)
  email!: string;
}

@ObjectType("Me", { description: "Who is asking, where, and what they may do there." })
export class MeType {
  @Field(() => ActorType)
  actor!: ActorType;

  @Field(() => ActorType, { nullable: true, description: "For whom the actor acts, when that is somebody else." })
  onBehalfOf?: ActorType;

  @Field(() => PersonType, { nullable: true, description: "The actor as a person; absent for keys and services." })
  person?: PersonType;

  @Field(() => TenantType)
  tenant!: TenantType;

  @Field(() => [String], { description: "Words of permission, e.g. `template:review`, in alphabetical order." })
  permissions!: string[];
}

@ObjectType("ActAsGrant", { description: "A person of the provider's staff may act for this tenant for a while." })
export class ActAsGrantType {
  @Field(() => ID)
  id!: string;

  @Field(() => ID)
  staffId!: string;

  @Field(() => String)
  staffName!: string;

  @Field(() => [String], { description: "The roles with which the staff person acts." })
  roles!: readonly string[];

  @Field(() => String)
  reason!: string;

  @Field(() => DateTime)
  grantedAt!: Date;

  @Field(() => DateTime)
  until!: Date;
}
export const ActAsGrantConnection = connectionOf("ActAsGrant", ActAsGrantType);

@ObjectType("AuditFact", { description: "One plain word about what happened." })
export class AuditFactType {
  @Field(() => String)
  name!: string;

  @Field(() => String)
  value!: string;
}

@ObjectType("AuditRecord", {
  description: "One line of the trail: who did what to what, when and why. Never a secret, never message text.",
})
export class AuditRecordType {
  @Field(() => ID)
  id!: string;

  @Field(() => ID)
  tenantId!: string;

  @Field(() => String, {
    description: "The event's name, e.g. `template.advanced`; `audit.refused` for a refused attempt.",
  })
  action!: string;

  @Field(() => ActorType)
  actor!: ActorType;

  @Field(() => ActorType, { nullable: true })
  onBehalfOf?: ActorType;

  @Field(() => String)
  aggregateType!: string;

  @Field(() => ID)
  aggregateId!: string;

  @Field(() => Int)
  aggregateVersion!: number;

  @Field(() => DateTime, { description: "Business time of the tenant." })
  occurredAt!: Date;

  @Field(() => DateTime, { description: "System time." })
  recordedAt!: Date;

  @Field(() => String, { nullable: true })
  reason?: string;

  @Field(() => ID, { description: "Leads to the log." })
  requestId!: string;

  @Field(() => String, { nullable: true, description: "SHA-256 of the webhook body behind it, in hex." })
  webhookSha256?: string;

  @Field(() => [AuditFactType])
  facts!: AuditFactType[];
}
export const AuditRecordConnection = connectionOf("AuditRecord", AuditRecordType);

export const toTenant = (tenant: Tenant): TenantType => ({ ...tenant });
export const toPerson = ({ id, name, email }: Person): PersonType => ({ id, name, email });
export const toGrant = (grant: ActAsGrant): ActAsGrantType => ({ ...grant });
export const toAuditRecord = ({ facts, ...record }: AuditRecord): AuditRecordType => ({
  ...record,
  facts: Object.entries(facts).map(([name, value]) => ({ name, value })),
});
