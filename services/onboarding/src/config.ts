import { z } from "zod";

/** Environment -> configuration. Durations in ms. */
export const OnboardingConfig = z
  .object({
    META_GRAPH_URL: z.url().default("https://graph.facebook.com"),
    META_GRAPH_VERSION: z
      .string()
      .regex(/^v\d+\.\d+$/)
      .default("v26.0"),
    META_APP_ID: z.string().regex(/^\d+$/),
    META_APP_SECRET: z.string().min(8),
    META_SYSTEM_TOKEN: z.string().min(8),
    META_CREDIT_LINE_ID: z.string().regex(/^\d+$/),
    META_TIMEOUT_MS: z.coerce.number().int().positive().default(10_000),
    META_SANDBOX_GRAPH_URL: z.url().optional(),
  })
  .transform((env) => ({
    meta: {
      graphUrl: env.META_GRAPH_URL.replace(/\/+$/, ""),
      /** Where sandbox tenants work; absent: they cannot be onboarded here. */
      sandboxGraphUrl: env.META_SANDBOX_GRAPH_URL?.replace(/\/+$/, ""),
      version: env.META_GRAPH_VERSION,
      appId: env.META_APP_ID,
      appSecret: env.META_APP_SECRET,
      systemToken: env.META_SYSTEM_TOKEN,
      creditLineId: env.META_CREDIT_LINE_ID,
      timeoutMs: env.META_TIMEOUT_MS,
    },
  }));
export type OnboardingConfig = z.infer<typeof OnboardingConfig>;
