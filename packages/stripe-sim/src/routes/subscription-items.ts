import { nextBoundary } from "../billing/periods.js";
import { priceIn } from "../billing/lines.js";
import { refusals } from "../http/errors.js";
import { pageOf } from "../http/page.js";
import { must, oneOf, type Parsed, text } from "../http/params.js";
import { type Context, mergeMetadata, metadata, paging, type Route, route } from "../http/route.js";
import { getPrice, getSubscription, renderPrice } from "../lookups.js";
import { type Price, type Subscription, type SubscriptionItem } from "../shapes.js";
import { type World } from "../world.js";

export const itemShape = { price: must(text()), metadata };
export type NewItem = Parsed<typeof itemShape>;

type MeteredPrice = Price & { recurring: NonNullable<Price["recurring"]> };

export interface ItemPlace {
  readonly subscription: Pick<Subscription, "id" | "currency" | "billing_cycle_anchor">;
  readonly others: readonly SubscriptionItem[];
  readonly param: string;
}

async function meteredPrice(world: World, id: string, { subscription, param }: ItemPlace): Promise<MeteredPrice> {
  const price = await getPrice(world, id, param);
  const { recurring } = price;
  if (recurring?.usage_type !== "metered")
    throw refusals.rejected(undefined, `The local Stripe bills metered prices only; ${id} is not metered.`, param);
  if (!price.active) throw refusals.rejected(undefined, `The price specified is inactive: ${id}.`, param);
  priceIn(price, subscription.currency);
  return { ...price, recurring };
}

/** The old `plan` view of a price, which subscription items still carry. */
const planOf = (price: MeteredPrice): SubscriptionItem["plan"] => ({
  id: price.id,
  object: "plan",
  active: price.active,
  amount: price.unit_amount,
  amount_decimal: price.unit_amount_decimal,
  billing_scheme: price.billing_scheme,
  created: price.created,
  currency: price.currency,
  interval: price.recurring.interval,
  interval_count: price.recurring.interval_count,
  livemode: false,
  metadata: price.metadata,
  meter: price.recurring.meter,
  nickname: price.nickname,
  product: price.product,
  tiers_mode: null,
  transform_usage: null,
  trial_period_days: null,
  usage_type: price.recurring.usage_type,
});

/** A new metered item; its first period starts now and ends with the subscription's. Usage stamped before now is not billed by it. */
export async function newItem(world: World, given: NewItem, place: ItemPlace): Promise<SubscriptionItem> {
  const { unit } = world;
  const price = await meteredPrice(world, given.price, place);
  const { recurring } = price;
  const [other] = place.others;
  if (place.others.some((item) => item.price.id === price.id))
    throw refusals.rejected(undefined, `The subscription already has an item with price ${price.id}.`, place.param);
  if (other?.price.recurring && other.price.recurring.interval !== recurring.interval)
    throw refusals.rejected(undefined, "The local Stripe bills one interval per subscription.", place.param);
  return {
    id: unit.ids.next("si"),
    object: "subscription_item",
    billing_thresholds: null,
    created: unit.now,
    current_period_start: unit.now,
    current_period_end:
      other?.current_period_end ?? nextBoundary(unit.now, place.subscription.billing_cycle_anchor, recurring),
    current_trial: null,
    discounts: [],
    metadata: mergeMetadata({}, given.metadata),
    plan: planOf(price),
    price: renderPrice(price),
    subscription: place.subscription.id,
    tax_rates: [],
  };
}

const createParams = {
  ...itemShape,
  subscription: must(text()),
  proration_behavior: oneOf("none", "create_prorations", "always_invoice"),
};

async function createItem(context: Context, params: Parsed<typeof createParams>): Promise<SubscriptionItem> {
  const { unit } = context;
  const before = await getSubscription(context, params.subscription, "subscription");
  if (before.status === "canceled")
    throw refusals.rejected(undefined, "A canceled subscription cannot get new items.", "subscription");
  const others = before.items.data;
  const item = await newItem(context, params, { subscription: before, others, param: "price" });
  const subscription = { ...before, items: { ...before.items, data: [...others, item] } };
  await unit.put("subscriptions", subscription);
  await unit.emit("customer.subscription.updated", subscription, before);
  return item;
}

async function getItem({ store, id }: Context): Promise<SubscriptionItem> {
  const [subscription] = await store.find("subscriptions", { "object.items.data.id": id });
  const item = subscription?.items.data.find((one) => one.id === id);
  if (!item) throw refusals.missing("subscription item", id);
  return item;
}

export const subscriptionItemRoutes: readonly Route[] = [
  route("POST /v1/subscription_items", createParams, createItem),
  route("GET /v1/subscription_items/:id", {}, getItem),
  route(
    "GET /v1/subscription_items",
    { ...paging, subscription: must(text()) },
    async (context, { subscription, ...rest }) => {
      const { items } = await getSubscription(context, subscription, "subscription");
      return pageOf(items.data, "/v1/subscription_items", rest);
    },
  ),
];
