import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { after, dayMs, type Log, utcMonth, utcMonthOf } from "@greentick/kernel";
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
const simLog = (log: Log): Readonly<Record<"info" | "warn" | "error", (fields: object, sentence: string) => void>> => {
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

/** @throws Error when the port is taken or a rate card cannot be read. */
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

/** @throws Error when the port is taken. */
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

const tellingMs = 30_000;

/** How much both providers have told us so far, once neither has anything more to tell. */
async function told({ meta, stripe }: LocalProviders): Promise<string> {
  await stripe.control.settled();
  const attempts = (await stripe.control.webhooks()).reduce((sum, one) => sum + one.attempts.length, 0);
  const until = Date.now() + tellingMs;
  for (;;) {
    const { pending, acknowledged } = await meta.control.webhooks();
    if (pending === 0) return `${String(acknowledged)}/${String(attempts)}`;
    if (Date.now() > until)
      throw new Error(`The local Meta has ${String(pending)} webhooks that nobody acknowledges: is the door up?`);
    await sleep(20);
  }
}

/**
 * Rest of a platform and its providers together. A call to a provider makes it tell us something a moment later, behind the back of a platform that
 * has settled: so the platform settles again until nothing was told meanwhile.
 */
export const settleTogether =
  (settle: () => Promise<void>, providers: LocalProviders): (() => Promise<void>) =>
  async () => {
    for (let before = await told(providers); ;) {
      await settle();
      const after = await told(providers);
      if (after === before) return;
      before = after;
    }
  };

/** What the clock's hand needs of a platform, in however many processes it runs. */
export interface MovedPlatform {
  readonly clocks: Clocks;
  /** Resolves when nothing moves any more, in the platform and at its providers. */
  readonly settle: () => Promise<void>;
}

/** A draft waits at Stripe for 72 hours after a month's turn: less than that, so that ours is compared before it is final. */
const afterTurnMs = 2 * dayMs;
const longestStepMs = 10 * dayMs;

/** Where time stands still next on its way: at a month's turn, two days after it, and at least every ten days. */
function nextStop(now: Date, target: Date): Date {
  const { start, end } = utcMonth(utcMonthOf(now));
  const stops = [after(start, afterTurnMs), end, after(now, longestStepMs), target].filter((stop) => stop > now);
  return new Date(Math.min(...stops.map((stop) => stop.getTime())));
}

/**
 * Time passes for everybody, in steps that leave each month's turn to itself: first at Stripe, so that no usage is ever stamped in its future, then for
 * the platform, then at Meta, whose webhooks follow.
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
    for (let at = nextStop(now, target); at < target; at = nextStop(at, target)) await step(at, moveMeta);
    await step(to, moveMeta);
  };
  return moveClock;
}

/** One step of everybody's time, with one rest at its end: for a caller who knows that nothing moves and that no draft of Stripe's is skipped. */
export const stepTogether =
  ({ clocks, settle }: MovedPlatform, { meta, stripe }: LocalProviders): ((to: Date | "system") => Promise<void>) =>
  async (to) => {
    await stripe.control.setClock(simClock(to));
    await clocks.setSandbox(to);
    await meta.control.setClock(simClock(to));
    await settle();
  };
