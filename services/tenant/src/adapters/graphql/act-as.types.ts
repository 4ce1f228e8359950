import "reflect-metadata";
import { connectionOf, DateTime } from "@greentick/graphql";
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { type ActAsGrant, type GrantStatus, grantStatus } from "../../domain/grant.js";
import { ActorType } from "./types.js";

const grantStatuses = { ACTIVE: "active", ENDED: "ended", REVOKED: "revoked" } as const;
registerEnumType(grantStatuses, {
  name: "ActAsGrantStatus",
  description: "Whether a member of staff may act now, no longer, or was stopped before the time.",
});

@ObjectType("ActAsGrant", { description: "A person of the provider's staff may act for this tenant for a while." })
export class ActAsGrantType {
  @Field(() => ID)
  id!: string;

  @Field(() => Boolean, { description: "False in a sandbox." })
  livemode!: boolean;

  @Field(() => grantStatuses)
  status!: GrantStatus;

  @Field(() => ID)
  staffId!: string;

  @Field(() => String)
  staffName!: string;

  @Field(() => [String], { description: "The staff person's roles when the grant was given." })
  roles!: readonly string[];

  @Field(() => [String], { description: "Words of permission: nothing else can be done with the grant." })
  scopes!: readonly string[];

  @Field(() => String)
  reason!: string;

  @Field(() => DateTime)
  grantedAt!: Date;

  @Field(() => DateTime, { description: "System time." })
  until!: Date;

  @Field(() => DateTime, { nullable: true, description: "System time." })
  revokedAt?: Date;

  @Field(() => ActorType, { nullable: true })
  revokedBy?: ActorType;

  @Field(() => String, { nullable: true })
  revokedReason?: string;
}
export const ActAsGrantConnection = connectionOf("ActAsGrant", ActAsGrantType);

@InputType({ description: "For whom, why, for how long, and what it is needed for." })
export class ActForInput {
  @Field(() => ID, { description: "A tenant below the caller's." })
  tenantId!: string;

  @Field(() => String, { description: "The client reads it." })
  reason!: string;

  @Field(() => Int, { description: "1 to 60." })
  minutes!: number;

  @Field(() => [String], {
    nullable: true,
    description:
      "Words of permission that the caller holds, as `me { permissions }` lists them. Default: all of them that only read. Never part of a grant: acting for others, keys, inviting people, ending somebody's access.",
  })
  scopes?: string[] | null;
}

@ObjectType({ description: "An access token in the client; shown once." })
export class ActForPayload {
  @Field(() => String)
  token!: string;

  @Field(() => DateTime)
  expiresAt!: Date;

  @Field(() => ID, { description: "The grant that the client sees and can revoke." })
  grantId!: string;

  @Field(() => [String], { description: "What can be done with it." })
  scopes!: readonly string[];
}

@InputType({ description: "Which visit to end, and why; both sides read it." })
export class RevokeActAsGrantInput {
  @Field(() => ID)
  grantId!: string;

  @Field(() => String)
  reason!: string;
}

@ObjectType({ description: "The grant as it is now." })
export class RevokeActAsGrantPayload {
  @Field(() => ActAsGrantType)
  grant!: ActAsGrantType;
}

export const toGrant = (grant: ActAsGrant, now: Date): ActAsGrantType => ({
  ...grant,
  status: grantStatus(grant, now),
});
