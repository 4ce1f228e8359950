import "reflect-metadata";
import { type Actor } from "@greentick/kernel";
import { connectionOf, DateTime } from "@greentick/graphql";
import { Directive, Field, ID, ObjectType, registerEnumType } from "type-graphql";
import { type Person } from "../../domain/person.js";
import { type RetentionRecord } from "../../domain/retention.js";
import { type Tenant } from "../../domain/tenant.js";
import { type Contact, type PostalAddress } from "../../domain/tenant-settings.js";

const tenantKinds = { PROVIDER: "provider", RESELLER: "reseller", CLIENT: "client", BRANCH: "branch" } as const;
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
  TENANT: "tenant",
  VISITOR: "visitor",
} as const;
registerEnumType(tenantKinds, {
  name: "TenantKind",
  description: "The provider at the root, resellers, client businesses, and branches or brands of a client.",
});
registerEnumType(tenantStatuses, { name: "TenantStatus", description: "Where a business stands with the provider." });
registerEnumType(actorKinds, {
  name: "ActorKind",
  description:
    "Who acts: people of the provider or of a client, keys, our own services, an outside provider such as Meta, or somebody who has not signed in. A tenant never acts; others act on its behalf.",
});
export { tenantKinds as TenantKindEnum, tenantStatuses as TenantStatusEnum };

@ObjectType("TenantActor", { description: "Who did something." })
export class ActorType {
  @Field(() => actorKinds)
  kind!: Actor["kind"];

  @Field(() => ID, { description: "A person's or key's id, or the name of a service or provider." })
  id!: string;
}

const contactPurposeWords = {
  BILLING: "billing",
  TECHNICAL: "technical",
  PRIVACY: "privacy",
  EMERGENCY: "emergency",
} as const;
registerEnumType(contactPurposeWords, { name: "ContactPurpose", description: "What somebody is written to about." });
export { contactPurposeWords as ContactPurposeEnum };

@ObjectType("PostalAddress", { description: "Where letters reach a business." })
class PostalAddressType {
  @Field(() => [String], { description: "Street and number first; at most four." })
  lines!: readonly string[];

  @Field(() => String)
  city!: string;

  @Field(() => String, { nullable: true, description: "State or province." })
  region?: string;

  @Field(() => String, { nullable: true })
  postalCode?: string;

  @Field(() => String, { description: "ISO 3166-1 alpha-2." })
  country!: string;
}

@ObjectType("TaxId", { description: "A number under which tax authorities know a business." })
export class TaxIdType {
  @Field(() => String, { description: "ISO 3166-1 alpha-2." })
  country!: string;

  @Field(() => String, { description: "As its country calls it, e.g. `nit`, `vat`, `gstin`." })
  kind!: string;

  @Field(() => String, {
    description: "As the authority writes it, without dots and dashes where the format is known.",
  })
  value!: string;

  @Field(() => Boolean, {
    description: "True when format and check digit were checked; false for a kind we cannot check.",
  })
  verified!: boolean;
}

@ObjectType("TenantContact", { description: "Whom to reach for a purpose." })
export class TenantContactType {
  @Field(() => contactPurposeWords)
  purpose!: Contact["purpose"];

  @Field(() => String)
  name!: string;

  @Field(() => String, { nullable: true })
  email?: string;

  @Field(() => String, { nullable: true, description: "E.164." })
  phone?: string;
}

@ObjectType("RetentionRecord", { description: "One kind of a closed tenant's data and until when it is kept." })
class RetentionRecordType {
  @Field(() => String, { description: "As in `retentionRules`." })
  kind!: string;

  @Field(() => DateTime)
  until!: Date;

  @Field(() => DateTime, { nullable: true, description: "When it was erased." })
  endedAt?: Date;
}

@ObjectType("LegalHold", { description: "Nothing of the tenant is erased while it stands." })
class LegalHoldType {
  @Field(() => String)
  reason!: string;

  @Field(() => DateTime)
  since!: Date;

  @Field(() => ID, { description: "The person who placed it." })
  placedBy!: string;
}

@Directive('@key(fields: "id")')
@ObjectType("Tenant", {
  description: "An organisation: the provider, a reseller, a client business, or a branch of one.",
})
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

  @Field(() => DateTime, { description: "Business time." })
  createdAt!: Date;

  @Field(() => PostalAddressType, { nullable: true })
  address?: PostalAddress;

  @Field(() => [TaxIdType])
  taxIds!: readonly TaxIdType[];

  @Field(() => [String], { description: "BCP 47, preferred first." })
  languages!: readonly string[];

  @Field(() => [TenantContactType], { description: "Whom to reach for what." })
  contacts!: readonly Contact[];

  @Field(() => ID, { nullable: true, description: "Of a sandbox twin: the live client whose twin it is." })
  twinOf?: string;

  @Field(() => DateTime, { nullable: true, description: "Business time at which it was closed for ever." })
  closedAt?: Date;

  @Field(() => [RetentionRecordType], { description: "After closing: which of its data is erased when." })
  retention!: readonly RetentionRecord[];

  @Field(() => LegalHoldType, { nullable: true, description: "While it stands, nothing is erased." })
  legalHold?: Tenant["legalHold"];

  @Field(() => DateTime, { nullable: true, description: "When the last of its personal data was erased." })
  erasedAt?: Date;

  parentId?: string;
  inherited!: readonly string[];
}
export const TenantConnection = connectionOf("Tenant", TenantType);

@ObjectType("Person", { description: "A human being with an account." })
export class PersonType {
  @Field(() => ID)
  id!: string;

  @Field(() => Boolean, { description: "False in a sandbox." })
  livemode!: boolean;

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

export const toTenant = (tenant: Tenant): TenantType => ({
  ...tenant,
  taxIds: tenant.taxIds.map(({ check, ...id }) => ({ ...id, verified: check === "valid" })),
});
export const toPerson = ({ id, livemode, name, email }: Person): PersonType => ({ id, livemode, name, email });
