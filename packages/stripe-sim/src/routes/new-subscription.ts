import { firstAnchor } from "../billing/periods.js";
import { refusals } from "../http/errors.js";
import { flag, list, must, object, oneOf, type Parsed, text, whole } from "../http/params.js";
import { mergeMetadata, metadata } from "../http/route.js";
import { type Subscription } from "../shapes.js";
import { itemShape } from "./subscription-items.js";

export const proration = oneOf("none", "create_prorations", "always_invoice");
export const collection = oneOf("charge_automatically", "send_invoice");
export const createParams = {
  customer: must(text()),
  items: must(list(object(itemShape), 100)),
  billing_cycle_anchor: whole(),
  billing_cycle_anchor_config: object({
    day_of_month: must(whole(1, 31)),
    hour: whole(0, 23),
    minute: whole(0, 59),
    second: whole(0, 59),
    month: whole(1, 12),
  }),
  billing_mode: object({
    type: must(oneOf("flexible", "classic")),
    flexible: object({ proration_discounts: oneOf("included", "itemized") }),
  }),
  cancel_at_period_end: flag(),
  collection_method: collection,
  currency: text(3),
  days_until_due: whole(0, 3650),
  description: text(500),
  metadata,
  off_session: flag(),
  payment_behavior: oneOf("allow_incomplete", "default_incomplete", "error_if_incomplete", "pending_if_incomplete"),
  proration_behavior: proration,
};
export type CreateParams = Parsed<typeof createParams>;

type Anchor = Pick<Subscription, "billing_cycle_anchor" | "billing_cycle_anchor_config">;

/** Where the billing cycle is anchored: a given time, the first match of a configuration, or now. */
export function anchorOf(params: CreateParams, now: number): Anchor {
  const { billing_cycle_anchor: given, billing_cycle_anchor_config: config } = params;
  if (given !== undefined && config)
    throw refusals.rejected(
      "parameters_exclusive",
      "You may only specify one of these parameters: billing_cycle_anchor, billing_cycle_anchor_config.",
    );
  if (given !== undefined && given < now)
    throw refusals.invalidParameter("billing_cycle_anchor", "billing_cycle_anchor cannot be in the past.");
  if (!config) return { billing_cycle_anchor: given ?? now, billing_cycle_anchor_config: null };
  const full = { hour: null, minute: null, second: null, month: null, ...config };
  return { billing_cycle_anchor: firstAnchor(now, full), billing_cycle_anchor_config: full };
}

/** A new active subscription without its items. */
export function blankSubscription(
  params: CreateParams,
  now: number,
): Omit<Subscription, "id" | "currency" | "items" | keyof Anchor> {
  return {
    object: "subscription",
    application: null,
    application_fee_percent: null,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null },
    billing_mode: {
      type: params.billing_mode?.type ?? "flexible",
      flexible: { proration_discounts: params.billing_mode?.flexible?.proration_discounts ?? "included" },
    },
    billing_schedules: [],
    billing_thresholds: null,
    cancel_at: null,
    cancel_at_period_end: params.cancel_at_period_end ?? false,
    canceled_at: null,
    cancellation_details: { comment: null, feedback: null, feedback_option: null, reason: null },
    collection_method: params.collection_method ?? "charge_automatically",
    created: now,
    customer: params.customer,
    customer_account: null,
    days_until_due: params.days_until_due ?? null,
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: params.description ?? null,
    discounts: [],
    invoice_settings: {
      account_tax_ids: null,
      custom_fields: null,
      description: null,
      footer: null,
      issuer: { type: "self" },
    },
    ended_at: null,
    latest_invoice: null,
    livemode: false,
    managed_payments: null,
    metadata: mergeMetadata({}, params.metadata),
    next_pending_invoice_item_invoice: null,
    on_behalf_of: null,
    pause_collection: null,
    payment_settings: { payment_method_options: null, payment_method_types: null, save_default_payment_method: "off" },
    pending_invoice_item_interval: null,
    pending_setup_intent: null,
    pending_update: null,
    schedule: null,
    start_date: now,
    status: "active",
    test_clock: null,
    transfer_data: null,
    trial_end: null,
    trial_settings: { end_behavior: { billing_cycle_anchor: null, missing_payment_method: "create_invoice" } },
    trial_start: null,
  };
}
