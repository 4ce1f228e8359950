import { type World } from "../world.js";
import { emptyable, list, type Parsed, type Shape, text, texts, whole } from "./params.js";

/** What a handler works with besides the world: the path's `:id` (empty for a route without one) and the meter events in progress. */
export interface Context extends World {
  readonly id: string;
  /** Customer and meter pairs whose meter event is being written. */
  readonly busy: Set<string>;
}

export type Method = "GET" | "POST" | "DELETE";
export type Place = `${Method} /${string}`;

/** One row of the route table. `together` lets a write run beside others; all other writes run alone. */
export interface Route {
  readonly method: Method;
  readonly path: string;
  readonly params: Shape;
  readonly together: boolean;
  readonly run: (context: Context, params: Record<string, unknown>) => Promise<object>;
}

const common = { expand: list(text(200), 20) };

/** `POST /v1/prices/:id` in its two parts. */
export function placeOf(place: Place): { readonly method: Method; readonly path: string } {
  const [method, path] = place.split(" ") as [Method, string];
  return { method, path };
}

export function route<S extends Shape>(
  place: Place,
  params: S,
  handle: (context: Context, params: Parsed<S>) => Promise<object>,
): Route {
  return {
    ...placeOf(place),
    params: { ...params, ...common },
    together: place.startsWith("GET "),
    run: (context, values) => handle(context, values as Parsed<S>),
  };
}

export const metadata = emptyable(texts());
export const paging = { limit: whole(1, 100), starting_after: text(), ending_before: text() };

/** Merges new metadata into old: an empty value removes its name, `null` removes all (Stripe: api/metadata). */
export function mergeMetadata(
  old: Readonly<Record<string, string>>,
  change: Readonly<Record<string, string>> | null | undefined,
): Record<string, string> {
  if (change === null) return {};
  return Object.fromEntries(Object.entries({ ...old, ...change }).filter(([, value]) => value !== ""));
}
