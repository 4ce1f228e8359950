import { type JsonObject, type JsonValue, listAt, objectAt, secondsAt, textAt } from "./json.js";
import { type MessageUpdate, type StatusPricing, type StatusUpdate } from "./webhook-types.js";
import { messageStatuses, metaWord, pricingCategories, pricingModels, pricingSubtypes, pricingTypes } from "./words.js";

/** One element of `statuses`; undefined where it lacks what makes it a status (message id, status, time). */
export function readStatus(raw: JsonValue): StatusUpdate | undefined {
  const messageId = textAt(raw, "id");
  const status = textAt(raw, "status");
  const at = secondsAt(raw, "timestamp");
  if (messageId === undefined || status === undefined || at === undefined) return undefined;
  return {
    messageId,
    status: metaWord(messageStatuses, status),
    at,
    ...recipientParts(raw),
    group: textAt(raw, "recipient_type") === "group",
    ...conversationParts(raw),
    ...given("reservationId", reservationIn(textAt(raw, "biz_opaque_callback_data"))),
    ...given("pricing", readPricing(objectAt(raw, "pricing"))),
    errorCodes: listAt(raw, "errors").flatMap((error) => textAt(error, "code") ?? []),
  };
}

/** The sender's text is the sender's own: nothing of it is read but an id that we gave for it. */
const reservationIn = (text: string | undefined): string | undefined =>
  /(?<![A-Za-z0-9])rsv_[0-7][0-9A-HJKMNP-TV-Z]{25}(?![A-Za-z0-9])/.exec(text ?? "")?.[0];

function recipientParts(raw: JsonValue): Partial<StatusUpdate> {
  return {
    ...given("recipientId", textAt(raw, "recipient_id")),
    ...given("recipientUserId", textAt(raw, "recipient_user_id")),
    ...given("participantId", textAt(raw, "recipient_participant_id")),
  };
}

function conversationParts(raw: JsonValue): Partial<StatusUpdate> {
  const conversation = objectAt(raw, "conversation");
  return {
    ...given("conversationId", textAt(conversation, "id")),
    ...given("conversationOrigin", textAt(objectAt(conversation, "origin"), "type")),
  };
}

function readPricing(raw: JsonObject | undefined): StatusPricing | undefined {
  const model = textAt(raw, "pricing_model");
  const category = textAt(raw, "category");
  if (raw === undefined || model === undefined || category === undefined) return undefined;
  const type = textAt(raw, "type");
  const subtype = textAt(raw, "subtype");
  return {
    ...(typeof raw["billable"] === "boolean" ? { billable: raw["billable"] } : {}),
    model: metaWord(pricingModels, model),
    ...(type === undefined ? {} : { type: metaWord(pricingTypes, type) }),
    category: metaWord(pricingCategories, category),
    ...(subtype === undefined ? {} : { subtype: metaWord(pricingSubtypes, subtype) }),
    ...given("cost", readCost(objectAt(raw, "cost"))),
  };
}

function readCost(raw: JsonObject | undefined): StatusPricing["cost"] {
  const amount = textAt(raw, "amount");
  const currency = textAt(raw, "currency");
  return amount === undefined || currency === undefined ? undefined : { amount, currency };
}

/** One element of `messages` (or of an echo); undefined without an id and a type. */
export function readMessage(raw: JsonValue): MessageUpdate | undefined {
  const messageId = textAt(raw, "id");
  const type = textAt(raw, "type");
  if (messageId === undefined || type === undefined) return undefined;
  return {
    messageId,
    type,
    ...given("at", secondsAt(raw, "timestamp")),
    ...given("from", textAt(raw, "from")),
    ...given("fromUserId", textAt(raw, "from_user_id")),
  };
}

/** The property where there is a value, nothing otherwise: an absent word is absent, not undefined. */
export function given<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, V>);
}

/** As much of a recipient as a price needs: leading digits of the number, and the country of a business-scoped user id. */
export interface PriceRecipient {
  /** At most six leading digits: enough for every row of Meta's country list, too few to be a number. */
  readonly dialPrefix?: string;
  readonly country?: string;
}

/**
 * Where a status's message went, for pricing: in a group the participant, else the recipient. Both parts are given when both are
 * known; the number decides and the business-scoped id stands in for it (Meta: rate cards name calling codes and ISO countries).
 */
export function priceRecipient(status: StatusUpdate): PriceRecipient {
  const number = status.group ? status.participantId : status.recipientId;
  const digits = number !== undefined && /^\d{7,15}$/.test(number) ? number.slice(0, 6) : undefined;
  const country = /^([A-Z]{2})\./.exec(status.recipientUserId ?? "")?.[1];
  return { ...given("dialPrefix", digits), ...given("country", country) };
}
