import { allow, type Call, type PersonId, tenantScope, underScope } from "@greentick/kernel";
import { type AuditRecord } from "../domain/audit.js";
import { type ActAsGrant } from "../domain/grant.js";
import { type Person } from "../domain/person.js";
import { type Tenant } from "../domain/tenant.js";
import {
  type AuditFilter,
  type AuditStore,
  type GrantStore,
  type Page,
  type PageRequest,
  type PersonStore,
  type TenantFilter,
  type TenantStore,
} from "../ports.js";
import { inSight } from "./tenants-in-sight.js";

export interface Me {
  readonly tenant: Tenant;
  /** Absent for keys and services. */
  readonly person?: Person;
}

/** The caller's tenant and, for a person, the person: also when acting for a client, where the person is at home elsewhere. */
export const readMe =
  ({ tenants, people }: { readonly tenants: TenantStore; readonly people: PersonStore }) =>
  async (call: Call): Promise<Me> => {
    allow(call, "tenant:read");
    const homes = [call.tenantId, ...call.ancestorIds].map((tenant) => ({ tenant, ancestors: [] }));
    const [tenant, ...found] = await Promise.all([
      tenants.get(tenantScope(call), call.tenantId),
      ...homes.map((home) => people.find(home, call.actor.id as PersonId)),
    ]);
    const person = found.find((one) => one !== undefined);
    return { tenant, ...(person && { person }) };
  };

export const readTenants =
  ({ tenants }: { readonly tenants: TenantStore }) =>
  (call: Call, ids: readonly string[]): Promise<readonly (Tenant | undefined)[]> => {
    allow(call, "tenant:read");
    return tenants.getMany(inSight(call), ids);
  };

/** The caller's tenant and everything below it. @throws FORBIDDEN/staff_only for a client's people. */
export const listTenants =
  ({ tenants }: { readonly tenants: TenantStore }) =>
  (call: Call, page: PageRequest, filter: TenantFilter): Promise<Page<Tenant>> => {
    allow(call, "tenant:list");
    return tenants.list(underScope(call), page, filter);
  };

/** Who of the staff may or might have acted for a tenant. The tenant itself must be in the caller's sight. */
export const listGrants =
  ({ tenants, grants }: { readonly tenants: TenantStore; readonly grants: GrantStore }) =>
  async (call: Call, tenantId: string, page: PageRequest): Promise<Page<ActAsGrant>> => {
    allow(call, "tenant:read");
    const { id, ancestorIds } = await tenants.get(inSight(call), tenantId);
    return grants.list({ tenant: id, ancestors: ancestorIds }, page);
  };

/** The trail of the caller's tenant; staff see all below theirs as well. */
export const readAuditTrail =
  ({ audit }: { readonly audit: AuditStore }) =>
  (call: Call, page: PageRequest, filter: AuditFilter): Promise<Page<AuditRecord>> => {
    allow(call, "audit:read");
    return audit.list(inSight(call), page, filter);
  };
