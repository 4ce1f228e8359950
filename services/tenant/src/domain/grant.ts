import { after, badInput, type Id, minuteMs, type PersonId, type Role, type TenantId } from "@greentick/kernel";
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
  readonly roles: readonly Role[];
  readonly reason: string;
  /** System time: it bounds a token. */
  readonly grantedAt: Date;
  readonly until: Date;
}

export interface GrantRequest {
  readonly id: Id<"grant">;
  readonly reason: string;
  /** 1 to 60. */
  readonly minutes: number;
  /** System time. */
  readonly now: Date;
}

/** @throws BAD_USER_INPUT for a missing reason, a time outside 1 … 60 minutes, or one's own tenant; CONFLICT/tenant_closed. */
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
    reason,
    grantedAt: request.now,
    until: after(request.now, request.minutes * minuteMs),
  };
}
