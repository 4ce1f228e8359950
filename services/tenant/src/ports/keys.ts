import { type ApiKeyId, type Call, type DomainEvent, type Scope, type TenantId } from "@greentick/kernel";
import { type ApiKey, type ApiKeyStatus } from "../domain/api-key.js";
import { type Page, type PageRequest } from "../ports.js";

export interface ApiKeyFilter {
  readonly status?: ApiKeyStatus;
  /** Has this word among its scopes. */
  readonly scope?: string;
}

export interface ApiKeyStore {
  /** @throws NOT_FOUND/api_key_not_found. */
  readonly get: (scope: Scope, id: string) => Promise<ApiKey>;
  /** By the hash of one of its secrets, replaced ones included. */
  readonly findByHash: (scope: Scope, hash: string) => Promise<ApiKey | undefined>;
  /** Newest first. `now` tells active from expired: system time. */
  readonly list: (
    scope: Scope,
    page: PageRequest,
    filter: ApiKeyFilter & { readonly now: Date },
  ) => Promise<Page<ApiKey>>;
  /** With `call.idempotencyKey` a repeat returns the first key as it is. @throws CONFLICT/idempotency_mismatch. */
  readonly insert: (
    call: Call,
    key: ApiKey,
    what: { readonly events: readonly DomainEvent[]; readonly input: unknown },
  ) => Promise<ApiKey>;
  /** @throws CONFLICT/version_conflict. */
  readonly save: (call: Call, key: ApiKey, events: readonly DomainEvent[]) => Promise<ApiKey>;
  /** Of a tenant whose retention has ended; safe to repeat. */
  readonly eraseAll: (tenantId: TenantId) => Promise<void>;
}

/** When keys were last used, beside the keys themselves: use is no change of a key. */
export interface KeyUses {
  /** Keeps the instant unless one of the last minute is kept already; costs nothing within a minute of the last time. */
  readonly touch: (key: ApiKey, now: Date) => Promise<void>;
  readonly eraseAll: (tenantId: TenantId) => Promise<void>;
  readonly lastUsed: (scope: Scope, ids: readonly ApiKeyId[]) => Promise<ReadonlyMap<string, Date>>;
}

/** New secrets, and what is kept of them. */
export interface KeyMint {
  /** The key's text, with its hash and the part that may be shown. */
  readonly mint: (livemode: boolean) => { readonly text: string; readonly hash: string; readonly visible: string };
}

export interface Networks {
  /** The block as it is compared: `192.0.2.1` becomes `192.0.2.1/32`. @throws BAD_USER_INPUT naming the field for anything else. */
  readonly block: (field: string, text: string) => string;
}
