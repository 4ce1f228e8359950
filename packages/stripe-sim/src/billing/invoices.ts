import { refusals } from "../http/errors.js";
import { pageOf } from "../http/page.js";
import { getCustomer } from "../lookups.js";
import { type Invoice, type InvoiceLine, type Subscription } from "../shapes.js";
import { type World } from "../world.js";
import { blankInvoice } from "./blank-invoice.js";
import { meteredLine, type Period, refreshedLine } from "./lines.js";

const daySeconds = 86_400;
const inlineLines = 10;

const linesUrl = (id: string): string => `/v1/invoices/${id}/lines`;

/** Kept invoices hold all their lines; on the wire the first ten are inline and the rest is paged. */
export const renderInvoice = (invoice: Invoice): Invoice => ({
  ...invoice,
  lines: pageOf(invoice.lines.data, linesUrl(invoice.id), { limit: inlineLines }),
});

/** The invoice with these lines and the sums that follow from them. */
export function withLines(invoice: Invoice, data: InvoiceLine[]): Invoice {
  const total = data.reduce((sum, line) => sum + line.amount, 0);
  const due = Math.max(0, total);
  return {
    ...invoice,
    lines: { object: "list", data, has_more: false, url: linesUrl(invoice.id) },
    subtotal: total,
    subtotal_excluding_tax: total,
    total,
    total_excluding_tax: total,
    amount_due: due,
    amount_remaining: due,
  };
}

export interface UsageInvoice {
  readonly subscription: Subscription;
  /** Usage from each item's period start to here is billed. */
  readonly until: number;
  readonly reason: NonNullable<Invoice["billing_reason"]>;
}

/** The draft that bills a subscription's metered usage up to an instant: one line per item, zero lines included. Nothing is kept yet. */
export async function draftFor(world: World, { subscription, until, reason }: UsageInvoice): Promise<Invoice> {
  const { unit, graceSeconds } = world;
  const customer = await getCustomer(world, subscription.customer, "customer");
  const id = unit.ids.next("in");
  const { currency } = subscription;
  const lines: InvoiceLine[] = [];
  for (const item of subscription.items.data) {
    const period: Period = { start: item.current_period_start, end: until };
    lines.push(await meteredLine(world, { invoice: id, customer: customer.id, currency, item, period }));
  }
  const starts = subscription.items.data.map((item) => item.current_period_start);
  const draft: Invoice = {
    ...blankInvoice(id, unit.now, customer),
    currency,
    lines: { object: "list", data: [], has_more: false, url: linesUrl(id) },
    automatically_finalizes_at: until + graceSeconds,
    billing_reason: reason,
    collection_method: subscription.collection_method,
    description: subscription.description,
    parent: {
      quote_details: null,
      subscription_details: { metadata: subscription.metadata, subscription: subscription.id },
      type: "subscription_details",
    },
    period_start: Math.min(...starts),
    period_end: until,
  };
  return withLines(draft, lines);
}

/** A draft with the usage as it is now; any other invoice unchanged. Late usage with a timestamp inside the period is included. */
export async function refreshed(world: World, invoice: Invoice): Promise<Invoice> {
  if (invoice.status !== "draft") return invoice;
  const lines = invoice.lines.data.map((line) => refreshedLine(world, line, invoice.customer ?? ""));
  return withLines(invoice, await Promise.all(lines));
}

/** The event types a change is told under; `before` gives `invoice.updated` its previous attributes. */
interface Told {
  readonly types: readonly string[];
  readonly before?: Invoice;
}

/** Keeps the invoice and tells the world. */
export async function keepInvoice(world: World, invoice: Invoice, { types, before }: Told): Promise<Invoice> {
  await world.unit.put("invoices", invoice);
  for (const type of types) await world.unit.emit(type, renderInvoice(invoice), before && renderInvoice(before));
  return invoice;
}

function paid(invoice: Invoice, now: number, amounts: Partial<Invoice>): Invoice {
  return {
    ...invoice,
    ...amounts,
    status: "paid",
    amount_remaining: 0,
    attempted: true,
    next_payment_attempt: null,
    status_transitions: { ...invoice.status_transitions, paid_at: now },
  };
}

const paidEvents = ["invoice.paid", "invoice.payment_succeeded"];

async function dueDate(world: World, invoice: Invoice): Promise<number | null> {
  if (invoice.collection_method !== "send_invoice") return null;
  const subscription = await world.unit.get("subscriptions", invoice.parent?.subscription_details?.subscription ?? "");
  return world.unit.now + (subscription?.days_until_due ?? 30) * daySeconds;
}

/** Takes the customer's next invoice number; numbers of one customer have no gaps. */
async function nextNumber(world: World, customerId: string): Promise<string> {
  const customer = await getCustomer(world, customerId, "customer");
  const sequence = customer.next_invoice_sequence ?? 1;
  await world.unit.put("customers", { ...customer, next_invoice_sequence: sequence + 1 });
  return `${customer.invoice_prefix ?? customer.id}-${sequence.toString().padStart(4, "0")}`;
}

/** draft → open, or → paid when nothing is due. Quantities are read a last time; from here on the money fields are fixed. */
export async function finalize(world: World, draft: Invoice): Promise<Invoice> {
  if (draft.status !== "draft")
    throw refusals.rejected(
      "invoice_not_editable",
      "This invoice is already finalized, you can't re-finalize a non-draft invoice.",
    );
  const { now } = world.unit;
  const invoice = await refreshed(world, draft);
  const open: Invoice = {
    ...invoice,
    status: "open",
    automatically_finalizes_at: null,
    due_date: await dueDate(world, invoice),
    effective_at: now,
    ending_balance: 0,
    hosted_invoice_url: `${world.url}/_sim/invoices/${invoice.id}`,
    number: await nextNumber(world, invoice.customer ?? ""),
    status_transitions: { ...invoice.status_transitions, finalized_at: now },
  };
  const sent = open.collection_method === "send_invoice" ? ["invoice.sent"] : [];
  await keepInvoice(world, open, { types: ["invoice.finalized", ...sent] });
  return open.amount_due === 0 ? keepInvoice(world, paid(open, now, {}), { types: paidEvents }) : open;
}

/** open → paid; `outOfBand` is money that did not move through Stripe. A draft is finalized first. */
export async function pay(world: World, invoice: Invoice, outOfBand: boolean): Promise<Invoice> {
  const open = invoice.status === "draft" ? await finalize(world, invoice) : invoice;
  if (open.status === "paid" && invoice.status === "draft") return open;
  if (open.status !== "open" && open.status !== "uncollectible")
    throw refusals.rejected(undefined, `Invoice is already ${open.status ?? "closed"}.`);
  const amount = open.amount_due;
  const amounts = { amount_paid: amount, ...(outOfBand ? { amount_paid_off_stripe: amount } : { attempt_count: 1 }) };
  return keepInvoice(world, paid(open, world.unit.now, amounts), { types: paidEvents });
}

/** open | uncollectible → void. */
export async function voidInvoice(world: World, invoice: Invoice): Promise<Invoice> {
  if (invoice.status !== "open" && invoice.status !== "uncollectible")
    throw refusals.rejected(
      undefined,
      `You can only void open or uncollectible invoices; this one is ${invoice.status ?? "unknown"}.`,
    );
  const status_transitions = { ...invoice.status_transitions, voided_at: world.unit.now };
  const voided: Invoice = { ...invoice, status: "void", auto_advance: false, status_transitions };
  return keepInvoice(world, voided, { types: ["invoice.voided"] });
}
