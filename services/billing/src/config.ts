import { join } from "node:path";
import { z } from "zod";

/** Environment -> configuration. Durations in ms. The rate cards that Meta published lie beside the code. */
export const BillingConfig = z
  .object({
    BILLING_RATE_CARDS_DIR: z
      .string()
      .min(1)
      .default(join(__dirname, "..", "rate-cards")),
    STRIPE_SECRET_KEY: z.string().regex(/^(sk|rk)_(test|live)_\w+$/, "must be a secret or restricted key of Stripe's"),
    STRIPE_API_URL: z.url({ protocol: /^http$/ }).optional(),
    STRIPE_TIMEOUT_MS: z.coerce.number().int().positive().default(20_000),
    BILLING_METER_REST_MS: z.coerce
      .number()
      .int()
      .min(0)
      .default(15 * 60_000),
    META_GRAPH_URL: z.url().default("https://graph.facebook.com"),
    /** Where sandbox tenants' accounts live; default: as live ones. */
    META_SANDBOX_GRAPH_URL: z.url().optional(),
    META_GRAPH_VERSION: z
      .string()
      .regex(/^v\d+\.\d+$/)
      .default("v26.0"),
    META_TIMEOUT_MS: z.coerce.number().int().positive().default(20_000),
    META_APP_ID: z.string().regex(/^\d+$/, "is decimal digits"),
    META_APP_SECRET: z.string().min(8),
    META_SYSTEM_TOKEN: z.string().min(8),
    META_BUSINESS_ID: z.string().regex(/^\d+$/, "is decimal digits"),
  })
  .transform((env) => ({
    rateCardsDir: env.BILLING_RATE_CARDS_DIR,
    stripe: {
      secretKey: env.STRIPE_SECRET_KEY,
      timeoutMs: env.STRIPE_TIMEOUT_MS,
      ...(env.STRIPE_API_URL !== undefined && { address: env.STRIPE_API_URL }),
    },
    meterRestMs: env.BILLING_METER_REST_MS,
    meta: {
      baseUrl: env.META_GRAPH_URL.replace(/\/+$/, ""),
      sandboxUrl: env.META_SANDBOX_GRAPH_URL?.replace(/\/+$/, ""),
      version: env.META_GRAPH_VERSION,
      timeoutMs: env.META_TIMEOUT_MS,
      appId: env.META_APP_ID,
      appSecret: env.META_APP_SECRET,
      systemToken: env.META_SYSTEM_TOKEN,
      businessId: env.META_BUSINESS_ID,
    },
  }));
export type BillingConfig = z.infer<typeof BillingConfig>;
