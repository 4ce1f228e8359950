import { stdSerializers } from "pino";

/** Names whose values never reach a log, at any depth. */
const secretName =
  /^(authorization|proxy-authorization|(set-)?cookie|(raw)?headers|pin|.*(token|secret|password|api_?key|master_?key|private_?key))$/i;
/** What errors of libraries carry beside their message: bodies, signatures, requests. */
const carriedByErrors = /^(payload|header|body|config|request|response)$/i;

/** An API key of a client, wherever it stands in a text. */
const apiKey = /gtk_(?:live|test)_[0-9A-Za-z]{8,}/g;

const censored = "[redacted]";
const deepest = 8;
const longestList = 100;

/** A copy of what is to be logged, without secrets; errors become plain objects with type, message, stack and their own fields. */
export function redacted(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return cleanObject(fields, { inError: false, depth: 0 });
}

interface Place {
  readonly inError: boolean;
  readonly depth: number;
}

function cleanObject(value: object, { inError, depth }: Place): Record<string, unknown> {
  const clean = Object.entries(value).map(([name, inner]) => [
    name,
    secretName.test(name) || (inError && carriedByErrors.test(name))
      ? censored
      : cleanValue(inner, { inError, depth: depth + 1 }),
  ]);
  return Object.fromEntries(clean) as Record<string, unknown>;
}

function cleanPlain(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  return typeof value === "string" ? value.replace(apiKey, censored) : value;
}

function cleanValue(value: unknown, place: Place): unknown {
  if (typeof value !== "object" || value === null) return cleanPlain(value);
  if (place.depth > deepest) return "[deep]";
  if (value instanceof Error) return cleanObject(stdSerializers.err(value), { ...place, inError: true });
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  const inside = { ...place, depth: place.depth + 1 };
  if (Array.isArray(value)) return value.slice(0, longestList).map((one) => cleanValue(one, inside));
  if ("toJSON" in value && typeof value.toJSON === "function")
    return cleanValue((value as { toJSON: () => unknown }).toJSON(), inside);
  return cleanObject(value, place);
}
