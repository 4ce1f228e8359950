/**
 * Every identifier of ours is `<prefix>_<ULID>`: the prefix says what it names, the ULID sorts by time of creation. This is the
 * one table of prefixes. Identifiers of Meta and Stripe are strings of theirs and never pass through here.
 */
export const idPrefixes = {
  tenant: "ten",
  person: "per",
  grant: "grt",
  apiKey: "key",
  invitation: "ivt",
  session: "ses",
  signupCase: "sig",
  waba: "wab",
  phoneNumber: "num",
  template: "tpl",
  badgeRequest: "bdg",
  rateCard: "crd",
  pricePlan: "pln",
  exchangeRate: "fxr",
  entry: "led",
  invoice: "inv",
  reconciliation: "rec",
  ledgerReplay: "rpl",
  correctionProposal: "cor",
  correctionDecision: "cde",
  event: "evt",
  request: "req",
  timer: "tim",
  audit: "aud",
  auditExport: "axp",
  consent: "cns",
  dataSubjectRequest: "dsr",
  endpoint: "whe",
  delivery: "dlv",
  doorTask: "dtk",
  budget: "bgt",
  reservation: "rsv",
  topUp: "top",
} as const;

export type IdKind = keyof typeof idPrefixes;
export type Id<K extends IdKind> = string & { readonly __kind: K };
export type TenantId = Id<"tenant">;
export type PersonId = Id<"person">;
export type ApiKeyId = Id<"apiKey">;
export type SignupCaseId = Id<"signupCase">;
export type WabaRecordId = Id<"waba">;
export type PhoneNumberRecordId = Id<"phoneNumber">;
export type TemplateId = Id<"template">;
export type BadgeRequestId = Id<"badgeRequest">;
export type EntryId = Id<"entry">;
export type EventId = Id<"event">;
export type EndpointId = Id<"endpoint">;
export type DeliveryId = Id<"delivery">;

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const bodyPattern = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/** Source of random bytes; a port, so that a simulation can replay a run. */
export type RandomBytes = (length: number) => Uint8Array;

/** A ULID has 48 bits for its time: enough until the year 10889. */
const timeEnd = 2 ** 48;

/**
 * A ULID body from a time in ms since 1970 and exactly ten bytes; the same input gives the same body, a later time a greater one.
 * @throws RangeError for a time outside 48 bits, or another number of bytes.
 */
export function ulid(timeMs: number, tail: Uint8Array): string {
  if (tail.length !== 10 || !Number.isSafeInteger(timeMs) || timeMs < 0 || timeMs >= timeEnd)
    throw new RangeError("a ULID needs a time and ten bytes");
  return (
    two(Math.floor(timeMs / 2 ** 40)) + eight(timeMs % 2 ** 40) + eight(fiveBytes(tail, 0)) + eight(fiveBytes(tail, 5))
  );
}

function fiveBytes(bytes: Uint8Array, from: number): number {
  let value = 0;
  for (let at = from; at < from + 5; at++) value = value * 256 + (bytes[at] ?? 0);
  return value;
}

/** Digits to the base of 32, the highest first: so many of a number that has no more. Every message gets an id: small numbers are quick. */
const pairs = Array.from({ length: 32 ** 2 }, (_, value) => alphabet.charAt(value >> 5) + alphabet.charAt(value & 31));
const two = (value: number): string => pairs[value] ?? "";
const four = (value: number): string => two(value >> 10) + two(value & 1023);
const eight = (value: number): string => four(Math.floor(value / 2 ** 20)) + four(value % 2 ** 20);

/** An identifier of the given kind. With ten random bytes it is new; with ten bytes of a hash it is the same for the same fact. */
export function makeId<K extends IdKind>(kind: K, timeMs: number, tail: Uint8Array): Id<K> {
  return `${idPrefixes[kind]}_${ulid(timeMs, tail)}` as Id<K>;
}

/** The time in ms that an identifier was made with; undefined for a text that is none. */
export function idTime(id: string): number | undefined {
  const body = id.slice(id.indexOf("_") + 1);
  if (!bodyPattern.test(body)) return undefined;
  return Array.from(body.slice(0, 10)).reduce((sum, digit) => sum * 32 + alphabet.indexOf(digit), 0);
}

/** True when the text is an identifier of that kind; never throws. */
export function isId<K extends IdKind>(kind: K, text: unknown): text is Id<K> {
  if (typeof text !== "string") return false;
  const prefix = `${idPrefixes[kind]}_`;
  return text.startsWith(prefix) && bodyPattern.test(text.slice(prefix.length));
}
