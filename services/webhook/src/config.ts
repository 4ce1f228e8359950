import { z } from "zod";

const list = z.string().transform((text) =>
  text
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== ""),
);

/** Environment -> configuration. Secrets are lists: the current one first, the one being rotated out after it. */
export const WebhookConfig = z
  .object({
    META_APP_SECRETS: list.pipe(z.array(z.string().min(8)).min(1)),
    META_WEBHOOK_VERIFY_TOKEN: z.string().min(8),
    /** Ids of our own portfolio and app, which stand in `entry.id` of partner events. */
    META_OWN_IDS: list.pipe(z.array(z.string().regex(/^\d+$/)).min(1)),
    STRIPE_WEBHOOK_SECRETS: list.pipe(z.array(z.string().startsWith("whsec_")).min(1)),
  })
  .transform((env) => ({
    meta: { appSecrets: env.META_APP_SECRETS, verifyToken: env.META_WEBHOOK_VERIFY_TOKEN, ownIds: env.META_OWN_IDS },
    stripe: { secrets: env.STRIPE_WEBHOOK_SECRETS },
  }));
export type WebhookConfig = z.infer<typeof WebhookConfig>;
