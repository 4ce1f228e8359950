import "reflect-metadata";
import { DateTime, PageArgs } from "@greentick/graphql";
import { ArgsType, Field, ID, InputType, ObjectType } from "type-graphql";
import { type TenantKind, type TenantStatus } from "../../domain/tenant.js";
import { TenantKindEnum, TenantStatusEnum, TenantType } from "./types.js";

@ArgsType()
export class TenantsArgs extends PageArgs {
  @Field(() => TenantStatusEnum, { nullable: true })
  status?: TenantStatus | null;

  @Field(() => TenantKindEnum, { nullable: true })
  kind?: TenantKind | null;

  @Field(() => ID, { nullable: true, description: "Directly below this tenant." })
  parentId?: string | null;

  @Field(() => String, { nullable: true, description: "ISO 3166-1 alpha-2." })
  country?: string | null;

  @Field(() => String, { nullable: true, description: "Stands in the name or the legal name, in upper or lower case." })
  text?: string | null;

  @Field(() => DateTime, { nullable: true, description: "Business time: created at that instant or later." })
  createdAfter?: Date | null;

  @Field(() => DateTime, { nullable: true, description: "Business time: created before that instant." })
  createdBefore?: Date | null;

  @Field(() => Boolean, { nullable: true, description: "Live ones or sandboxes only." })
  livemode?: boolean | null;
}

@InputType({ description: "A business to create below the caller's tenant. A branch inherits what is left out." })
export class CreateTenantInput {
  @Field(() => TenantKindEnum, { nullable: true, description: "Default: `CLIENT`." })
  kind?: TenantKind | null;

  @Field(() => ID, { nullable: true, description: "The tenant to create it below. Default: the caller's." })
  parentId?: string | null;

  @Field(() => String)
  name!: string;

  @Field(() => String, { nullable: true, description: "As in the register of companies; Meta compares it." })
  legalName?: string | null;

  @Field(() => String, { nullable: true, description: "ISO 3166-1 alpha-2, e.g. `CO`." })
  country?: string | null;

  @Field(() => String, { nullable: true, description: "ISO 4217, e.g. `USD`: the currency of its invoices." })
  currency?: string | null;

  @Field(() => String, { nullable: true, description: "IANA name, e.g. `America/Bogota`." })
  timeZone?: string | null;

  @Field(() => Boolean, { nullable: true, description: "Default: as the caller's tenant." })
  livemode?: boolean | null;

  @Field(() => String, { nullable: true, description: "The same key with the same input creates the tenant once." })
  idempotencyKey?: string | null;
}

@InputType({ description: "New names; what is left out stays." })
export class RenameTenantInput {
  @Field(() => ID)
  tenantId!: string;

  @Field(() => String, { nullable: true })
  name?: string | null;

  @Field(() => String, { nullable: true })
  legalName?: string | null;
}

@InputType({ description: "Which tenant to move and why; its people read the reason." })
export class TenantStatusInput {
  @Field(() => ID)
  tenantId!: string;

  @Field(() => String)
  reason!: string;
}

@ObjectType({ description: "The tenant as it is now." })
export class TenantPayload {
  @Field(() => TenantType)
  tenant!: TenantType;
}

@InputType()
export class RotateSigningKeyInput {
  @Field(() => Boolean, {
    defaultValue: false,
    description: "A signing key leaked: no earlier one is accepted any more, and the new one signs at once.",
  })
  withdrawEarlier!: boolean;
}

@ObjectType({ description: "The key that will sign from now on." })
export class RotateSigningKeyPayload {
  @Field(() => String, { description: "Thumbprint of the new key (RFC 7638)." })
  kid!: string;

  @Field(() => DateTime, { description: "System time from which it signs; until then the old one does." })
  signsFrom!: Date;
}
