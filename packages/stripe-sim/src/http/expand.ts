import { renderInvoice } from "../billing/invoices.js";
import { renderPrice } from "../lookups.js";
import { type Kind } from "../store/kinds.js";
import { type Unit } from "../store/unit.js";
import { refusals, type StripeRefusal } from "./errors.js";

const kindByPrefix: readonly (readonly [string, Kind])[] = [
  ["cus_", "customers"],
  ["prod_", "products"],
  ["price_", "prices"],
  ["sub_", "subscriptions"],
  ["in_", "invoices"],
];
const maxDepth = 4;
/** Reads through the unit, so that what the request has just written is expanded too. */
type Reader = Pick<Unit, "get">;

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null;

async function load(unit: Reader, id: string): Promise<object | undefined> {
  const kind = kindByPrefix.find(([prefix]) => id.startsWith(prefix))?.[1];
  if (kind === "prices") {
    const price = await unit.get("prices", id);
    return price && renderPrice(price);
  }
  if (kind === "invoices") {
    const invoice = await unit.get("invoices", id);
    return invoice && renderInvoice(invoice);
  }
  return kind && unit.get(kind, id);
}

/** The object behind a field: loaded by its id, or what is already there; `currency_options` of a price is read again, as answers omit it. */
async function expandedField(unit: Reader, holder: Json, name: string): Promise<unknown> {
  const value = holder[name];
  if (name === "currency_options" && holder["object"] === "price")
    return (await unit.get("prices", String(holder["id"])))?.currency_options;
  return typeof value === "string" ? load(unit, value) : value;
}

const cannotExpand = (path: string): StripeRefusal =>
  refusals.malformed(`This property cannot be expanded (${path}).`, "expand");

/** @param depth how many names of the path are behind us */
async function expandIn(
  unit: Reader,
  holder: unknown,
  { path, depth }: { path: string; depth: number },
): Promise<unknown> {
  const name = path.split(".")[depth];
  if (name === undefined || holder === null) return holder;
  if (Array.isArray(holder)) return Promise.all(holder.map((one: unknown) => expandIn(unit, one, { path, depth })));
  if (!isObject(holder)) throw cannotExpand(path);
  const field = await expandedField(unit, holder, name);
  if (field === undefined) throw cannotExpand(path);
  return { ...holder, [name]: await expandIn(unit, field, { path, depth: depth + 1 }) };
}

/** Replaces ids by objects for each `expand[]` path, `data.customer` reaching into a list (Stripe: api/expanding_objects). */
export async function expand(unit: Reader, answer: object, paths: readonly string[]): Promise<object> {
  let expanded: unknown = answer;
  for (const path of paths) {
    if (path.split(".").length > maxDepth)
      throw refusals.malformed(`You cannot expand more than ${maxDepth} levels.`, "expand");
    expanded = await expandIn(unit, expanded, { path, depth: 0 });
  }
  return isObject(expanded) ? expanded : answer;
}
