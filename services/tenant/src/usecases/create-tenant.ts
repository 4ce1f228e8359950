import { allow, type Call } from "@greentick/kernel";
import { tenantErrors } from "../domain/errors.js";
import { type NewTenant, openTenant, type Tenant, type TenantKind } from "../domain/tenant.js";
import { type HashOf, type TenantStore } from "../ports.js";
import { created } from "./tenant-events.js";
import { familyOf } from "./tenants-in-sight.js";

interface CreateTenantInput extends Omit<NewTenant, "id" | "livemode" | "creation"> {
  readonly kind: TenantKind;
  /** Default: the caller's tenant. */
  readonly parentId?: string;
  /** Default: as the parent. */
  readonly livemode?: boolean;
}
export type CreateTenant = (call: Call, input: CreateTenantInput) => Promise<Tenant>;

/** A prospect below the caller's tenant, or below one in the caller's sight. With `call.idempotencyKey` a repeat returns the tenant of the first time. */
export const createTenant =
  ({ tenants, hashOf }: { readonly tenants: TenantStore } & HashOf): CreateTenant =>
  async (call, input) => {
    allow(call, "tenant:create");
    const creation = creationOf(call, hashOf(input));
    const before = creation && (await createdBefore(tenants, call, creation));
    if (before) return before;
    const { parentId, ...details } = input;
    const parent = await tenants.get(familyOf(call), parentId ?? call.tenantId);
    const wanted = { livemode: parent.livemode, ...details, id: call.newId("tenant"), ...(creation && { creation }) };
    const tenant = openTenant(parent, wanted, call.now());
    const kept = await tenants.insert(call, tenant, [created(tenant)]).catch(async (error: unknown) => {
      const first = creation && (await createdBefore(tenants, call, creation));
      if (first) return first;
      throw error;
    });
    call.log.info({ newTenantId: kept.id, kind: kept.kind }, "tenant created");
    return kept;
  };

/** A new tenant is its own owner, so its key's scope names the parent and the actor instead. */
function creationOf(call: Call, inputHash: string): Tenant["creation"] {
  if (call.idempotencyKey === undefined) return undefined;
  return { scope: [call.tenantId, call.actor.kind, call.actor.id, call.idempotencyKey].join(":"), inputHash };
}

async function createdBefore(
  tenants: TenantStore,
  call: Call,
  creation: NonNullable<Tenant["creation"]>,
): Promise<Tenant | undefined> {
  const first = await tenants.findCreated(familyOf(call), creation.scope);
  if (first !== undefined && first.creation?.inputHash !== creation.inputHash)
    throw tenantErrors.idempotencyMismatch(creation.scope.slice(creation.scope.lastIndexOf(":") + 1));
  return first;
}
