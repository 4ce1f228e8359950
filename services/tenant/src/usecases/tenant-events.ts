import { type DataOf, event, type EventOptions, personAdded, tenantChanged, tenantCreated } from "@greentick/contracts";
import { type DomainEvent } from "@greentick/kernel";
import { type Person, rolesIn } from "../domain/person.js";
import { type Tenant } from "../domain/tenant.js";

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
});

export const created = (tenant: Tenant): DomainEvent => event(tenantCreated, factsOf(tenant));
export const changed = (tenant: Tenant, options?: EventOptions): DomainEvent =>
  event(tenantChanged, factsOf(tenant), options);
export const joined = (person: Person): DomainEvent =>
  event(personAdded, {
    personId: person.id,
    name: person.name,
    roles: [...rolesIn(person, person.tenantId)],
  });
