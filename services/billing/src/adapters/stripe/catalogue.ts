import { microsPerUnit, microsPerMinor } from "@greentick/kernel";
import Stripe from "stripe";
import { type Bucket, bucketLabel } from "../../domain/bucket.js";

/** A bucket's objects at Stripe in one currency. */
export interface BucketObjects {
  readonly meterId: string;
  readonly priceId: string;
}

export const eventNameOf = (bucket: Bucket): string => `wa.${bucket}`;
const lookupKeyOf = (bucket: Bucket, currency: string): string => `wa.${bucket}.${currency.toLowerCase()}.v1`;
const productIdOf = (bucket: Bucket): string => `wa_${bucket.replaceAll(".", "_")}`;

/**
 * Product, meter and price of each bucket: looked up first, created once. The price is one whole unit of currency, because the meter carries
 * money (Stripe: usage-based billing).
 */
export function catalogue(stripe: Stripe): (bucket: Bucket, currency: string) => Promise<BucketObjects> {
  const known = new Map<string, Promise<BucketObjects>>();
  let meters: Promise<Map<string, Stripe.Billing.Meter>> | undefined;
  const create = async (bucket: Bucket, currency: string): Promise<BucketObjects> => {
    meters ??= listMeters(stripe);
    const meter = (await meters).get(eventNameOf(bucket)) ?? (await createMeter(stripe, bucket));
    checkMeter(meter);
    const price =
      (await findPrice(stripe, bucket, currency)) ?? (await createPrice(stripe, { bucket, currency, meter }));
    return { meterId: meter.id, priceId: price.id };
  };
  return (bucket, currency) => {
    const key = `${bucket}/${currency}`;
    const found = known.get(key) ?? create(bucket, currency);
    known.set(key, found);
    found.catch(() => {
      known.delete(key);
      meters = undefined;
    });
    return found;
  };
}

/** Meters have no look-up by name, so all are listed (Stripe: billing meters). */
async function listMeters(stripe: Stripe): Promise<Map<string, Stripe.Billing.Meter>> {
  const found = new Map<string, Stripe.Billing.Meter>();
  for await (const meter of stripe.billing.meters.list({ limit: 100 })) found.set(meter.event_name, meter);
  return found;
}

const createMeter = (stripe: Stripe, bucket: Bucket): Promise<Stripe.Billing.Meter> =>
  stripe.billing.meters.create(
    {
      display_name: bucketLabel(bucket),
      event_name: eventNameOf(bucket),
      default_aggregation: { formula: "sum" },
      event_time_window: "day",
      customer_mapping: { type: "by_id", event_payload_key: "stripe_customer_id" },
      value_settings: { event_payload_key: "value" },
    },
    { idempotencyKey: `meter:${bucket}:create` },
  );

/** All but the display name of a meter is fixed for ever; another meaning under our name would bill wrongly. */
function checkMeter(meter: Stripe.Billing.Meter): void {
  const right =
    meter.status === "active" && meter.default_aggregation.formula === "sum" && meter.event_time_window === "day";
  if (!right)
    throw new Error(
      `The meter ${meter.id} (${meter.event_name}) at Stripe is not an active sum per day. Reactivate it, or free its name.`,
    );
}

async function findPrice(stripe: Stripe, bucket: Bucket, currency: string): Promise<Stripe.Price | undefined> {
  const found = await stripe.prices.list({ lookup_keys: [lookupKeyOf(bucket, currency)], limit: 1 });
  return found.data[0];
}

async function createPrice(
  stripe: Stripe,
  { bucket, currency, meter }: { bucket: Bucket; currency: string; meter: Stripe.Billing.Meter },
): Promise<Stripe.Price> {
  const minorPerUnit = microsPerUnit / microsPerMinor(currency);
  return stripe.prices.create(
    {
      currency: currency.toLowerCase(),
      product: await ensureProduct(stripe, bucket),
      recurring: { interval: "month", usage_type: "metered", meter: meter.id },
      unit_amount_decimal: Stripe.Decimal.from(minorPerUnit.toString()),
      lookup_key: lookupKeyOf(bucket, currency),
      metadata: { bucket },
    },
    { idempotencyKey: `price:${bucket}:${currency}:create` },
  );
}

/** Products may carry ids of ours, so the look-up is a read. */
async function ensureProduct(stripe: Stripe, bucket: Bucket): Promise<string> {
  const id = productIdOf(bucket);
  const found = await stripe.products.list({ ids: [id], limit: 1 });
  if (found.data[0] !== undefined) return id;
  const product = await stripe.products.create(
    { id, name: bucketLabel(bucket), unit_label: "currency", metadata: { bucket } },
    { idempotencyKey: `product:${bucket}:create` },
  );
  return product.id;
}
