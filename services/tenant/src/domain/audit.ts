import { type Actor, type EventEnvelope, type EventId, type Id, type TenantId } from "@greentick/kernel";

/** A field before and after, where that says nothing that must not be kept. */
export interface FieldChange {
  readonly field: string;
  readonly from?: string;
  readonly to?: string;
}

/** One line of the audit trail: who did what to what, when, why. It never holds secrets or message text. */
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
  /** The address that asked. Personal: kept sealed, and gone when the tenant is erased. */
  readonly ip?: string;
  /** The API key that asked. */
  readonly keyId?: string;
  /** SHA-256 of the webhook body that led to it, when one did. */
  readonly webhookSha256?: string;
  /** Few plain words out of the event, from a fixed list of harmless fields. */
  readonly facts: Readonly<Record<string, string>>;
  /** Kept sealed like the address. */
  readonly changes: readonly FieldChange[];
}

/** A record at its place in its tenant's chain. */
export interface ChainedRecord extends AuditRecord {
  /** Counts from 1 in each tenant, without gaps. */
  readonly sequence: number;
  /** Of the record before; 64 zeros for the first. */
  readonly previousHash: string;
  /** SHA-256 in hex over the record in canonical form, the previous hash included. */
  readonly hash: string;
  /** True when address and changes were erased together with the tenant; the chain holds without them. */
  readonly erased: boolean;
}

/** Fields of events that may stand in the trail: states, steps, ids of ours, months, codes. Everything else stays out. */
const harmless = [
  "status", "kind", "step", "done", "next", "waitsFor", "field", "action", "code", "refusal", "until", "month", "grantId", "staffId",
  "caseId", "templateId", "badgeRequestId", "recordId", "personId", "planId", "version", "effectiveFrom", "invoiceId", "runId", "unexplained",
  "providerCode", "because", "sessionId", "invitationId", "change", "exportId", "firstSequence",
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
    ...(event.ip !== undefined && { ip: event.ip }),
    ...(event.keyId !== undefined && { keyId: event.keyId }),
    facts: factsOf(event.data),
    changes: changesOf(event.data),
  };
}

const auditIdOf = (id: EventId): Id<"audit"> => `aud_${id.slice(id.indexOf("_") + 1)}` as Id<"audit">;

const objectOf = (data: unknown): Readonly<Record<string, unknown>> =>
  typeof data === "object" && data !== null ? (data as Readonly<Record<string, unknown>>) : {};

function factsOf(data: unknown): Record<string, string> {
  const known = objectOf(data);
  return Object.fromEntries(
    harmless.flatMap((field) => {
      const text = plainText(known[field]);
      return text === undefined ? [] : [[field, text]];
    }),
  );
}

/** Names that no event should ever show a value of; a change of theirs is kept without the values. */
const secretWords = /secret|token|password|pin$|code$|key$|text|body/i;

function changesOf(data: unknown): readonly FieldChange[] {
  const { changes } = objectOf(data);
  if (!Array.isArray(changes)) return [];
  return changes.map(objectOf).flatMap(({ field, from, to }) => {
    if (typeof field !== "string") return [];
    const [before, after] = secretWords.test(field) ? [] : [plainText(from), plainText(to)];
    return [{ field, ...(before !== undefined && { from: before }), ...(after !== undefined && { to: after }) }];
  });
}

/** Whole characters only: half of one could not be stored as it is, and would not hash the same again. */
const firstOf = (text: string): string => text.slice(0, 200).replace(/[\ud800-\udbff]$/, "");

function plainText(value: unknown): string | undefined {
  if (typeof value === "string") return firstOf(value);
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return value.toString();
  return value instanceof Date ? value.toISOString() : undefined;
}
