import { refusals } from "../http/errors.js";
import { page } from "../http/page.js";
import { decimal, flag, list, must, object, objects, oneOf, type Parsed, range, text, whole } from "../http/params.js";
import { type Context, mergeMetadata, metadata, paging, type Route, route } from "../http/route.js";
import { decimalOf, formatDecimal } from "../lib/decimal.js";
import { getMeter, getPrice, getProduct, renderPrice } from "../lookups.js";
import { type Price } from "../shapes.js";

const taxBehavior = oneOf("exclusive", "inclusive", "unspecified");
const amounts = { unit_amount: whole(), unit_amount_decimal: decimal(12), tax_behavior: taxBehavior };
const interval = oneOf("day", "week", "month", "year");
const createParams = {
  ...amounts,
  currency: must(text(3)),
  active: flag(),
  billing_scheme: oneOf("per_unit"),
  currency_options: objects(amounts),
  lookup_key: text(200),
  metadata,
  nickname: text(),
  product: must(text()),
  recurring: object({
    interval: must(interval),
    interval_count: whole(1, 36),
    meter: text(),
    usage_type: oneOf("licensed", "metered"),
  }),
  transfer_lookup_key: flag(),
};
type CreateParams = Parsed<typeof createParams>;
type Amounts = Parsed<typeof amounts>;
type CurrencyOption = NonNullable<Price["currency_options"]>[string];

function exactAmount(given: Amounts, path: string): string {
  if (given.unit_amount !== undefined && given.unit_amount_decimal !== undefined)
    throw refusals.rejected(
      "parameters_exclusive",
      `You may only specify one of these parameters: ${path}unit_amount, ${path}unit_amount_decimal.`,
    );
  const text = given.unit_amount_decimal ?? given.unit_amount?.toString();
  if (text === undefined) throw refusals.missingParameter(`${path}unit_amount`);
  if (text.startsWith("-"))
    throw refusals.invalidParameter(`${path}unit_amount_decimal`, "Invalid non-negative decimal");
  return formatDecimal(decimalOf(text));
}

function currencyOption(given: Amounts, path: string): CurrencyOption {
  const exact = exactAmount(given, path);
  return {
    custom_unit_amount: null,
    tax_behavior: given.tax_behavior ?? "unspecified",
    unit_amount: exact.includes(".") ? null : Number(exact),
    unit_amount_decimal: exact,
  };
}

const lowerCurrency = (currency: string, param: string): string => {
  if (!/^[a-z]{3}$/i.test(currency)) throw refusals.invalidParameter(param, `Invalid currency: ${currency}`);
  return currency.toLowerCase();
};

function currencyOptions(params: CreateParams, currency: string, own: CurrencyOption): Record<string, CurrencyOption> {
  const others = Object.entries(params.currency_options ?? {}).map(([name, given]) => {
    const other = lowerCurrency(name, `currency_options[${name}]`);
    return [other, currencyOption(given, `currency_options[${name}].`)] as const;
  });
  return Object.fromEntries([...others, [currency, own]]);
}

async function recurringOf(context: Context, given: CreateParams["recurring"]): Promise<Price["recurring"]> {
  if (!given) return null;
  const usage = given.usage_type ?? "licensed";
  if (usage === "metered" && given.meter === undefined) throw refusals.missingParameter("recurring[meter]");
  if (given.meter !== undefined) {
    if (usage !== "metered")
      throw refusals.rejected(undefined, "A meter requires recurring[usage_type] to be metered.", "recurring[meter]");
    const meter = await getMeter(context, given.meter, "recurring[meter]");
    if (meter.status !== "active")
      throw refusals.rejected(undefined, `The meter ${meter.id} is not active.`, "recurring[meter]");
  }
  return {
    interval: given.interval,
    interval_count: given.interval_count ?? 1,
    meter: given.meter ?? null,
    trial_period_days: null,
    usage_type: usage,
  };
}

