import { allow, type Call, tenantScope } from "@greentick/kernel";
import { changeStatus, mayChange, type Tenant, type TenantVerb } from "../domain/tenant.js";
import { type TenantStore } from "../ports.js";
import { changed } from "./tenant-events.js";
import { inSight } from "./tenants-in-sight.js";

interface ChangeTenantStatusInput {
  readonly tenantId: string;
  /** Closing is a use case of its own. */
  readonly verb: Exclude<TenantVerb, "close">;
  /** The tenant's people read it. */
  readonly reason: string;
}
export type ChangeTenantStatus = (call: Call, input: ChangeTenantStatusInput) => Promise<Tenant>;

/** A person moves a tenant. @throws CONFLICT/tenant_transition_not_allowed, NOT_FOUND/tenant_not_found. */
export const changeTenantStatus =
  ({ tenants }: { readonly tenants: TenantStore }): ChangeTenantStatus =>
  async (call, { tenantId, verb, reason }) => {
    allow(call, "tenant:write");
    const tenant = await tenants.get(inSight(call), tenantId);
    const moved = changeStatus(tenant, verb, { reason, now: call.now() });
    return tenants.save(call, moved, [changed(tenant, moved, { reason: moved.statusReason })]);
  };

export type FollowTenant = (call: Call, verb: TenantVerb, reason: string) => Promise<void>;

/** What happened elsewhere moves the tenant of the call along, if the verb leads anywhere from where it is; safe to repeat. */
export const followTenant =
  ({ tenants }: { readonly tenants: TenantStore }): FollowTenant =>
  async (call, verb, reason) => {
    allow(call, "tenant:write");
    const tenant = await tenants.get(tenantScope(call), call.tenantId);
    if (tenant.kind === "provider" || !mayChange(tenant, verb)) return;
    const moved = changeStatus(tenant, verb, { reason, now: call.now() });
    await tenants.save(call, moved, [changed(tenant, moved, { reason })]);
  };
