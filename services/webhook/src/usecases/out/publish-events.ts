import { type PublishedKind } from "@greentick/contracts";
import { type DeliveryId, type EventEnvelope, faultPoint, systemScope, type TenantId } from "@greentick/kernel";
import { type Endpoint } from "../../domain/out/endpoint.js";
import { matching } from "../../domain/out/kinds.js";
import {
  type EndpointStore,
  type EventLog,
  type Line,
  type NewDelivery,
  type PlacedEvent,
  type PublishedEvent,
} from "../../ports/outgoing.js";
import { bodiesOf, shownOf } from "./published.js";

export interface PublishPorts {
  readonly endpoints: Pick<EndpointStore, "ofTenants">;
  readonly log: Pick<EventLog, "keep" | "wantedBy">;
  readonly line: Pick<Line, "put">;
  readonly kinds: readonly PublishedKind[];
  readonly systemNow: () => Date;
  readonly businessNow: (livemode: boolean) => Date;
  readonly deliveryId: (endpointId: string, eventId: string, at: Date) => DeliveryId;
  /** Somebody may be waiting for what was put into line. */
  readonly queued: () => void;
}

const scope = systemScope("event-publishing");

/**
 * Keeps what clients are told of, in the order in which it came, and puts one delivery into line for each endpoint that wants it. What nobody
 * listens to is not kept. Safe to repeat: the same event has the same place and the same deliveries.
 */
export const publishEvents =
  (ports: PublishPorts) =>
  async (events: readonly EventEnvelope[]): Promise<void> => {
    const tenantIds = [...new Set(events.map(({ tenantId }) => tenantId))];
    const [endpoints, wanted] = await Promise.all([
      ports.endpoints.ofTenants(scope, tenantIds),
      ports.log.wantedBy(scope, tenantIds, ports.systemNow()),
    ]);
    const listening = new Set<TenantId>([...wanted, ...endpoints.map(({ tenantId }) => tenantId)]);
    const heard = events.filter(({ tenantId }) => listening.has(tenantId));
    const told = heard.flatMap((event) => publishedOf(ports.kinds, event) ?? []);
    if (told.length === 0) return;
    const kept = await ports.log.keep(scope, told);
    if (kept.length > 0) await faultPoint("publisher.kept");
    for (const livemode of [true, false]) {
      const made = deliveriesOf(
        ports,
        endpoints.filter((one) => one.livemode === livemode),
        kept,
      );
      await ports.line.put(scope, made, ports.businessNow(livemode));
      if (made.length > 0) ports.queued();
    }
  };

/** Undefined for what is internal. */
function publishedOf(kinds: readonly PublishedKind[], event: EventEnvelope): PublishedEvent | undefined {
  const shown = shownOf(event);
  if (shown === undefined) return undefined;
  const { id, tenantId, ancestorIds, livemode, occurredAt } = event;
  const bodies = bodiesOf(kinds, { kind: shown.kind, about: event, data: shown.data });
  const [stream = ""] = event.type.split(".");
  const key = `${stream}/${event.partitionKey}`;
  return { id, tenantId, ancestorIds, livemode, occurredAt, kind: shown.kind, key, bodies, test: false };
}

function deliveriesOf(
  ports: PublishPorts,
  endpoints: readonly Endpoint[],
  events: readonly PlacedEvent[],
): readonly NewDelivery[] {
  const enabled = endpoints.filter(({ status }) => status === "enabled");
  return events.flatMap((event) =>
    enabled
      .filter((endpoint) => endpoint.tenantId === event.tenantId && matching(endpoint.kinds, [event.kind]).length > 0)
      .map((endpoint) => deliveryOf(ports, endpoint, event)),
  );
}

/** One event on its way to one endpoint; the same two give the same delivery. */
export function deliveryOf(
  { deliveryId, systemNow }: Pick<PublishPorts, "deliveryId" | "systemNow">,
  endpoint: Endpoint,
  event: PlacedEvent,
): NewDelivery {
  const { tenantId, ancestorIds, livemode, kind, key, place, occurredAt, test } = event;
  return {
    id: deliveryId(endpoint.id, event.id, occurredAt),
    ...{ tenantId, ancestorIds, livemode, kind, key, place, occurredAt, test },
    endpointId: endpoint.id,
    eventId: event.id,
    createdAt: systemNow(),
    inOrder: endpoint.ordered && !test,
  };
}
