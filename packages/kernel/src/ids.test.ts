import fc from "fast-check";
import { idPrefixes, type IdKind, idTime, isId, makeId, ulid } from "./ids.js";

const kinds = Object.keys(idPrefixes) as IdKind[];
const tail = fc.uint8Array({ minLength: 10, maxLength: 10 });
const time = fc.integer({ min: 0, max: 2 ** 48 - 1 });

describe("an identifier", () => {
  it("is the prefix of its kind, an underscore and 26 characters", () => {
    expect(makeId("template", 0, new Uint8Array(10))).toBe("tpl_00000000000000000000000000");
  });

  it("is known for what it names, and for nothing else", () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.constantFrom(...kinds), fc.tuple(time, tail), (kind, other, made) => {
        expect(isId(other, makeId(kind, ...made))).toBe(kind === other);
      }),
    );
  });

  it("writes the bits of time and bytes, one after the other, to the base of 32", () => {
    const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    fc.assert(
      fc.property(time, tail, (at, bytes) => {
        const bits = BigInt(`0x${at.toString(16)}${Buffer.from(bytes).toString("hex")}`);
        const body = Array.from({ length: 26 }, (_, place) => digits.charAt(Number((bits >> BigInt(place * 5)) & 31n)));
        expect(ulid(at, bytes)).toBe(body.reverse().join(""));
      }),
    );
  });

  it("sorts by the time of its creation", () => {
    fc.assert(
      fc.property(fc.tuple(time, tail), fc.tuple(time, tail), (a, b) => {
        fc.pre(a[0] < b[0]);
        expect(makeId("event", ...a) < makeId("event", ...b)).toBe(true);
      }),
    );
  });

  it("tells the time of its creation", () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), time, tail, (kind, at, bytes) => {
        expect(idTime(makeId(kind, at, bytes))).toBe(at);
      }),
    );
    expect(idTime("evt_none")).toBeUndefined();
  });

  it("is the same for the same time and bytes, so that one fact gets one identifier", () => {
    fc.assert(
      fc.property(time, tail, (at, bytes) => {
        expect(makeId("entry", at, bytes)).toBe(makeId("entry", at, Uint8Array.from(bytes)));
      }),
    );
  });

  it("differs when any of its bytes differs", () => {
    fc.assert(
      fc.property(tail, fc.nat(9), fc.integer({ min: 1, max: 255 }), (bytes, place, change) => {
        const changed = bytes.map((byte, index) => (index === place ? byte ^ change : byte));
        expect(ulid(0, changed)).not.toBe(ulid(0, bytes));
      }),
    );
  });

  it.each([
    ["a number", 12],
    ["nothing", undefined],
    ["an object with a query operator", { $ne: "" }],
    ["another kind", "ten_00000000000000000000000000"],
    ["a body that is too short", "tpl_0000"],
    ["a letter that ULIDs do not use", "tpl_0000000000000000000000000U"],
    ["lower case", "tpl_0000000000000000000000000a"],
    ["a time beyond 48 bits", "tpl_80000000000000000000000000"],
    ["a line break at the end", "tpl_00000000000000000000000000\n"],
  ])("is not %s", (_, text) => {
    expect(isId("template", text)).toBe(false);
  });

  it.each([
    ["a negative time", -1, 10],
    ["a fraction of a millisecond", 1.5, 10],
    ["a time beyond 48 bits", 2 ** 48, 10],
    ["too few bytes", 0, 9],
    ["too many bytes", 0, 11],
  ])("cannot be made from %s", (_, at, length) => {
    expect(() => ulid(at, new Uint8Array(length))).toThrow(RangeError);
  });

  it("has a prefix that no other kind has", () => {
    expect(new Set(Object.values(idPrefixes)).size).toBe(kinds.length);
  });
});
