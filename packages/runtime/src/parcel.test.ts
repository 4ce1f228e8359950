import { newParcelKeys, openParcel, sealParcel } from "./parcel.js";

describe("a sealed parcel", () => {
  it("opens for the holder of the private key, under its own name, unchanged, and not otherwise", async () => {
    const [ours, others] = await Promise.all([newParcelKeys(), newParcelKeys()]);
    const sealed = sealParcel(ours.publicKey, "dsr_1/webhook", "Lucía +57 300 555 0123");
    expect(sealed).not.toContain("555");
    expect(openParcel(ours.privateKey, "dsr_1/webhook", sealed)).toBe("Lucía +57 300 555 0123");
    const [lock = "", nonce = "", tag = "", body = ""] = sealed.split(".");
    const changed = Buffer.from(body, "base64").map((byte, at) => (at === 0 ? byte ^ 1 : byte));
    expect(() => openParcel(others.privateKey, "dsr_1/webhook", sealed)).toThrow();
    expect(() => openParcel(ours.privateKey, "dsr_1/consent", sealed)).toThrow();
    expect(() => openParcel(ours.privateKey, "dsr_1/webhook", [lock, nonce, tag].join("."))).toThrow("four parts");
    const forged = [lock, nonce, tag, Buffer.from(changed).toString("base64")].join(".");
    expect(() => openParcel(ours.privateKey, "dsr_1/webhook", forged)).toThrow();
  });
});
