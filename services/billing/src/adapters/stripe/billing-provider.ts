import { dayMs, type Month, utcMonth } from "@greentick/kernel";
import type Stripe from "stripe";
import { type StripeSubscription } from "../../domain/account.js";
import { type Bucket, bucketsOf } from "../../domain/bucket.js";
import { type InvoiceLine, type StripeInvoice } from "../../domain/invoice.js";
import { type BillingProvider, type ProvisionedClient, type StripeClient } from "../../ports.js";
import { checkMode, patiently } from "./client.js";
import { type StripeParts } from "./meter-sink.js";
import { asking, isMissing } from "./outcome.js";

const paymentDays = 14;
const instant = (unix: number): Date => new Date(unix * 1000);

/** Customers, subscriptions and invoices at Stripe. */
export function stripeBillingProvider(parts: StripeParts): BillingProvider {
  const { stripe, log } = parts;
  const ask = <T>(what: string, call: () => Promise<T>): Promise<T> => asking(what, () => patiently(call, log));
  const read = (id: string): Promise<StripeInvoice> => readInvoice(stripe, id);
  return {
    findCustomer: (client) => ask("find a customer", () => findCustomer(stripe, client)),
    createCustomer: (client) => {
      checkMode(parts.secretKey, client.livemode);
      const customer = { name: client.name, metadata: { tenant_id: client.tenantId } };
      const key = { idempotencyKey: `cus:${client.tenantId}:create` };
      return ask("create a customer", async () => (await stripe.customers.create(customer, key)).id);
    },
    findSubscription: (client) => ask("find a subscription", () => findSubscription(stripe, client)),
    createSubscription: (client) => ask("create a subscription", () => createSubscription(parts, client)),
    endSubscription: ({ subscriptionId }) =>
      ask("end a subscription", async () => {
        const { status } = await stripe.subscriptions.retrieve(subscriptionId);
        if (status !== "canceled") await stripe.subscriptions.update(subscriptionId, { cancel_at_period_end: true });
      }),
    getInvoice: (_, id) =>
      ask("read an invoice", () =>
        read(id).catch((error: unknown) => {
          if (isMissing(error)) return undefined;
          throw error;
        }),
      ),
    findInvoice: (client, month) => ask("find an invoice", () => findInvoice(stripe, client, month)),
    hold: (_, id) =>
      ask("hold an invoice", async () => {
        await stripe.invoices.update(id, { auto_advance: false }, { idempotencyKey: `inv:${id}:hold` });
      }),
    finalize: (_, id, key) =>
      ask("finalize an invoice", async () => {
        const before = await read(id);
        if (before.status === "draft")
          await stripe.invoices.finalizeInvoice(id, { auto_advance: true }, { idempotencyKey: key });
        return read(id);
      }),
  };
}

/** Stripe cannot be asked for metadata at once, so the customers made since the account was opened are looked through. */
async function findCustomer(stripe: Stripe, { tenantId, openedAt }: ProvisionedClient): Promise<string | undefined> {
  const since = Math.floor((openedAt.getTime() - dayMs) / 1000);
  for await (const customer of stripe.customers.list({ created: { gte: since }, limit: 100 }))
    if (customer.metadata["tenant_id"] === tenantId) return customer.id;
  return undefined;
}

/** Ours among the customer's: somebody may have made another one by hand. */
async function findSubscription(
  stripe: Stripe,
  { tenantId, customerId }: ProvisionedClient & { readonly customerId: string },
): Promise<StripeSubscription | undefined> {
  for await (const one of stripe.subscriptions.list({ customer: customerId, limit: 100 }))
    if (one.metadata["tenant_id"] === tenantId) return toSubscription(one);
  return undefined;
}

const toSubscription = ({ id, start_date }: Stripe.Subscription): StripeSubscription => ({
  subscriptionId: id,
  startedAt: instant(start_date),
});

/** From now to the first of next month, then calendar months in UTC, so that day windows never cross a period. */
async function createSubscription(
  parts: StripeParts,
  client: ProvisionedClient & { readonly customerId: string },
): Promise<StripeSubscription> {
  const items: { price: string; metadata: { bucket: string } }[] = [];
  for (const bucket of bucketsOf(client.namedMarkets)) {
    const { priceId } = await parts.objectsOf(bucket, client.currency);
    items.push({ price: priceId, metadata: { bucket } });
  }
  const subscription = await parts.stripe.subscriptions.create(
    {
      customer: client.customerId,
      currency: client.currency.toLowerCase(),
      items,
      billing_mode: { type: "flexible" },
      billing_cycle_anchor_config: { day_of_month: 1, hour: 0, minute: 0, second: 0 },
      proration_behavior: "none",
      collection_method: "send_invoice",
      days_until_due: paymentDays,
      metadata: { tenant_id: client.tenantId },
    },
    { idempotencyKey: `sub:${client.tenantId}:create` },
  );
  return toSubscription(subscription);
}

async function findInvoice(stripe: Stripe, client: StripeClient, month: Month): Promise<StripeInvoice | undefined> {
  const end = Math.floor(utcMonth(month).end.getTime() / 1000);
  const ask = { subscription: client.subscriptionId, created: { gte: end - dayMs / 1000 }, limit: 100 };
  for await (const invoice of stripe.invoices.list(ask)) {
    const lines = await linesOf(stripe, invoice.id);
    const mine = lines.some((line) => line.bucket !== undefined && line.periodEnd.getTime() === end * 1000);
    if (mine && invoice.status !== "void") return toInvoice(invoice, lines);
  }
  return undefined;
}

const readInvoice = async (stripe: Stripe, id: string): Promise<StripeInvoice> =>
  toInvoice(await stripe.invoices.retrieve(id), await linesOf(stripe, id));

/** The first few lines lie on the invoice itself, the rest is paged: always all pages. */
async function linesOf(stripe: Stripe, id: string): Promise<readonly InvoiceLine[]> {
  const lines: InvoiceLine[] = [];
  for await (const line of stripe.invoices.listLineItems(id, { limit: 100 })) lines.push(toLine(line));
  return lines;
}

function toLine(line: Stripe.InvoiceLineItem): InvoiceLine {
  const bucket = line.metadata["bucket"];
  return {
    stripeLineId: line.id,
    ...(bucket !== undefined && { bucket: bucket as Bucket }),
    description: line.description ?? "",
    quantity: line.quantity_decimal?.toString() ?? String(line.quantity ?? 0),
    amountMinor: BigInt(line.amount),
    periodStart: instant(line.period.start),
    periodEnd: instant(line.period.end),
  };
}

function toInvoice(invoice: Stripe.Invoice, lines: readonly InvoiceLine[]): StripeInvoice {
  const { customer, number, hosted_invoice_url: hostedUrl, status_transitions: moments } = invoice;
  return {
    stripeInvoiceId: invoice.id,
    customerId: typeof customer === "string" ? customer : (customer?.id ?? ""),
    status: invoice.status ?? "draft",
    autoAdvance: invoice.auto_advance ?? false,
    currency: invoice.currency.toUpperCase(),
    ...(number != null && { number }),
    subtotalMinor: BigInt(invoice.subtotal),
    totalMinor: BigInt(invoice.total),
    ...(hostedUrl != null && { hostedUrl }),
    ...(moments.finalized_at != null && { finalizedAt: instant(moments.finalized_at) }),
    lines,
  };
}
