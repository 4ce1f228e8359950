import { type Recipes, type SideName } from "../subject.js";
import { counted, plainly } from "./making.js";

/** The number of the contact who came so many-th: the same at both sides. */
export const contactNumber = (at: number): string => `+57300555${String(at).padStart(4, "0")}`;

/** Consents and the duties towards the people behind them: the same numbers at both sides. */
export function consentRecipes(): Recipes {
  const identity = (side: SideName): { readonly phone: string } => ({
    phone: contactNumber(Number(counted(side, "contact"))),
  });
  const evidence = {
    purpose: "MARKETING",
    source: "web-form/checkout",
    language: "es",
    proofText: "Quiero ofertas",
    proofUrl: "https://casa.example/proof",
  } as const;
  const duty = (side: SideName): Readonly<Record<string, unknown>> => ({
    identity: identity(side),
    idempotencyKey: `duty:${counted(side, "duty")}`,
  });
  return {
    recordConsent: plainly("owner", (side) => ({ ...evidence, identity: identity(side) })),
    withdrawConsent: plainly("owner", (side) => ({ ...evidence, identity: identity(side) })),
    importConsents: plainly("owner", (side) => ({
      csv: `phone,purpose,source,obtained_at\n${identity(side).phone},marketing,import,2026-11-01T00:00:00Z\nnothing,marketing,import,2026-11-01T00:00:00Z\n`,
    })),
    requestDataExport: plainly("owner", duty),
    requestDataErasure: plainly("owner", duty),
  };
}
