import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { signBody, verifySignature } from "./signature.js";

const hex = (text: string): Buffer => Buffer.from(text, "hex");

describe("the signature of a webhook", () => {
  const vectors = vectorsOf("wycheproof-hmac-sha256.json");

  it("is HMAC-SHA256 over the bytes, as Meta documents it", () => {
    // The vector of RFC 4231, test case 2.
    expect(signBody("Jefe", Buffer.from("what do ya want for nothing?"))).toBe(
      "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    );
  });

  it("holds under any of the secrets in force, so that a secret can be rotated", () => {
    const body = Buffer.from("{}");
    expect(verifySignature(["new-secret", "old-secret"], signBody("old-secret", body), body)).toBe(true);
    expect(verifySignature(["new-secret"], signBody("old-secret", body), body)).toBe(false);
  });

  it("fails when any byte of body or header changes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), fc.nat(), fc.integer({ min: 1, max: 255 }), (body, place, flip) => {
        const header = signBody("secret", body);
        const at = place % body.length;
        const changed = Uint8Array.from(body, (byte, index) => (index === at ? byte ^ flip : byte));
        expect(verifySignature(["secret"], header, body)).toBe(true);
        expect(verifySignature(["secret"], header, changed)).toBe(false);
      }),
    );
  });

  it.each([undefined, "", "sha256=", "sha1=abc", `sha256=${"0".repeat(63)}`, `sha256=${"g".repeat(64)}`])(
    "refuses the header %s",
    (header) => {
      expect(verifySignature(["secret"], header, Buffer.from("{}"))).toBe(false);
    },
  );

  describe("after the vectors of Project Wycheproof", () => {
    const whole = vectors.filter(({ tag }) => tag.length === 32);
    const cut = vectors.filter(({ tag }) => tag.length < 32);
    const taken = ({ key, message }: Vector, tag: Buffer): boolean =>
      verifySignature([key], `sha256=${tag.toString("hex")}`, message);
    const changed = (tag: Buffer, byte: (value: number, at: number) => number): Buffer =>
      Buffer.from(tag.map((value, at) => byte(value, at)));

    it("is made and taken as all 33 whole ones say", () => {
      expect(whole).toHaveLength(33);
      for (const vector of whole) {
        expect(signBody(vector.key, vector.message)).toBe(`sha256=${vector.tag.toString("hex")}`);
        expect(taken(vector, vector.tag)).toBe(true);
      }
    });

    it("is refused with any single bit of it turned, and with every bit, one of each byte, or a whole half of it", () => {
      for (const vector of whole) {
        const { tag } = vector;
        const bits = Array.from({ length: 256 }, (_, bit) =>
          changed(tag, (value, at) => (at === bit >> 3 ? value ^ (1 << (bit & 7)) : value)),
        );
        const more = [
          changed(tag, (value) => value ^ 0xff),
          changed(tag, (value) => value ^ 0x80),
          changed(tag, (value) => value ^ 0x01),
          changed(tag, (value, at) => (at < 16 ? value : 0)),
          changed(tag, (value, at) => (at < 16 ? 0 : value)),
          Buffer.alloc(32),
          Buffer.alloc(32, 0xff),
        ];
        expect([...bits, ...more].filter((wrong) => taken(vector, wrong))).toEqual([]);
      }
    });

    it("is refused when it is cut, although what is left of it is right, and when something is behind it", () => {
      expect(cut).toHaveLength(33);
      for (const vector of cut) {
        expect(signBody(vector.key, vector.message).slice(7, 7 + 32)).toBe(vector.tag.toString("hex"));
        expect(taken(vector, vector.tag)).toBe(false);
      }
      for (const vector of whole) {
        const lengths = Array.from({ length: 32 }, (_, length) => vector.tag.subarray(0, length));
        const longer = Buffer.concat([vector.tag, Buffer.alloc(1)]);
        expect([...lengths, longer].filter((wrong) => taken(vector, wrong))).toEqual([]);
      }
    });
  });
});

interface Vector {
  readonly key: Buffer;
  readonly message: Buffer;
  readonly tag: Buffer;
}

function vectorsOf(file: string): readonly Vector[] {
  const { tests } = JSON.parse(readFileSync(join(__dirname, "fixtures", file), "utf8")) as {
    readonly tests: readonly Readonly<Record<"key" | "message" | "tag", string>>[];
  };
  return tests.map(({ key, message, tag }) => ({ key: hex(key), message: hex(message), tag: hex(tag) }));
}
