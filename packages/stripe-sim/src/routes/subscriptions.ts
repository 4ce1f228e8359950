import { draftFor, keepInvoice } from "../billing/invoices.js";
import { ended } from "../billing/subscriptions.js";
import { refusals } from "../http/errors.js";
import { page } from "../http/page.js";
import { emptyable, flag, list, object, oneOf, type Parsed, range, text, whole } from "../http/params.js";
import { type Context, mergeMetadata, metadata, paging, type Route, route } from "../http/route.js";
import { without } from "../lib/without.js";
import { getCustomer, getPrice, getSubscription } from "../lookups.js";
import { type Customer, type Subscription, type SubscriptionItem } from "../shapes.js";
import {
  anchorOf,
  blankSubscription,
  collection,
  createParams,
  type CreateParams,
  proration,
} from "./new-subscription.js";
import { newItem } from "./subscription-items.js";

/** A customer's currency is fixed by the first subscription (Stripe: customer.currency). */
async function currencyOf(context: Context, customer: Customer, params: CreateParams): Promise<string> {
  const [first] = params.items;
  if (!first) throw refusals.missingParameter("items");
  const price = await getPrice(context, first.price, "items[0][price]");
  const currency = (params.currency ?? customer.currency ?? price.currency).toLowerCase();
  if (customer.currency && customer.currency !== currency)
    throw refusals.rejected(
      undefined,
      `You cannot combine currencies on a single customer. This customer has had a subscription in ${customer.currency}.`,
      "currency",
    );
  if (!customer.currency) await context.unit.put("customers", { ...customer, currency });
  return currency;
}

function checkCollection(method: string | undefined, days: number | null | undefined): void {
  if (method === "send_invoice" && days == null)
    throw refusals.rejected(
      undefined,
      "If you set `collection_method=send_invoice`, you must also specify `days_until_due`.",
      "days_until_due",
    );
}

/** Metered items only, so nothing is billed at creation and no first invoice is made: the first one comes at the period's end. */
async function create(context: Context, params: CreateParams): Promise<Subscription> {
  const { unit } = context;
  checkCollection(params.collection_method, params.days_until_due);
  const customer = await getCustomer(context, params.customer, "customer");
  const currency = await currencyOf(context, customer, params);
  const base = { id: unit.ids.next("sub"), currency, ...anchorOf(params, unit.now) };
  const data: SubscriptionItem[] = [];
  for (const [index, item] of params.items.entries())
    data.push(await newItem(context, item, { subscription: base, others: data, param: `items[${index}][price]` }));
  const url = `/v1/subscription_items?subscription=${base.id}`;
  const items: Subscription["items"] = { object: "list", data, has_more: false, url };
  const subscription: Subscription = { ...blankSubscription(params, unit.now), ...base, items };
  await unit.put("subscriptions", subscription);
  await unit.emit("customer.subscription.created", subscription);
  return subscription;
}

const updateParams = {
  cancel_at_period_end: flag(),
  collection_method: collection,
  days_until_due: whole(0, 3650),
  description: emptyable(text(500)),
  items: list(object({ id: text(), price: text(), metadata }), 100),
  metadata,
  off_session: flag(),
  proration_behavior: proration,
};
type UpdateParams = Parsed<typeof updateParams>;
type ItemChange = NonNullable<UpdateParams["items"]>[number];

async function changedItems(
  context: Context,
  before: Subscription,
  changes: readonly ItemChange[],
): Promise<SubscriptionItem[]> {
  const data = [...before.items.data];
  for (const [index, { id, price, metadata: change }] of changes.entries()) {
    const place = data.findIndex((item) => item.id === id);
    const item = data[place];
    const param = `items[${index}]`;
    if (id === undefined) {
      if (price === undefined) throw refusals.missingParameter(`${param}[price]`);
      const given = { price, ...(change === undefined ? {} : { metadata: change }) };
      data.push(await newItem(context, given, { subscription: before, others: data, param: `${param}[price]` }));
    } else if (!item) throw refusals.missing("subscription item", id, `${param}[id]`);
    else if (price !== undefined && price !== item.price.id)
      throw refusals.rejected(
        undefined,
        "The local Stripe does not move a metered item to another price.",
        `${param}[price]`,
      );
    else data[place] = { ...item, metadata: mergeMetadata(item.metadata, change) };
  }
  return data;
}

