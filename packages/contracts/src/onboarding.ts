import { z } from "zod";
import { defineEvent } from "./define.js";
import { currency, instant, metaId, timeZone } from "./shapes.js";

export const signupSteps = [
  "preflight",
  "code_exchanged",
  "waba_linked",
  "app_subscribed",
  "credit_shared",
  "number_added",
  "code_requested",
  "code_verified",
  "name_approved",
  "registered",
  "first_inbound",
  "live",
] as const;
export type SignupStep = (typeof signupSteps)[number];

/** Who has to act before a signup case moves on. */
export const signupActors = ["client", "staff", "meta", "system"] as const;

export const signupAdvanced = defineEvent(
  "onboarding.signup_advanced",
  1,
  "A signup case finished a step and names the next one; also published when the case is opened.",
  z.object({
    caseId: z.string(),
    done: z.enum(signupSteps).optional(),
    next: z.enum(signupSteps).optional(),
    /** What it waits for now, in words; empty once the case is live. */
    waitsFor: z.string(),
    waitsOn: z.enum(signupActors).optional(),
  }),
);
export const signupFailed = defineEvent(
  "onboarding.signup_failed",
  1,
  "A step of a signup case was refused; the reason says by whom and what to do.",
  z.object({ caseId: z.string(), step: z.enum(signupSteps), providerCode: z.string().optional(), message: z.string() }),
);
export const signupOverdue = defineEvent(
  "onboarding.signup_overdue",
  1,
  "What a signup case waits for did not happen before its deadline.",
  z.object({ caseId: z.string(), step: z.enum(signupSteps), waitsFor: z.string(), waitsOn: z.enum(signupActors) }),
);
export const signupAbandoned = defineEvent(
  "onboarding.signup_abandoned",
  1,
  "A signup case was given up; the reason is in the envelope.",
  z.object({ caseId: z.string(), step: z.enum(signupSteps).optional() }),
);
export const wabaLinked = defineEvent(
  "onboarding.waba_linked",
  1,
  "A WhatsApp Business Account belongs to this tenant; routing and rating need its currency and zone.",
  z.object({
    wabaId: metaId,
    recordId: z.string(),
    metaBusinessId: metaId,
    name: z.string(),
    currency,
    timeZone,
    from: instant,
  }),
);
export const wabaChanged = defineEvent(
  "onboarding.waba_changed",
  1,
  "Meta changed something about an account: review, verification, funding, restriction.",
  z.object({ wabaId: metaId, recordId: z.string(), field: z.string(), from: z.string().optional(), to: z.string() }),
);
export const numberAdded = defineEvent(
  "onboarding.number_added",
  1,
  "A business phone number belongs to this tenant and WABA.",
  z.object({ phoneNumberId: metaId, recordId: z.string(), wabaId: metaId }),
);
export const numberLive = defineEvent(
  "onboarding.number_live",
  1,
  "A number is registered and has received its first message: the client can work, and billing begins.",
  z.object({ phoneNumberId: metaId, recordId: z.string(), wabaId: metaId, since: instant }),
);
export const numberChanged = defineEvent(
  "onboarding.number_changed",
  1,
  "Meta changed something about a number: name decision, quality, limits, badge.",
  z.object({
    phoneNumberId: metaId,
    recordId: z.string(),
    field: z.string(),
    from: z.string().optional(),
    to: z.string(),
  }),
);
export const badgeAdvanced = defineEvent(
  "onboarding.badge_advanced",
  1,
  "A badge request (Official Business Account) moved to a state.",
  z.object({ badgeRequestId: z.string(), phoneNumberId: metaId, status: z.string(), until: instant.optional() }),
);
