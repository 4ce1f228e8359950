import { type Actor, type Call } from "./call.js";
import { type EventId, type TenantId } from "./ids.js";

/** Names the webhook that led to an event: the SHA-256 of the kept bytes and the place of the update in it. */
export interface SourceWebhook {
  readonly sha256: string;
  readonly index: number;
}

/** A thing that happened, as it travels: who, when, why, to what. `data` is fixed by the event's name and version (contracts). */
export interface EventEnvelope<D = unknown> {
  readonly id: EventId;
  readonly type: string;
  readonly version: number;
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  /** Events of one key are delivered in order; different keys are independent. */
  readonly partitionKey: string;
  readonly aggregate: { readonly type: string; readonly id: string; readonly version: number };
  /** Business time. */
  readonly occurredAt: Date;
  /** System time. */
  readonly recordedAt: Date;
  readonly actor: Actor;
  readonly onBehalfOf?: Actor;
  /** Why it was done, in words a client may read; a reason code where a machine decided. */
  readonly reason?: string;
  readonly requestId: string;
  /** The address that asked, when a person or a key did. */
  readonly ip?: string;
  /** The API key that asked, when one did. */
  readonly keyId?: string;
  readonly causationId?: string;
  readonly correlationId: string;
  readonly traceparent?: string;
  readonly source?: SourceWebhook;
  readonly data: D;
}

/** A domain event before the envelope: what a pure transition returns beside the new state. */
export interface DomainEvent<D = unknown> {
  readonly type: string;
  readonly version: number;
  readonly data: D;
  readonly reason?: string;
  readonly partitionKey?: string;
  readonly source?: SourceWebhook;
}

/** Puts a domain event into its envelope: everything but the aggregate comes from the call. */
export function envelope<D>(
  call: Call,
  aggregate: EventEnvelope["aggregate"],
  event: DomainEvent<D>,
): EventEnvelope<D> {
  return {
    id: call.newId("event"),
    type: event.type,
    version: event.version,
    tenantId: call.tenantId,
    ancestorIds: call.ancestorIds,
    livemode: call.livemode,
    partitionKey: event.partitionKey ?? aggregate.id,
    aggregate,
    occurredAt: call.now(),
    recordedAt: call.systemNow(),
    actor: call.actor,
    ...(call.onBehalfOf && { onBehalfOf: call.onBehalfOf }),
    ...(event.reason !== undefined && { reason: event.reason }),
    requestId: call.requestId,
    ...(call.ip !== undefined && { ip: call.ip }),
    ...(call.keyId !== undefined && { keyId: call.keyId }),
    ...(call.causationId !== undefined && { causationId: call.causationId }),
    correlationId: call.correlationId,
    ...(call.traceparent !== undefined && { traceparent: call.traceparent }),
    ...(event.source && { source: event.source }),
    data: event.data,
  };
}
