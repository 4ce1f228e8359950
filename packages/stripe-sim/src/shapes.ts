import type Stripe from "stripe";

/** A field that may hold an id or the object itself is stored as the id; the object appears only through `expand[]`. */
type Collapsed<T> = string extends T ? Exclude<T, object> : T;

/**
 * The JSON on the wire of an SDK type: decimals are text, references are ids. Objects are declared with it, so a field that the pinned
 * API version requires and an object lacks is a compile error, and so is a field of the wrong type.
 */
type Wire<T> = T extends Stripe.Decimal
  ? string
  : T extends readonly (infer U)[]
    ? Wire<Collapsed<U>>[]
    : T extends object
      ? { [K in keyof T]: WireField<T[K]> }
      : T;
type WireField<T> = string extends T ? Exclude<T, object> : Wire<T>;

export type Product = Wire<Stripe.Product>;
export type Price = Wire<Stripe.Price>;
export type Customer = Wire<Stripe.Customer>;
export type Meter = Wire<Stripe.Billing.Meter>;
export type Subscription = Wire<Stripe.Subscription>;
export type SubscriptionItem = Wire<Stripe.SubscriptionItem>;
export type Invoice = Wire<Stripe.Invoice>;
export type InvoiceLine = Wire<Stripe.InvoiceLineItem>;
export type MeterEvent = Wire<Stripe.Billing.MeterEvent>;
export type MeterEventAdjustment = Wire<Stripe.Billing.MeterEventAdjustment>;
export type MeterEventSummary = Wire<Stripe.Billing.MeterEventSummary>;
export type WebhookEndpoint = Wire<Stripe.WebhookEndpoint>;

export const apiVersion = "2026-10-28.endive";

/** A list as Stripe answers it. */
export interface WireList<T> {
  object: "list";
  data: T[];
  has_more: boolean;
  url: string;
}

/** A snapshot event; its object is the resource as it was when the event happened. */
export interface StripeEvent {
  id: string;
  object: "event";
  api_version: string;
  created: number;
  data: { object: object; previous_attributes?: Record<string, unknown> };
  livemode: false;
  pending_webhooks: number;
  request: { id: string | null; idempotency_key: string | null } | null;
  type: string;
}
