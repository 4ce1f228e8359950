import { isShredded, type Vault } from "@greentick/runtime";
import { type Sealed } from "../../ports/outgoing.js";

/** Texts under a tenant's own key, as base64. */
export const vaultSealed = (vault: Vault): Sealed => ({
  seal: async (place, text) => (await vault.seal(place, text)).toString("base64"),
  open: async (place, sealed) => {
    try {
      return (await vault.open(place, Buffer.from(sealed, "base64"))).toString("utf8");
    } catch (error) {
      if (isShredded(error)) return undefined;
      throw error;
    }
  },
});
