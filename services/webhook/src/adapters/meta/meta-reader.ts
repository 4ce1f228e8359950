import { createHash } from "node:crypto";
import {
  accountReported,
  event,
  messageReceived,
  messageStatusReceived,
  numberReported,
  templateReported,
  unknownReported,
} from "@greentick/contracts";
import { type DomainEvent, type EventEnvelope, isId, makeId } from "@greentick/kernel";
import { type ParsedWebhook, parseWebhook, priceRecipient, type WebhookUpdate } from "@greentick/meta";
import { type KeptBody, updateIdOf } from "../../domain/kept-body.js";
import { refOf } from "../../domain/update-ref.js";
import { type BodyReader, type Owner, type ReadUpdate } from "../../ports.js";
import { type BlindKey, peopleIn } from "./people.js";

/** Reads Meta's bodies into events of ours. `ourIds` are the ids of our own portfolio and app, which stand in `entry.id` of partner events. */
export const metaReader =
  (ourIds: readonly string[], blind: BlindKey): BodyReader =>
  (body) => {
    const parsed = parseWebhook(body.body);
    if ("unreadable" in parsed) return parsed;
    const known = remembering(blind);
    return { updates: parsed.updates.map((update) => toReadUpdate(body, update, ourIds, known)) };
  };

/** The updates of a body are of few people and messages. */
function remembering(blind: BlindKey): BlindKey {
  const known = new Map<string, string>();
  return (purpose, value) => {
    const name = `${purpose}/${value}`;
    const key = known.get(name) ?? blind(purpose, value);
    known.set(name, key);
    return key;
  };
}

/** When an event of ours about an update was received: its id says so. Undefined for another id. */
export const receivedOf = (eventId: string): Date | undefined =>
  isId("event", eventId) ? new Date(timeOf(eventId.slice("evt_".length, "evt_".length + timeDigits))) : undefined;

const timeDigits = 10;
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const timeOf = (text: string): number => Array.from(text).reduce((sum, one) => sum * 32 + crockford.indexOf(one), 0);

/** A short hash of what an event says; the time at which a sandbox heard of it is not part of it. */
export const digestOf = ({ type, version, tenantId, partitionKey, occurredAt, data }: EventEnvelope): string =>
  createHash("sha256")
    .update(JSON.stringify([type, version, tenantId, partitionKey, occurredAt, data]))
    .digest("base64url")
    .slice(0, 11);

/** What a body says, as long as somebody holds it: a body of a thousand updates is read once, not once for each that is shown. */
const readings = new WeakMap<Buffer, ParsedWebhook>();

function readingOf(body: Buffer): ParsedWebhook {
  const known = readings.get(body) ?? parseWebhook(body);
  readings.set(body, known);
  return known;
}

/** The update's own JSON, for its tenant. */
export function metaFragment(body: Buffer, index: number): string {
  const parsed = readingOf(body);
  return "unreadable" in parsed ? "" : JSON.stringify(parsed.updates[index]?.raw ?? null);
}

function toReadUpdate(body: KeptBody, update: WebhookUpdate, ourIds: readonly string[], blind: BlindKey): ReadUpdate {
  const wabaId = update.wabaId !== undefined && !ourIds.includes(update.wabaId) ? update.wabaId : undefined;
  const eventId = eventIdOf(body, update.index);
  const ours = wabaId === undefined && update.entryId !== undefined && ourIds.includes(update.entryId);
  return {
    index: update.index,
    field: update.field,
    ...(wabaId !== undefined && { wabaId }),
    ...(update.occurredAt !== undefined && { at: update.occurredAt }),
    kind: update.kind,
    refs: refsOf(update, blind),
    eventId,
    people: peopleIn(update.raw, blind),
    ours,
    toEvent: (owner, receivedAt) => ({
      ...inEnvelope(body, update, owner, toDomainEvent(update, { wabaId, receivedAt }, blind)),
      id: eventId,
      occurredAt: update.occurredAt ?? receivedAt,
    }),
  };
}

/** The same update has the same event for ever. */
function eventIdOf(body: KeptBody, index: number): EventEnvelope["id"] {
  const tail = createHash("sha256").update(updateIdOf(body.key, index)).digest().subarray(0, 10);
  return makeId("event", body.receivedAt.getTime(), tail);
}

