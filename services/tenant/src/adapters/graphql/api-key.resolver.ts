import "reflect-metadata";
import { type Call, type Permission } from "@greentick/kernel";
import { type Connection, pageOf, Requires, toConnection } from "@greentick/graphql";
import { Arg, Args, Ctx, Mutation, Query, Resolver } from "type-graphql";
import {
  type CreateApiKey,
  type ListApiKeys,
  type RevokeApiKey,
  type RotateApiKey,
  type ShownKey,
} from "../../usecases/api-keys.js";
import {
  ApiKeyConnection,
  ApiKeyPayload,
  ApiKeysArgs,
  ApiKeySecretPayload,
  ApiKeyType,
  CreateApiKeyInput,
  RevokeApiKeyInput,
  RotateApiKeyInput,
  toApiKey,
} from "./api-key.types.js";

export interface ApiKeyUseCases {
  readonly listApiKeys: ListApiKeys;
  readonly listKeyScopes: (call: Call) => Promise<readonly Permission[]>;
  readonly createApiKey: CreateApiKey;
  readonly rotateApiKey: RotateApiKey;
  readonly revokeApiKey: RevokeApiKey;
}

@Resolver(() => ApiKeyType)
export class ApiKeyResolver {
  constructor(private readonly use: ApiKeyUseCases) {}

  @Requires("key:read")
  @Query(() => ApiKeyConnection, {
    description: "Keys of the caller's tenant, newest first; staff see those of all below.",
  })
  async apiKeys(@Ctx() call: Call, @Args() args: ApiKeysArgs): Promise<Connection<ApiKeyType>> {
    const { status, scope } = args;
    const filter = { ...(status != null && { status }), ...(scope != null && { scope }) };
    const now = call.systemNow();
    return toConnection(await this.use.listApiKeys(call, pageOf(args), filter), ({ key, lastUsedAt }) =>
      toApiKey(key, now, lastUsedAt),
    );
  }

  @Requires("key:read")
  @Query(() => [String], {
    description: "Words of permission that the caller can give an API key: never more than the caller holds.",
  })
  async apiKeyScopes(@Ctx() call: Call): Promise<string[]> {
    return [...(await this.use.listKeyScopes(call))];
  }

  @Requires("key:write")
  @Mutation(() => ApiKeySecretPayload, {
    description:
      "A key for the caller's tenant: `gtk_live_…`, in a sandbox `gtk_test_…`. Fails with BAD_USER_INPUT/invalid_input, FORBIDDEN/scope_not_held, CONFLICT/idempotency_mismatch.",
  })
  async createApiKey(@Ctx() call: Call, @Arg("input") input: CreateApiKeyInput): Promise<ApiKeySecretPayload> {
    const { idempotencyKey, expiresAt, ipAllowList, name, scopes } = input;
    const keyed = { ...call, ...(idempotencyKey != null && { idempotencyKey }) };
    const wanted = { name, scopes, ipAllowList: ipAllowList ?? [], ...(expiresAt && { expiresAt }) };
    return shown(await this.use.createApiKey(keyed, wanted), call);
  }

  @Requires("key:write")
  @Mutation(() => ApiKeySecretPayload, {
    description:
      "A new secret and a new expiry for a key; the old secret works until the overlap ends, at most a week. Fails with NOT_FOUND/api_key_not_found, CONFLICT/api_key_ended, BAD_USER_INPUT/invalid_input, FORBIDDEN/scope_not_held for a key that can do more than the caller.",
  })
  async rotateApiKey(@Ctx() call: Call, @Arg("input") input: RotateApiKeyInput): Promise<ApiKeySecretPayload> {
    const { apiKeyId, overlapMinutes, expiresAt } = input;
    const wanted = { apiKeyId, ...(overlapMinutes != null && { overlapMinutes }), ...(expiresAt && { expiresAt }) };
    return shown(await this.use.rotateApiKey(call, wanted), call);
  }

  @Requires("key:revoke")
  @Mutation(() => ApiKeyPayload, {
    description:
      "Ends a key for ever, in force everywhere within five seconds; also possible while the tenant is suspended. Safe to repeat. Fails with NOT_FOUND/api_key_not_found, BAD_USER_INPUT/invalid_input.",
  })
  async revokeApiKey(@Ctx() call: Call, @Arg("input") input: RevokeApiKeyInput): Promise<ApiKeyPayload> {
    return { apiKey: toApiKey(await this.use.revokeApiKey(call, input), call.systemNow()) };
  }
}

const shown = ({ key, secret }: ShownKey, call: Call): ApiKeySecretPayload => ({
  apiKey: toApiKey(key, call.systemNow()),
  ...(secret !== undefined && { secret }),
});
