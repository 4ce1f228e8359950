import { type FieldChange } from "./audit.js";
import { type Tenant } from "./tenant.js";

/** Fields whose old and new value may stand in the trail. Contacts, addresses and tax ids are left out: they say more than that they changed. */
const shown = ["name", "legalName", "status", "country", "currency", "timeZone", "languages"] as const;

const textOf = (value: unknown): string | undefined => {
  if (Array.isArray(value)) return value.map(String).join(", ");
  return typeof value === "string" ? value : undefined;
};

/** What differs, in the order of the fields. */
export function changesBetween(before: Tenant, after: Tenant): FieldChange[] {
  const [old, now] = [before, after] as unknown as readonly Readonly<Record<string, unknown>>[];
  return shown.flatMap((field) => {
    const [from, to] = [textOf(old?.[field]), textOf(now?.[field])];
    if (from === to) return [];
    return [{ field, ...(from !== undefined && { from }), ...(to !== undefined && { to }) }];
  });
}
