import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { apiKeyText, looksLikeApiKey, readApiKey, visiblePartOf } from "./api-key-text.js";

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".split("");

describe("the text of an API key", () => {
  it("says live or test, and has one length", () => {
    const bytes = new Uint8Array(32);
    expect(apiKeyText(true, bytes)).toMatch(/^gtk_live_0{43}[0-9A-Za-z]{6}$/);
    expect(apiKeyText(false, bytes)).toMatch(/^gtk_test_0{43}[0-9A-Za-z]{6}$/);
    expect(readApiKey(apiKeyText(true, randomBytes(32)))).toEqual({ livemode: true });
    expect(readApiKey(apiKeyText(false, randomBytes(32)))).toEqual({ livemode: false });
  });

  it("keeps all 256 bits apart", () => {
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(bytes, bytes, (one, other) => {
        expect(apiKeyText(true, one) === apiKeyText(true, other)).toBe(Buffer.from(one).equals(Buffer.from(other)));
      }),
    );
    expect(readApiKey(apiKeyText(true, new Uint8Array(32).fill(255)))).toEqual({ livemode: true });
  });

  it("is not read with one character changed, two swapped, or live made test", () => {
    const key = apiKeyText(true, randomBytes(32));
    fc.assert(
      fc.property(fc.integer({ min: 9, max: key.length - 1 }), fc.constantFrom(...digits), (place, digit) => {
        fc.pre(key[place] !== digit);
        expect(readApiKey(key.slice(0, place) + digit + key.slice(place + 1))).toBeUndefined();
      }),
    );
    expect(readApiKey(key.replace("live", "test"))).toBeUndefined();
    for (const text of ["", "gtk_", `${key}x`, ` ${key}`, key.slice(0, -1), `${key}\n`])
      expect(readApiKey(text)).toBeUndefined();
  });

  it("shows a part by which it can be recognised and not used", () => {
    const key = apiKeyText(true, randomBytes(32));
    expect(visiblePartOf(key)).toBe(key.slice(0, 13));
    expect(looksLikeApiKey("gtk_live_typo")).toBe(true);
    expect(looksLikeApiKey("eyJhbGciOi")).toBe(false);
  });

  it("needs exactly 32 random bytes", () => {
    expect(() => apiKeyText(true, randomBytes(31))).toThrow(RangeError);
  });
});
