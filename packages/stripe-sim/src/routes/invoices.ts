import {
  draftFor,
  finalize,
  keepInvoice,
  pay,
  refreshed,
  renderInvoice,
  voidInvoice,
  withLines,
} from "../billing/invoices.js";
import { periodEnd } from "../billing/subscriptions.js";
import { refusals } from "../http/errors.js";
import { page, pageOf } from "../http/page.js";
import { emptyable, flag, must, oneOf, type Parsed, range, text, whole } from "../http/params.js";
import { type Context, mergeMetadata, metadata, paging, type Route, route } from "../http/route.js";
import { getInvoice, getSubscription } from "../lookups.js";
import { type Invoice } from "../shapes.js";
import { customFields } from "./customers.js";
import { addedLine, linesParam } from "./invoice-lines.js";

const fiveYearsSeconds = 5 * 366 * 86_400;
const current = async (context: Context): Promise<Invoice> => refreshed(context, await getInvoice(context, context.id));

const updateParams = {
  auto_advance: flag(),
  automatically_finalizes_at: whole(),
  custom_fields: customFields,
  description: emptyable(text(1500)),
  footer: emptyable(text()),
  metadata,
};
type UpdateParams = Parsed<typeof updateParams>;

/** When the draft finalizes by itself after this change: never while `auto_advance` is off. */
function finalizesAt(context: Context, before: Invoice, params: UpdateParams): number | null {
  const { now } = context.unit;
  const { auto_advance: advance, automatically_finalizes_at: wanted } = params;
  if (wanted !== undefined && (wanted <= now || wanted > now + fiveYearsSeconds))
    throw refusals.invalidParameter(
      "automatically_finalizes_at",
      "automatically_finalizes_at must be in the future and within five years.",
    );
  if (advance === false) return null;
  if (wanted !== undefined) return wanted;
  if (advance === true) return before.automatically_finalizes_at ?? now + context.graceSeconds;
  return before.automatically_finalizes_at;
}

/** Once finalized only metadata and `auto_advance` can change (Stripe: api/invoices/update). */
function checkEditable(before: Invoice, params: UpdateParams): void {
  if (before.status === "draft") return;
  const locked = Object.keys(params).find((name) => name !== "metadata" && name !== "auto_advance");
  if (locked !== undefined)
    throw refusals.rejected(
      "invoice_not_editable",
      `Finalized invoices can't be updated in this way: ${locked}.`,
      locked,
    );
}

async function update(context: Context, params: UpdateParams): Promise<Invoice> {
  const before = await current(context);
  checkEditable(before, params);
  const { metadata: change, auto_advance: advance, automatically_finalizes_at: wanted, ...given } = params;
  const draft = before.status === "draft";
  const invoice: Invoice = {
    ...before,
    ...given,
    auto_advance: advance ?? (wanted === undefined ? (before.auto_advance ?? false) : true),
    automatically_finalizes_at: draft ? finalizesAt(context, before, params) : null,
    metadata: mergeMetadata(before.metadata ?? {}, change),
  };
  return renderInvoice(await keepInvoice(context, invoice, { types: ["invoice.updated"], before }));
}

const payParams = { off_session: flag(), paid_out_of_band: flag(), payment_method: text() };
const goodCard = "pm_card_visa";
const declinedCard = "pm_card_chargeDeclined";

/** No cards here beyond two test payment methods: one that pays and one that is declined; or money that came another way. */
async function payInvoice(context: Context, params: Parsed<typeof payParams>): Promise<Invoice> {
  const invoice = await current(context);
  const { payment_method: method, paid_out_of_band: outOfBand = false } = params;
  if (!outOfBand && method === declinedCard) throw refusals.cardDeclined();
  if (!outOfBand && method === undefined)
    throw refusals.rejected(
      undefined,
      "There is no `default_payment_method` set on this Customer or Invoice. Please set a default payment method, pass payment_method, or use paid_out_of_band.",
    );
  if (!outOfBand && method !== goodCard) throw refusals.missing("PaymentMethod", method ?? "", "payment_method");
  return renderInvoice(await pay(context, invoice, outOfBand));
}

