import { type Actor, type EventEnvelope, type EventId, type Id, type TenantId } from "@greentick/kernel";

/** One line of the audit trail: who did what to what, when, why. It never holds secrets, message text or personal details. */
export interface AuditRecord {
  readonly id: Id<"audit">;
  readonly tenantId: TenantId;
  readonly ancestorIds: readonly TenantId[];
  readonly livemode: boolean;
  readonly eventId: EventId;
  readonly action: string;
  readonly actor: Actor;
  readonly onBehalfOf?: Actor;
  readonly aggregateType: string;
  readonly aggregateId: string;
  readonly aggregateVersion: number;
  /** Business time. */
  readonly occurredAt: Date;
  /** System time. */
  readonly recordedAt: Date;
  readonly reason?: string;
  readonly requestId: string;
  readonly causationId?: string;
  readonly correlationId: string;
  /** SHA-256 of the webhook body that led to it, when one did. */
  readonly webhookSha256?: string;
  /** Few plain words out of the event, from a fixed list of harmless fields. */
  readonly facts: Readonly<Record<string, string>>;
}

/** Fields of events that may stand in the trail: states, steps, ids of ours, months, codes. Everything else stays out. */
const harmless = [
  "status", "kind", "step", "done", "next", "waitsFor", "field", "action", "code", "refusal", "until", "month", "grantId", "staffId",
  "caseId", "templateId", "badgeRequestId", "recordId", "personId", "planId", "version", "effectiveFrom", "invoiceId", "runId", "unexplained",
  "providerCode",
] as const; // prettier-ignore

/** The trail's line for an event. The same event always gives the same line, so that keeping it twice keeps it once. */
export function auditRecordOf(event: EventEnvelope): AuditRecord {
  return {
    id: auditIdOf(event.id),
    tenantId: event.tenantId,
    ancestorIds: event.ancestorIds,
    livemode: event.livemode,
    eventId: event.id,
    action: event.type,
    actor: event.actor,
    ...(event.onBehalfOf && { onBehalfOf: event.onBehalfOf }),
    aggregateType: event.aggregate.type,
    aggregateId: event.aggregate.id,
    aggregateVersion: event.aggregate.version,
    occurredAt: event.occurredAt,
    recordedAt: event.recordedAt,
    ...(event.reason !== undefined && { reason: event.reason }),
    requestId: event.requestId,
    ...(event.causationId !== undefined && { causationId: event.causationId }),
    correlationId: event.correlationId,
    ...(event.source && { webhookSha256: event.source.sha256 }),
    facts: factsOf(event.data),
  };
}

const auditIdOf = (id: EventId): Id<"audit"> => `aud_${id.slice(id.indexOf("_") + 1)}` as Id<"audit">;

function factsOf(data: unknown): Record<string, string> {
  if (typeof data !== "object" || data === null) return {};
  const known = data as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    harmless.flatMap((field) => {
      const text = plainText(known[field]);
      return text === undefined ? [] : [[field, text]];
    }),
  );
}

function plainText(value: unknown): string | undefined {
  if (typeof value === "string") return value.slice(0, 200);
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return value.toString();
  return value instanceof Date ? value.toISOString() : undefined;
}
