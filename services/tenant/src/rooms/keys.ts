import { type Outside, type RefusalAudit } from "@greentick/runtime";
import { accessErasure } from "../adapters/events/access.js";
import { ApiKeyResolver } from "../adapters/graphql/api-key.resolver.js";
import { apiKeyCollection, type mongoApiKeyStore, type mongoKeyUses } from "../adapters/mongo/api-key-store.js";
import { keyMint } from "../adapters/net/key-mint.js";
import { networks } from "../adapters/net/networks.js";
import { type GrantStore, type TenantStore } from "../ports.js";
import { createApiKey, listApiKeys, listKeyScopes, revokeApiKey, rotateApiKey } from "../usecases/api-keys.js";
import { type Room } from "./room.js";

export interface KeyStores {
  readonly tenants: TenantStore;
  readonly grants: GrantStore;
  readonly keys: ReturnType<typeof mongoApiKeyStore>;
  readonly uses: ReturnType<typeof mongoKeyUses>;
  readonly refusals: RefusalAudit;
}

/** API keys of client developers. */
export function keysRoom({ randomBytes }: Outside, stores: KeyStores): Room {
  const { tenants, keys, uses, refusals } = stores;
  const { refusing } = refusals;
  const ports = { tenants, keys, networks, ...keyMint(randomBytes) };
  const resolver = new ApiKeyResolver({
    listApiKeys: refusing("listApiKeys", listApiKeys({ keys, uses })),
    listKeyScopes: (call) => Promise.resolve(listKeyScopes(call)),
    createApiKey: refusing("createApiKey", createApiKey(ports)),
    rotateApiKey: refusing("rotateApiKey", rotateApiKey(ports)),
    revokeApiKey: refusing("revokeApiKey", revokeApiKey({ keys })),
  });
  return {
    resolvers: [resolver],
    handlers: [accessErasure([keys, uses, stores.grants])],
    stores: [keys, uses],
    collections: [apiKeyCollection],
  };
}
