import { graphErrors } from "../graph-error.js";
import { type Params } from "./route.js";

/** A text parameter. Numbers are accepted as their digits, as Meta does in forms and queries. */
export function text(params: Params, name: string): string {
  const value = optionalText(params, name);
  if (value === undefined) throw graphErrors.missing(name);
  return value;
}

export function optionalText(params: Params, name: string): string | undefined {
  const value = params[name];
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw graphErrors.invalid(name, "must be a string.");
}

export function oneOf<T extends string>(params: Params, name: string, allowed: readonly T[]): T {
  const value = text(params, name).toUpperCase();
  const found = allowed.find((candidate) => candidate.toUpperCase() === value);
  if (found === undefined) throw graphErrors.invalid(name, `must be one of {${allowed.join(", ")}}.`);
  return found;
}

/** A list: a JSON array, or in a query its JSON text or words between commas. */
export function list(params: Params, name: string): readonly unknown[] | undefined {
  const value = params[name];
  if (value === undefined) return undefined;
  if (Array.isArray(value)) return value as unknown[];
  if (typeof value === "string" && value.startsWith("[")) return parsedList(value, name);
  if (typeof value === "string") return value.split(",").map((word) => word.trim());
  throw graphErrors.invalid(name, "must be an array.");
}

/** Meta accepts words without quotes in lists inside `fields`: `[US,IN]`. */
function parsedList(value: string, name: string): unknown[] {
  try {
    return JSON.parse(value) as unknown[];
  } catch {
    const inner = value.slice(1, -1).trim();
    if (!value.endsWith("]") || /["{}[\]]/.test(inner)) throw graphErrors.invalid(name, "must be an array.");
    return inner === "" ? [] : inner.split(",").map((word) => word.trim());
  }
}

export const words = (params: Params, name: string): readonly string[] | undefined =>
  list(params, name)?.map((word) => {
    if (typeof word !== "string" && typeof word !== "number")
      throw graphErrors.invalid(name, "must be an array of strings.");
    return String(word);
  });

/** An instant as Unix seconds. */
export function seconds(params: Params, name: string): Date {
  const value = text(params, name);
  if (!/^\d{1,11}$/.test(value)) throw graphErrors.invalid(name, "must be a Unix timestamp.");
  return new Date(Number(value) * 1000);
}

export function day(params: Params, name: string): string | undefined {
  const value = optionalText(params, name);
  if (value !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(value))
    throw graphErrors.invalid(name, "must be a date such as 2026-11-01.");
  return value;
}

/** Cuts a list into a page (Meta: Graph API, cursor-based pagination). The cursor is the place in the list, opaquely written. */
export function paged<T>(params: Params, items: readonly T[]): { data: readonly T[]; paging?: unknown } {
  const limit = Number(optionalText(params, "limit") ?? "25");
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
    throw graphErrors.invalid("limit", "must be between 1 and 1000.");
  const start = startOf(params);
  const data = items.slice(start, start + limit);
  if (data.length === 0) return { data };
  const cursors = { before: cursorOf(start), after: cursorOf(start + data.length) };
  const more = start + data.length < items.length;
  return { data, paging: more ? { cursors, next: "https://graph.facebook.com/next-page" } : { cursors } };
}

const cursorOf = (place: number): string => Buffer.from(`c${place}`).toString("base64url");

function startOf(params: Params): number {
  const after = optionalText(params, "after");
  if (after === undefined) return 0;
  const place = /^c(\d+)$/.exec(Buffer.from(after, "base64url").toString())?.[1];
  if (place === undefined) throw graphErrors.invalid("after", "is not a valid cursor.");
  return Number(place);
}
