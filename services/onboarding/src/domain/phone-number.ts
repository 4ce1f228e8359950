import { type PhoneNumberRecordId, type WabaRecordId } from "@greentick/kernel";
import { type Change, type Mirror, observe, remember, type Sighting } from "./mirror.js";
import { type Owned, type Sealed } from "./owned.js";
import { type Observing } from "./waba.js";

/** Properties of Meta's that are mirrored. */
type NumberField =
  | "displayPhoneNumber"
  | "verifiedName"
  | "nameStatus"
  | "codeVerification"
  | "status"
  | "quality"
  | "throughput"
  | "messagingLimit"
  | "badge"
  | "official"
  | "pinEnabled"
  | "canSendMessage"
  | "accountMode"
  | "qualityEvent"
  | "securityEvent";
export type NumberFacts = Readonly<Partial<Record<NumberField, string>>>;

/** A business phone number as Meta shows it, and what we did to bring it live. */
export interface PhoneNumber extends Owned {
  readonly id: PhoneNumberRecordId;
  readonly phoneNumberId: string;
  readonly wabaId: string;
  readonly wabaRecordId: WabaRecordId;
  /** Digits of the number in international form: webhooks name the number so. */
  readonly digits: string;
  readonly addedAt: Date;
  readonly lastSyncedAt: Date;
  readonly mirror: Mirror<NumberField>;
  readonly history: readonly Change[];
  /** The two-step PIN we set. */
  readonly sealedPin?: Sealed;
  readonly registeredAt?: Date;
  readonly firstInboundAt?: Date;
  readonly liveSince?: Date;
}

export interface AddFacts extends Owned {
  readonly id: PhoneNumberRecordId;
  readonly phoneNumberId: string;
  readonly wabaId: string;
  readonly wabaRecordId: WabaRecordId;
  readonly digits: string;
  readonly facts: NumberFacts;
}

export const digitsOf = (displayed: string): string => displayed.replace(/\D/g, "");

export function addNumber({ facts, ...added }: AddFacts, now: Date): PhoneNumber {
  const { mirror } = observe<NumberField>({}, facts, { at: now, source: "signup" });
  return { ...added, mirror, history: [], addedAt: now, lastSyncedAt: now };
}

/** What Meta says now of the number; a look (`sync`, `signup`) counts as a synchronisation, a webhook does not. */
export function observeNumber(number: PhoneNumber, facts: NumberFacts, sighting: Sighting): Observing<PhoneNumber> {
  const { mirror, changes } = observe(number.mirror, facts, sighting);
  const synced = sighting.source === "webhook" ? {} : { lastSyncedAt: sighting.at };
  return { next: { ...number, ...synced, mirror, history: remember(number.history, changes) }, changes };
}

/** Meta's verdict on the display name, from the word of the node or of the webhook. */
export type NameVerdict = "approved" | "declined" | "waiting";

/** The node says DECLINED where the webhook says REJECTED, and PENDING_REVIEW where it says PENDING or DEFERRED (Meta: display names). */
const nameStatusOf = (decision: string): string =>
  ({ REJECTED: "DECLINED", PENDING: "PENDING_REVIEW", DEFERRED: "PENDING_REVIEW" })[decision.toUpperCase()] ?? decision;

export function nameVerdict(number: PhoneNumber): NameVerdict {
  const word = number.mirror.nameStatus?.value.toUpperCase();
  if (word === "APPROVED" || word === "AVAILABLE_WITHOUT_REVIEW") return "approved";
  return word === "DECLINED" || word === "EXPIRED" ? "declined" : "waiting";
}

export const isVerified = (number: PhoneNumber): boolean =>
  number.mirror.codeVerification?.value.toUpperCase() === "VERIFIED";
export const isConnected = (number: PhoneNumber): boolean => number.mirror.status?.value.toUpperCase() === "CONNECTED";

/** What a webhook about a number says of it (Meta: phone_number_name_update, phone_number_quality_update, security). */
export function factsOfReport(field: string, decision: string | undefined, detail: string | undefined): NumberFacts {
  if (decision === undefined) return {};
  if (field === "phone_number_name_update") return { nameStatus: nameStatusOf(decision) };
  if (field === "security") return { securityEvent: decision };
  const upgraded = decision === "THROUGHPUT_UPGRADE" ? { throughput: "HIGH" } : {};
  return { qualityEvent: decision, ...upgraded, ...(detail !== undefined && { messagingLimit: detail }) };
}

/** The first message a user wrote to the number: the earliest one known. */
export const receivedFirst = (number: PhoneNumber, at: Date): PhoneNumber =>
  number.firstInboundAt !== undefined && number.firstInboundAt <= at ? number : { ...number, firstInboundAt: at };
