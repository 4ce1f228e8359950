import { z } from "zod";
import { defineEvent } from "./define.js";
import { instant } from "./shapes.js";

export const consentPurposes = ["marketing", "utility", "authentication", "service"] as const;

/** The person is not named: only the consent's own id travels. */
const aboutConsent = z.object({ consentId: z.string(), purpose: z.enum(consentPurposes), at: instant });

export const consentRecorded = defineEvent(
  "consent.recorded",
  1,
  "Evidence was kept that a person agreed to messages for a purpose.",
  aboutConsent,
);
export const consentWithdrawn = defineEvent(
  "consent.withdrawn",
  1,
  "A person does not want messages for this purpose any more.",
  aboutConsent,
);
export const consentsImported = defineEvent(
  "consent.imported",
  1,
  "A file of consents was read.",
  z.object({ rows: z.number(), recorded: z.number(), unchanged: z.number(), refused: z.number() }),
);
