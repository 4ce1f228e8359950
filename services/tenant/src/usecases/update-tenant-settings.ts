import { allow, type Call, systemScope, type TenantId } from "@greentick/kernel";
import { changeSettings, type SettingsChange } from "../domain/change-settings.js";
import { fromParent, type Tenant } from "../domain/tenant.js";
import { type Registers } from "../domain/tenant-settings.js";
import { type TenantStore } from "../ports.js";
import { changed } from "./tenant-events.js";
import { familyOf } from "./tenants-in-sight.js";

interface Ports {
  readonly tenants: TenantStore;
  readonly registers: Registers;
}
export type UpdateTenantSettings = (
  call: Call,
  input: SettingsChange & { readonly tenantId: string },
) => Promise<Tenant>;

const tree = systemScope("organisation-tree");

const same = (a: Tenant, b: Tenant): boolean =>
  JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());

/** Safe to repeat: what is as asked for already is not written again. Branches follow by the event. */
export const updateTenantSettings =
  ({ tenants, registers }: Ports): UpdateTenantSettings =>
  async (call, { tenantId, ...change }) => {
    allow(call, "tenant:settings");
    const before = await tenants.get(familyOf(call), tenantId);
    const parent = before.parentId === undefined ? undefined : await tenants.get(tree, before.parentId);
    const after = changeSettings(before, change, { registers, ...(parent && { parent }) });
    return same(before, after) ? before : tenants.save(call, after, [changed(before, after)]);
  };

/** A client changed: its branches take what they inherit. Safe to repeat. */
export const followParent =
  ({ tenants }: Pick<Ports, "tenants">) =>
  async (call: Call, parentId: TenantId): Promise<void> => {
    allow(call, "tenant:write");
    const [parent] = await tenants.getMany(tree, [parentId]);
    if (parent?.kind !== "client") return;
    for (const branch of await tenants.children(tree, parentId)) {
      const after = fromParent(branch, parent);
      if (branch.status !== "closed" && !same(branch, after)) await tenants.save(call, after, [changed(branch, after)]);
    }
  };
