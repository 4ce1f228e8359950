import { type PersonId } from "@greentick/kernel";
import { type SealPlace, type Vault } from "@greentick/runtime";
import { type FactorVault } from "../../ports/people.js";

/** Before people had keys of their own, the deployment's sealed it under this name. */
const placeOf = (personId: PersonId): SealPlace => ({
  personId,
  record: personId,
  field: "second_factor",
  formerly: `${personId}/second_factor`,
});

export const factorVault = (vault: Vault): FactorVault => ({
  seal: async (personId, secret) => (await vault.seal(placeOf(personId), secret)).toString("base64url"),
  open: async (personId, sealed) => (await vault.open(placeOf(personId), Buffer.from(sealed, "base64url"))).toString(),
});
