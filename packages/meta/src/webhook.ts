import {
  type JsonObject,
  type JsonValue,
  idAt,
  isObject,
  listAt,
  objectAt,
  readJson,
  secondsAt,
  textAt,
} from "./json.js";
import { readAccount, readNumber, readTemplate } from "./report-updates.js";
import { given, readMessage, readStatus } from "./status-update.js";
import { type ParsedWebhook, type WebhookKind, type WebhookUpdate } from "./webhook-types.js";

/**
 * Splits the body of a webhook of Meta's into its updates, in the order written: one body may hold several accounts, changes,
 * statuses and messages (Meta: webhooks, up to 1,000 updates of 3 MB). Pure. What it does not know, or what lacks the parts that
 * make it known, is kept as kind `unknown` with its raw value; bytes that are no JSON are `unreadable` with the reason.
 */
export function parseWebhook(bytes: Uint8Array): ParsedWebhook {
  const reading = readJson(bytes);
  if ("unreadable" in reading) return reading;
  const entries = listAt(reading.value, "entry");
  const parts = entries.length === 0 ? [unknown({ field: "" }, reading.value)] : entries.flatMap(ofEntry);
  return { updates: parts.map((part, index) => ({ ...part, index })) };
}

type Part = Omit<WebhookUpdate, "index">;
/** Where an update stands: the field, its account and its entry's time. */
interface Place {
  readonly field: string;
  readonly entryId?: string;
  readonly wabaId?: string | undefined;
  readonly phoneNumberId?: string;
  readonly time?: Date;
}

function ofEntry(entry: JsonValue): Part[] {
  const changes = listAt(entry, "changes");
  if (changes.length === 0) return [unknown({ field: textAt(entry, "field") ?? "", ...entryParts(entry) }, entry)];
  return changes.flatMap((change) => ofChange(entry, change));
}

/** An example of Meta's own puts `field` beside `changes` instead of inside: it is looked for in both. */
function ofChange(entry: JsonValue, change: JsonValue): Part[] {
  const field = textAt(change, "field") ?? textAt(entry, "field") ?? "";
  const value = objectAt(change, "value");
  const place = { field, ...entryParts(entry) };
  if (value === undefined) return [unknown(place, change)];
  return ofValue({ ...place, ...addressOf(value, place.entryId) }, value);
}

function entryParts(entry: JsonValue): Omit<Place, "field"> {
  const id = idAt(entry, "id");
  return { ...given("entryId", id), ...given("wabaId", id), ...given("time", secondsAt(entry, "time")) };
}

/** Partner events carry our own portfolio as `entry.id` and the account, if any, in `waba_info` (Meta: account_update). */
function addressOf(value: JsonObject, entryId: string | undefined): Partial<Place> {
  const named = idAt(objectAt(value, "waba_info"), "waba_id");
  const ofPortfolio =
    isObject(value["partner_client_certification_info"]) || textAt(value, "solution_id") !== undefined;
  return {
    wabaId: named ?? (ofPortfolio ? undefined : entryId),
    ...given("phoneNumberId", idAt(objectAt(value, "metadata"), "phone_number_id")),
  };
}

function ofValue(place: Place, value: JsonObject): Part[] {
  const split = splitters.flatMap(([key, read]) => listAt(value, key).map((item) => read(place, item)));
  return split.length > 0 ? split : [wholeValue(place, value)];
}

type ReadItem = (place: Place, item: JsonValue) => Part;

/** Lists inside a value of which every element is an update of its own. */
const splitters: readonly (readonly [string, ReadItem])[] = [
  ["statuses", (place, item) => ofStatus(place, item)],
  ["messages", (place, item) => ofMessage(place, item, "message")],
  ["message_echoes", (place, item) => ofMessage(place, item, "message_echo")],
  ["history", (place, item) => plain(place, "message_history", item)],
  ["state_sync", (place, item) => plain(place, "contact_sync", item)],
  [
    "user_preferences",
    (place, item) => plain({ ...place, ...given("time", secondsAt(item, "timestamp")) }, "user_preference", item),
  ],
  ["errors", (place, item) => plain(place, "message_error", item)],
];

function ofStatus(place: Place, item: JsonValue): Part {
  const status = readStatus(item);
  if (status === undefined) return unknown(place, item);
  return { ...plain({ ...place, time: status.at }, "message_status", item), status };
}

function ofMessage(place: Place, item: JsonValue, kind: WebhookKind): Part {
  const message = readMessage(item);
  if (message === undefined) return unknown(place, item);
  return { ...plain({ ...place, ...given("time", message.at) }, kind, item), message };
}

function plain(place: Place, kind: WebhookKind, raw: JsonValue): Part {
  const { time, wabaId, ...rest } = place;
  return { ...rest, ...given("wabaId", wabaId), kind, ...given("occurredAt", time), raw };
}

const unknown = (place: Place, raw: JsonValue): Part => plain(place, "unknown", raw);

/** A value that is one update. Meta's field names are not always right (a quality example names the status field): its keys decide. */
function wholeValue(place: Place, value: JsonObject): Part {
  const kind = kindOf(place.field, value);
  const part = plain(place, kind, value);
  if (kind.startsWith("template_")) {
    const template = readTemplate(value);
    return template === undefined ? unknown(place, value) : { ...part, template };
  }
  if (kind.startsWith("phone_") || kind === "security") return { ...part, number: readNumber(value) };
  return kind === "unknown" ? part : { ...part, account: readAccount(value) };
}

const kindsByField: Readonly<Record<string, WebhookKind>> = {
  message_template_status_update: "template_status",
  message_template_quality_update: "template_quality",
  message_template_components_update: "template_components",
  template_category_update: "template_category",
  template_correct_category_detection: "template_category",
  phone_number_name_update: "phone_name",
  phone_number_quality_update: "phone_quality",
  account_update: "account_update",
  account_alerts: "account_alert",
  account_review_update: "account_review",
  business_capability_update: "business_capability",
  business_status_update: "business_status",
  partner_solutions: "partner_solution",
  payment_configuration_update: "payment_configuration",
  security: "security",
};

function kindOf(field: string, value: JsonObject): WebhookKind {
  if ("new_quality_score" in value && "message_template_id" in value) return "template_quality";
  return Object.hasOwn(kindsByField, field) ? (kindsByField[field] ?? "unknown") : "unknown";
}
