import "reflect-metadata";
import { connectionOf, DateTime, PageArgs } from "@greentick/graphql";
import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { type ApiKey, type ApiKeyStatus, statusOf } from "../../domain/api-key.js";
import { ActorType } from "./types.js";

const apiKeyStatuses = { ACTIVE: "active", EXPIRED: "expired", REVOKED: "revoked" } as const;
registerEnumType(apiKeyStatuses, { name: "ApiKeyStatus", description: "Whether a key is taken, by system time." });

@ObjectType("ApiKey", {
  description: "A client's key for its own programs, sent as `Authorization: Bearer gtk_…`. Its secret is shown once.",
})
export class ApiKeyType {
  @Field(() => ID)
  id!: string;

  @Field(() => ID)
  tenantId!: string;

  @Field(() => Boolean, { description: "False for a test key: it reaches a sandbox and nothing else." })
  livemode!: boolean;

  @Field(() => String)
  name!: string;

  @Field(() => apiKeyStatuses)
  status!: ApiKeyStatus;

  @Field(() => String, { description: "The part of the key by which it can be recognised, e.g. `gtk_live_8fQ2`." })
  visible!: string;

  @Field(() => [String], { description: "Words of permission: all that the key may do." })
  scopes!: readonly string[];

  @Field(() => [String], { description: "Blocks of addresses from which it may be used; empty for anywhere." })
  ipAllowList!: readonly string[];

  @Field(() => ActorType)
  createdBy!: ActorType;

  @Field(() => DateTime)
  createdAt!: Date;

  @Field(() => DateTime)
  expiresAt!: Date;

  @Field(() => DateTime, { nullable: true, description: "Until when the secret before the current one is taken." })
  oldSecretUntil?: Date;

  @Field(() => DateTime, {
    nullable: true,
    description:
      "To the minute, uses from an address that the key does not allow included; null for a key that was never used.",
  })
  lastUsedAt?: Date;

  @Field(() => DateTime, { nullable: true })
  revokedAt?: Date;

  @Field(() => ActorType, { nullable: true })
  revokedBy?: ActorType;

  @Field(() => String, { nullable: true })
  revokedReason?: string;
}
export const ApiKeyConnection = connectionOf("ApiKey", ApiKeyType);

@ArgsType()
export class ApiKeysArgs extends PageArgs {
  @Field(() => apiKeyStatuses, { nullable: true })
  status?: ApiKeyStatus | null;

  @Field(() => String, { nullable: true, description: "Has this word of permission, e.g. `template:submit`." })
  scope?: string | null;
}

@InputType({ description: "What a new key may do, from where, and until when." })
export class CreateApiKeyInput {
  @Field(() => String, { description: "For people; 1 to 120 characters." })
  name!: string;

  @Field(() => [String], { description: "Words of permission out of `apiKeyScopes`." })
  scopes!: string[];

  @Field(() => DateTime, { nullable: true, description: "Default: in 90 days; at most in a year." })
  expiresAt?: Date | null;

  @Field(() => [String], {
    nullable: true,
    description: "Addresses or CIDR blocks, IPv4 or IPv6, at most 50. Default: from anywhere.",
  })
  ipAllowList?: string[] | null;

  @Field(() => String, {
    nullable: true,
    description: "The same key with the same input creates one API key; the repeat shows no secret.",
  })
  idempotencyKey?: string | null;
}

@InputType({ description: "Which key gets a new secret, and how long the old one still works." })
export class RotateApiKeyInput {
  @Field(() => ID)
  apiKeyId!: string;

  @Field(() => Int, { nullable: true, description: "0 to 10,080; default 1,440, a day. 0 ends the old secret now." })
  overlapMinutes?: number | null;

  @Field(() => DateTime, { nullable: true, description: "Default: in 90 days; at most in a year." })
  expiresAt?: Date | null;
}

@InputType({ description: "Which key to end, and why." })
export class RevokeApiKeyInput {
  @Field(() => ID)
  apiKeyId!: string;

  @Field(() => String)
  reason!: string;
}

@ObjectType({ description: "The key, and its secret where that was just made." })
export class ApiKeySecretPayload {
  @Field(() => ApiKeyType)
  apiKey!: ApiKeyType;

  @Field(() => String, {
    nullable: true,
    description: "The key's text, shown this once and kept by nobody; null for a repeat under the same idempotencyKey.",
  })
  secret?: string;
}

@ObjectType({ description: "The key as it is now." })
export class ApiKeyPayload {
  @Field(() => ApiKeyType)
  apiKey!: ApiKeyType;
}

export function toApiKey(key: ApiKey, now: Date, lastUsedAt?: Date): ApiKeyType {
  const { id, tenantId, livemode, name, scopes, ipAllowList, createdBy, createdAt, expiresAt, secrets } = key;
  const { revokedAt, revokedBy, revokedReason } = key;
  const until = secrets[1]?.until;
  return {
    ...{ id, tenantId, livemode, name, scopes, ipAllowList, createdBy, createdAt, expiresAt },
    ...(revokedAt && { revokedAt }),
    ...(revokedBy && { revokedBy }),
    ...(revokedReason !== undefined && { revokedReason }),
    status: statusOf(key, now),
    visible: secrets[0]?.visible ?? "",
    ...(until !== undefined && until > now && { oldSecretUntil: until }),
    ...(lastUsedAt && { lastUsedAt }),
  };
}
