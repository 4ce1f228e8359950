import { z } from "zod";

const list = z.string().transform((text) =>
  text
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== ""),
);

const usualRetentionDays = 30;
/** Meta repeats what was not acknowledged for seven days, and the same bytes must be recognised. */
const leastRetentionDays = 8;

/** Environment -> configuration. Secrets are lists: the current one first, the one being rotated out after it. */
export const WebhookConfig = z
  .object({
    META_APP_SECRETS: list.pipe(z.array(z.string().min(8)).min(1)),
    META_WEBHOOK_VERIFY_TOKEN: z.string().min(8),
    /** Ids of our own portfolio and app, which stand in `entry.id` of partner events. */
    META_OWN_IDS: list.pipe(z.array(z.string().regex(/^\d+$/)).min(1)),
    STRIPE_WEBHOOK_SECRETS: list.pipe(z.array(z.string().startsWith("whsec_")).min(1)),
    /** `raw_webhooks=30`, beside periods of other kinds that other services read. */
    RETENTION_DAYS: z
      .string()
      .default("")
      .transform((text) => Number(/(?:^|,)\s*raw_webhooks=(\d+)/.exec(text)?.[1] ?? usualRetentionDays))
      .pipe(z.number().int().min(leastRetentionDays)),
  })
  .transform((env) => ({
    meta: { appSecrets: env.META_APP_SECRETS, verifyToken: env.META_WEBHOOK_VERIFY_TOKEN, ownIds: env.META_OWN_IDS },
    stripe: { secrets: env.STRIPE_WEBHOOK_SECRETS },
    rawRetentionDays: env.RETENTION_DAYS,
  }));
export type WebhookConfig = z.infer<typeof WebhookConfig>;