/** A lookup key names one price: it is refused while another holds it, or moved on request. */
async function claimLookupKey(context: Context, key: string | undefined, transfer: boolean): Promise<void> {
  if (key === undefined) return;
  const [holder] = await context.store.find("prices", { "object.lookup_key": key });
  if (!holder) return;
  if (!transfer)
    throw refusals.alreadyExists(
      `A price (\`${holder.id}\`) already uses that lookup key. Pass transfer_lookup_key to move it.`,
      "lookup_key",
    );
  await context.unit.put("prices", { ...holder, lookup_key: null });
}

async function createPrice(context: Context, params: CreateParams): Promise<Price> {
  const { unit } = context;
  const product = await getProduct(context, params.product, "product");
  const currency = lowerCurrency(params.currency, "currency");
  const own = currencyOption(params, "");
  await claimLookupKey(context, params.lookup_key, params.transfer_lookup_key ?? false);
  const recurring = await recurringOf(context, params.recurring);
  const price: Price = {
    id: unit.ids.next("price"),
    object: "price",
    active: params.active ?? true,
    billing_scheme: "per_unit",
    created: unit.now,
    currency,
    currency_options: currencyOptions(params, currency, own),
    custom_unit_amount: null,
    livemode: false,
    lookup_key: params.lookup_key ?? null,
    metadata: mergeMetadata({}, params.metadata),
    nickname: params.nickname ?? null,
    product: product.id,
    recurring,
    tax_behavior: own.tax_behavior,
    tiers_mode: null,
    transform_quantity: null,
    type: recurring ? "recurring" : "one_time",
    unit_amount: own.unit_amount,
    unit_amount_decimal: own.unit_amount_decimal,
  };
  await unit.put("prices", price);
  await unit.emit("price.created", renderPrice(price));
  return renderPrice(price);
}

const updateParams = {
  active: flag(),
  lookup_key: text(200),
  metadata,
  nickname: text(),
  tax_behavior: taxBehavior,
  transfer_lookup_key: flag(),
};

async function updatePrice(context: Context, params: Parsed<typeof updateParams>): Promise<Price> {
  const before = await getPrice(context, context.id);
  const { metadata: change, transfer_lookup_key: transfer, ...given } = params;
  if (given.lookup_key !== before.lookup_key) await claimLookupKey(context, given.lookup_key, transfer ?? false);
  const price: Price = { ...before, ...given, metadata: mergeMetadata(before.metadata, change) };
  await context.unit.put("prices", price);
  await context.unit.emit("price.updated", renderPrice(price), renderPrice(before));
  return renderPrice(price);
}

const listParams = {
  ...paging,
  active: flag(),
  created: range(),
  currency: text(3),
  lookup_keys: list(text(200), 10),
  product: text(),
  type: oneOf("one_time", "recurring"),
  recurring: object({ interval, meter: text(), usage_type: oneOf("licensed", "metered") }),
};

async function listPrices(context: Context, params: Parsed<typeof listParams>): Promise<object> {
  const { active, created, currency, lookup_keys: keys, product, type, recurring, ...rest } = params;
  const fields = {
    active,
    currency,
    product,
    type,
    lookup_key: keys && { $in: keys },
    "recurring.interval": recurring?.interval,
    "recurring.meter": recurring?.meter,
    "recurring.usage_type": recurring?.usage_type,
  };
  const found = await page(context, {
    kind: "prices",
    what: "price",
    url: "/v1/prices",
    fields,
    created,
    paging: rest,
  });
  return { ...found, data: found.data.map(renderPrice) };
}

export const priceRoutes: readonly Route[] = [
  route("POST /v1/prices", createParams, createPrice),
  route("GET /v1/prices/:id", {}, async (context) => renderPrice(await getPrice(context, context.id))),
  route("POST /v1/prices/:id", updateParams, updatePrice),
  route("GET /v1/prices", listParams, listPrices),
];
