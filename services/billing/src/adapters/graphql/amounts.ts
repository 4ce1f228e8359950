import { moneyOf } from "@greentick/graphql";
import { badInput, type Call, microsFromDecimal, money } from "@greentick/kernel";

/** The call with the request's own key. */
export const once = (call: Call, key: string | undefined): Call =>
  key == null ? call : { ...call, idempotencyKey: key };

/** @throws BAD_USER_INPUT naming the field. */
export function micros(field: string, text: string): bigint {
  if (/^-?\d{10}/.test(text))
    throw badInput(field, `"${text.slice(0, 40)}" is larger than any price: at most nine digits`);
  try {
    return microsFromDecimal(text);
  } catch {
    throw badInput(field, `"${text}" is not a plain decimal number with at most six places`);
  }
}

/** Money in a currency as the graph shows it. */
export const amount = (currency: string, micros: bigint): ReturnType<typeof moneyOf> =>
  moneyOf(money(currency, micros));
