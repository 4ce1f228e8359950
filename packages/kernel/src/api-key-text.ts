/**
 * How an API key is written: `gtk_live_` or `gtk_test_`, 43 digits of base 62 (256 random bits), and 6 digits of a checksum over all before.
 * The fixed shape lets secret scanners find a leaked key, and the checksum tells a typo from a key that somebody revoked.
 */
const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const secretBytes = 32;
const bodyLength = 43;
const checkLength = 6;
const pattern = /^(gtk_(?:live|test)_)([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/;

/** True for text that is meant to be an API key, be it well written or not. */
export const looksLikeApiKey = (text: string): boolean => text.startsWith("gtk_");

/** A key's text from exactly 32 random bytes. @throws RangeError for another number of bytes. */
export function apiKeyText(livemode: boolean, random: Uint8Array): string {
  if (random.length !== secretBytes) throw new RangeError(`an API key needs ${secretBytes} random bytes`);
  let bits = 0n;
  for (const byte of random) bits = (bits << 8n) | BigInt(byte);
  const stem = `gtk_${livemode ? "live" : "test"}_${inBase62(bits, bodyLength)}`;
  return stem + checkOf(stem);
}

/** What a well-written key says of itself; undefined for any other text, one with a typo among them. */
export function readApiKey(text: string): { readonly livemode: boolean } | undefined {
  const [, prefix = "", body = "", check] = pattern.exec(text) ?? [];
  return check !== undefined && checkOf(prefix + body) === check ? { livemode: prefix === "gtk_live_" } : undefined;
}

/** The part of a key that may be shown again: enough to recognise it, too little to use it. */
export const visiblePartOf = (text: string): string => text.slice(0, "gtk_live_".length + 4);

const checkOf = (stem: string): string => inBase62(BigInt(crc32(stem)), checkLength);

function inBase62(value: bigint, length: number): string {
  let digits = "";
  for (let rest = value; digits.length < length; rest /= 62n) digits = alphabet.charAt(Number(rest % 62n)) + digits;
  return digits;
}

/** CRC-32 as in ISO 3309, over the text's ASCII codes. */
function crc32(text: string): number {
  let crc = 0xffffffff;
  for (let at = 0; at < text.length; at++) {
    crc ^= text.charCodeAt(at);
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) * 0xedb88320);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
