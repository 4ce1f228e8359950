import { type RandomBytes } from "@greentick/kernel";
import { type Vault as TenantVault } from "@greentick/runtime";
import { type Sealed } from "../../domain/owned.js";
import { type NewPin, type Vault } from "../../ports.js";

/** Sealed values as base64 text, so that a document holds nothing but plain values. */
export const sealedVault = (vault: TenantVault): Vault => ({
  seal: async (place, plain) => (await vault.seal(place, plain)).toString("base64") as Sealed,
  open: async (place, sealed) => (await vault.open(place, Buffer.from(sealed, "base64"))).toString("utf8"),
});

const pins = 1_000_000;
const fair = 2 ** 32 - (2 ** 32 % pins);

/** Every PIN of six digits is as likely as any other. */
export const pinFrom =
  (randomBytes: RandomBytes): NewPin =>
  () => {
    for (;;) {
      const drawn = Buffer.from(randomBytes(4)).readUInt32BE();
      if (drawn < fair) return String(drawn % pins).padStart(6, "0");
    }
  };
