import fc from "fast-check";
import {
  add,
  decimalFromMicros,
  divideHalfUp,
  microsFromDecimal,
  microsPerMinor,
  money,
  multiply,
  negate,
  sum,
  toMinor,
  zero,
} from "./money.js";

const micros = fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n });
const currency = fc.constantFrom("USD", "EUR", "INR", "JPY", "KWD");
const positive = fc.bigInt({ min: 1n, max: 10n ** 12n });

describe("an amount as a plain decimal", () => {
  it("comes back as the same micros", () => {
    fc.assert(
      fc.property(micros, (amount) => {
        expect(microsFromDecimal(decimalFromMicros(amount))).toBe(amount);
      }),
      { numRuns: 1_000 },
    );
  });

  it("has at most six places, and none that is not needed", () => {
    fc.assert(
      fc.property(micros, (amount) => {
        expect(decimalFromMicros(amount)).toMatch(/^-?(0|[1-9]\d*)(\.\d{0,5}[1-9])?$/);
      }),
    );
  });

  it.each([
    ["0.0625", 62_500n],
    ["12", 12_000_000n],
    ["-0.5", -500_000n],
    ["0.000001", 1n],
    ["007.10", 7_100_000n],
    ["0.0625000000", 62_500n],
    ["-0", 0n],
  ])("reads %s", (text, amount) => {
    expect(microsFromDecimal(text)).toBe(amount);
  });

  it.each([
    "",
    " ",
    "1e3",
    "+1",
    ".5",
    "1.",
    "1,5",
    "0x10",
    "NaN",
    "Infinity",
    "--1",
    " 1",
    "1 ",
    "1\n",
    "٣",
    "9".repeat(31),
  ])("refuses %j", (text) => {
    expect(() => microsFromDecimal(text)).toThrow(/is not a plain decimal number/);
  });

  it("refuses a seventh place unless rounding was asked for", () => {
    expect(() => microsFromDecimal("0.0000015")).toThrow("more than six decimal places");
    expect(microsFromDecimal("0.0000015", "round")).toBe(2n);
    expect(microsFromDecimal("-0.0000015", "round")).toBe(-2n);
    expect(microsFromDecimal("0.00000149999", "round")).toBe(1n);
  });

  it("never repeats a long text in the refusal", () => {
    expect(() => microsFromDecimal("x".repeat(10_000))).toThrow(/^.{0,140}$/);
  });
});

describe("rounding", () => {
  it.each([
    [1n, 2n, 1n],
    [3n, 2n, 2n],
    [5n, 10n, 1n],
    [4n, 10n, 0n],
    [-1n, 2n, -1n],
    [-3n, 2n, -2n],
    [-4n, 10n, 0n],
    [0n, 7n, 0n],
  ])("makes %s / %s to %s: ties go away from zero", (numerator, denominator, rounded) => {
    expect(divideHalfUp(numerator, denominator)).toBe(rounded);
  });

  it("is never off by more than half", () => {
    fc.assert(
      fc.property(micros, positive, (numerator, denominator) => {
        const off = divideHalfUp(numerator, denominator) * denominator - numerator;
        expect(2n * (off < 0n ? -off : off) <= denominator).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it("treats a credit as the mirror of a charge", () => {
    fc.assert(
      fc.property(micros, positive, (numerator, denominator) => {
        expect(divideHalfUp(-numerator, denominator)).toBe(-divideHalfUp(numerator, denominator));
      }),
    );
  });

  it.each([0n, -1n])("refuses to divide by %s", (denominator) => {
    expect(() => divideHalfUp(1n, denominator)).toThrow(new RangeError("the denominator must be positive"));
  });

  it("happens once in a multiplication", () => {
    expect(multiply(money("USD", 62_500n), 107n, 100n)).toEqual(money("USD", 66_875n));
    expect(multiply(money("USD", 1n), 3n, 2n)).toEqual(money("USD", 2n));
  });
});

describe("adding amounts", () => {
  it("adds amounts of one currency exactly, in any order", () => {
    fc.assert(
      fc.property(currency, fc.array(micros), (code, amounts) => {
        const all = amounts.map((amount) => money(code, amount));
        const total = money(
          code,
          amounts.reduce((a, b) => a + b, 0n),
        );
        expect(sum(code, all)).toEqual(total);
        expect(sum(code, all.toReversed())).toEqual(total);
      }),
    );
  });

  it("never mixes two currencies, wherever the other one stands", () => {
    const foreign = fc.record({ code: currency, place: fc.nat(8) });
    fc.assert(
      fc.property(currency, fc.array(micros, { maxLength: 8 }), foreign, (code, amounts, other) => {
        fc.pre(code !== other.code);
        const all = amounts.map((amount) => money(code, amount));
        all.splice(Math.min(other.place, all.length), 0, money(other.code, 1n));
        expect(() => sum(code, all)).toThrow("amounts of two currencies never mix");
      }),
    );
  });

  it("knows the currency of an empty sum", () => {
    expect(sum("EUR", [])).toEqual(zero("EUR"));
  });

  it("nets a charge and its reversal to zero", () => {
    fc.assert(
      fc.property(currency, micros, (code, amount) => {
        expect(add(money(code, amount), negate(money(code, amount)))).toEqual(zero(code));
      }),
    );
  });
});

describe("minor units of an invoice", () => {
  it.each([
    ["USD", 10_000n],
    ["JPY", 1_000_000n],
    ["KWD", 1_000n],
  ])("have in %s %s micros each", (code, size) => {
    expect(microsPerMinor(code)).toBe(size);
  });

  it("leave a rest of at most half a minor unit to carry", () => {
    fc.assert(
      fc.property(currency, micros, (code, amount) => {
        const rest = amount - toMinor(money(code, amount)) * microsPerMinor(code);
        expect(2n * (rest < 0n ? -rest : rest) <= microsPerMinor(code)).toBe(true);
      }),
    );
  });
});
