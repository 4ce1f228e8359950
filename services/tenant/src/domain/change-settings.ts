import { tenantErrors } from "./errors.js";
import { checkedDetails, inheritable, type Inheritable, type Tenant } from "./tenant.js";
import {
  checkedAddress,
  checkedContacts,
  checkedLanguages,
  checkedTaxIds,
  type Contact,
  type NewTaxId,
  type PostalAddress,
  type Registers,
} from "./tenant-settings.js";

/** New settings. What is left out stays; null returns a branch's field to what it inherits, and removes an address. */
export interface SettingsChange {
  readonly legalName?: string | null;
  readonly country?: string | null;
  readonly currency?: string | null;
  readonly timeZone?: string | null;
  readonly languages?: readonly string[] | null;
  readonly contacts?: readonly Contact[] | null;
  readonly address?: PostalAddress | null;
  readonly taxIds?: readonly NewTaxId[];
}

/**
 * The tenant with new settings. @throws BAD_USER_INPUT naming the field, BAD_USER_INPUT/nothing_to_inherit for null where nothing is above,
 * CONFLICT/tenant_closed.
 */
export function changeSettings(
  tenant: Tenant,
  change: SettingsChange,
  around: { readonly parent?: Tenant; readonly registers: Registers },
): Tenant {
  if (tenant.status === "closed") throw tenantErrors.closed(tenant.id);
  const { parent, registers } = around;
  const inherited = inheritedAfter(tenant, change);
  const values = Object.fromEntries(
    inheritable.map((field) => [field, inherited.includes(field) ? parent?.[field] : (change[field] ?? tenant[field])]),
  ) as Pick<Tenant, Inheritable>;
  const details = checkedDetails({ ...values, name: tenant.name });
  const { address: before, ...rest } = tenant;
  const address = change.address === undefined ? before : (change.address ?? undefined);
  return {
    ...rest,
    ...details,
    inherited,
    languages: checkedLanguages(values.languages),
    contacts: checkedContacts(values.contacts, { country: details.country, registers }),
    ...(address !== undefined && { address: checkedAddress(address) }),
    ...(change.taxIds !== undefined && { taxIds: checkedTaxIds(change.taxIds, registers) }),
  };
}

function inheritedAfter(tenant: Tenant, change: SettingsChange): readonly Inheritable[] {
  return inheritable.filter((field) => {
    const wanted = change[field];
    if (wanted === undefined) return tenant.inherited.includes(field);
    if (wanted === null && tenant.kind !== "branch") throw tenantErrors.notInherited(field);
    return wanted === null;
  });
}
