import { type TenantId } from "@greentick/kernel";

/** In groups of one client, each in the order it came in. */
export function byClient<T extends { readonly tenantId: TenantId }>(items: readonly T[]): readonly (readonly T[])[] {
  const groups = new Map<TenantId, T[]>();
  for (const item of items) groups.set(item.tenantId, [...(groups.get(item.tenantId) ?? []), item]);
  return [...groups.values()];
}
