import * as fc from "fast-check";
import {
  addDecimals,
  type Decimal,
  formatDecimal,
  multiplyDecimals,
  parseDecimal,
  roundHalfUp,
  significantDigits,
  sumDecimals,
} from "./decimal.js";

const decimals = fc.record({ units: fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), places: fc.nat(12) });
const scaled = ({ units, places }: Decimal, to: number): bigint => units * 10n ** BigInt(to - places);

describe("exact decimals", () => {
  it("reads back what it writes", () => {
    fc.assert(
      fc.property(decimals, (value) => {
        const text = formatDecimal(value);
        expect(formatDecimal(parseDecimal(text) ?? value)).toBe(text);
        expect(scaled(parseDecimal(text) ?? value, 12)).toBe(scaled(value, 12));
      }),
    );
  });

  it("adds without losing a digit, in any order", () => {
    fc.assert(
      fc.property(fc.array(decimals, { maxLength: 20 }), (values) => {
        const sum = sumDecimals(values);
        expect(scaled(sum, 12)).toBe(values.reduce((total, value) => total + scaled(value, 12), 0n));
        expect(formatDecimal(sumDecimals([...values].reverse()))).toBe(formatDecimal(sum));
      }),
    );
  });

  it("distributes multiplication over addition", () => {
    fc.assert(
      fc.property(decimals, decimals, decimals, (a, b, c) => {
        const left = multiplyDecimals(addDecimals(a, b), c);
        const right = addDecimals(multiplyDecimals(a, c), multiplyDecimals(b, c));
        expect(formatDecimal(left)).toBe(formatDecimal(right));
      }),
    );
  });

  it("rounds to the nearest whole and never by more than a half", () => {
    fc.assert(
      fc.property(decimals, (value) => {
        const one = 10n ** BigInt(value.places);
        const error = roundHalfUp(value) * one - value.units;
        expect((error < 0n ? -error : error) * 2n <= one).toBe(true);
      }),
    );
  });

  it.each([
    ["0.5", 1n],
    ["1.5", 2n],
    ["2.5", 3n],
    ["2.499999999999", 2n],
    ["-0.5", -1n],
    ["-0.4", 0n],
  ])("rounds %s to %s: a tie goes away from zero", (text, whole) => {
    expect(roundHalfUp(parseDecimal(text) ?? { units: 0n, places: 0 })).toBe(whole);
  });

  it("sums ten thousand prices of 0.0625 to 625", () => {
    const price = { units: 625n, places: 4 };
    expect(formatDecimal(sumDecimals(Array.from({ length: 10_000 }, () => price)))).toBe("625");
  });

  it.each(["", " 1", "1 ", "1e3", "+1", ".5", "5.", "0x1", "1,0", "NaN", "--1"])(
    "does not take %j for a number",
    (text) => {
      expect(parseDecimal(text)).toBeUndefined();
    },
  );

  it.each([
    ["0077.1250", 5],
    ["0.000001", 1],
    ["123456789012345", 15],
    ["-1234567890.123456", 16],
  ])("counts the significant digits of %s as %d", (text, digits) => {
    expect(significantDigits(parseDecimal(text) ?? { units: 0n, places: 0 })).toBe(digits);
  });
});
