import { personKeyPurpose } from "@greentick/contracts";
import { type ExactJson, isExactNumber, parseExactly, writeExactly } from "@greentick/meta";
import { type BlankPerson } from "../../ports.js";

/** Keyed hash of an id that contains a person's number. */
export type BlindKey = (
  purpose: "message" | "conversation" | "participant" | typeof personKeyPurpose,
  value: string,
) => string;

/** As the reader gives it, or as it was written. */
type Json = ExactJson | number | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = Readonly<Record<string, Json>>;

/** Where Meta writes a person's number or business-scoped user id (webhooks: messages, statuses, preferences, history). */
const places = new Set([
  ...["wa_id", "from", "to", "recipient_id", "recipient_participant_id", "id", "phone", "phone_number"],
  ...["user_id", "from_user_id", "to_user_id", "recipient_user_id", "parent_user_id"],
]);
const userId = /^[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}$/;
const number = /^\+?[\d\s()-]{7,24}$/;

/** Numbers as their digits, user ids as they are; undefined for anything else. */
function nameIn(text: string): string | undefined {
  if (userId.test(text)) return text;
  const digits = number.test(text) ? text.replace(/\D/g, "") : "";
  return digits.length >= 7 && digits.length <= 15 ? digits : undefined;
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
const isDigits = (value: Json): boolean => typeof value === "number" || isExactNumber(value as ExactJson);
const isObject = (value: Json): value is JsonObject =>
  typeof value === "object" && value !== null && !isList(value) && !isDigits(value);

function* namesIn(value: Json, key = ""): Generator<string> {
  if (isList(value)) for (const item of value) yield* namesIn(item, key);
  else if (isObject(value)) for (const [inner, item] of Object.entries(value)) yield* namesIn(item, inner);
  else if (typeof value === "string" && places.has(key)) {
    const name = nameIn(value);
    if (name !== undefined) yield name;
  }
}

/** Keyed hashes of everybody an update names. */
export const peopleIn = (raw: unknown, blind: BlindKey): readonly string[] => [
  ...new Set([...new Set(namesIn(raw as Json))].map((name) => blind(personKeyPurpose, name))),
];

/** Words that tell what an update is; they say nothing of anybody. */
const harmless = new Set(["status", "type", "timestamp", "billable", "pricing_model", "category", "field"]);

const nothing = parseExactly("0");

function blanked(value: Json, key = ""): Json {
  if (isList(value)) return value.map((item) => blanked(item, key));
  if (isObject(value)) return mapped(value, (item, inner) => blanked(item, inner));
  if (harmless.has(key)) return value;
  if (isDigits(value)) return nothing;
  return typeof value === "string" ? "" : value;
}

const mapped = (value: JsonObject, to: (item: Json, key: string) => Json): JsonObject =>
  Object.fromEntries(Object.entries(value).map(([key, item]) => [key, to(item, key)]));

/** Blanks the smallest elements of lists that name the person; a text beside them may name it too, so the element goes as a whole. */
function without(value: Json, names: (value: Json) => boolean): Json {
  if (isList(value)) return value.map((item) => (namesItself(item, names) ? blanked(item) : without(item, names)));
  return isObject(value) ? mapped(value, (item) => without(item, names)) : value;
}

/** Names the person outside of lists of its own: a thread names it by its id, a history only through its threads. */
function namesItself(item: Json, names: (value: Json) => boolean): boolean {
  if (!isObject(item)) return false;
  return names(mapped(item, (inner) => (isList(inner) ? null : inner)));
}

/** Blanks what the updates of certain accounts say of a person. Everybody else's part of the body stays as it came. */
export const personBlanker =
  (blind: BlindKey): BlankPerson =>
  (body, { ofAccount, personKeys }) => {
    const keys = new Set(personKeys);
    const names = (value: Json): boolean => peopleIn(value, blind).some((key) => keys.has(key));
    const root: Json = parseExactly(body.toString("utf8"));
    if (!isObject(root) || !isList(root["entry"] ?? null)) return body;
    const entries = (root["entry"] as readonly Json[]).map((entry) => {
      const id = isObject(entry) ? entry["id"] : undefined;
      return typeof id === "string" && ofAccount(id) ? withinEntry(entry, names) : entry;
    });
    return Buffer.from(writeExactly({ ...root, entry: entries } as ExactJson));
  };

/** An entry and its changes are Meta's frame and stay; what they carry is looked through. */
function withinEntry(entry: Json, names: (value: Json) => boolean): Json {
  if (!isObject(entry)) return entry;
  return mapped(entry, (item, key) =>
    key === "changes" && isList(item)
      ? item.map((change) => (isObject(change) ? mapped(change, (value) => without(value, names)) : change))
      : item,
  );
}
