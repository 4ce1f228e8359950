import { type Call, type Scope, tenantScope, underScope } from "@greentick/kernel";

/** Staff see their tenant and all below it; everybody else, staff acting for a client included, sees one tenant. */
export const inSight = (call: Call): Scope => (call.staff ? underScope(call) : tenantScope(call));
