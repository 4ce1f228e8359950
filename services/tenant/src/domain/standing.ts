import { mayBeDelegated, type Permission, permissionsOf, type Role, type TenantStanding } from "@greentick/kernel";
import { type ActAsGrant } from "./grant.js";
import { type Tenant } from "./tenant.js";

/** What a credential holds, or why it holds nothing any more. */
export type Worth =
  | { readonly good: true; readonly permissions: readonly Permission[]; readonly tenantStanding: TenantStanding }
  | { readonly good: false; readonly ended: "access_withdrawn" | "grant_ended" | "tenant_closed" };

/** The tenant's own status, or that of one above it: who stands below a suspended or closed reseller is suspended. */
export function standingOf(tenant: Tenant, ancestors: readonly Tenant[]): TenantStanding {
  if (tenant.status === "closed") return "closed";
  const isStopped = ({ status }: Tenant): boolean => status === "suspended" || status === "closed";
  return [tenant, ...ancestors].some(isStopped) ? "suspended" : "open";
}

interface Place {
  readonly tenant: Tenant;
  readonly ancestors: readonly Tenant[];
}

/** A closed tenant is open to the eyes of its owner, until what it kept is erased. */
const isReadableByOwner = ({ erasedAt }: Tenant, roles: readonly Role[]): boolean =>
  erasedAt === undefined && roles.includes("owner");

/** A person with these roles in the tenant now. */
export function worthOfRoles({ tenant, ancestors }: Place, roles: readonly Role[]): Worth {
  const tenantStanding = standingOf(tenant, ancestors);
  if (roles.length === 0) return { good: false, ended: "access_withdrawn" };
  if (tenantStanding === "closed" && !isReadableByOwner(tenant, roles)) return { good: false, ended: "tenant_closed" };
  return { good: true, permissions: [...permissionsOf(roles)], tenantStanding };
}

/** A grant, by the roles its staff person holds at home now: never more than either. */
export function worthOfGrant(
  place: Place,
  grant: ActAsGrant,
  now: { readonly at: Date; readonly roles: readonly Role[] },
): Worth {
  if (grant.revokedAt !== undefined || grant.until <= now.at || now.roles.length === 0)
    return { good: false, ended: "grant_ended" };
  return delegated(place, grant.scopes, permissionsOf(now.roles));
}

/** A key's scopes as far as the table still knows them. */
export const worthOfScopes = (place: Place, scopes: readonly Permission[], all: readonly Permission[]): Worth =>
  delegated(place, scopes, new Set(all));

function delegated({ tenant, ancestors }: Place, given: readonly Permission[], held: ReadonlySet<Permission>): Worth {
  const tenantStanding = standingOf(tenant, ancestors);
  if (tenantStanding === "closed") return { good: false, ended: "tenant_closed" };
  const permissions = given.filter((word) => held.has(word) && mayBeDelegated(word));
  return { good: true, permissions, tenantStanding };
}
