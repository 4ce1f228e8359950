import { decimalFromMicros, type Log, microsFromDecimal, type UtcDay, utcDayOf } from "@greentick/kernel";
import type Stripe from "stripe";
import { type Bucket } from "../../domain/bucket.js";
import { type MeterSink, type StripeClient } from "../../ports.js";
import { type BucketObjects, eventNameOf } from "./catalogue.js";
import { checkMode, patiently } from "./client.js";
import { asking, outcomeOf } from "./outcome.js";

/**
 * The version was told before, with another time or total: its process died before it could note the answer. The next version tells it anew (Stripe:
 * idempotent requests).
 */
const isToldBefore = (cause: unknown): cause is Error =>
  cause instanceof Error && (cause as { readonly type?: unknown }).type === "StripeIdempotencyError";

export interface StripeParts {
  readonly stripe: Stripe;
  readonly secretKey: string;
  readonly objectsOf: (bucket: Bucket, currency: string) => Promise<BucketObjects>;
  readonly log: Log;
}

const seconds = (instant: Date): number => Math.floor(instant.getTime() / 1000);

/** Usage at Stripe through billing meters with one total per UTC day: the total received last counts (Stripe: configure meters). */
export function stripeMeterSink(parts: StripeParts): MeterSink {
  const { stripe, log } = parts;
  const ensured = new Set<string>();
  const ensureBucket: MeterSink["ensureBucket"] = async (client, bucket) => {
    const key = `${client.subscriptionId}/${bucket}`;
    if (ensured.has(key)) return;
    checkMode(parts.secretKey, client.livemode);
    await asking(`add ${bucket} to a subscription`, () => patiently(() => addItem(parts, client, bucket), log));
    ensured.add(key);
  };
  return {
    ensureBucket,
    send: async (client, { bucket, micros, at, identifier }) => {
      try {
        await ensureBucket(client, bucket);
        const event = {
          event_name: eventNameOf(bucket),
          payload: { stripe_customer_id: client.customerId, value: decimalFromMicros(micros) },
          identifier,
          timestamp: seconds(at),
        };
        await patiently(() => stripe.billing.meterEvents.create(event, { idempotencyKey: identifier }), log);
        return { kind: "done" };
      } catch (error) {
        const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
        if (isToldBefore(cause)) return { kind: "later", why: cause.message };
        return outcomeOf(cause);
      }
    },
    dailyTotals: (client, bucket, period) =>
      asking(`read the usage of ${bucket}`, async () => {
        const { meterId } = await parts.objectsOf(bucket, client.currency);
        const ask = {
          customer: client.customerId,
          start_time: seconds(period.start),
          end_time: seconds(period.end),
          value_grouping_window: "day" as const,
          limit: 100,
        };
        const totals = new Map<UtcDay, bigint>();
        for await (const row of stripe.billing.meters.listEventSummaries(meterId, ask))
          totals.set(utcDayOf(new Date(row.start_time * 1000)), microsOf(row.aggregated_value));
        return totals;
      }),
  };
}

/** Stripe gives a JSON number; six places hold every micro of amounts below 2^53 micros. */
const microsOf = (value: number): bigint => microsFromDecimal(value.toFixed(6));

async function addItem(parts: StripeParts, client: StripeClient, bucket: Bucket): Promise<void> {
  const { stripe } = parts;
  const { priceId } = await parts.objectsOf(bucket, client.currency);
  const items = stripe.subscriptionItems.list({ subscription: client.subscriptionId, limit: 100 });
  for await (const item of items) if (item.price.id === priceId) return;
  await stripe.subscriptionItems.create(
    { subscription: client.subscriptionId, price: priceId, proration_behavior: "none", metadata: { bucket } },
    { idempotencyKey: `item:${client.subscriptionId}:${bucket}` },
  );
}
