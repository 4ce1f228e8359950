import { join } from "node:path";
import { dayMs, type Log, type PersonId } from "@greentick/kernel";
import { type MetaSim, startMetaSim } from "@greentick/meta-sim";
import { openStore, type Store } from "@greentick/runtime";
import { startStripeSim, type StripeSim } from "@greentick/stripe-sim";
import { type Db, MongoClient } from "mongodb";
import { type Platform, startPlatform } from "../all-in-one.js";
import { type StaffRole, type Target } from "../story/target.js";
import { type ControlVerbs, startControl } from "./control.js";
import { clearDataFolder } from "./data-folder.js";
import { localEnvironment, localMeta, localStripeWebhookSecret } from "./environment.js";
import { type LocalSecrets, localSecrets } from "./secrets.js";

export interface LocalOptions {
  readonly dataDir: string;
  /** The gateway's port; the local Meta, the local Stripe and the control take the next three. 0 takes free ones. */
  readonly port: number;
  /** Removes what an earlier start left. */
  readonly fresh: boolean;
  /** Where the clocks of a fresh store start. */
  readonly clock: Date | "system";
  readonly seed: number;
  readonly log: Log;
  readonly logLevel: string;
  /** How the store is chosen. */
  readonly store: { readonly uri?: string; readonly force?: string; readonly download?: boolean };
}

/** A platform with its own store and local providers, all on this machine. */
export interface LocalPlatform {
  readonly url: string;
  readonly controlUrl: string;
  readonly store: Pick<Store, "uri" | "describe">;
  readonly secrets: LocalSecrets;
  readonly stripeWebhookSecret: string;
  readonly target: Target;
  /** Access tokens of one person of each staff role, with their names. */
  readonly people: readonly LocalPerson[];
  readonly platform: Platform;
  readonly meta: MetaSim;
  readonly stripe: StripeSim;
  readonly close: () => Promise<void>;
}

export interface LocalPerson {
  readonly role: StaffRole;
  readonly name: string;
  readonly token: string;
}

const databasePrefix = "greentick_";
const simDatabases = { meta: `${databasePrefix}local_meta`, stripe: `${databasePrefix}local_stripe` };
const dayS = 86_400;

const staff: readonly { readonly role: StaffRole; readonly name: string; readonly email: string }[] = [
  { role: "platform_admin", name: "Ada Sörensen", email: "ada@provider.example" },
  { role: "onboarding_agent", name: "Otávio Lima", email: "otavio@provider.example" },
  { role: "template_reviewer", name: "Tomoko Ishii", email: "tomoko@provider.example" },
  { role: "billing_admin", name: "Bea Castro", email: "bea@provider.example" },
  { role: "auditor", name: "Aino Virtanen", email: "aino@provider.example" },
];

/** Closes in the opposite order of opening, whatever got open before a failure. */
function closers(): { readonly add: (close: () => Promise<void>) => void; readonly closeAll: () => Promise<void> } {
  const open: (() => Promise<void>)[] = [];
  return {
    add: (close) => {
      open.push(close);
    },
    closeAll: async () => {
      for (let close = open.pop(); close !== undefined; close = open.pop()) await close();
    },
  };
}

/** Starts store, simulators and platform, and wires the providers' webhooks to the door. @throws Error with one sentence for each thing that can be wrong. */
export async function startLocal(options: LocalOptions): Promise<LocalPlatform> {
  const open = closers();
  try {
    return await openAll(options, open);
  } catch (error) {
    await open.closeAll();
    throw error;
  }
}

async function openAll(options: LocalOptions, open: ReturnType<typeof closers>): Promise<LocalPlatform> {
  const { log } = options;
  if (options.fresh) clearDataFolder(options.dataDir);
  const secrets = localSecrets(options.dataDir);
  const store = await openStore({ ...options.store, dataDir: join(options.dataDir, "store"), log } as Parameters<
    typeof openStore
  >[0]);
  open.add(() => store.close());
  const client = await new MongoClient(store.uri, { writeConcern: { w: "majority", journal: true } }).connect();
  open.add(() => client.close());
  if (options.fresh) await dropAll(client);
  const meta = await startLocalMeta(options, secrets, client.db(simDatabases.meta));
  open.add(() => meta.close());
  const stripe = await startLocalStripe(options, secrets, client.db(simDatabases.stripe));
  open.add(() => stripe.close());
  const at = {
    mongoUri: store.uri,
    port: options.port,
    metaUrl: meta.url,
    stripeUrl: stripe.url,
    databasePrefix,
    logLevel: options.logLevel,
  };
  const platform = await startPlatform({ env: localEnvironment(secrets, at), log, facts: { store: store.describe } });
  open.add(() => platform.close());
  await alignClocks(platform, meta, stripe);
  await wireWebhooks(platform, { meta, stripe, secrets });
  const verbs = clockVerbs(platform, meta, stripe);
  const control = await startControl(verbs, next(options.port, 3));
  open.add(() => control.close());
  const people = await ensurePeople(platform);
  const target: Target = {
    graphqlUrl: `${platform.url}/graphql`,
    metaUrl: meta.url,
    stripeUrl: stripe.url,
    tokens: Object.fromEntries(people.map(({ role, token }) => [role, token])) as Target["tokens"],
    moveClock: verbs.moveClock,
    settle: verbs.settle,
  };
  return {
    url: platform.url,
    controlUrl: control.url,
    store,
    secrets,
    stripeWebhookSecret: localStripeWebhookSecret(secrets),
    target,
    people,
    platform,
    meta,
    stripe,
    close: open.closeAll,
  };
}

