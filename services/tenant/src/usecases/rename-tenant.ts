import { allow, type Call } from "@greentick/kernel";
import { rename, type Tenant } from "../domain/tenant.js";
import { type TenantStore } from "../ports.js";
import { changed } from "./tenant-events.js";
import { inSight } from "./tenants-in-sight.js";

interface RenameTenantInput {
  readonly tenantId: string;
  readonly name?: string;
  readonly legalName?: string;
}
export type RenameTenant = (call: Call, input: RenameTenantInput) => Promise<Tenant>;

/** Safe to repeat: the same names again change nothing and publish nothing. */
export const renameTenant =
  ({ tenants }: { readonly tenants: TenantStore }): RenameTenant =>
  async (call, { tenantId, ...names }) => {
    allow(call, "tenant:write");
    const before = await tenants.get(inSight(call), tenantId);
    const renamed = rename(before, names);
    if (renamed.name === before.name && renamed.legalName === before.legalName) return before;
    return tenants.save(call, renamed, [changed(before, renamed)]);
  };
