import { randomBytes } from "node:crypto";
import { sealer } from "@greentick/runtime";
import { pinFrom, sealedVault } from "./sealed-vault.js";

describe("the vault", () => {
  const vault = sealedVault(sealer(randomBytes(32)));

  it("opens what it sealed, for the same owner and field only", () => {
    const sealed = vault.seal("num_1/pin", "123456");
    expect(sealed).not.toContain("123456");
    expect(vault.open("num_1/pin", sealed)).toBe("123456");
    expect(() => vault.open("num_2/pin", sealed)).toThrow("num_2/pin");
  });
});

describe("a new PIN", () => {
  it("has six digits, leading zeros included", () => {
    expect(pinFrom(() => Buffer.from([0, 0, 0, 42]))()).toBe("000042");
  });

  it("draws again where the draw would favour some PINs", () => {
    const draws = [Buffer.from([255, 255, 255, 255]), Buffer.from([0, 0, 0, 7])];
    expect(pinFrom(() => draws.shift() ?? Buffer.alloc(4))()).toBe("000007");
  });
});
