import { type Scope } from "@greentick/kernel";

/** The part of every query that keeps tenants apart. */
export function scopeFilter(scope: Scope): Record<string, unknown> {
  if ("tenant" in scope) return { tenantId: scope.tenant };
  if ("under" in scope) return { $or: [{ tenantId: scope.under }, { ancestorIds: scope.under }] };
  return {};
}
