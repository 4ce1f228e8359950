import { event, tenantClosed } from "@greentick/contracts";
import { allow, type Call, systemScope } from "@greentick/kernel";
import { close } from "../domain/closing.js";
import { tenantErrors } from "../domain/errors.js";
import { type RetentionPolicy } from "../domain/retention.js";
import { type Tenant } from "../domain/tenant.js";
import { type TenantStore } from "../ports.js";
import { changed } from "./tenant-events.js";
import { inSight } from "./tenants-in-sight.js";

export interface ClosePorts {
  readonly tenants: TenantStore;
  readonly policy: RetentionPolicy;
}
export type CloseTenant = (
  call: Call,
  input: { readonly tenantId: string; readonly reason: string },
) => Promise<Tenant>;

/**
 * Ends a tenant: its last usage is billed, its data kept for the periods of the retention table and then erased, both by the event.
 * @throws CONFLICT/tenant_closed, CONFLICT/tenant_has_open_children, CONFLICT/provider_stays, NOT_FOUND/tenant_not_found.
 */
export const closeTenant =
  (ports: ClosePorts): CloseTenant =>
  async (call, { tenantId, reason }) => {
    allow(call, "tenant:write");
    const tenant = await ports.tenants.get(inSight(call), tenantId);
    return closing(ports, call, { tenant, reason });
  };

/** The closing itself, for those who may. */
export async function closing(
  { tenants, policy }: ClosePorts,
  call: Call,
  { tenant, reason }: { readonly tenant: Tenant; readonly reason: string },
): Promise<Tenant> {
  const closed = close(tenant, { reason, now: call.now(), policy });
  const below = await tenants.children(systemScope("organisation-tree"), tenant.id);
  const open = below.filter(({ status }) => status !== "closed");
  if (open.length > 0) throw tenantErrors.openChildren(tenant.id, open.length);
  const why = { reason: closed.statusReason };
  const kept = await tenants.save(call, closed, [
    changed(tenant, closed, why),
    event(tenantClosed, { tenantId: closed.id, closedAt: call.now() }, why),
  ]);
  call.log.info({ closedTenantId: kept.id }, "tenant closed");
  return kept;
}
