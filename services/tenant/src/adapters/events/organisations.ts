import { legalHoldLifted, tenantChanged, tenantClosed, tenantCreated } from "@greentick/contracts";
import { type Call, type TenantId } from "@greentick/kernel";
import { type ConsumerSpec, type TimerSpec } from "@greentick/runtime";
import { retentionEnds } from "../../usecases/retain-and-erase.js";

export interface OrganisationVerbs {
  readonly twinOfNewClient: (call: Call, id: TenantId) => Promise<void>;
  readonly followLive: (call: Call, id: TenantId) => Promise<void>;
  readonly followParent: (call: Call, id: TenantId) => Promise<void>;
  readonly scheduleErasure: (call: Call) => Promise<void>;
  readonly eraseWhatIsDue: (call: Call) => Promise<void>;
}

/** What one tenant's change means for its twin and its branches, and what follows from its end. */
export const organisationConsumers = (verbs: OrganisationVerbs): readonly ConsumerSpec[] => [
  {
    name: "tenant.family",
    permissions: ["tenant:create", "tenant:write"],
    on: [
      { event: tenantCreated, handle: (call) => verbs.twinOfNewClient(call, call.tenantId) },
      {
        event: tenantChanged,
        handle: async (call) => {
          await verbs.followLive(call, call.tenantId);
          await verbs.followParent(call, call.tenantId);
        },
      },
    ],
  },
  {
    name: "tenant.end",
    permissions: ["tenant:write"],
    on: [
      { event: tenantClosed, handle: (call) => verbs.scheduleErasure(call) },
      { event: legalHoldLifted, handle: (call) => verbs.eraseWhatIsDue(call) },
    ],
  },
];

export const organisationTimers = (verbs: OrganisationVerbs): readonly TimerSpec[] => [
  { kind: retentionEnds, permissions: ["tenant:write"], fire: (call) => verbs.eraseWhatIsDue(call) },
];