const next = (port: number, by: number): number => (port === 0 ? 0 : port + by);

async function dropAll(client: MongoClient): Promise<void> {
  const { databases } = await client.db("admin").admin().listDatabases({ nameOnly: true });
  for (const { name } of databases.filter((one) => one.name.startsWith(databasePrefix)))
    await client.db(name).dropDatabase();
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

const startLocalMeta = (options: LocalOptions, secrets: LocalSecrets, db: Db): Promise<MetaSim> =>
  startMetaSim({
    db,
    port: next(options.port, 1),
    ...localMeta,
    appSecret: secrets.metaAppSecret,
    systemToken: secrets.metaSystemToken,
    clock: simClock(options.clock),
    seed: options.seed,
    rateCardDir: join(__dirname, "../../../services/billing/rate-cards"),
    log: simLog(options.log),
  });

const startLocalStripe = (options: LocalOptions, secrets: LocalSecrets, db: Db): Promise<StripeSim> =>
  startStripeSim({
    db,
    port: next(options.port, 2),
    apiKey: secrets.stripeApiKey,
    clock: simClock(options.clock),
    seed: options.seed,
    log: simLog(options.log),
  });

/**
 * The platform's sandbox clock and both simulators stand at one time: a fresh store begins where the simulators were told to, and a start after
 * a crash between two of them brings all three to the furthest.
 */
async function alignClocks(platform: Platform, meta: MetaSim, stripe: StripeSim): Promise<void> {
  const { mode, now } = stripe.control.clock();
  if (mode === "system") return;
  const furthest = Math.max(
    now.getTime(),
    meta.control.now().getTime(),
    platform.clocks.sandboxSetTo()?.getTime() ?? 0,
  );
  await platform.clocks.setSandbox(new Date(furthest));
}

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

async function wireWebhooks(
  platform: Platform,
  parts: { meta: MetaSim; stripe: StripeSim; secrets: LocalSecrets },
): Promise<void> {
  const { meta, stripe, secrets } = parts;
  const form = new URLSearchParams({
    object: "whatsapp_business_account",
    callback_url: `${platform.url}/webhooks/meta`,
    verify_token: secrets.metaVerifyToken,
    include_values: "true",
    fields: webhookFields.join(","),
    access_token: `${localMeta.appId}|${secrets.metaAppSecret}`,
  });
  const subscribed = await fetch(`${meta.url}/v26.0/${localMeta.appId}/subscriptions`, { method: "POST", body: form });
  if (!subscribed.ok) throw new Error(`The local Meta refused our webhook address: ${await subscribed.text()}`);
  await stripe.control.addWebhookEndpoint({
    url: `${platform.url}/webhooks/stripe`,
    secret: localStripeWebhookSecret(secrets),
    enabledEvents: ["*"],
  });
}

/** Less than the 72 hours in which a draft at Stripe waits for us. */
const maxStepMs = 2 * dayMs;

/**
 * Time passes for everybody, at most two days at once: first at Stripe, so that no usage is ever stamped in its future, then for the platform, then at
 * Meta, whose webhooks follow.
 */
function clockVerbs(platform: Platform, meta: MetaSim, stripe: StripeSim): ControlVerbs & Pick<Target, "moveClock"> {
  const settle = (): Promise<void> => platform.settle();
  const step: Target["moveClock"] = async (to, moveMeta) => {
    await stripe.control.setClock(simClock(to));
    await platform.clocks.setSandbox(to);
    await settle();
    if (moveMeta !== undefined && to !== "system") await moveMeta(to);
    else await meta.control.setClock(simClock(to));
    await settle();
  };
  const moveClock: Target["moveClock"] = async (to, moveMeta) => {
    await settle();
    const now = platform.clocks.sandboxSetTo() ?? platform.clocks.system();
    const target = to === "system" ? platform.clocks.system() : to;
    if (to !== "system" && target < now)
      throw new RangeError(`The sandbox clock stands at ${now.toISOString()} and only moves forward.`);
    for (let at = now.getTime() + maxStepMs; at < target.getTime(); at += maxStepMs) await step(new Date(at), moveMeta);
    await step(to, moveMeta);
  };
  return { settle, now: platform.clocks.business(false), moveClock };
}

async function ensurePeople(platform: Platform): Promise<readonly LocalPerson[]> {
  const { identity } = platform;
  const ensured = await identity.ensureProvider({
    name: "Greentick Local",
    legalName: "Greentick Local BSP Ltd.",
    country: "IE",
    currency: "USD",
    timeZone: "Europe/Dublin",
    livemode: false,
    people: staff.map(({ role, ...person }) => ({ ...person, roles: [role] })),
  });
  const people: LocalPerson[] = [];
  for (const { role, name, email } of staff) {
    const person = ensured.people.find((one) => one.email === email);
    if (person === undefined) throw new Error(`The provider has no ${role}.`);
    people.push({ role, name, token: (await identity.issueFor(person.id as PersonId, dayS)).token });
  }
  await platform.settle();
  return people;
}
