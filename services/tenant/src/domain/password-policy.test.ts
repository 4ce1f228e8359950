import fc from "fast-check";
import { normalisedPassword, passwordLengths, passwordProblem, standsAlone } from "./password-policy.js";

const common = new Set(["correcthorsebatterystaple", "qwerty", "iloveyou"]);
const rule = {
  minimum: passwordLengths.alone,
  isCommon: (word: string) => common.has(word),
  about: ["Ada Lovelace", "ada@casalumen.example", "Casa Lumen S.A.S."],
};
const ruleOf = (password: string, minimum: number = rule.minimum): unknown =>
  passwordProblem(normalisedPassword(password), { ...rule, minimum })?.details["rule"];

describe("a new password", () => {
  it("is good when it is long and nobody's first guess, whatever characters it has", () => {
    for (const password of [
      "seven quiet lanterns drift",
      "ложка вилка нож тарелка",
      "🦊 lives under the 🌲 here",
      "aaaa bbbb cccc dddd e",
    ])
      expect(ruleOf(password)).toBeUndefined();
  });

  it("needs fifteen characters alone and eight beside a second factor, counted as people count them", () => {
    expect(ruleOf("fourteen chars".slice(0, 14))).toBe("too_short");
    expect(ruleOf("eightchr", passwordLengths.withSecondFactor)).toBeUndefined();
    expect(ruleOf("sevench", passwordLengths.withSecondFactor)).toBe("too_short");
    expect(ruleOf("🦊🐻🐼🐨🐯🦁🐮", passwordLengths.withSecondFactor)).toBe("too_short");
    expect(ruleOf("🦊🐻🐼🐨🐯🦁🐮🐷", passwordLengths.withSecondFactor)).toBeUndefined();
  });

  it("may have 128 characters and not more", () => {
    const long = "abcdefghij klmnopqrstuv ".repeat(6).slice(0, 128);
    expect(ruleOf(long)).toBeUndefined();
    expect(ruleOf(`${long}x`)).toBe("too_long");
  });

  it("is none that attackers try first, in any case, repeated, or counted through", () => {
    for (const password of [
      "CorrectHorseBatteryStaple",
      "qwertyqwertyqwerty",
      "aaaaaaaaaaaaaaaaaa",
      "abcabcabcabcabcabc",
      "abcdefghijklmnop",
      "9876543210/.-,+*)",
    ])
      expect(ruleOf(password)).toBe("common");
  });

  it("is not made of the words around the person", () => {
    expect(ruleOf("casalumen-lovelace")).toBe("about_you");
    expect(ruleOf("Lovelace.Lumen.2026")).toBe("about_you");
    expect(ruleOf("lovelace counts sheep at night")).toBeUndefined();
  });

  it("is refused for its length alone or for being known: no kind of character is ever asked for", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 15, maxLength: 100 }), (password) => {
        const length = Array.from(normalisedPassword(password)).length;
        const possible = length < 15 ? ["too_short"] : [undefined, "common", "about_you"];
        expect(possible).toContain(ruleOf(password));
      }),
    );
  });

  it("is one password in both ways to compose a letter", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(normalisedPassword(text.normalize("NFD"))).toBe(normalisedPassword(text.normalize("NFC")));
      }),
    );
    expect(standsAlone("fifteen letters")).toBe(true);
    expect(standsAlone("fourteen chars")).toBe(false);
  });
});
