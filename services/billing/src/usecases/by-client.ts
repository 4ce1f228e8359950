import { type TenantId } from "@greentick/kernel";

/** In groups of one client, each in the order it came in. */
export function byClient<T extends { readonly tenantId: TenantId }>(
  items: readonly T[],
): ReadonlyMap<TenantId, readonly T[]> {
  const groups = new Map<TenantId, T[]>();
  for (const item of items) {
    const group = groups.get(item.tenantId);
    if (group === undefined) groups.set(item.tenantId, [item]);
    else group.push(item);
  }
  return groups;
}
