import fc from "fast-check";
import { signBody, verifySignature } from "./signature.js";

describe("the signature of a webhook", () => {
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
});
