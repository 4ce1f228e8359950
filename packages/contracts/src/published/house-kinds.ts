import { z } from "zod";
import { endpointEndings } from "../endpoint.js";
import { tenantStatuses } from "../tenant.js";
import { ourId, publishKind, time } from "./kind.js";

const keyFacts = {
  apiKeyId: ourId("key"),
  name: z.string(),
  visible: z.string().describe("The part of the key by which it can be recognised."),
  scopes: z.array(z.string()),
  expiresAt: time,
};
const aKey = {
  apiKeyId: "key_01JTESTKEY000000000000000A",
  name: "Shop",
  visible: "gtk_live_8fQ2",
  scopes: ["template:read"],
  expiresAt: "2027-01-03T00:00:00.000Z",
};
const grantId = ourId("grant");
const microsText = z.string().describe("Millionths of the currency unit, as decimal digits.");
const aGrant = "grt_01JTESTGRANT0000000000000A";

export const houseKinds = [
  publishKind("business.changed", 1, {
    meaning: "Details or the status of the business changed.",
    permission: "tenant:read",
    data: z.object({
      status: z.enum(tenantStatuses),
      name: z.string(),
      changed: z.array(z.string()).describe("Names of the fields that changed; their values are read with `tenant`."),
    }),
    example: { status: "active", name: "Casa Lumen", changed: ["status"] },
  }),
  publishKind("api_key.created", 1, {
    meaning: "An API key exists from now on.",
    permission: "key:read",
    data: z.object(keyFacts),
    example: aKey,
  }),
  publishKind("api_key.rotated", 1, {
    meaning: "An API key has a new secret; the old one works until the given time.",
    permission: "key:read",
    data: z.object({ ...keyFacts, oldSecretUntil: time }),
    example: { ...aKey, oldSecretUntil: "2026-10-06T09:00:00.000Z" },
  }),
  publishKind("api_key.revoked", 1, {
    meaning: "An API key is worth nothing any more.",
    permission: "key:read",
    data: z.object({ apiKeyId: keyFacts.apiKeyId, name: z.string() }),
    example: { apiKeyId: aKey.apiKeyId, name: aKey.name },
  }),
  publishKind("access.granted", 1, {
    meaning: "A member of the provider's staff may act for this business until the given time.",
    permission: "audit:read",
    data: z.object({ grantId, until: time, reason: z.string().optional(), scopes: z.array(z.string()).optional() }),
    example: {
      grantId: aGrant,
      until: "2026-10-05T10:00:00.000Z",
      reason: "Onboarding",
      scopes: ["onboarding:read", "onboarding:write"],
    },
  }),
  publishKind("access.ended", 1, {
    meaning: "A member of the provider's staff may not act for this business any more.",
    permission: "audit:read",
    data: z.object({ grantId, reason: z.string().optional() }),
    example: { grantId: aGrant, reason: "Done" },
  }),
  publishKind("billing.plan_released", 1, {
    meaning: "The price plan has a new version.",
    permission: "billing:read",
    data: z.object({ planId: ourId("plan"), version: z.int(), effectiveFrom: z.string(), kind: z.string() }),
    example: {
      planId: "pln_01JTESTPLAN00000000000000A",
      version: 2,
      effectiveFrom: "2026-11-01",
      kind: "percent",
    },
  }),
  publishKind("billing.budget_reached", 1, {
    meaning: "A percentage of a budget's limit is spent or reserved. It is told once in each period of the budget.",
    permission: "billing:read",
    data: z.object({
      budgetId: ourId("budget"),
      name: z.string(),
      period: z.string().describe("`2026-11`, or `total`."),
      limit: z.enum(["soft", "hard"]).describe("Beyond the hard limit no reservation is granted."),
      percent: z.int(),
      currency: z.string(),
      limitMicros: microsText,
      usedMicros: microsText,
    }),
    example: {
      budgetId: "bgt_01JTESTBVDGET000000000000A",
      name: "Marketing",
      period: "2026-11",
      limit: "hard",
      percent: 80,
      currency: "USD",
      limitMicros: "500000000",
      usedMicros: "400062500",
    },
  }),
  publishKind("billing.balance_low", 1, {
    meaning:
      "What is left of the prepaid balance fell below an amount. It is told again after the balance was above it.",
    permission: "billing:read",
    data: z.object({ currency: z.string(), belowMicros: microsText, availableMicros: microsText }),
    example: { currency: "USD", belowMicros: "50000000", availableMicros: "49937500" },
  }),
  publishKind("billing.balance_topped_up", 1, {
    meaning: "The business paid into its prepaid balance.",
    permission: "billing:read",
    data: z.object({
      topUpId: ourId("payment"),
      currency: z.string(),
      amountMicros: microsText,
      source: z.string(),
      reference: z.string(),
    }),
    example: {
      topUpId: "top_01JTESTT0PVP0000000000000A",
      currency: "USD",
      amountMicros: "250000000",
      source: "bank_transfer",
      reference: "2026-11-0042",
    },
  }),
  publishKind("billing.invoice_finalized", 1, {
    meaning: "A month's invoice is final.",
    permission: "billing:read",
    data: z.object({
      invoiceId: ourId("invoice"),
      month: z.string(),
      currency: z.string(),
      totalMinor: z.string().describe("In the smallest unit of the currency, as decimal digits."),
    }),
    example: { invoiceId: "inv_01JTEST1NV01CE0000000000A", month: "2026-10", currency: "USD", totalMinor: "12345" },
  }),
  publishKind("privacy.request_closed", 1, {
    meaning: "A person's request for their data or for its erasure is done; its certificate can be read.",
    permission: "privacy:read",
    data: z.object({ requestId: ourId("request"), duty: z.string(), certificateSha256: z.string() }),
    example: {
      requestId: "dsr_01JTESTREQVEST00000000000A",
      duty: "erasure",
      certificateSha256: "a1".repeat(32),
    },
  }),
  publishKind("endpoint.disabled", 1, {
    meaning: "One of the business's endpoints gets nothing any more, until it is enabled again.",
    permission: "endpoint:read",
    data: z.object({
      endpointId: ourId("endpoint"),
      host: z.string(),
      because: z.enum(endpointEndings),
      failingSince: time.optional(),
    }),
    example: {
      endpointId: "whe_01JTESTEND0000000000000A0A",
      host: "hooks.casa.example",
      because: "failing",
      failingSince: "2026-10-01T09:00:00.000Z",
    },
  }),
];
