import { type Word } from "@greentick/kernel";
import { type JsonValue } from "./json.js";
import {
  type MessageStatus,
  type PricingCategory,
  type PricingModel,
  type PricingSubtype,
  type PricingType,
  type TemplateCategory,
  type TemplateEvent,
} from "./words.js";

/** What an update is about. `unknown` is kept, counted and acknowledged like all others. */
export type WebhookKind =
  | "message_status"
  | "message"
  | "message_echo"
  | "message_error"
  | "message_history"
  | "contact_sync"
  | "user_preference"
  | "template_status"
  | "template_category"
  | "template_quality"
  | "template_components"
  | "phone_name"
  | "phone_quality"
  | "account_update"
  | "account_alert"
  | "account_review"
  | "business_capability"
  | "business_status"
  | "partner_solution"
  | "payment_configuration"
  | "security"
  | "unknown";

/** Meta's statement of the price of a message; which status carries it is not fixed (Meta: webhooks, messages, status). */
export interface StatusPricing {
  readonly billable?: boolean;
  readonly model: Word<PricingModel>;
  readonly type?: Word<PricingType>;
  readonly category: Word<PricingCategory>;
  readonly subtype?: Word<PricingSubtype>;
  /** Only with a maximum price: the amount in currency units, as the digits Meta wrote. */
  readonly cost?: { readonly amount: string; readonly currency: string };
}

export interface StatusUpdate {
  /** `wamid.…`: contains the recipient's number; never log or index it in the clear. */
  readonly messageId: string;
  readonly status: Word<MessageStatus>;
  readonly at: Date;
  /** Digits of the recipient's number, or a group id when `group` is true. Personal data. */
  readonly recipientId?: string;
  /** Business-scoped user id: ISO country, a dot, opaque characters. */
  readonly recipientUserId?: string;
  /** The member of the group this status is about. */
  readonly participantId?: string;
  readonly group: boolean;
  readonly conversationId?: string;
  /** `referral_conversion` on a free entry point; the conversation's category under conversation-based pricing. */
  readonly conversationOrigin?: string;
  /** A reservation's id of ours, found in what the sender gave the message to carry (`biz_opaque_callback_data`). */
  readonly reservationId?: string;
  readonly pricing?: StatusPricing;
  readonly errorCodes: readonly string[];
}

export interface MessageUpdate {
  readonly messageId: string;
  /** `text`, `image`, `button`, `system`, …: Meta's word. */
  readonly type: string;
  readonly at?: Date;
  /** Personal data. */
  readonly from?: string;
  readonly fromUserId?: string;
}

export interface TemplateUpdate {
  readonly id: string;
  readonly name?: string;
  /** With an underscore (`en_US`), although Meta sometimes writes a hyphen. */
  readonly language?: string;
  readonly event?: Word<TemplateEvent>;
  /** Why it was refused; absent where Meta says NONE or null. */
  readonly reason?: string;
  /** Meta's words about a refusal, for people. */
  readonly explanation?: string;
  /** The category the template now has. */
  readonly category?: Word<TemplateCategory>;
  readonly previousCategory?: Word<TemplateCategory>;
  /** The category it will get at `effectiveAt`. */
  readonly correctCategory?: Word<TemplateCategory>;
  readonly effectiveAt?: Date;
  readonly previousQuality?: string;
  readonly newQuality?: string;
}

export interface NumberUpdate {
  readonly displayPhoneNumber?: string;
  /** A name decision (APPROVED, REJECTED, …) or a quality event (THROUGHPUT_UPGRADE, …). */
  readonly decision?: Word<string>;
  /** The name decided on, the refusal's reason, or the new limit. */
  readonly detail?: string;
}

export interface AccountUpdate {
  readonly event?: Word<string>;
  readonly entityType?: string;
  readonly entityId?: string;
}

/** One update out of a webhook body: what Meta says happened once, to one thing. */
export interface WebhookUpdate {
  /** Place in the body, from 0; (hash of the body, index) names the update for ever. */
  readonly index: number;
  readonly field: string;
  /** `entry.id` as written: the account, or for partner events our own portfolio. */
  readonly entryId?: string;
  /** The account it concerns; absent when the body names none (then `entry.id` was our portfolio or missing). */
  readonly wabaId?: string;
  readonly phoneNumberId?: string;
  readonly kind: WebhookKind;
  /** When Meta says it happened. Absent where the body does not say. */
  readonly occurredAt?: Date;
  readonly status?: StatusUpdate;
  readonly message?: MessageUpdate;
  readonly template?: TemplateUpdate;
  readonly number?: NumberUpdate;
  readonly account?: AccountUpdate;
  /** The update alone, in the field's own shape: one status, one message, or the whole value. Numbers of over fifteen digits and fractions are strings. */
  readonly raw: JsonValue;
}

export type ParsedWebhook = { readonly updates: readonly WebhookUpdate[] } | { readonly unreadable: string };
