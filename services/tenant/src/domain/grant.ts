import {
  type Actor,
  after,
  badInput,
  type Id,
  mayBeDelegated,
  minuteMs,
  type Permission,
  type PersonId,
  readsOnly,
  type Role,
  type TenantId,
} from "@greentick/kernel";
import { keyErrors } from "./api-key-errors.js";
import { tenantErrors } from "./errors.js";
import { type Person, rolesIn } from "./person.js";
import { type Tenant } from "./tenant.js";

/** Longest time in minutes for which staff may act for a client before giving a reason again. */
const maxActAsMinutes = 60;

/** A member of staff may act for a client, for a stated reason, until a stated time. It belongs to the client, who can see it. */
export interface ActAsGrant {
  readonly id: Id<"grant">;
  /** The client. */
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  readonly version: number;
  readonly staffId: PersonId;
  readonly staffName: string;
  /** The tenant from which the staff person acts. */
  readonly staffTenantId: TenantId;
  /** The staff person's roles when it was given, for the client to read. */
  readonly roles: readonly Role[];
  /** All that may be done with it, as far as the staff person holds it still. */
  readonly scopes: readonly Permission[];
  /** The staff person's sign-in; when that ends, the grant is worth nothing. */
  readonly sessionId?: string;
  readonly reason: string;
  /** System time: it bounds a token. */
  readonly grantedAt: Date;
  readonly until: Date;
  readonly revokedAt?: Date;
  readonly revokedBy?: Actor;
  readonly revokedReason?: string;
}

export type GrantStatus = "active" | "ended" | "revoked";

export const grantStatus = (grant: ActAsGrant, now: Date): GrantStatus => {
  if (grant.revokedAt !== undefined) return "revoked";
  return grant.until > now ? "active" : "ended";
};

export interface GrantRequest {
  readonly id: Id<"grant">;
  readonly reason: string;
  /** Words of permission. Default: all that the staff person may read. */
  readonly scopes?: readonly string[];
  /** What the staff person holds: nobody gives away more. */
  readonly held: ReadonlySet<Permission>;
  readonly sessionId?: string;
  /** 1 to 60. */
  readonly minutes: number;
  /** System time. */
  readonly now: Date;
}

/**
 * @throws BAD_USER_INPUT for a missing reason, a time outside 1 … 60 minutes, a word that cannot be delegated, or one's own tenant;
 * FORBIDDEN/scope_not_held for a word beyond the staff person's own; CONFLICT/tenant_closed.
 */
export function grantActAs(staff: Person, client: Tenant, request: GrantRequest): ActAsGrant {
  const reason = request.reason.trim();
  if (reason === "" || reason.length > 500)
    throw badInput("reason", "must have 1 to 500 characters; the client reads it");
  if (!Number.isInteger(request.minutes) || request.minutes < 1 || request.minutes > maxActAsMinutes)
    throw badInput("minutes", `must be a whole number from 1 to ${maxActAsMinutes}`);
  if (staff.kind !== "staff") throw tenantErrors.staffOnly();
  if (client.id === staff.tenantId) throw tenantErrors.notForOneself();
  if (client.status === "closed") throw tenantErrors.closed(client.id);
  return {
    id: request.id,
    tenantId: client.id,
    ancestorIds: client.ancestorIds,
    livemode: client.livemode,
    version: 0,
    staffId: staff.id,
    staffName: staff.name,
    staffTenantId: staff.tenantId,
    roles: rolesIn(staff, staff.tenantId),
    scopes: scopesOf(request),
    ...(request.sessionId !== undefined && { sessionId: request.sessionId }),
    reason,
    grantedAt: request.now,
    until: after(request.now, request.minutes * minuteMs),
  };
}

function scopesOf({ scopes, held }: GrantRequest): readonly Permission[] {
  const delegable = [...held].filter(mayBeDelegated).sort();
  if (scopes === undefined) return delegable.filter(readsOnly);
  const beyond = scopes.filter((word) => !delegable.some((one) => one === word));
  if (beyond.length > 0) throw keyErrors.scopeNotHeld(beyond);
  if (scopes.length === 0) throw badInput("scopes", "name at least one, or leave it out to read only");
  return delegable.filter((word) => scopes.includes(word));
}

/** Ends a visit at once; undefined when it has ended before. @throws BAD_USER_INPUT without a reason. */
export function revokeGrant(
  grant: ActAsGrant,
  why: { readonly reason: string; readonly by: Actor; readonly now: Date },
): ActAsGrant | undefined {
  const reason = why.reason.trim();
  if (reason === "" || reason.length > 500) throw badInput("reason", "must have 1 to 500 characters");
  if (grantStatus(grant, why.now) !== "active") return undefined;
  return { ...grant, revokedAt: why.now, revokedBy: why.by, revokedReason: reason };
}
