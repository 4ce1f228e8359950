import { parseDecimal } from "../lib/decimal.js";
import { type FormMap, type FormNode } from "../lib/form.js";
import { refusals } from "./errors.js";

/** One declared parameter: whether it must be there, and how its text becomes a value. `read` throws Stripe's refusal. */
export interface Param<T> {
  readonly required: boolean;
  readonly read: (raw: FormNode, path: string) => T;
}
export type Shape = Readonly<Record<string, Param<unknown>>>;
type ValueOf<P> = P extends Param<infer T> ? T : never;
/** What a handler receives for a declared shape. */
export type Parsed<S extends Shape> = {
  [K in keyof S as S[K] extends { readonly required: true } ? K : never]: ValueOf<S[K]>;
} & {
  [K in keyof S as S[K] extends { readonly required: true } ? never : K]?: ValueOf<S[K]>;
};

const optional = <T>(read: Param<T>["read"]): Param<T> & { readonly required: false } => ({ required: false, read });

const textOf = (raw: FormNode, path: string): string => {
  if (typeof raw !== "string") throw refusals.invalidParameter(path, `Invalid string: ${path} must be a single value`);
  return raw;
};

const mapOf = (raw: FormNode, path: string): FormMap => {
  if (typeof raw === "string") throw refusals.invalidParameter(path, `Invalid object: ${path} must have named parts`);
  return raw;
};

const partsOf = (raw: FormNode, path: string): FormNode[] => {
  const parts = [...mapOf(raw, path)];
  if (parts.some(([name]) => !/^\d+$/.test(name))) throw refusals.invalidParameter(path, `Invalid array: ${path}`);
  return parts.sort(([a], [b]) => Number(a) - Number(b)).map(([, part]) => part);
};

/** Reads a whole set of parameters. An undeclared name is refused first, then a missing one: nothing is dropped silently. */
export function readShape<S extends Shape>(shape: S, form: FormMap, prefix = ""): Parsed<S> {
  const nameOf = (name: string): string => (prefix === "" ? name : `${prefix}[${name}]`);
  for (const name of form.keys()) if (!Object.hasOwn(shape, name)) throw refusals.unknownParameter(nameOf(name));
  const values: Record<string, unknown> = {};
  for (const [name, param] of Object.entries(shape)) {
    const raw = form.get(name);
    if (raw !== undefined) values[name] = param.read(raw, nameOf(name));
    else if (param.required) throw refusals.missingParameter(nameOf(name));
  }
  return values as Parsed<S>;
}

/** Text of at most `max` characters; the empty text is refused, as it would unset a field that cannot be unset. */
export const text = (max = 5000): Param<string> & { readonly required: false } =>
  optional((raw, path) => {
    const value = textOf(raw, path);
    if (value === "")
      throw refusals.invalidParameter(path, `You passed an empty string for '${path}'.`, "parameter_invalid_empty");
    if (value.length > max)
      throw refusals.invalidParameter(path, `Invalid string: ${path} must be at most ${max} characters`);
    return value;
  });

export const oneOf = <const W extends string>(...words: readonly W[]): Param<W> & { readonly required: false } =>
  optional((raw, path) => {
    const value = textOf(raw, path);
    const known = words.find((word) => word === value);
    if (known === undefined)
      throw refusals.invalidParameter(path, `Invalid ${path}: must be one of ${words.join(", ")}`);
    return known;
  });

export const whole = (min = 0, max = Number.MAX_SAFE_INTEGER): Param<number> & { readonly required: false } =>
  optional((raw, path) => {
    const value = textOf(raw, path);
    const number = /^-?\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
    if (!Number.isSafeInteger(number))
      throw refusals.invalidParameter(path, `Invalid integer: ${value}`, "parameter_invalid_integer");
    if (number < min || number > max)
      throw refusals.invalidParameter(path, `Invalid integer: ${path} must be between ${min} and ${max}`);
    return number;
  });

export const flag = (): Param<boolean> & { readonly required: false } =>
  optional((raw, path) => {
    const value = textOf(raw, path);
    if (value !== "true" && value !== "false") throw refusals.invalidParameter(path, `Invalid boolean: ${value}`);
    return value === "true";
  });

/** A decimal number as text, with at most `places` digits behind the point (Stripe: 12 for prices and quantities). */
export const decimal = (places = 12): Param<string> & { readonly required: false } =>
  optional((raw, path) => {
    const value = textOf(raw, path);
    const number = parseDecimal(value);
    if (!number) throw refusals.invalidParameter(path, `Invalid decimal: ${value}`);
    if (number.places > places)
      throw refusals.invalidParameter(path, `Invalid decimal: ${path} can have at most ${places} decimal places`);
    return value;
  });

/** Names to texts (metadata, payload); the empty text for a name removes it. */
export const texts = (): Param<Record<string, string>> & { readonly required: false } =>
  optional((raw, path) => {
    const entries = raw === "" ? [] : [...mapOf(raw, path)];
    return Object.fromEntries(entries.map(([name, part]) => [name, textOf(part, `${path}[${name}]`)]));
  });

export const list = <T>(of: Param<T>, max = 100): Param<T[]> & { readonly required: false } =>
  optional((raw, path) => {
    const parts = partsOf(raw, path);
    if (parts.length > max) throw refusals.invalidParameter(path, `Array ${path} exceeded maximum ${max} elements.`);
    return parts.map((part, index) => of.read(part, `${path}[${index}]`));
  });

export const object = <S extends Shape>(shape: S): Param<Parsed<S>> & { readonly required: false } =>
  optional((raw, path) => readShape(shape, mapOf(raw, path), path));

/** Free names, one shape for each (`currency_options[eur][unit_amount]`). */
export const objects = <S extends Shape>(shape: S): Param<Record<string, Parsed<S>>> & { readonly required: false } =>
  optional((raw, path) =>
    Object.fromEntries(
      [...mapOf(raw, path)].map(([name, part]) => [
        name,
        readShape(shape, mapOf(part, `${path}[${name}]`), `${path}[${name}]`),
      ]),
    ),
  );

/** The empty text unsets the field: `null`. */
export const emptyable = <T>(param: Param<T>): Param<T | null> & { readonly required: false } =>
  optional((raw, path) => (raw === "" ? null : param.read(raw, path)));

export const must = <T>(param: Param<T>): Param<T> & { readonly required: true } => ({ ...param, required: true });

export interface Range {
  readonly gt?: number;
  readonly gte?: number;
  readonly lt?: number;
  readonly lte?: number;
}
const bounds = { gt: whole(), gte: whole(), lt: whole(), lte: whole() };
/** `created=…` or `created[gte]=…` in Unix seconds. */
export const range = (): Param<Range> & { readonly required: false } =>
  optional((raw, path) => {
    if (typeof raw !== "string") return readShape(bounds, raw, path);
    const exact = whole().read(raw, path);
    return { gte: exact, lte: exact };
  });
