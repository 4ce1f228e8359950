import { allow, type Call, type PersonId, systemScope, tenantScope, underScope } from "@greentick/kernel";
import { type ActAsGrant } from "../domain/grant.js";
import { type Person } from "../domain/person.js";
import { type Tenant } from "../domain/tenant.js";
import {
  type GrantStore,
  type Page,
  type PageRequest,
  type PersonStore,
  type TenantFilter,
  type TenantStore,
} from "../ports.js";
import { familyOf, inSight } from "./tenants-in-sight.js";

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
    return tenants.getMany(familyOf(call), ids);
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

/** Those directly below a tenant in the caller's sight, newest first: of a client its branches. */
export const listChildren =
  ({ tenants }: { readonly tenants: TenantStore }) =>
  async (call: Call, parentId: string, page: PageRequest): Promise<Page<Tenant>> => {
    allow(call, "tenant:read");
    return tenants.list(familyOf(call), page, { parentId });
  };

/** The id of the sandbox twin of a live client, and nothing else of it: whoever works there holds a token or key of its own for it. */
export const readTwinId =
  ({ tenants }: { readonly tenants: TenantStore }) =>
  async (call: Call, liveId: string): Promise<string | undefined> => {
    allow(call, "tenant:read");
    const live = await tenants.get(familyOf(call), liveId);
    return (await tenants.findTwin(systemScope("organisation-tree"), live.id))?.id;
  };
