import { eventCatalogue, type EventDefinition, tenantClosed, tenantErased } from "@greentick/contracts";
import { type Call, type EventEnvelope } from "@greentick/kernel";
import { type ConsumerSpec } from "@greentick/runtime";

export interface OutgoingFollowers {
  /** Types that clients are told of. */
  readonly shown: readonly EventDefinition[];
  readonly publish: (events: readonly EventEnvelope[]) => Promise<void>;
  readonly close: (call: Call) => Promise<void>;
  readonly erase: (call: Call) => Promise<void>;
}

/** Whatever clients are told of goes into their log and their line; a closed business gets nothing any more, of an erased one nothing is left. */
export const outgoingConsumers = (follow: OutgoingFollowers): readonly ConsumerSpec[] => {
  const types = new Set(follow.shown.map(({ type }) => type));
  const events = eventCatalogue.filter(({ type }) => types.has(type));
  return [
    { name: "webhook.publishing", on: [], batch: { events, handle: follow.publish, batchSize: 200 } },
    {
      name: "webhook.endpoint_duties",
      on: [
        { event: tenantClosed, handle: follow.close },
        { event: tenantErased, handle: follow.erase },
      ],
    },
  ];
};
