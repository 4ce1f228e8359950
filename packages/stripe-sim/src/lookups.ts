import { refusals } from "./http/errors.js";
import { without } from "./lib/without.js";
import { type Customer, type Invoice, type Meter, type Price, type Product, type Subscription } from "./shapes.js";
import { type Kind, type Kinds } from "./store/kinds.js";
import { type World } from "./world.js";

type Lookup<T> = (world: Pick<World, "unit">, id: string, param?: string) => Promise<T>;

/** Reads one object, with what the unit has changed so far. @throws resource_missing naming the parameter that held the id */
const lookup =
  <K extends Kind>(kind: K, what: string): Lookup<Kinds[K]> =>
  async ({ unit }, id, param = "id") => {
    const found = await unit.get(kind, id);
    if (!found) throw refusals.missing(what, id, param);
    return found;
  };

export const getProduct: Lookup<Product> = lookup("products", "product");
export const getPrice: Lookup<Price> = lookup("prices", "price");
export const getMeter: Lookup<Meter> = lookup("meters", "billing meter");
export const getCustomer: Lookup<Customer> = lookup("customers", "customer");
export const getSubscription: Lookup<Subscription> = lookup("subscriptions", "subscription");
export const getInvoice: Lookup<Invoice> = lookup("invoices", "invoice");

/** `currency_options` is shown only on request (Stripe: api/prices/object). */
export const renderPrice = (price: Price): Price => without(price, "currency_options");
