import { refusals } from "../http/errors.js";
import {
  type Decimal,
  decimalOf,
  formatDecimal,
  multiplyDecimals,
  roundHalfUp,
  truncateDecimal,
} from "../lib/decimal.js";
import { getMeter, getPrice, getProduct } from "../lookups.js";
import { type InvoiceLine, type Price, type SubscriptionItem } from "../shapes.js";
import { type World } from "../world.js";
import { billable, usageOf } from "./usage.js";

export interface Period {
  readonly start: number;
  readonly end: number;
}

/** Quantity × unit price of one line, rounded once to whole minor units, ties up (Stripe: subscriptions/decimal-amounts). */
function lineAmount(quantity: Decimal, unitAmount: string): number {
  const amount = Number(roundHalfUp(multiplyDecimals(quantity, decimalOf(unitAmount))));
  if (!Number.isSafeInteger(amount))
    throw refusals.rejected("amount_too_large", `An invoice line of ${amount} minor units is too large.`);
  return amount;
}

/** The unit price in one currency in minor units: the price's own, or its currency option. */
export function priceIn(price: Price, currency: string): string {
  const own = price.currency === currency ? price : price.currency_options?.[currency];
  const unitAmount = own?.unit_amount_decimal;
  if (unitAmount == null)
    throw refusals.rejected(
      undefined,
      `The price ${price.id} has no amount in ${currency}; add it to its currency_options.`,
      "currency",
    );
  return unitAmount;
}

type Quantified = Pick<InvoiceLine, "amount" | "quantity" | "quantity_decimal" | "subtotal">;

export function quantified(quantity: Decimal, unitAmount: string): Quantified {
  const amount = lineAmount(quantity, unitAmount);
  return {
    amount,
    quantity: Number(truncateDecimal(quantity)),
    quantity_decimal: formatDecimal(quantity),
    subtotal: amount,
  };
}

export interface LineParts {
  readonly id: string;
  readonly invoice: string;
  readonly currency: string;
  readonly description: string | null;
  readonly period: Period;
  readonly metadata: Record<string, string>;
  readonly subscription: string | null;
  readonly parent: InvoiceLine["parent"];
  readonly pricing: InvoiceLine["pricing"];
  readonly quantified: Quantified;
}

export const lineOf = ({ quantified: amounts, ...parts }: LineParts): InvoiceLine => ({
  object: "line_item",
  ...parts,
  ...amounts,
  discount_amounts: [],
  discountable: true,
  discounts: [],
  livemode: false,
  pretax_credit_amounts: [],
  taxes: [],
});

/** Usage of one metered price by one customer in one period: never below zero. */
async function meteredQuantity(
  world: World,
  price: Price,
  whose: { customer: string; period: Period },
): Promise<Decimal> {
  const meter = await getMeter(world, price.recurring?.meter ?? "", "meter");
  const { customer, period } = whose;
  return billable(await usageOf(world.store, { meter, customer, start: period.start, end: period.end }));
}

const describe = (quantity: Decimal, product: { name: string; unit_label?: string | null }): string =>
  `${formatDecimal(quantity)} ${product.unit_label ?? ""}`.trimEnd() + ` × ${product.name}`;

export interface MeteredItem {
  readonly invoice: string;
  readonly customer: string;
  readonly currency: string;
  readonly item: SubscriptionItem;
  readonly period: Period;
}

/** The line of one metered item; a period without usage gives a line of amount 0. */
export async function meteredLine(world: World, given: MeteredItem): Promise<InvoiceLine> {
  const { invoice, customer, currency, item, period } = given;
  const price = await getPrice(world, item.price.id, "price");
  const unitAmount = priceIn(price, currency);
  const quantity = await meteredQuantity(world, price, { customer, period });
  return lineOf({
    id: world.unit.ids.next("il"),
    invoice,
    currency,
    description: describe(quantity, await getProduct(world, price.product, "product")),
    period,
    metadata: item.metadata,
    subscription: item.subscription,
    parent: {
      invoice_item_details: null,
      subscription_item_details: {
        invoice_item: null,
        proration: false,
        proration_details: null,
        subscription: item.subscription,
        subscription_item: item.id,
      },
      type: "subscription_item_details",
    },
    pricing: {
      price_details: { price: price.id, product: price.product },
      type: "price_details",
      unit_amount_decimal: unitAmount,
    },
    quantified: quantified(quantity, unitAmount),
  });
}

/** A draft's metered line with the usage as it is now; other lines stay as they are. */
export async function refreshedLine(world: World, line: InvoiceLine, customer: string): Promise<InvoiceLine> {
  const details = line.pricing?.price_details;
  if (line.parent?.type !== "subscription_item_details" || !details) return line;
  const price = await getPrice(world, details.price, "price");
  const quantity = await meteredQuantity(world, price, { customer, period: line.period });
  const product = await getProduct(world, price.product, "product");
  return {
    ...line,
    description: describe(quantity, product),
    ...quantified(quantity, line.pricing?.unit_amount_decimal ?? "0"),
  };
}
