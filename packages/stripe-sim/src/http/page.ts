import { type Filter } from "mongodb";
import { type WireList } from "../shapes.js";
import { type Kind, type Kinds } from "../store/kinds.js";
import { type Row } from "../store/journal.js";
import { refusals } from "./errors.js";
import { type Range } from "./params.js";
import { type Context } from "./route.js";

export interface Paging {
  readonly limit?: number;
  readonly starting_after?: string;
  readonly ending_before?: string;
}

const defaultLimit = 10;

/** A MongoDB condition for `created[…]`; an absent range matches everything. */
function within(range: Range | undefined): Record<string, number> {
  const names = { gt: "$gt", gte: "$gte", lt: "$lt", lte: "$lte" } as const;
  return Object.fromEntries(Object.entries(range ?? {}).map(([name, value]) => [names[name as keyof Range], value]));
}

/** Conditions on fields of the object; `undefined` ones are left out. */
function matching(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [`object.${name}`, value]));
}

export interface PageQuery<K extends Kind> {
  readonly kind: K;
  /** What one object is called in an error message. */
  readonly what: string;
  readonly url: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly created?: Range | undefined;
  readonly paging: Paging;
}

async function cursorFilter<K extends Kind>(context: Context, query: PageQuery<K>): Promise<Record<string, unknown>> {
  const param = query.paging.starting_after === undefined ? "ending_before" : "starting_after";
  const id = query.paging[param];
  if (id === undefined) return {};
  const row = await context.store.row(query.kind, id);
  if (!row) throw refusals.missing(query.what, id, param);
  return { seq: param === "starting_after" ? { $lt: row.seq } : { $gt: row.seq } };
}

/** One page, newest first (Stripe: api/pagination). */
export async function page<K extends Kind>(context: Context, query: PageQuery<K>): Promise<WireList<Kinds[K]>> {
  const limit = query.paging.limit ?? defaultLimit;
  const backwards = query.paging.starting_after === undefined && query.paging.ending_before !== undefined;
  const filter = {
    ...matching(query.fields),
    ...(query.created === undefined ? {} : { created: within(query.created) }),
    ...(await cursorFilter(context, query)),
  } as Filter<Row<Kinds[K]>>;
  const found = await context.store.find(query.kind, filter, { sort: { seq: backwards ? 1 : -1 }, limit: limit + 1 });
  const data = found.slice(0, limit);
  return { object: "list", data: backwards ? data.reverse() : data, has_more: found.length > limit, url: query.url };
}

/** The same paging over items that are already at hand, in their own order. */
export function pageOf<T extends { id: string }>(items: readonly T[], url: string, paging: Paging): WireList<T> {
  const { limit = defaultLimit, starting_after: after, ending_before: before } = paging;
  const position = (id: string, name: string): number => {
    const index = items.findIndex((item) => item.id === id);
    if (index === -1) throw refusals.missing("object", id, name);
    return index;
  };
  if (after === undefined && before !== undefined) {
    const end = position(before, "ending_before");
    const start = Math.max(0, end - limit);
    return { object: "list", data: items.slice(start, end), has_more: start > 0, url };
  }
  const start = after === undefined ? 0 : position(after, "starting_after") + 1;
  return {
    object: "list",
    data: items.slice(start, start + limit),
    has_more: items.length > start + limit,
    url,
  };
}
