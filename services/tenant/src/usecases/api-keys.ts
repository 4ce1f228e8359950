import { apiKeyCreated, apiKeyRevoked, apiKeyRotated, type DataOf, event } from "@greentick/contracts";
import { allow, type ApiKeyId, type Call, keyScopes, type Permission, tenantScope } from "@greentick/kernel";
import { type ApiKey, type KeyRotation, makeApiKey, type NewApiKey, revokeKey, rotateKey } from "../domain/api-key.js";
import { keyErrors } from "../domain/api-key-errors.js";
import { type ApiKeyFilter, type ApiKeyStore, type KeyMint, type KeyUses, type Networks } from "../ports/keys.js";
import { type Page, type PageRequest, type TenantStore } from "../ports.js";
import { inSight } from "./tenants-in-sight.js";

/** A key, and its text where it was just made: nothing can tell the text again. */
export interface ShownKey {
  readonly key: ApiKey;
  readonly secret?: string;
}

const factsOf = (key: ApiKey): DataOf<typeof apiKeyCreated> => ({
  apiKeyId: key.id,
  name: key.name,
  visible: key.secrets[0]?.visible ?? "",
  scopes: [...key.scopes],
  ipAllowList: [...key.ipAllowList],
  expiresAt: key.expiresAt,
});

export type CreateApiKey = (call: Call, input: NewApiKey) => Promise<ShownKey>;

/**
 * A key of the caller's tenant, live or test as the tenant is. A repeat under the same `call.idempotencyKey` returns the key without its text.
 * @throws BAD_USER_INPUT, FORBIDDEN/scope_not_held, CONFLICT/idempotency_mismatch.
 */
export const createApiKey =
  (
    ports: { readonly tenants: TenantStore; readonly keys: ApiKeyStore; readonly networks: Networks } & KeyMint,
  ): CreateApiKey =>
  async (call, input) => {
    allow(call, "key:write");
    const { id: tenantId, ancestorIds, livemode, kind } = await ports.tenants.get(tenantScope(call), call.tenantId);
    if (kind === "provider" || kind === "reseller") throw keyErrors.clientsOnly();
    const { text, ...secret } = ports.mint(livemode);
    const id = call.newId("apiKey");
    const place = { id, tenantId, ancestorIds, livemode, createdBy: call.actor };
    const ipAllowList = input.ipAllowList.map((block) => ports.networks.block("ipAllowList", block));
    const made = { ...place, held: call.permissions, now: call.systemNow() };
    const key = makeApiKey({ ...input, ipAllowList }, made, secret);
    const kept = await ports.keys.insert(call, key, { events: [event(apiKeyCreated, factsOf(key))], input });
    if (kept.id !== id) return { key: kept };
    call.log.info({ apiKeyId: id, scopes: key.scopes, expiresAt: key.expiresAt }, "API key created");
    return { key: kept, secret: text };
  };

export type RotateApiKey = (call: Call, input: KeyRotation & { readonly apiKeyId: string }) => Promise<ShownKey>;

/**
 * A new secret for a key; the old one is taken until the overlap ends. Who is told a secret holds its scopes: nobody renews a key that can do more.
 * @throws NOT_FOUND/api_key_not_found, CONFLICT/api_key_ended, FORBIDDEN/scope_not_held.
 */
export const rotateApiKey =
  ({ keys, mint }: { readonly keys: ApiKeyStore } & KeyMint): RotateApiKey =>
  async (call, { apiKeyId, ...wanted }) => {
    allow(call, "key:write");
    const before = await keys.get(tenantScope(call), apiKeyId);
    const { text, ...secret } = mint(before.livemode);
    const rotated = rotateKey(before, wanted, { secret, held: call.permissions, now: call.systemNow() });
    const oldSecretUntil = rotated.secrets[1]?.until ?? call.systemNow();
    const key = await keys.save(call, rotated, [event(apiKeyRotated, { ...factsOf(rotated), oldSecretUntil })]);
    call.log.info({ apiKeyId, oldSecretUntil }, "API key rotated");
    return { key, secret: text };
  };

export type RevokeApiKey = (
  call: Call,
  input: { readonly apiKeyId: string; readonly reason: string },
) => Promise<ApiKey>;

/** Ends a key; also from above, when staff learn of a leak. Safe to repeat. @throws NOT_FOUND/api_key_not_found. */
export const revokeApiKey =
  ({ keys }: { readonly keys: ApiKeyStore }): RevokeApiKey =>
  async (call, { apiKeyId, reason }) => {
    allow(call, "key:revoke");
    const before = await keys.get(inSight(call), apiKeyId);
    const revoked = revokeKey(before, { reason, by: call.actor, now: call.systemNow() });
    if (revoked === undefined) return before;
    const said = event(apiKeyRevoked, { apiKeyId, name: before.name }, { reason: revoked.revokedReason ?? reason });
    call.log.info({ apiKeyId }, "API key revoked");
    return keys.save(call, revoked, [said]);
  };

export interface ListedKey {
  readonly key: ApiKey;
  readonly lastUsedAt?: Date;
}
export type ListApiKeys = (call: Call, page: PageRequest, filter: ApiKeyFilter) => Promise<Page<ListedKey>>;

/** Keys of the caller's tenant; staff see those of all below. */
export const listApiKeys =
  ({ keys, uses }: { readonly keys: ApiKeyStore; readonly uses: KeyUses }): ListApiKeys =>
  async (call, page, filter) => {
    allow(call, "key:read");
    const found = await keys.list(inSight(call), page, { ...filter, now: call.systemNow() });
    return { ...found, items: await withUse({ uses, call }, found.items) };
  };

async function withUse(
  { uses, call }: { readonly uses: KeyUses; readonly call: Call },
  keys: readonly ApiKey[],
): Promise<readonly ListedKey[]> {
  const used = await uses.lastUsed(
    inSight(call),
    keys.map((key): ApiKeyId => key.id),
  );
  return keys.map((key) => {
    const lastUsedAt = used.get(key.id);
    return { key, ...(lastUsedAt && { lastUsedAt }) };
  });
}

/** What the caller can give a key: never more than the caller holds. */
export function listKeyScopes(call: Call): readonly Permission[] {
  allow(call, "key:read");
  return keyScopes.filter((word) => call.permissions.has(word)).sort();
}
