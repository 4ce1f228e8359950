import { type PersonId, type Role, type TenantId } from "@greentick/kernel";
import { tenantErrors } from "./errors.js";
import { emailAddress, fittingRoles, personName, sideOf } from "./roster.js";
import { type Tenant } from "./tenant.js";

export type PersonKind = "staff" | "member";

interface Membership {
  readonly tenantId: TenantId;
  readonly roles: readonly Role[];
}

/**
 * A human being. The home tenant owns the record. Memberships say which roles she holds where, active ones only: they are read from the
 * rosters of those tenants.
 */
export interface Person {
  readonly id: PersonId;
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  readonly version: number;
  readonly kind: PersonKind;
  readonly name: string;
  /** Lower case; unique in the home tenant. */
  readonly email: string;
  readonly memberships: readonly Membership[];
}

export interface NewPerson {
  readonly id: PersonId;
  readonly name: string;
  readonly email: string;
  readonly roles: readonly Role[];
}

/** @throws BAD_USER_INPUT for a bad name or e-mail, or for roles that do not belong in this tenant. */
export function addPerson(tenant: Tenant, wanted: NewPerson): Person {
  if (tenant.status === "closed") throw tenantErrors.closed(tenant.id);
  const kind = sideOf(tenant);
  return {
    id: wanted.id,
    tenantId: tenant.id,
    ancestorIds: tenant.ancestorIds,
    livemode: tenant.livemode,
    version: 0,
    kind,
    name: personName(wanted.name),
    email: emailAddress(wanted.email),
    memberships: [{ tenantId: tenant.id, roles: fittingRoles(kind, wanted.roles) }],
  };
}

/** The roles a person holds in a tenant; empty when none. */
export const rolesIn = (person: Person, tenantId: TenantId): readonly Role[] =>
  person.memberships.find((membership) => membership.tenantId === tenantId)?.roles ?? [];
