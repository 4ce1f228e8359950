import { badInput, type PersonId, type Role, staffRoles, type TenantId } from "@greentick/kernel";
import { tenantErrors } from "./errors.js";
import { type Tenant } from "./tenant.js";

export type PersonKind = "staff" | "member";

interface Membership {
  readonly tenantId: TenantId;
  readonly roles: readonly Role[];
}

/** A human being with an account. The home tenant owns the record; memberships say which roles it holds where. */
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

/** Staff where the tenant is the provider or a reseller, members of a client otherwise. */
const personKindIn = (tenant: Tenant): PersonKind => (tenant.kind === "client" ? "member" : "staff");

/** @throws BAD_USER_INPUT for a bad name or e-mail, or for roles that do not belong in this tenant. */
export function addPerson(tenant: Tenant, wanted: NewPerson): Person {
  if (tenant.status === "closed") throw tenantErrors.closed(tenant.id);
  const kind = personKindIn(tenant);
  const name = wanted.name.trim();
  const email = wanted.email.trim().toLowerCase();
  if (name === "" || name.length > 120) throw badInput("name", "must have 1 to 120 characters");
  if (email.length > 254 || !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) throw badInput("email", "is no e-mail address");
  return {
    id: wanted.id,
    tenantId: tenant.id,
    ancestorIds: tenant.ancestorIds,
    livemode: tenant.livemode,
    version: 0,
    kind,
    name,
    email,
    memberships: [{ tenantId: tenant.id, roles: fitting(kind, wanted.roles) }],
  };
}

function fitting(kind: PersonKind, wanted: readonly Role[]): readonly Role[] {
  const wrong = wanted.filter((role) => role === "service" || staffRoles.includes(role) !== (kind === "staff"));
  if (wrong.length > 0 || wanted.length === 0) throw tenantErrors.rolesNotAllowed(kind, wrong);
  return [...new Set(wanted)];
}

/** The roles a person holds in a tenant; empty when none. */
export const rolesIn = (person: Person, tenantId: TenantId): readonly Role[] =>
  person.memberships.find((membership) => membership.tenantId === tenantId)?.roles ?? [];
