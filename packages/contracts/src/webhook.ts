import { z } from "zod";
import { defineEvent } from "./define.js";
import { instant, metaId, raw } from "./shapes.js";

/**
 * The recipient as far as a price needs it: at most six leading digits of the number, or the country of a business-scoped user id.
 * A phone beats a business-scoped id (Meta: pricing, rate cards and volume tiers).
 */
export const recipient = z.object({
  dialPrefix: z
    .string()
    .regex(/^\d{1,6}$/)
    .optional(),
  country: z.string().length(2).optional(),
});

/** Business time of receipt; an update about our own portfolio names no account. */
const received = { phoneNumberId: metaId.optional(), receivedAt: instant };
const routed = { wabaId: metaId, ...received };
const maybeRouted = { wabaId: metaId.optional(), ...received };

export const pricing = z.object({
  billable: z.boolean().optional(),
  model: raw,
  type: raw.optional(),
  category: raw,
  subtype: raw.optional(),
  /** Digits as Meta wrote them, never a JS number. */
  cost: z.object({ amount: z.string(), currency: z.string() }).optional(),
});

export const messageStatusReceived = defineEvent(
  "status.received",
  1,
  "Meta reported a status of one message. Keys are keyed hashes: a message id contains the recipient's number.",
  z.object({
    ...routed,
    /** HMAC of (message id): the same message has the same key for ever. */
    messageKey: z.string(),
    /** HMAC of the conversation id under conversation-based pricing. */
    conversationKey: z.string().optional(),
    participantKey: z.string().optional(),
    status: raw,
    at: instant,
    recipient,
    group: z.boolean(),
    pricing: pricing.optional(),
    /** Kind of conversation on a free entry point or under conversation-based pricing. */
    conversationOrigin: z.string().optional(),
    /** The reservation of ours that the sender named in `biz_opaque_callback_data`; of that text nothing else travels. */
    reservationId: z.string().optional(),
    errorCodes: z.array(z.string()),
  }),
);
export const messageReceived = defineEvent(
  "message.received",
  1,
  "A user wrote to a business number. Content stays in the kept body.",
  z.object({ ...routed, messageKey: z.string(), kind: z.string(), at: instant }),
);
export const templateReported = defineEvent(
  "report.template",
  1,
  "Meta reported on a template: status, category, quality or components.",
  z.object({
    ...routed,
    field: z.string(),
    metaTemplateId: metaId,
    name: z.string().optional(),
    language: z.string().optional(),
    event: raw.optional(),
    reason: z.string().optional(),
    /** Meta's words about a refusal or a pause, for people. */
    explanation: z.string().optional(),
    /** Meta's raw words, e.g. "GREEN". */
    previousQuality: z.string().optional(),
    newQuality: z.string().optional(),
    previousCategory: raw.optional(),
    newCategory: raw.optional(),
    correctCategory: raw.optional(),
    effectiveAt: instant.optional(),
    at: instant,
  }),
);
export const numberReported = defineEvent(
  "report.number",
  1,
  "Meta reported on a number: name decision, quality, badge.",
  z.object({
    ...routed,
    field: z.string(),
    displayPhoneNumber: z.string().optional(),
    decision: raw.optional(),
    detail: z.string().optional(),
    at: instant,
  }),
);
export const accountReported = defineEvent(
  "report.account",
  1,
  "Meta reported on an account: review, restriction, tier, partner change, alert. `detail` is the update's JSON text.",
  z.object({
    ...maybeRouted,
    field: z.string(),
    event: raw.optional(),
    entityType: z.string().optional(),
    entityId: z.string().optional(),
    detail: z.string(),
    at: instant,
  }),
);
export const unknownReported = defineEvent(
  "report.unknown",
  1,
  "An update of a kind we do not know: kept, counted, shown, acknowledged.",
  z.object({ ...maybeRouted, field: z.string(), at: instant }),
);
export const stripeEventReceived = defineEvent(
  "stripe.received",
  1,
  "Stripe told us of an event. Only its id and kind travel; the handler reads the current object.",
  z.object({
    eventId: z.string(),
    kind: z.string(),
    objectId: z.string(),
    objectKind: z.string(),
    receivedAt: instant,
  }),
);

/** What an operator may have done with what came through the door. */
export const doorTaskKinds = ["replay", "redelivery"] as const;

export const doorTaskOpened = defineEvent(
  "door.task_opened",
  1,
  "An operator began to replay a range of kept webhooks, or to hand dead letters in again.",
  z.object({ taskId: z.string(), kind: z.enum(doorTaskKinds), mode: z.string(), range: z.string() }),
);
export const doorTaskEnded = defineEvent(
  "door.task_ended",
  1,
  "A replay or redelivery came to its end, or was stopped.",
  z.object({
    taskId: z.string(),
    kind: z.enum(doorTaskKinds),
    mode: z.string(),
    status: z.string(),
    /** What it counted, as JSON text. */
    counted: z.string(),
    /** The replay of the ledger that it worked for. */
    replayId: z.string().optional(),
  }),
);
export const deadLetterRedelivered = defineEvent(
  "door.dead_letter_redelivered",
  1,
  "An operator asked for one dead letter to be handed to its consumer again.",
  z.object({ deadLetterId: z.string(), consumer: z.string(), eventType: z.string() }),
);
