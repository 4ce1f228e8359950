import { isUtf8 } from "node:buffer";
import { parse as losslessParse } from "lossless-json";

/** A JSON value whose numbers are exact: what a JS number cannot carry digit by digit is a string of the digits as written. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

export interface JsonBounds {
  /** Bytes; Meta sends at most 3 MB. */
  readonly maxBytes: number;
  /** Nested objects and arrays. */
  readonly maxDepth: number;
}
export type JsonReading = { readonly value: JsonValue } | { readonly unreadable: string };

const bounds: JsonBounds = { maxBytes: 3_000_000, maxDepth: 64 };

/**
 * Reads JSON without losing a digit. Integers of up to fifteen digits are numbers; longer ones (ids of 16 and more digits, which
 * Meta also writes as JSON numbers), fractions and exponents are strings of the digits as written. Of a repeated key the last one counts.
 * Never throws: what is no JSON, is too large or nested too deeply is answered with the reason.
 */
export function readJson(bytes: Uint8Array, limits: JsonBounds = bounds): JsonReading {
  if (bytes.length > limits.maxBytes) return { unreadable: `larger than ${limits.maxBytes} bytes` };
  if (!isUtf8(bytes)) return { unreadable: "not UTF-8" };
  const shape = scan(bytes);
  if (shape.depth > limits.maxDepth) return { unreadable: `nested deeper than ${limits.maxDepth}` };
  return parseText(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8"), shape.plainNumbers);
}

function parseText(text: string, plainNumbers: boolean): JsonReading {
  try {
    return { value: (plainNumbers ? JSON.parse(text) : exactParse(text)) as JsonValue };
  } catch {
    return { unreadable: "not JSON" };
  }
}

const plainInteger = /^(0|[1-9]\d{0,14})$/;

function exactParse(text: string): unknown {
  return losslessParse(text, null, {
    parseNumber: (digits) => (plainInteger.test(digits) ? Number(digits) : digits),
    onDuplicateKey: ({ newValue }) => newValue,
  });
}

interface Shape {
  depth: number;
  /** Whether every number in the text is an integer of at most fifteen digits without a sign, which JSON.parse reads exactly. */
  plainNumbers: boolean;
}

const quote = 0x22;
const backslash = 0x5c;

/** One pass over the bytes outside of strings: how deep it nests, and whether any number needs the slower exact parser. */
function scan(bytes: Uint8Array): Shape {
  const shape: Shape = { depth: 0, plainNumbers: true };
  let depth = 0;
  let digits = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (isDigit(byte)) {
      digits++;
      if (digits > 15) shape.plainNumbers = false;
      continue;
    }
    if (byte === quote) at = endOfString(bytes, at);
    else if (isOpening(byte)) shape.depth = Math.max(shape.depth, ++depth);
    else if (isClosing(byte)) depth--;
    else if (isNumberSign(byte, digits)) shape.plainNumbers = false;
    digits = 0;
  }
  return shape;
}

function endOfString(bytes: Uint8Array, start: number): number {
  let end = bytes.indexOf(quote, start + 1);
  while (end > 0 && isEscaped(bytes, end)) end = bytes.indexOf(quote, end + 1);
  return end < 0 ? bytes.length : end;
}

function isEscaped(bytes: Uint8Array, at: number): boolean {
  let slashes = 0;
  while (bytes[at - 1 - slashes] === backslash) slashes++;
  return slashes % 2 === 1;
}

const isOpening = (byte: number): boolean => byte === 0x7b || byte === 0x5b;
const isClosing = (byte: number): boolean => byte === 0x7d || byte === 0x5d;
const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
/** `-`, `+`, `.`, or an exponent's `e` behind a digit: outside of strings they occur in numbers only. */
const isNumberSign = (byte: number, digits: number): boolean =>
  byte === 0x2d || byte === 0x2b || byte === 0x2e || (digits > 0 && (byte === 0x65 || byte === 0x45));

export const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const objectAt = (value: JsonValue | undefined, key: string): JsonObject | undefined => {
  const found = isObject(value) ? value[key] : undefined;
  return isObject(found) ? found : undefined;
};

export const listAt = (value: JsonValue | undefined, key: string): readonly JsonValue[] => {
  const found = isObject(value) ? value[key] : undefined;
  return Array.isArray(found) ? (found as readonly JsonValue[]) : [];
};

/** Text under a key; a number is given as its digits, anything else is missing. */
export function textAt(value: JsonValue | undefined, key: string): string | undefined {
  const found = isObject(value) ? value[key] : undefined;
  if (typeof found === "string") return found === "" ? undefined : found;
  return typeof found === "number" ? String(found) : undefined;
}

/** An id of Meta's under a key: decimal digits, whether written as a string or as a number. */
export function idAt(value: JsonValue | undefined, key: string): string | undefined {
  const found = textAt(value, key);
  return found !== undefined && /^\d{1,32}$/.test(found) ? found : undefined;
}

/** An instant written as Unix seconds, as a string or a number. */
export function secondsAt(value: JsonValue | undefined, key: string): Date | undefined {
  const found = idAt(value, key);
  if (found === undefined || found.length > 11) return undefined;
  return new Date(Number(found) * 1000);
}
