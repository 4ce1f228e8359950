import { createHmac } from "node:crypto";
import { type Sender } from "../poster.js";

/** Ten digits that differ from one webhook to the next. */
const mark = "@".repeat(10);
const signature = "#".repeat(64);

const pricing = { billable: true, pricing_model: "PMP", type: "regular", category: "utility" };
const statuses = ["sent", "delivered", "read"] as const;
const contact = { profile: { name: "Somebody with a name that is about as long as such names are ".repeat(3) } };

/** About 1.5 KB: the three statuses of one message. */
function bodyOf({ wabaId, phoneNumberId }: Sender, word: string, at: number): string {
  const recipient = `57${mark}`;
  const one = { id: messageIdOf(word, mark), timestamp: String(at), recipient_id: recipient, pricing };
  const value = {
    messaging_product: "whatsapp",
    metadata: { display_phone_number: "5730", phone_number_id: phoneNumberId },
    contacts: [{ ...contact, wa_id: recipient }],
    statuses: statuses.map((status) => ({ ...one, status })),
  };
  const entry = [{ id: wabaId, changes: [{ value, field: "messages" }] }];
  return JSON.stringify({ object: "whatsapp_business_account", entry });
}

const messageIdOf = (word: string, digits: string): string => `wamid.bench.${word}.${digits}`;
const digitsOf = (n: number): string => String(n).padStart(mark.length, "0");

export interface Requests {
  /** The bytes of the n-th request; valid until the next one is made. */
  readonly make: (n: number) => Buffer;
  readonly messageId: (n: number) => string;
}

/** Requests that are made by writing a number and a signature into bytes that are the same otherwise: the machine's time is the platform's. */
export function requests(
  host: string,
  {
    senders,
    word,
    at,
    appSecret,
  }: { readonly senders: readonly Sender[]; readonly word: string; readonly at: number; readonly appSecret: string },
): Requests {
  const forms = senders.map((sender) => {
    const body = bodyOf(sender, word, at);
    const head =
      `POST /webhooks/meta HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\n` +
      `x-hub-signature-256: sha256=${signature}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
    const bytes = Buffer.from(head + body);
    return { bytes, head: Buffer.byteLength(head), signedAt: head.indexOf(signature), marks: placesOf(bytes) };
  });
  return {
    messageId: (n) => messageIdOf(word, digitsOf(n)),
    make: (n) => {
      const form = forms[n % forms.length];
      if (form === undefined) throw new RangeError("a posting needs a sender");
      const bytes = Buffer.from(form.bytes);
      const digits = digitsOf(n);
      for (const place of form.marks) bytes.write(digits, place, "latin1");
      const hex = createHmac("sha256", appSecret).update(bytes.subarray(form.head)).digest("hex");
      bytes.write(hex, form.signedAt, "latin1");
      return bytes;
    },
  };
}

function placesOf(bytes: Buffer): readonly number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + mark.length)) places.push(at);
  return places;
}
