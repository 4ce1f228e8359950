import { createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import { performance } from "node:perf_hooks";
import { LRUCache } from "lru-cache";
import { vaultErrors } from "./errors.js";
import { type KeyRows } from "./key-rows.js";

interface Held {
  readonly key: KeyObject;
  readonly unwrappedAt: number;
  /** When the store last said that the key is alive. */
  checkedAt: number;
}

/** The data keys of tenants, opened. */
export interface DataKeys {
  /** The tenant's key, made at its first use. @throws NOT_FOUND/shredded, PROVIDER_UNAVAILABLE/key_service_unavailable. */
  readonly forSealing: (tenantId: string) => Promise<KeyObject>;
  /** Undefined when the tenant never had one. @throws as above. */
  readonly forOpening: (tenantId: string) => Promise<KeyObject | undefined>;
  /** For the process that shredded: its copy goes at once. */
  readonly forget: (tenantId: string) => void;
}

export interface DataKeyLimits {
  /** Opened keys held in memory. */
  readonly held: number;
  /** After this long the store is asked whether the key is still alive; so a key that another process shredded is gone that soon. ms. */
  readonly recheckMs: number;
  /** After this long the keeper of the key-encryption keys is asked again, so that it can take a key away. ms. */
  readonly maxAgeMs: number;
}

export const usualKeyLimits: DataKeyLimits = { held: 1_000, recheckMs: 4_000, maxAgeMs: 300_000 };

/** Opened keys of the tenants in use, bounded; one request for a key waits for the other. */
export function dataKeys(rows: KeyRows, limits: DataKeyLimits = usualKeyLimits): DataKeys {
  const held = new LRUCache<string, Held>({ max: limits.held });
  const loading = new Map<string, Promise<KeyObject | undefined>>();
  const once = (tenantId: string, look: () => Promise<Uint8Array | undefined>): Promise<KeyObject | undefined> => {
    const running = loading.get(tenantId);
    if (running !== undefined) return running;
    const at = performance.now();
    const mine = look()
      .then((plain) => {
        const key = plain && createSecretKey(plain);
        const isWanted = loading.get(tenantId) === mine;
        if (key !== undefined && isWanted) held.set(tenantId, { key, unwrappedAt: at, checkedAt: at });
        return key;
      })
      .finally(() => {
        if (loading.get(tenantId) === mine) loading.delete(tenantId);
      });
    loading.set(tenantId, mine);
    return mine;
  };
  const forget = (tenantId: string): void => {
    loading.delete(tenantId);
    held.delete(tenantId);
  };
  const fresh = async (tenantId: string): Promise<KeyObject | undefined> => {
    const known = held.get(tenantId);
    const at = performance.now();
    if (known === undefined || at - known.unwrappedAt > limits.maxAgeMs) return undefined;
    if (at - known.checkedAt <= limits.recheckMs) return known.key;
    const state = await rows.state(tenantId);
    if (state === "alive") known.checkedAt = at;
    else forget(tenantId);
    if (state === "shredded") throw vaultErrors.shredded(tenantId);
    return state === "alive" ? known.key : undefined;
  };
  const forOpening = async (tenantId: string): Promise<KeyObject | undefined> =>
    (await fresh(tenantId)) ?? once(tenantId, () => rows.find(tenantId));
  return {
    forOpening,
    forSealing: async (tenantId) => {
      const known = await forOpening(tenantId);
      const key = known ?? (await once(tenantId, () => rows.add(tenantId, randomBytes(32))));
      return key ?? (await forSealingAgain(rows, tenantId));
    },
    forget,
  };
}

/** A look that found nothing was under way when the key was asked for: the key is made now. */
const forSealingAgain = async (rows: KeyRows, tenantId: string): Promise<KeyObject> =>
  createSecretKey(await rows.add(tenantId, randomBytes(32)));
