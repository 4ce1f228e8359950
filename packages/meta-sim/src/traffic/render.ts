import { encodeBody } from "../body.js";
import { type PlannedBody, type PlannedMessage, type PlannedUpdate } from "./planned.js";

/** The bytes of a planned body, as text: v24 shapes, escaped like Meta. Needs the types of its messages to be decided. */
export function renderBody(body: PlannedBody): string {
  return encodeBody({
    object: "whatsapp_business_account",
    entry: groupBy(body.updates, ({ message }) => message.sender.waba._id).map((ofAccount) => ({
      id: ofAccount[0]?.message.sender.waba._id,
      changes: groupBy(ofAccount, ({ message }) => message.sender.phone._id).map((ofNumber) => ({
        value: valueOf(ofNumber, body.repeats !== "reworded"),
        field: "messages",
      })),
    })),
  });
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return [...groups.values()];
}

function valueOf(updates: readonly PlannedUpdate[], withContacts: boolean): unknown {
  const phone = updates[0]?.message.sender.phone;
  return {
    messaging_product: "whatsapp",
    metadata: { display_phone_number: `${phone?.cc ?? ""}${phone?.national ?? ""}`, phone_number_id: phone?._id },
    ...(withContacts ? { contacts: updates.map(({ message }) => contactOf(message)) } : {}),
    statuses: updates.map(statusOf),
  };
}

const contactOf = (message: PlannedMessage): unknown => ({
  profile: { name: message.name },
  ...(message.digits === undefined ? {} : { wa_id: message.digits }),
  user_id: message.userId,
});

function statusOf({ message, status, at, priced }: PlannedUpdate): unknown {
  return {
    id: message.wamid,
    status,
    timestamp: String(Math.floor(at / 1000)),
    ...(message.digits === undefined ? {} : { recipient_id: message.digits }),
    recipient_user_id: message.userId,
    ...conversationOf(message),
    ...(priced ? { pricing: pricingOf(message) } : {}),
    ...(status === "failed" ? { errors: [errorOf(message)] } : {}),
  };
}

/** Since v24 only a free entry point names its conversation. */
function conversationOf(message: PlannedMessage): Record<string, unknown> {
  if (message.category !== "referral_conversion") return {};
  const id = Buffer.from(message.userId).toString("hex").slice(0, 32).padEnd(32, "0");
  return { conversation: { id, origin: { type: "referral_conversion" } } };
}

/** A message that never was delivered announces the type it would have had. */
function pricingOf(message: PlannedMessage): unknown {
  const type = message.type ?? (message.category === "referral_conversion" ? "free_entry_point" : "regular");
  return { billable: type === "regular", pricing_model: "PMP", category: message.category, type };
}

function errorOf(message: PlannedMessage): unknown {
  const capped = message.category.startsWith("marketing");
  return {
    code: capped ? 131049 : 131026,
    title: capped ? "Message withheld" : "Message undeliverable",
    message: capped ? "Message withheld" : "Message undeliverable",
    error_data: { details: capped ? "Not delivered to keep engagement healthy." : "The recipient cannot be reached." },
    href: "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
  };
}
