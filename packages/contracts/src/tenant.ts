import { z } from "zod";
import { defineEvent } from "./define.js";
import { currency, fieldChange, instant, timeZone } from "./shapes.js";

export const tenantKinds = ["provider", "reseller", "client", "branch"] as const;
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
  /** Of a sandbox twin: the live tenant whose twin it is. */
  twinOf: z.string().optional(),
});

/** Same data in both, so that a projection has one handler. */
export const tenantCreated = defineEvent("tenant.created", 1, "A tenant exists from now on.", tenantFacts);
export const tenantChanged = defineEvent(
  "tenant.changed",
  1,
  "A tenant's details or status changed; the data is the new state, and what changed.",
  tenantFacts.extend({ changes: z.array(fieldChange).optional() }),
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
  z.object({
    grantId: z.string(),
    staffId: z.string(),
    until: instant,
    /** Words of permission; absent in grants from before they had any. */
    scopes: z.array(z.string()).optional(),
  }),
);
export const actAsRevoked = defineEvent(
  "tenant.act_as_revoked",
  1,
  "A member of staff may not act for this tenant any more; who ended it and why is in the envelope.",
  z.object({ grantId: z.string(), staffId: z.string() }),
);
const keyFacts = z.object({
  apiKeyId: z.string(),
  name: z.string(),
  /** The part of the key that may be shown. */
  visible: z.string(),
  scopes: z.array(z.string()),
  ipAllowList: z.array(z.string()),
  expiresAt: instant,
});
export const apiKeyCreated = defineEvent(
  "tenant.api_key_created",
  1,
  "A tenant's API key exists from now on.",
  keyFacts,
);
export const apiKeyRotated = defineEvent(
  "tenant.api_key_rotated",
  1,
  "An API key has a new secret; the old one works until the given time.",
  keyFacts.extend({ oldSecretUntil: instant }),
);
export const apiKeyRevoked = defineEvent(
  "tenant.api_key_revoked",
  1,
  "An API key is worth nothing any more; the reason is in the envelope.",
  z.object({ apiKeyId: z.string(), name: z.string() }),
);
/** Published by every service when a use case refuses, so that the trail shows attempts too. */
export const useCaseRefused = defineEvent(
  "audit.refused",
  1,
  "A use case refused a call.",
  z.object({ action: z.string(), code: z.string(), refusal: z.string(), details: z.string() }),
);
export const auditExportRequested = defineEvent(
  "audit.export_requested",
  1,
  "Somebody asked for the tenant's audit trail as a file; a link to it is good until the given time.",
  z.object({ exportId: z.string(), firstSequence: z.number(), until: instant }),
);
export const auditTrailDownloaded = defineEvent(
  "audit.trail_downloaded",
  1,
  "The link to the tenant's audit trail was used.",
  z.object({ exportId: z.string() }),
);
export const tenantClosed = defineEvent(
  "tenant.closed",
  1,
  "A tenant is closed for ever: its last usage is billed, its data kept for their periods and then erased.",
  z.object({ tenantId: z.string(), closedAt: instant }),
);
export const retentionEnded = defineEvent(
  "tenant.retention_ended",
  1,
  "The period for which one kind of a closed tenant's data is kept has passed: whoever holds that kind erases it.",
  z.object({ tenantId: z.string(), kind: z.string(), at: instant }),
);
export const tenantErased = defineEvent(
  "tenant.erased",
  1,
  "The last retention period of a closed tenant's personal data has passed: what is left of it is erased, its keys are shredded.",
  z.object({ tenantId: z.string(), at: instant }),
);
export const legalHoldPlaced = defineEvent(
  "tenant.legal_hold_placed",
  1,
  "Nothing of this tenant may be erased until the hold is lifted; the reason is in the envelope.",
  z.object({ tenantId: z.string() }),
);
export const legalHoldLifted = defineEvent(
  "tenant.legal_hold_lifted",
  1,
  "What was due for erasure during the hold is erased now.",
  z.object({ tenantId: z.string() }),
);
