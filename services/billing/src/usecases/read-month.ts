import { type Month } from "@greentick/kernel";
import { billingErrors } from "../domain/errors.js";

/** @throws BAD_USER_INPUT naming `month`. */
export function readMonth(text: string): Month {
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) throw billingErrors.notAMonth(text);
  return text as Month;
}
