import { type DataOf, tenantChanged, tenantCreated, wabaLinked } from "@greentick/contracts";
import { type EventEnvelope, systemScope, type TenantId } from "@greentick/kernel";
import { type Subscription } from "@greentick/runtime";
import { type Owners } from "../../ports.js";

export interface OwnerEventParts {
  readonly owners: Owners;
  readonly release: (wabaId: string) => Promise<number>;
  /** Wakes the splitter: bodies may wait for the provider tenant. */
  readonly nudge: () => void;
}

/** Which event wakes what: accounts and the provider tenant become routable, and what waited for them travels on. */
export const ownerEvents = (parts: OwnerEventParts): readonly Subscription[] => {
  const scope = systemScope("webhook-routing");
  const ownerOf = (
    event: EventEnvelope,
  ): { tenantId: TenantId; ancestorIds: readonly TenantId[]; livemode: boolean } => ({
    tenantId: event.tenantId,
    ancestorIds: event.ancestorIds,
    livemode: event.livemode,
  });
  const keepProvider = async (event: EventEnvelope): Promise<void> => {
    if ((event.data as DataOf<typeof tenantCreated>).kind !== "provider") return;
    await parts.owners.keepProvider(scope, ownerOf(event));
    parts.nudge();
  };
  return [
    { event: tenantCreated, handle: (_, event) => keepProvider(event) },
    { event: tenantChanged, handle: (_, event) => keepProvider(event) },
    {
      event: wabaLinked,
      handle: async (call, event) => {
        const { wabaId } = event.data as DataOf<typeof wabaLinked>;
        await parts.owners.keepWaba(scope, wabaId, ownerOf(event));
        const released = await parts.release(wabaId);
        if (released > 0) call.log.info({ wabaId, released }, "quarantined updates released");
      },
    },
  ];
};
