import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ask, type Target } from "../story/target.js";
import { folderEntries } from "./data-folder.js";

/** Bodies to post by hand, about things that exist in this store. */
export const exampleFiles = { meta: "delivered.json", stripe: "stripe-event.json" } as const;

export const examplePath = (dataDir: string, provider: keyof typeof exampleFiles): string =>
  join(dataDir, folderEntries.examples, exampleFiles[provider]);

interface Answer {
  readonly phoneNumbers: {
    readonly nodes: readonly {
      readonly phoneNumberId: string;
      readonly displayPhoneNumber: string;
      readonly waba: { readonly wabaId: string } | null;
    }[];
  };
  readonly invoices: { readonly nodes: readonly { readonly stripeInvoiceId: string }[] };
}

const document = `query Examples {
  phoneNumbers(first: 1) { nodes { phoneNumberId displayPhoneNumber waba { wabaId } } }
  invoices(first: 1) { nodes { stripeInvoiceId } }
}`;

/** Writes the examples of a client once, as far as it has a number and an invoice; the token is that of its owner. */
export async function keepExamples(
  dataDir: string,
  { target, token, now }: { readonly target: Target; readonly token: string; readonly now: Date },
): Promise<void> {
  const missing = (["meta", "stripe"] as const).filter((provider) => !existsSync(examplePath(dataDir, provider)));
  if (missing.length === 0) return;
  const { phoneNumbers, invoices } = await ask<Answer>(target, token, document);
  const [number] = phoneNumbers.nodes;
  const [invoice] = invoices.nodes;
  mkdirSync(join(dataDir, folderEntries.examples), { recursive: true });
  const write = (provider: keyof typeof exampleFiles, body: unknown): void => {
    writeFileSync(examplePath(dataDir, provider), `${JSON.stringify(body, null, 2)}\n`);
  };
  if (number?.waba) write("meta", deliveredBody({ ...number, wabaId: number.waba.wabaId }, now));
  if (invoice) write("stripe", invoiceEvent(invoice.stripeInvoiceId, now));
}

const seconds = (instant: Date): number => Math.floor(instant.getTime() / 1_000);

/** A message to somebody in Brazil was delivered and is charged (Meta: webhooks, messages, status). */
function deliveredBody(
  from: { readonly phoneNumberId: string; readonly displayPhoneNumber: string; readonly wabaId: string },
  now: Date,
): unknown {
  const recipient = "5511955550199";
  const id = `wamid.${Buffer.from(`by hand ${recipient} ${now.toISOString()}`).toString("base64")}`;
  const pricing = { billable: true, pricing_model: "PMP", category: "marketing", type: "regular" };
  const status = { id, status: "delivered", timestamp: String(seconds(now)), recipient_id: recipient, pricing };
  const value = {
    messaging_product: "whatsapp",
    metadata: {
      display_phone_number: from.displayPhoneNumber.replace(/\D/g, ""),
      phone_number_id: from.phoneNumberId,
    },
    statuses: [status],
  };
  return { object: "whatsapp_business_account", entry: [{ id: from.wabaId, changes: [{ value, field: "messages" }] }] };
}

/** Stripe says that an invoice changed (Stripe: events); we read its present state and find it as it was. */
const invoiceEvent = (invoiceId: string, now: Date): unknown => ({
  id: `evt_by_hand_${String(seconds(now))}`,
  object: "event",
  api_version: "2026-10-28.endive",
  created: seconds(now),
  livemode: false,
  pending_webhooks: 1,
  request: { id: null, idempotency_key: null },
  type: "invoice.updated",
  data: { object: { id: invoiceId, object: "invoice" } },
});
