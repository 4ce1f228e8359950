import "reflect-metadata";
import { DateTime, PageArgs } from "@greentick/graphql";
import { ArgsType, Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { type TenantKind, type TenantStatus } from "../../domain/tenant.js";
import { TenantKindEnum, TenantStatusEnum, TenantType } from "./types.js";

@ArgsType()
export class TenantsArgs extends PageArgs {
  @Field(() => TenantStatusEnum, { nullable: true })
  status?: TenantStatus | null;

  @Field(() => TenantKindEnum, { nullable: true })
  kind?: TenantKind | null;
}

@ArgsType()
export class AuditTrailArgs extends PageArgs {
  @Field(() => ID, { nullable: true })
  tenantId?: string | null;

  @Field(() => String, { nullable: true, description: "An event's name, e.g. `audit.refused`." })
  action?: string | null;

  @Field(() => ID, { nullable: true, description: "What it was done to." })
  aggregateId?: string | null;

  @Field(() => ID, { nullable: true, description: "Who did it." })
  actorId?: string | null;
}

@InputType({ description: "A business to create below the caller's tenant." })
export class CreateTenantInput {
  @Field(() => TenantKindEnum, { nullable: true, description: "Default: `CLIENT`." })
  kind?: TenantKind | null;

  @Field(() => String)
  name!: string;

  @Field(() => String, { description: "As in the register of companies; Meta compares it." })
  legalName!: string;

  @Field(() => String, { description: "ISO 3166-1 alpha-2, e.g. `CO`." })
  country!: string;

  @Field(() => String, { description: "ISO 4217, e.g. `USD`: the currency of its invoices." })
  currency!: string;

  @Field(() => String, { description: "IANA name, e.g. `America/Bogota`." })
  timeZone!: string;

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

@InputType({ description: "For whom, why, for how long." })
export class ActForInput {
  @Field(() => ID, { description: "A tenant below the caller's." })
  tenantId!: string;

  @Field(() => String, { description: "The client reads it." })
  reason!: string;

  @Field(() => Int, { description: "1 to 60." })
  minutes!: number;
}

@ObjectType({ description: "The tenant as it is now." })
export class TenantPayload {
  @Field(() => TenantType)
  tenant!: TenantType;
}

@ObjectType({ description: "An access token in the client; shown once." })
export class ActForPayload {
  @Field(() => String)
  token!: string;

  @Field(() => DateTime)
  expiresAt!: Date;

  @Field(() => ID, { description: "The grant that the client sees." })
  grantId!: string;
}

@ObjectType({ description: "The key that will sign from now on." })
export class RotateSigningKeyPayload {
  @Field(() => String, { description: "Thumbprint of the new key (RFC 7638)." })
  kid!: string;

  @Field(() => DateTime, { description: "System time from which it signs; until then the old one does." })
  signsFrom!: Date;
}
