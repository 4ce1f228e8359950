/** An exact decimal number: `units × 10^-places`. Every quantity, price and sum of the simulator is one; none is a float. */
export interface Decimal {
  readonly units: bigint;
  readonly places: number;
}

const grammar = /^-?\d+(\.\d+)?$/;

export const zeroDecimal: Decimal = { units: 0n, places: 0 };

const scaleUp = (value: Decimal, places: number): bigint => value.units * 10n ** BigInt(places - value.places);

/** Drops trailing zeros behind the decimal point, so that equal numbers have one form. */
function normal({ units, places }: Decimal): Decimal {
  if (places === 0 || units % 10n !== 0n) return { units, places };
  return normal({ units: units / 10n, places: places - 1 });
}

/** Reads `-?digits[.digits]`; exponents, signs other than minus, blanks and separators are not decimals. */
export function parseDecimal(text: string): Decimal | undefined {
  if (!grammar.test(text)) return undefined;
  const [whole = "", fraction = ""] = text.split(".");
  return normal({ units: BigInt(whole + fraction), places: fraction.length });
}

/** Like {@link parseDecimal} for text that was accepted before. @throws RangeError when it is no decimal */
export function decimalOf(text: string): Decimal {
  const value = parseDecimal(text);
  if (!value) throw new RangeError(`"${text}" is not a decimal number`);
  return value;
}

/** The shortest plain form: no exponent, no trailing zeros, no negative zero. */
export function formatDecimal(value: Decimal): string {
  const { units, places } = normal(value);
  if (places === 0) return units.toString();
  const digits = (units < 0n ? -units : units).toString().padStart(places + 1, "0");
  return `${units < 0n ? "-" : ""}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

export function addDecimals(a: Decimal, b: Decimal): Decimal {
  const places = Math.max(a.places, b.places);
  return normal({ units: scaleUp(a, places) + scaleUp(b, places), places });
}

export const sumDecimals = (values: readonly Decimal[]): Decimal => values.reduce(addDecimals, zeroDecimal);

export const multiplyDecimals = (a: Decimal, b: Decimal): Decimal =>
  normal({ units: a.units * b.units, places: a.places + b.places });

/** To the nearest whole number; a tie goes away from zero, which for positive amounts is "half up". */
export function roundHalfUp({ units, places }: Decimal): bigint {
  const one = 10n ** BigInt(places);
  const magnitude = units < 0n ? -units : units;
  const rounded = (magnitude * 2n + one) / (one * 2n);
  return units < 0n ? -rounded : rounded;
}

/** The whole part, towards zero. */
export const truncateDecimal = ({ units, places }: Decimal): bigint => units / 10n ** BigInt(places);

/** Digits that carry information: leading zeros and trailing zeros of the fraction are not counted. */
export const significantDigits = (value: Decimal): number => {
  const { units } = normal(value);
  return (units < 0n ? -units : units).toString().length;
};
