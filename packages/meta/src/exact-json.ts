import { isLosslessNumber, parse, stringify } from "lossless-json";

/** JSON as it was written: each number is held by its digits, so that what is not changed is written back with every one of them. */
export type ExactJson =
  null | boolean | string | ExactNumber | readonly ExactJson[] | { readonly [key: string]: ExactJson };
export interface ExactNumber {
  readonly isLosslessNumber: true;
}

/** Of a repeated key the last one counts. @throws SyntaxError for what is no JSON. */
export const parseExactly = (text: string): ExactJson =>
  parse(text, null, { onDuplicateKey: ({ newValue }) => newValue }) as ExactJson;

export const writeExactly = (value: ExactJson): string => stringify(value) ?? "null";

export const isExactNumber = (value: ExactJson): value is ExactNumber => isLosslessNumber(value);
