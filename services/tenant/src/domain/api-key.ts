import {
  type Actor,
  after,
  type ApiKeyId,
  badInput,
  dayMs,
  keyScopes,
  minuteMs,
  type Permission,
  type TenantId,
} from "@greentick/kernel";
import { keyErrors } from "./api-key-errors.js";

/** A key lives this long when nobody says otherwise, and never longer than the second. */
const defaultDays = 90;
const longestDays = 365;
const defaultOverlapMinutes = 24 * 60;
const longestOverlapMinutes = 7 * 24 * 60;
const mostBlocks = 50;

/** One secret of a key, as it is kept: its hash, and the part by which people recognise it. */
export interface KeySecret {
  /** SHA-256 of the key's text in base64url. 256 random bits need no salt and no slow hash. */
  readonly hash: string;
  /** E.g. `gtk_live_8fQ2`. */
  readonly visible: string;
  /** System time from which it is not taken any more; absent for the current one. */
  readonly until?: Date;
}

/** A client's key for its own programs. It belongs to the tenant, not to the person who made it. */
export interface ApiKey {
  readonly id: ApiKeyId;
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  readonly version: number;
  readonly name: string;
  readonly scopes: readonly Permission[];
  /** CIDR blocks; empty for anywhere. */
  readonly ipAllowList: readonly string[];
  readonly createdBy: Actor;
  /** System times. */
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** The current one first; behind it the one it replaced. */
  readonly secrets: readonly KeySecret[];
  readonly revoked: boolean;
  readonly revokedAt?: Date;
  readonly revokedBy?: Actor;
  readonly revokedReason?: string;
}

export type ApiKeyStatus = "active" | "expired" | "revoked";

export const statusOf = (key: ApiKey, now: Date): ApiKeyStatus => {
  if (key.revoked) return "revoked";
  return key.expiresAt > now ? "active" : "expired";
};

/** How a key stands for somebody who sent the secret of that hash. */
export function statusOfSecret(key: ApiKey, hash: string, now: Date): ApiKeyStatus {
  const secret = key.secrets.find((one) => one.hash === hash);
  const replaced = secret === undefined || (secret.until !== undefined && secret.until <= now);
  const status = statusOf(key, now);
  return status === "active" && replaced ? "expired" : status;
}

export interface NewApiKey {
  readonly name: string;
  readonly scopes: readonly string[];
  /** Well-formed CIDR blocks. */
  readonly ipAllowList: readonly string[];
  readonly expiresAt?: Date;
}

export interface KeyPlace {
  readonly id: ApiKeyId;
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  readonly createdBy: Actor;
  readonly now: Date;
  /** What the person who makes it holds: nobody gives away more. */
  readonly held: ReadonlySet<Permission>;
}

/** @throws BAD_USER_INPUT naming the field, FORBIDDEN/scope_not_held for a scope beyond the maker's own. */
export function makeApiKey(wanted: NewApiKey, place: KeyPlace, secret: KeySecret): ApiKey {
  const { now, held, ...of } = place;
  const name = wanted.name.trim();
  if (name === "" || name.length > 120) throw badInput("name", "must have 1 to 120 characters");
  if (wanted.ipAllowList.length > mostBlocks) throw badInput("ipAllowList", `holds at most ${mostBlocks} blocks`);
  return {
    ...of,
    version: 0,
    name,
    scopes: scopesWithin(wanted.scopes, held),
    ipAllowList: [...new Set(wanted.ipAllowList)],
    createdAt: now,
    expiresAt: expiryWithin(wanted.expiresAt, now),
    secrets: [secret],
    revoked: false,
  };
}

function scopesWithin(wanted: readonly string[], held: ReadonlySet<Permission>): readonly Permission[] {
  const scopes = [...new Set(wanted)].map((word) => {
    const scope = keyScopes.find((one) => one === word);
    if (scope === undefined) throw badInput("scopes", `"${word}" is no scope of an API key; apiKeyScopes lists them`);
    return scope;
  });
  if (scopes.length === 0) throw badInput("scopes", "name at least one");
  mustHold(scopes, held);
  return scopes.sort();
}

function mustHold(scopes: readonly Permission[], held: ReadonlySet<Permission>): void {
  const beyond = scopes.filter((scope) => !held.has(scope));
  if (beyond.length > 0) throw keyErrors.scopeNotHeld(beyond);
}

function expiryWithin(wanted: Date | undefined, now: Date): Date {
  if (wanted === undefined) return after(now, defaultDays * dayMs);
  if (wanted <= now || wanted > after(now, longestDays * dayMs))
    throw badInput("expiresAt", `must be in the future and at most ${longestDays} days away`);
  return wanted;
}

export interface KeyRotation {
  /** 0 to 10,080; how long the replaced secret is still taken. */
  readonly overlapMinutes?: number;
  readonly expiresAt?: Date;
}

/** Ended ones are kept so that whoever still uses one learns that it expired, not that it never was. */
const mostSecrets = 10;

interface Renewal extends Pick<KeyPlace, "held" | "now"> {
  readonly secret: KeySecret;
}

/**
 * The same key with a new secret and a new expiry. The replaced secret is taken until the overlap ends, and never longer than it would have
 * been; one replaced before that ends now. @throws CONFLICT/api_key_ended, BAD_USER_INPUT, FORBIDDEN/scope_not_held for a key that can do more than
 * who renews it.
 */
export function rotateKey(key: ApiKey, wanted: KeyRotation, { secret, held, now }: Renewal): ApiKey {
  mustHold(key.scopes, held);
  const status = statusOf(key, now);
  if (status !== "active") throw keyErrors.ended(key.id, status);
  const { overlapMinutes = defaultOverlapMinutes } = wanted;
  if (!Number.isInteger(overlapMinutes) || overlapMinutes < 0 || overlapMinutes > longestOverlapMinutes)
    throw badInput("overlapMinutes", `must be a whole number from 0 to ${longestOverlapMinutes}`);
  const end = Math.min(after(now, overlapMinutes * minuteMs).getTime(), key.expiresAt.getTime());
  const [current, ...earlier] = key.secrets;
  const replaced = current === undefined ? [] : [{ ...current, until: new Date(end) }];
  const ended = earlier.map((one) => ({ ...one, until: one.until === undefined || one.until > now ? now : one.until }));
  return {
    ...key,
    secrets: [secret, ...replaced, ...ended].slice(0, mostSecrets),
    expiresAt: expiryWithin(wanted.expiresAt, now),
  };
}

/** Ends a key at once and for ever; undefined when that was done before. @throws BAD_USER_INPUT without a reason. */
export function revokeKey(
  key: ApiKey,
  why: { readonly reason: string; readonly by: Actor; readonly now: Date },
): ApiKey | undefined {
  if (key.revoked) return undefined;
  const reason = why.reason.trim();
  if (reason === "" || reason.length > 500) throw badInput("reason", "must have 1 to 500 characters");
  return { ...key, revoked: true, revokedAt: why.now, revokedBy: why.by, revokedReason: reason };
}