/** Message and conversation ids contain a person's number: they are found by their keyed hashes. */
function refsOf(update: WebhookUpdate, blind: BlindKey): readonly string[] {
  const { wabaId, phoneNumberId, template, account, status } = update;
  const messageId = status?.messageId ?? update.message?.messageId;
  return [
    ...(wabaId === undefined ? [] : [refOf("waba", wabaId)]),
    ...(phoneNumberId === undefined ? [] : [refOf("number", phoneNumberId)]),
    ...(template === undefined ? [] : [refOf("template", template.id)]),
    ...(account?.entityId === undefined ? [] : [refOf("entity", account.entityId)]),
    ...(messageId === undefined ? [] : [refOf("message", blind("message", messageId))]),
    ...(status?.conversationId === undefined
      ? []
      : [refOf("conversation", blind("conversation", status.conversationId))]),
  ];
}

function inEnvelope(
  body: KeptBody,
  update: WebhookUpdate,
  owner: Owner,
  one: DomainEvent,
): Omit<EventEnvelope, "id" | "occurredAt"> {
  const updateId = updateIdOf(body.key, update.index);
  return {
    type: one.type,
    version: one.version,
    tenantId: owner.tenantId,
    ancestorIds: owner.ancestorIds,
    livemode: owner.livemode,
    partitionKey: update.phoneNumberId ?? update.wabaId ?? owner.tenantId,
    aggregate: { type: "webhook_update", id: updateId, version: 1 },
    recordedAt: body.receivedAt,
    actor: { kind: "provider", id: "meta" },
    requestId: body.requestId,
    correlationId: body.key,
    source: { sha256: body.key, index: update.index },
    data: one.data,
  };
}

interface Place {
  readonly wabaId: string | undefined;
  readonly receivedAt: Date;
}

const maybe = <K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> =>
  value === undefined ? {} : ({ [key]: value } as Record<K, V>);

function toDomainEvent(update: WebhookUpdate, { wabaId, receivedAt }: Place, blind: BlindKey): DomainEvent {
  const at = update.occurredAt ?? receivedAt;
  const place = { ...maybe("phoneNumberId", update.phoneNumberId), receivedAt };
  const account = { ...place, ...maybe("wabaId", wabaId) };
  if (wabaId === undefined)
    return event(accountReported, {
      ...account,
      field: update.field,
      at,
      detail: JSON.stringify(update.raw),
      ...accountParts(update),
    });
  const routed = { ...place, wabaId };
  if (update.kind === "message_status" && update.status !== undefined)
    return event(messageStatusReceived, { ...routed, ...statusParts(update.status, blind) });
  if (update.kind === "message" && update.message !== undefined)
    return event(messageReceived, {
      ...routed,
      messageKey: blind("message", update.message.messageId),
      kind: update.message.type,
      at,
    });
  if (update.template !== undefined)
    return event(templateReported, { ...routed, field: update.field, at, ...templateParts(update.template) });
  if (update.number !== undefined)
    return event(numberReported, { ...routed, field: update.field, at, ...update.number });
  if (update.account !== undefined)
    return event(accountReported, {
      ...account,
      field: update.field,
      at,
      detail: JSON.stringify(update.raw),
      ...accountParts(update),
    });
  return event(unknownReported, {
    ...account,
    field: update.field,
    at,
  });
}

const accountParts = (
  update: WebhookUpdate,
): Record<string, unknown> & Pick<NonNullable<WebhookUpdate["account"]>, "event"> => ({ ...(update.account ?? {}) });

function templateParts(template: NonNullable<WebhookUpdate["template"]>) {
  const {
    id,
    category,
    previousCategory,
    correctCategory,
    effectiveAt,
    event: word,
    reason,
    explanation,
    previousQuality,
    newQuality,
    name,
    language,
  } = template;
  return {
    metaTemplateId: id,
    ...maybe("name", name),
    ...maybe("language", language),
    ...maybe("event", word),
    ...maybe("reason", reason),
    ...maybe("explanation", explanation),
    ...maybe("previousQuality", previousQuality),
    ...maybe("newQuality", newQuality),
    ...maybe("newCategory", category),
    ...maybe("previousCategory", previousCategory),
    ...maybe("correctCategory", correctCategory),
    ...maybe("effectiveAt", effectiveAt),
  };
}

function statusParts(status: NonNullable<WebhookUpdate["status"]>, blind: BlindKey) {
  return {
    messageKey: blind("message", status.messageId),
    ...(status.conversationId !== undefined && { conversationKey: blind("conversation", status.conversationId) }),
    ...(status.participantId !== undefined && { participantKey: blind("participant", status.participantId) }),
    status: status.status,
    at: status.at,
    recipient: priceRecipient(status),
    group: status.group,
    ...maybe("pricing", status.pricing),
    ...maybe("conversationOrigin", status.conversationOrigin),
    ...maybe("reservationId", status.reservationId),
    errorCodes: [...status.errorCodes],
  };
}
