import { type Call, type Scope, tenantScope, underScope } from "@greentick/kernel";

/** Staff see the templates of their tenant and of all below it; everybody else, staff acting for a client included, those of one tenant. */
export const inSight = (call: Call): Scope => (call.staff ? underScope(call) : tenantScope(call));
