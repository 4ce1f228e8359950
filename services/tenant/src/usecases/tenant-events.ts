import { type DataOf, event, type EventOptions, tenantChanged, tenantCreated } from "@greentick/contracts";
import { type DomainEvent } from "@greentick/kernel";
import { type Tenant } from "../domain/tenant.js";
import { changesBetween } from "../domain/tenant-changes.js";

const factsOf = (tenant: Tenant): DataOf<typeof tenantCreated> => ({
  tenantId: tenant.id,
  ...(tenant.parentId !== undefined && { parentId: tenant.parentId }),
  ancestorIds: [...tenant.ancestorIds],
  kind: tenant.kind,
  status: tenant.status,
  name: tenant.name,
  legalName: tenant.legalName,
  country: tenant.country,
  currency: tenant.currency,
  timeZone: tenant.timeZone,
  livemode: tenant.livemode,
  ...(tenant.twinOf !== undefined && { twinOf: tenant.twinOf }),
});

export const created = (tenant: Tenant): DomainEvent => event(tenantCreated, factsOf(tenant));
/** The new state, and which harmless fields are others than before. */
export const changed = (before: Tenant, after: Tenant, options?: EventOptions): DomainEvent =>
  event(tenantChanged, { ...factsOf(after), changes: changesBetween(before, after) }, options);
