import { type Call, type Scope, tenantScope, underScope } from "@greentick/kernel";

/** By id: staff reach their clients' objects, everybody else their own. */
export const inSight = (call: Call): Scope => (call.staff ? underScope(call) : tenantScope(call));
