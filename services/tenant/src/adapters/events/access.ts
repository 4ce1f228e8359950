import { tenantErased } from "@greentick/contracts";
import { type TenantId } from "@greentick/kernel";
import { type ConsumerSpec } from "@greentick/runtime";

interface Erasable {
  readonly eraseAll: (tenantId: TenantId) => Promise<void>;
}

/** Keys and grants go with the last of a closed tenant's data: names that people gave, addresses, reasons. The trail keeps that they were. */
export const accessErasure = (stores: readonly Erasable[]): ConsumerSpec => ({
  name: "tenant.access",
  on: [
    {
      event: tenantErased,
      handle: async ({ tenantId }) => {
        for (const store of stores) await store.eraseAll(tenantId);
      },
    },
  ],
});
