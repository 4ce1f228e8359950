import { createHmac } from "node:crypto";

/** JSON as Meta writes it: compact, ASCII only with lower-case `\uXXXX`, and `/` as `\/` (Meta: webhooks, validating payloads). */
export function encodeBody(value: unknown): string {
  return escapeLikeMeta(JSON.stringify(value).replace(markedNumber, "$1"));
}

/** An id that is to stand in a body as a JSON number, digit by digit: template ids in webhooks may pass 2^53. */
export const asNumber = (digits: string): string => `\u0000${digits}\u0000`;
const markedNumber = /"\\u0000(\d+)\\u0000"/g;

/** In JSON text `/` and characters outside ASCII occur inside of strings only, so they can be replaced anywhere. */
const escapeLikeMeta = (json: string): string =>
  json.replace(/[/\u007f-\uffff]/g, (character) =>
    character === "/" ? "\\/" : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

export const signatureOf = (secret: string, body: Uint8Array | string): string =>
  `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;

/** One report about an account in the envelope of webhooks. `time` is in seconds, as Meta writes it. */
export const envelope = (
  entryId: string,
  at: Date,
  change: { readonly field: string; readonly value: unknown },
): unknown => ({
  object: "whatsapp_business_account",
  entry: [
    { id: entryId, time: Math.floor(at.getTime() / 1000), changes: [{ value: change.value, field: change.field }] },
  ],
});
