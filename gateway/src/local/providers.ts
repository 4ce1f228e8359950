import { join } from "node:path";
import { dayMs, type Log } from "@greentick/kernel";
import { type MetaSim, startMetaSim } from "@greentick/meta-sim";
import { type Clocks } from "@greentick/runtime";
import { startStripeSim, type StripeSim } from "@greentick/stripe-sim";
import { type Db } from "mongodb";
import { type Target } from "../story/target.js";
import { localMeta, localStripeWebhookSecret } from "./environment.js";
import { type LocalSecrets } from "./secrets.js";

/** How a local provider starts. */
export interface ProviderOptions {
  /** Its own database: a restart finds everything as it was. */
  readonly db: Db;
  /** 0 takes a free one. */
  readonly port: number;
  /** Where the clock of a fresh database starts. */
  readonly clock: Date | "system";
  readonly seed: number;
  readonly log: Log;
}

export interface LocalProviders {
  readonly meta: MetaSim;
  readonly stripe: StripeSim;
}

const simClock = (clock: Date | "system"): { readonly now: Date } | "system" =>
  clock === "system" ? clock : { now: clock };

/** The simulators' log lines, told apart from the platform's. */
const simLog = (
  log: Log,
): { readonly [K in "info" | "warn" | "error"]: (fields: object, sentence: string) => void } => {
  const own = log.child({ simulator: true });
  return {
    info: (fields, sentence) => {
      own.info({ ...fields }, sentence);
    },
    warn: (fields, sentence) => {
      own.warn({ ...fields }, sentence);
    },
    error: (fields, sentence) => {
      own.error({ ...fields }, sentence);
    },
  };
};

export const startLocalMeta = (options: ProviderOptions, secrets: LocalSecrets): Promise<MetaSim> =>
  startMetaSim({
    db: options.db,
    port: options.port,
    ...localMeta,
    appSecret: secrets.metaAppSecret,
    systemToken: secrets.metaSystemToken,
    clock: simClock(options.clock),
    seed: options.seed,
    rateCardDir: join(__dirname, "../../../services/billing/rate-cards"),
    log: simLog(options.log),
  });

export const startLocalStripe = (options: ProviderOptions, secrets: LocalSecrets): Promise<StripeSim> =>
  startStripeSim({
    db: options.db,
    port: options.port,
    apiKey: secrets.stripeApiKey,
    clock: simClock(options.clock),
    seed: options.seed,
    log: simLog(options.log),
  });

/** Everything that Meta reports about accounts, numbers, templates and messages. */
const webhookFields = [
  "messages",
  "message_template_status_update",
  "message_template_quality_update",
  "message_template_components_update",
  "template_category_update",
  "phone_number_name_update",
  "phone_number_quality_update",
  "account_update",
  "account_alerts",
  "account_review_update",
  "business_capability_update",
  "security",
  "user_preferences",
  "partner_solutions",
];

/** Tells both providers where the door is: `http://host:port` of whatever serves `/webhooks/*`. Safe to repeat. */
export async function wireWebhooks(
  doorUrl: string,
  { meta, stripe }: LocalProviders,
  secrets: LocalSecrets,
): Promise<void> {
  const form = new URLSearchParams({
    object: "whatsapp_business_account",
    callback_url: `${doorUrl}/webhooks/meta`,
    verify_token: secrets.metaVerifyToken,
    include_values: "true",
    fields: webhookFields.join(","),
    access_token: `${localMeta.appId}|${secrets.metaAppSecret}`,
  });
  const subscribed = await fetch(`${meta.url}/v26.0/${localMeta.appId}/subscriptions`, { method: "POST", body: form });
  if (!subscribed.ok) throw new Error(`The local Meta refused our webhook address: ${await subscribed.text()}`);
  await stripe.control.addWebhookEndpoint({
    url: `${doorUrl}/webhooks/stripe`,
    secret: localStripeWebhookSecret(secrets),
    enabledEvents: ["*"],
  });
}

/** Less than the 72 hours in which a draft at Stripe waits for us. */
const maxStepMs = 2 * dayMs;

/** What the clock's hand needs of a platform, in however many processes it runs. */
export interface MovedPlatform {
  readonly clocks: Clocks;
  /** Resolves when nothing moves any more. */
  readonly settle: () => Promise<void>;
}

/**
 * Time passes for everybody, at most two days at once: first at Stripe, so that no usage is ever stamped in its future, then for the platform, then at
 * Meta, whose webhooks follow.
 */
export function moveTogether(platform: MovedPlatform, { meta, stripe }: LocalProviders): Target["moveClock"] {
  const { clocks, settle } = platform;
  const step: Target["moveClock"] = async (to, moveMeta) => {
    await stripe.control.setClock(simClock(to));
    await clocks.setSandbox(to);
    await settle();
    if (moveMeta !== undefined && to !== "system") await moveMeta(to);
    else await meta.control.setClock(simClock(to));
    await settle();
  };
  const moveClock: Target["moveClock"] = async (to, moveMeta) => {
    await settle();
    const now = clocks.sandboxSetTo() ?? clocks.system();
    const target = to === "system" ? clocks.system() : to;
    if (to !== "system" && target < now)
      throw new RangeError(`The sandbox clock stands at ${now.toISOString()} and only moves forward.`);
    for (let at = now.getTime() + maxStepMs; at < target.getTime(); at += maxStepMs) await step(new Date(at), moveMeta);
    await step(to, moveMeta);
  };
  return moveClock;
}