async function finalizeInvoice(context: Context, params: { auto_advance?: boolean }): Promise<Invoice> {
  const draft = await getInvoice(context, context.id);
  const auto_advance = params.auto_advance ?? draft.auto_advance ?? false;
  return renderInvoice(await finalize(context, { ...draft, auto_advance }));
}

const addParams = { lines: must(linesParam), invoice_metadata: metadata };

async function addLines(context: Context, params: Parsed<typeof addParams>): Promise<Invoice> {
  const before = await current(context);
  if (before.status !== "draft")
    throw refusals.rejected("invoice_not_editable", "Lines can be added to draft invoices only.");
  const added = [];
  for (const [index, line] of params.lines.entries())
    added.push(await addedLine(context, line, { invoice: before, param: `lines[${index}]` }));
  const invoice = {
    ...withLines(before, [...before.lines.data, ...added]),
    metadata: mergeMetadata(before.metadata ?? {}, params.invoice_metadata),
  };
  return renderInvoice(await keepInvoice(context, invoice, { types: ["invoice.updated"], before }));
}

/** What the current period would bill if it ended now; nothing is kept. */
async function preview(context: Context, params: { subscription: string }): Promise<Invoice> {
  const subscription = await getSubscription(context, params.subscription, "subscription");
  if (subscription.status === "canceled")
    throw refusals.rejected(
      "invoice_upcoming_none",
      "No upcoming invoices for a canceled subscription.",
      "subscription",
    );
  const draft = await draftFor(context, { subscription, until: periodEnd(subscription), reason: "upcoming" });
  return renderInvoice({ ...draft, id: `upcoming_${draft.id}`, automatically_finalizes_at: null });
}

const listParams = {
  ...paging,
  collection_method: oneOf("charge_automatically", "send_invoice"),
  created: range(),
  customer: text(),
  due_date: range(),
  status: oneOf("draft", "open", "paid", "uncollectible", "void"),
  subscription: text(),
};

async function listInvoices(context: Context, params: Parsed<typeof listParams>): Promise<object> {
  const { collection_method, created, customer, due_date: due, status, subscription, ...rest } = params;
  const fields = {
    collection_method,
    customer,
    status,
    "parent.subscription_details.subscription": subscription,
    due_date: due && Object.fromEntries(Object.entries(due).map(([name, value]) => [`$${name}`, value])),
  };
  const found = await page(context, {
    kind: "invoices",
    what: "invoice",
    url: "/v1/invoices",
    fields,
    created,
    paging: rest,
  });
  const data = await Promise.all(found.data.map((invoice) => refreshed(context, invoice)));
  return { ...found, data: data.map(renderInvoice) };
}

export const invoiceRoutes: readonly Route[] = [
  { ...route("POST /v1/invoices/create_preview", { subscription: must(text()) }, preview), together: true },
  route("GET /v1/invoices/:id", {}, async (context) => renderInvoice(await current(context))),
  route("POST /v1/invoices/:id", updateParams, update),
  route("POST /v1/invoices/:id/finalize", { auto_advance: flag() }, finalizeInvoice),
  route("POST /v1/invoices/:id/pay", payParams, payInvoice),
  route("POST /v1/invoices/:id/void", {}, async (context) =>
    renderInvoice(await voidInvoice(context, await getInvoice(context, context.id))),
  ),
  route("POST /v1/invoices/:id/add_lines", addParams, addLines),
  route("GET /v1/invoices/:id/lines", paging, async (context, params) => {
    const { id, lines } = await current(context);
    return pageOf(lines.data, `/v1/invoices/${id}/lines`, params);
  }),
  route("GET /v1/invoices", listParams, listInvoices),
];
