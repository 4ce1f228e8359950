import {
  type Customer,
  type Invoice,
  type Meter,
  type Price,
  type Product,
  type StripeEvent,
  type Subscription,
  type WebhookEndpoint,
} from "../shapes.js";

/** One meter event as it was received; `id` is the identifier and how often it was accepted before (it may return after its window). */
export interface StoredMeterEvent {
  id: string;
  identifier: string;
  order: number;
  meter: string;
  customer: string;
  value: string;
  timestamp: number;
  receivedAt: number;
  cancelled: boolean;
}

export interface DeliveryAttempt {
  at: number;
  status: number | null;
  error: string | null;
}

/** What became of one event at one endpoint; `nextAttemptAt` is on the simulator's clock, `null` when nothing more will be tried. */
export interface Delivery {
  id: string;
  event: string;
  type: string;
  endpoint: string;
  state: "pending" | "delivered" | "failed";
  attempts: DeliveryAttempt[];
  nextAttemptAt: number | null;
}

/** The first answer to an idempotency key, replayed until `expiresAt` (Stripe: api/idempotent_requests). */
export interface KeptAnswer {
  id: string;
  request: string;
  status: number;
  body: string;
  requestId: string;
  expiresAt: number;
}

/** A webhook endpoint with its secret, which only the answer to its creation shows. */
export type StoredEndpoint = WebhookEndpoint & { secret: string };

/** What is kept, by collection. Every object has an `id`. */
export interface Kinds {
  products: Product;
  prices: Price;
  customers: Customer;
  meters: Meter;
  subscriptions: Subscription;
  invoices: Invoice;
  events: StripeEvent;
  webhook_endpoints: StoredEndpoint;
  meter_events: StoredMeterEvent;
  deliveries: Delivery;
  idempotency: KeptAnswer;
}
export type Kind = keyof Kinds;

export const kinds: readonly Kind[] = [
  "products",
  "prices",
  "customers",
  "meters",
  "subscriptions",
  "invoices",
  "events",
  "webhook_endpoints",
  "meter_events",
  "deliveries",
  "idempotency",
];

/** Fields that are looked up, per collection. */
export const indexedFields: Partial<Record<Kind, readonly Record<string, 1>[]>> = {
  prices: [{ "object.lookup_key": 1 }, { "object.product": 1 }],
  meters: [{ "object.event_name": 1 }],
  customers: [{ "object.email": 1 }],
  subscriptions: [
    { "object.customer": 1 },
    { "object.items.data.id": 1 },
    { "object.status": 1, "object.items.data.current_period_end": 1 },
  ],
  invoices: [
    { "object.customer": 1 },
    { "object.parent.subscription_details.subscription": 1 },
    { "object.status": 1, "object.automatically_finalizes_at": 1 },
  ],
  events: [{ "object.type": 1 }],
  meter_events: [
    { "object.identifier": 1, "object.receivedAt": 1 },
    { "object.meter": 1, "object.customer": 1, "object.timestamp": 1 },
  ],
  deliveries: [{ "object.state": 1, "object.nextAttemptAt": 1 }, { "object.event": 1 }],
};
