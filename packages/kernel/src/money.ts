/** An amount in a currency: whole micros (10⁻⁶ of the currency unit), never a float. Negative amounts are credits. */
export interface Money {
  readonly currency: string;
  readonly amountMicros: bigint;
}

export const microsPerUnit = 1_000_000n;

/** Decimal places of a currency's minor unit where they differ from two (ISO 4217; Stripe: currencies). */
const minorPlaces: Readonly<Record<string, number>> = {
  BIF: 0, CLP: 0, DJF: 0, GNF: 0, JPY: 0, KMF: 0, KRW: 0, MGA: 0, PYG: 0, RWF: 0, UGX: 0, VND: 0, VUV: 0, XAF: 0, XOF: 0, XPF: 0,
  BHD: 3, JOD: 3, KWD: 3, OMR: 3, TND: 3,
}; // prettier-ignore

export const money = (currency: string, amountMicros: bigint): Money => ({ currency, amountMicros });
export const zero = (currency: string): Money => money(currency, 0n);

export function add(a: Money, b: Money): Money {
  if (a.currency !== b.currency)
    throw new RangeError(`cannot add ${b.currency} to ${a.currency}: amounts of two currencies never mix`);
  return money(a.currency, a.amountMicros + b.amountMicros);
}

export const negate = (a: Money): Money => money(a.currency, -a.amountMicros);

/** Sum of amounts of one currency; the currency is named so that an empty list has one too. */
export const sum = (currency: string, amounts: readonly Money[]): Money => amounts.reduce(add, zero(currency));

/** The one rounding rule: to the nearest whole, ties away from zero ("half up" on the magnitude). */
export function divideHalfUp(numerator: bigint, denominator: bigint): bigint {
  if (denominator <= 0n) throw new RangeError("the denominator must be positive");
  const magnitude = numerator < 0n ? -numerator : numerator;
  const rounded = (magnitude * 2n + denominator) / (denominator * 2n);
  return numerator < 0n ? -rounded : rounded;
}

/** `amount × numerator / denominator`, rounded once to whole micros. */
export const multiply = (a: Money, numerator: bigint, denominator: bigint): Money =>
  money(a.currency, divideHalfUp(a.amountMicros * numerator, denominator));

/** Micros in one minor unit: 10 000 for USD, 1 000 000 for JPY. */
export const microsPerMinor = (currency: string): bigint => 10n ** BigInt(6 - (minorPlaces[currency] ?? 2));

/** Whole minor units, half-up: what an invoice can show. The rest is the caller's to carry. */
export const toMinor = (a: Money): bigint => divideHalfUp(a.amountMicros, microsPerMinor(a.currency));

/** At most thirty digits on either side: more is no price, and reading it would cost time. */
const decimalPattern = /^(-)?(\d{1,30})(?:\.(\d{1,30}))?$/;

/**
 * Reads a plain decimal ("0.0625", "-3") as micros. More than six places are rounded half-up only when `round` is given; else they
 * are refused, because a price list never needs them. @throws RangeError naming the text.
 */
export function microsFromDecimal(text: string, round?: "round"): bigint {
  const match = decimalPattern.exec(text);
  if (match === null) throw new RangeError(`"${text.slice(0, 80)}" is not a plain decimal number`);
  const [, sign, whole = "0", fraction = ""] = match;
  if (fraction.replace(/0+$/, "").length > 6 && round === undefined)
    throw new RangeError(`"${text}" has more than six decimal places`);
  const scale = 10n ** BigInt(Math.max(fraction.length, 6));
  const scaled = BigInt(whole + fraction.padEnd(Math.max(fraction.length, 6), "0"));
  const micros = divideHalfUp(scaled * microsPerUnit, scale);
  return sign === undefined ? micros : -micros;
}

/** Micros as a plain decimal without trailing zeros ("0.0625", "12", "-0.5"). */
export function decimalFromMicros(micros: bigint): string {
  const magnitude = micros < 0n ? -micros : micros;
  const fraction = (magnitude % microsPerUnit).toString().padStart(6, "0").replace(/0+$/, "");
  const text = `${magnitude / microsPerUnit}${fraction === "" ? "" : "."}${fraction}`;
  return micros < 0n ? `-${text}` : text;
}
