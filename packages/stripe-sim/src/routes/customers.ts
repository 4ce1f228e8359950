import { page } from "../http/page.js";
import { emptyable, list, must, object, oneOf, type Parsed, range, text } from "../http/params.js";
import { type Context, mergeMetadata, metadata, paging, type Route, route } from "../http/route.js";
import { lettersOf } from "../lib/ids.js";
import { getCustomer } from "../lookups.js";
import { type Customer } from "../shapes.js";

const addressShape = {
  city: emptyable(text()),
  country: emptyable(text(2)),
  line1: emptyable(text()),
  line2: emptyable(text()),
  postal_code: emptyable(text()),
  state: emptyable(text()),
};

/** At most four, as Stripe prints them on invoices (Stripe: api/invoices). */
export const customFields = emptyable(list(object({ name: must(text(40)), value: must(text(140)) }), 4));

const fields = {
  address: emptyable(object(addressShape)),
  business_name: emptyable(text(150)),
  individual_name: emptyable(text(150)),
  description: emptyable(text()),
  email: emptyable(text(512)),
  invoice_prefix: text(12),
  invoice_settings: object({ custom_fields: customFields, footer: emptyable(text()) }),
  metadata,
  name: emptyable(text(256)),
  phone: emptyable(text(20)),
  preferred_locales: list(text(10)),
  tax_exempt: emptyable(oneOf("exempt", "none", "reverse")),
};
type Fields = Parsed<typeof fields>;

const blank = { city: null, country: null, line1: null, line2: null, postal_code: null, state: null };

function changed(before: Customer, params: Fields): Customer {
  const { address, invoice_settings: settings, metadata: change, business_name, individual_name, ...given } = params;
  return {
    ...before,
    ...given,
    ...(business_name ? { business_name } : {}),
    ...(individual_name ? { individual_name } : {}),
    ...(address === undefined ? {} : { address: address && { ...blank, ...address } }),
    invoice_settings: { ...before.invoice_settings, ...settings },
    metadata: mergeMetadata(before.metadata, change),
  };
}

function fresh(id: string, created: number): Customer {
  return {
    id,
    object: "customer",
    address: null,
    balance: 0,
    created,
    currency: null,
    customer_account: null,
    default_source: null,
    delinquent: false,
    description: null,
    discount: null,
    email: null,
    invoice_prefix: lettersOf(id, 8).toUpperCase(),
    invoice_settings: { custom_fields: null, default_payment_method: null, footer: null, rendering_options: null },
    livemode: false,
    metadata: {},
    name: null,
    next_invoice_sequence: 1,
    phone: null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: "none",
    test_clock: null,
  };
}

async function create({ unit }: Context, params: Fields): Promise<Customer> {
  const customer = changed(fresh(unit.ids.next("cus"), unit.now), params);
  await unit.put("customers", customer);
  await unit.emit("customer.created", customer);
  return customer;
}

async function update(context: Context, params: Fields): Promise<Customer> {
  const before = await getCustomer(context, context.id);
  const customer = changed(before, params);
  await context.unit.put("customers", customer);
  await context.unit.emit("customer.updated", customer, before);
  return customer;
}

export const customerRoutes: readonly Route[] = [
  route("POST /v1/customers", fields, create),
  route("GET /v1/customers/:id", {}, (context) => getCustomer(context, context.id)),
  route("POST /v1/customers/:id", fields, update),
  route(
    "GET /v1/customers",
    { ...paging, created: range(), email: text(512) },
    (context, { created, email, ...rest }) =>
      page(context, {
        kind: "customers",
        what: "customer",
        url: "/v1/customers",
        fields: { email },
        created,
        paging: rest,
      }),
  ),
];
