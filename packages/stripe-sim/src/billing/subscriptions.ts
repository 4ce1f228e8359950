import { type Subscription } from "../shapes.js";
import { type World } from "../world.js";
import { draftFor, keepInvoice } from "./invoices.js";
import { nextBoundary } from "./periods.js";

/** Where the items' current period ends; all items of a subscription share it. */
export const periodEnd = (subscription: Subscription): number =>
  Math.min(...subscription.items.data.map((item) => item.current_period_end));

export const ended = (
  subscription: Subscription,
  now: number,
  reason: "cancellation_requested" | null,
): Subscription => ({
  ...subscription,
  status: "canceled",
  canceled_at: subscription.canceled_at ?? now,
  ended_at: now,
  cancellation_details: {
    comment: null,
    feedback: null,
    feedback_option: null,
    ...subscription.cancellation_details,
    reason,
  },
});

function inNextPeriod(subscription: Subscription, boundary: number): Subscription {
  const data = subscription.items.data.map((item) => {
    const { recurring } = item.price;
    if (!recurring) throw new RangeError(`subscription item ${item.id} has a price without an interval`);
    const current_period_end = nextBoundary(boundary, subscription.billing_cycle_anchor, recurring);
    return { ...item, current_period_start: boundary, current_period_end };
  });
  return { ...subscription, items: { ...subscription.items, data } };
}

/**
 * The end of a period: its usage goes into a draft that finalizes by itself after the grace, and the next period starts; a subscription
 * set to end here ends instead.
 */
export async function rollPeriod(world: World, before: Subscription): Promise<void> {
  const boundary = periodEnd(before);
  const invoice = await draftFor(world, { subscription: before, until: boundary, reason: "subscription_cycle" });
  await keepInvoice(world, invoice, { types: ["invoice.created"] });
  const rolled = before.cancel_at_period_end
    ? ended(before, boundary, "cancellation_requested")
    : inNextPeriod(before, boundary);
  const subscription = { ...rolled, latest_invoice: invoice.id };
  await world.unit.put("subscriptions", subscription);
  if (subscription.status === "canceled") await world.unit.emit("customer.subscription.deleted", subscription);
  else await world.unit.emit("customer.subscription.updated", subscription, before);
}