async function update(context: Context, params: UpdateParams): Promise<Subscription> {
  const { unit, id } = context;
  const before = await getSubscription(context, id);
  if (before.status === "canceled")
    throw refusals.rejected(
      undefined,
      "A canceled subscription can only update its cancellation_details and metadata.",
    );
  const { items, metadata: change } = params;
  const given = without(params, "items", "metadata", "off_session", "proration_behavior");
  const subscription: Subscription = {
    ...before,
    ...given,
    canceled_at:
      params.cancel_at_period_end === false ? null : params.cancel_at_period_end ? unit.now : before.canceled_at,
    metadata: mergeMetadata(before.metadata, change),
    items: { ...before.items, data: await changedItems(context, before, items ?? []) },
  };
  checkCollection(subscription.collection_method, subscription.days_until_due);
  await unit.put("subscriptions", subscription);
  await unit.emit("customer.subscription.updated", subscription, before);
  return subscription;
}

const cancelParams = {
  cancellation_details: object({ comment: emptyable(text()), feedback: emptyable(text()) }),
  invoice_now: flag(),
  prorate: flag(),
};

/** Ends at once. Without `invoice_now` the usage since the period's start is never billed, as at Stripe. */
async function cancel(context: Context, params: Parsed<typeof cancelParams>): Promise<Subscription> {
  const { unit, id } = context;
  const before = await getSubscription(context, id);
  if (before.status === "canceled") throw refusals.missing("subscription", id);
  const { comment = null } = params.cancellation_details ?? {};
  const stopped = ended(before, unit.now, "cancellation_requested");
  const details = { ...stopped.cancellation_details, comment } as Subscription["cancellation_details"];
  const last = params.invoice_now
    ? await draftFor(context, { subscription: before, until: unit.now, reason: "subscription_update" })
    : undefined;
  const latest_invoice = last?.id ?? before.latest_invoice;
  const subscription: Subscription = { ...stopped, cancellation_details: details, latest_invoice };
  if (last) await keepInvoice(context, last, { types: ["invoice.created"] });
  await unit.put("subscriptions", subscription);
  await unit.emit("customer.subscription.deleted", subscription);
  return subscription;
}

const listParams = {
  ...paging,
  collection_method: collection,
  created: range(),
  customer: text(),
  price: text(),
  status: oneOf("active", "canceled", "ended", "all"),
};

/** Without a status everything but canceled subscriptions (Stripe: api/subscriptions/list). */
async function listAll(context: Context, params: Parsed<typeof listParams>): Promise<object> {
  const { collection_method, created, customer, price, status, ...rest } = params;
  const states: Readonly<Record<string, unknown>> = { active: "active", canceled: "canceled", ended: "canceled" };
  const wanted = status === "all" ? undefined : (states[status ?? ""] ?? { $ne: "canceled" });
  const fields = { collection_method, customer, status: wanted, "items.data.price.id": price };
  const url = "/v1/subscriptions";
  return page(context, { kind: "subscriptions", what: "subscription", url, fields, created, paging: rest });
}

export const subscriptionRoutes: readonly Route[] = [
  route("POST /v1/subscriptions", createParams, create),
  route("GET /v1/subscriptions/:id", {}, (context) => getSubscription(context, context.id)),
  route("POST /v1/subscriptions/:id", updateParams, update),
  route("DELETE /v1/subscriptions/:id", cancelParams, cancel),
  route("GET /v1/subscriptions", listParams, listAll),
];
