import { type Call, type Scope, tenantScope, underScope } from "@greentick/kernel";

/** Staff see their tenant and all below it; everybody else, staff acting for a client included, sees one tenant. */
export const inSight = (call: Call): Scope => (call.staff ? underScope(call) : tenantScope(call));

/** Tenants as such: everybody sees the own one and what is below it, which for a client are its branches. */
export const familyOf = (call: Call): Scope => ({ under: call.tenantId });
