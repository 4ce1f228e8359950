import { z } from "zod";
import { defineEvent } from "./define.js";
import { currency, instant, timeZone } from "./shapes.js";

export const tenantKinds = ["provider", "reseller", "client"] as const;
export const tenantStatuses = ["prospect", "onboarding", "active", "suspended", "closed"] as const;

const tenantFacts = z.object({
  tenantId: z.string(),
  parentId: z.string().optional(),
  ancestorIds: z.array(z.string()),
  kind: z.enum(tenantKinds),
  status: z.enum(tenantStatuses),
  name: z.string(),
  legalName: z.string(),
  country: z.string(),
  currency,
  timeZone,
  livemode: z.boolean(),
});

/** Same data in both, so that a projection has one handler. */
export const tenantCreated = defineEvent("tenant.created", 1, "A tenant exists from now on.", tenantFacts);
export const tenantChanged = defineEvent(
  "tenant.changed",
  1,
  "A tenant's details or status changed; the data is the new state.",
  tenantFacts,
);
export const personAdded = defineEvent(
  "tenant.person_added",
  1,
  "A person holds roles in a tenant.",
  z.object({ personId: z.string(), name: z.string(), roles: z.array(z.string()) }),
);
export const actAsGranted = defineEvent(
  "tenant.act_as_granted",
  1,
  "A member of staff may act for this tenant until the given time; the reason is in the envelope.",
  z.object({ grantId: z.string(), staffId: z.string(), until: instant }),
);
/** Published by every service when a use case refuses, so that the trail shows attempts too. */
export const useCaseRefused = defineEvent(
  "audit.refused",
  1,
  "A use case refused a call.",
  z.object({ action: z.string(), code: z.string(), refusal: z.string(), details: z.string() }),
);
