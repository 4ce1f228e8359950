import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { sealer } from "./sealer.js";

const key = randomBytes(32);
const { seal, open, blindKey } = sealer(key);
const place = "ten_01CASA00000000000000000000/meta_token";
const refusal = `The sealed value of ${place} does not open: wrong master key, or the value was changed or moved.`;

describe("a sealed value", () => {
  it("opens at its place, byte for byte", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), (plain, about) => {
        expect([...open(about, seal(about, Buffer.from(plain)))]).toEqual([...plain]);
      }),
    );
  });

  it("opens as the store returns it: as plain bytes", () => {
    expect(open(place, Uint8Array.from(seal(place, "EAAG token"))).toString()).toBe("EAAG token");
  });

  it("is different each time, and never shows its text", () => {
    const [one, other] = [seal(place, "EAAG token"), seal(place, "EAAG token")];
    expect(one.equals(other)).toBe(false);
    expect(one.toString("latin1")).not.toContain("EAAG");
  });

  it("does not open at another owner's place or in another field", () => {
    const sealed = seal(place, "EAAG token");
    expect(() => open("ten_01TRA000000000000000000000/meta_token", sealed)).toThrow("was changed or moved");
    expect(() => open("ten_01CASA00000000000000000000/pin", sealed)).toThrow("was changed or moved");
  });

  it("does not open when any one byte of it was flipped", () => {
    const sealed = seal(place, "EAAG token");
    for (let at = 0; at < sealed.length; at++)
      for (const flip of [1, 128]) {
        const changed = Buffer.from(sealed);
        changed[at] = (changed[at] ?? 0) ^ flip;
        expect(() => open(place, changed)).toThrow(refusal);
      }
  });

  it("does not open when it was cut or lengthened at any place", () => {
    const sealed = seal(place, "EAAG token");
    for (let length = 0; length < sealed.length; length++)
      expect(() => open(place, sealed.subarray(0, length))).toThrow(refusal);
    expect(() => open(place, Buffer.concat([sealed, Buffer.of(0)]))).toThrow(refusal);
  });

  it("does not open with another master key", () => {
    expect(() => sealer(randomBytes(32)).open(place, seal(place, "EAAG token"))).toThrow(refusal);
  });

  it("needs a master key of 32 bytes", () => {
    expect(() => sealer(randomBytes(31))).toThrow("must be 32 bytes");
  });
});

describe("a blind key", () => {
  it("is the same for the same value for ever, so that it can be looked up", () => {
    expect(blindKey("message", "wamid.1")).toBe(sealer(key).blindKey("message", "wamid.1"));
    expect(sealer(Buffer.alloc(32, 7)).blindKey("message", "wamid.1")).toBe(
      "uX_iQ_qnDdBeB58kB3YoqNMmqCByK6K0vqkrN4rnZks",
    );
  });

  it("differs by value, by purpose and by master key", () => {
    const keys = [
      blindKey("message", "wamid.1"),
      blindKey("message", "wamid.2"),
      blindKey("conversation", "wamid.1"),
      sealer(randomBytes(32)).blindKey("message", "wamid.1"),
    ];
    expect(new Set(keys).size).toBe(4);
  });

  it("does not show its value", () => {
    expect(Buffer.from(blindKey("message", "573001234567"), "base64url").toString("latin1")).not.toContain("5730");
  });
});
