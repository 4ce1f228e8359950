import { type LineParts, lineOf, priceIn, quantified } from "../billing/lines.js";
import { refusals } from "../http/errors.js";
import { decimal, list, must, object, type Parsed, text, whole } from "../http/params.js";
import { mergeMetadata, metadata } from "../http/route.js";
import { decimalOf } from "../lib/decimal.js";
import { getPrice, getProduct } from "../lookups.js";
import { type Invoice, type InvoiceLine } from "../shapes.js";
import { type World } from "../world.js";

const amount = whole(Number.MIN_SAFE_INTEGER);
const lineShape = {
  amount,
  description: text(),
  metadata,
  period: object({ start: must(whole()), end: must(whole()) }),
  price_data: object({
    currency: must(text(3)),
    product: must(text()),
    unit_amount: amount,
    unit_amount_decimal: decimal(12),
  }),
  pricing: object({ price: must(text()) }),
  quantity: whole(),
  quantity_decimal: decimal(12),
};
type GivenLine = Parsed<typeof lineShape>;
export const linesParam = list(object(lineShape), 100);

/** The invoice a line is added to, and the name of the parameter that holds it. */
export interface LinePlace {
  readonly invoice: Invoice;
  readonly param: string;
}

interface UnitPrice {
  readonly unitAmount: string;
  readonly price: string;
  readonly product: string;
}

async function unitPrice(
  world: World,
  given: GivenLine,
  { invoice, param }: LinePlace,
): Promise<UnitPrice | undefined> {
  if (given.pricing) {
    const price = await getPrice(world, given.pricing.price, `${param}[pricing][price]`);
    return { unitAmount: priceIn(price, invoice.currency), price: price.id, product: price.product };
  }
  if (!given.price_data) return undefined;
  const { currency, product, unit_amount, unit_amount_decimal } = given.price_data;
  if (currency.toLowerCase() !== invoice.currency)
    throw refusals.rejected(undefined, `The invoice is in ${invoice.currency}.`, `${param}[price_data][currency]`);
  const unitAmount = unit_amount_decimal ?? unit_amount?.toString();
  if (unitAmount === undefined) throw refusals.missingParameter(`${param}[price_data][unit_amount]`);
  const { id } = await getProduct(world, product, `${param}[price_data][product]`);
  return { unitAmount, price: world.unit.ids.next("price"), product: id };
}

/** What is billed: a fixed amount, or a quantity (1 if absent) of a price. */
async function charged(
  world: World,
  given: GivenLine,
  place: LinePlace,
): Promise<Pick<LineParts, "pricing" | "quantified">> {
  const priced = await unitPrice(world, given, place);
  const { amount: fixed } = given;
  if ((fixed === undefined) === (priced === undefined))
    throw refusals.rejected("parameters_exclusive", `Pass either ${place.param}[amount] or a price.`, place.param);
  const unitAmount = priced?.unitAmount ?? String(fixed);
  const quantity = priced ? (given.quantity_decimal ?? given.quantity?.toString() ?? "1") : "1";
  const details = priced ? { price_details: { price: priced.price, product: priced.product } } : {};
  return {
    pricing: { ...details, type: "price_details", unit_amount_decimal: unitAmount },
    quantified: quantified(decimalOf(quantity), unitAmount),
  };
}

/** A line that was written by hand. */
export async function addedLine(world: World, given: GivenLine, place: LinePlace): Promise<InvoiceLine> {
  const { unit } = world;
  const { invoice } = place;
  const item = { invoice_item: unit.ids.next("ii"), proration: false, proration_details: null, subscription: null };
  return lineOf({
    ...(await charged(world, given, place)),
    id: unit.ids.next("il"),
    invoice: invoice.id,
    currency: invoice.currency,
    description: given.description ?? null,
    period: given.period ?? { start: unit.now, end: unit.now },
    metadata: mergeMetadata({}, given.metadata),
    subscription: null,
    parent: { invoice_item_details: item, subscription_item_details: null, type: "invoice_item_details" },
  });
}
