import { z } from "zod";
import { deliveryRetention, deliveryRetentionProblem, outgoingVariables } from "./out-config.js";

const list = z.string().transform((text) =>
  text
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== ""),
);

const usualRetentionDays = 30;
const usualStorePatienceMs = 5_000;
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
    /** A store that has not answered for so long counts as stuck: senders are told to come again. */
    WEBHOOK_STORE_PATIENCE_MS: z
      .string()
      .default("")
      .transform((text) => (text === "" ? usualStorePatienceMs : Number(text)))
      .pipe(z.number().int().min(100)),
    ...outgoingVariables,
    /** `raw_webhooks=30,webhook_deliveries=30`, beside periods of other kinds that other services read. */
    RETENTION_DAYS: z
      .string()
      .default("")
      .transform((text, context) => {
        const problem = deliveryRetentionProblem(deliveryRetention(text));
        if (problem !== undefined) context.issues.push({ code: "custom", message: problem, input: text });
        const raw = Number(/(?:^|,)\s*raw_webhooks=(\d+)/.exec(text)?.[1] ?? usualRetentionDays);
        if (raw < leastRetentionDays)
          context.issues.push({
            code: "custom",
            message: `raw_webhooks must be ${leastRetentionDays} days at least`,
            input: text,
          });
        return { raw, deliveries: deliveryRetention(text) };
      }),
  })
  .transform((env) => ({
    meta: { appSecrets: env.META_APP_SECRETS, verifyToken: env.META_WEBHOOK_VERIFY_TOKEN, ownIds: env.META_OWN_IDS },
    stripe: { secrets: env.STRIPE_WEBHOOK_SECRETS },
    storePatienceMs: env.WEBHOOK_STORE_PATIENCE_MS,
    rawRetentionDays: env.RETENTION_DAYS.raw,
    outgoing: { allowPrivate: env.WEBHOOK_ALLOW_PRIVATE === "true", retentionDays: env.RETENTION_DAYS.deliveries },
  }));
type FromEnvironment = z.infer<typeof WebhookConfig>;
/** What tenants' own webhooks need has defaults. */
export type WebhookConfig = Omit<FromEnvironment, "outgoing" | "storePatienceMs"> &
  Partial<Pick<FromEnvironment, "outgoing" | "storePatienceMs">>;
