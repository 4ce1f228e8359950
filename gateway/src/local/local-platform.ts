import { join } from "node:path";
import { type Log, type PersonId } from "@greentick/kernel";
import { type MetaSim } from "@greentick/meta-sim";
import { openStore, type Store } from "@greentick/runtime";
import { type StripeSim } from "@greentick/stripe-sim";
import { MongoClient } from "mongodb";
import { type Platform, startPlatform } from "../all-in-one.js";
import { type StaffRole, type Target } from "../story/target.js";
import { startControl } from "./control.js";
import { clearDataFolder } from "./data-folder.js";
import { localEnvironment, localStripeWebhookSecret } from "./environment.js";
import { moveTogether, type ProviderOptions, startLocalMeta, startLocalStripe, wireWebhooks } from "./providers.js";
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
  /** Stands before the name of every database; default `greentick_`. */
  readonly databasePrefix?: string;
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

const dayS = 86_400;

/** One person of each staff role. */
export const localStaff: readonly { readonly role: StaffRole; readonly name: string; readonly email: string }[] = [
  { role: "platform_admin", name: "Ada Sörensen", email: "ada@provider.example" },
  { role: "onboarding_agent", name: "Otávio Lima", email: "otavio@provider.example" },
  { role: "template_reviewer", name: "Tomoko Ishii", email: "tomoko@provider.example" },
  { role: "billing_admin", name: "Bea Castro", email: "bea@provider.example" },
  { role: "auditor", name: "Aino Virtanen", email: "aino@provider.example" },
];

/** The provider that every local platform belongs to. */
export const localProvider = {
  name: "Greentick Local",
  legalName: "Greentick Local BSP Ltd.",
  country: "IE",
  currency: "USD",
  timeZone: "Europe/Dublin",
} as const;

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
  const { log, databasePrefix = "greentick_" } = options;
  if (options.fresh) clearDataFolder(options.dataDir);
  const secrets = localSecrets(options.dataDir);
  const store = await openStore({ ...options.store, dataDir: join(options.dataDir, "store"), log } as Parameters<
    typeof openStore
  >[0]);
  open.add(() => store.close());
  const client = await new MongoClient(store.uri, { writeConcern: { w: "majority", journal: true } }).connect();
  open.add(() => client.close());
  if (options.fresh) await dropAll(client, databasePrefix);
  const providerAt = (name: string, by: number): ProviderOptions => ({
    ...options,
    db: client.db(`${databasePrefix}local_${name}`),
    port: next(options.port, by),
  });
  const meta = await startLocalMeta(providerAt("meta", 1), secrets);
  open.add(() => meta.close());
  const stripe = await startLocalStripe(providerAt("stripe", 2), secrets);
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
  await wireWebhooks(platform.url, { meta, stripe }, secrets);
  const settle = (): Promise<void> => platform.settle();
  const moveClock = moveTogether({ clocks: platform.clocks, settle }, { meta, stripe });
  const now = platform.clocks.business(false);
  const control = await startControl({ now, moveClock, settle }, next(options.port, 3));
  open.add(() => control.close());
  const people = await ensurePeople(platform);
  const target: Target = {
    graphqlUrl: `${platform.url}/graphql`,
    metaUrl: meta.url,
    stripeUrl: stripe.url,
    tokens: Object.fromEntries(people.map(({ role, token }) => [role, token])) as Target["tokens"],
    moveClock,
    settle,
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

async function dropAll(client: MongoClient, databasePrefix: string): Promise<void> {
  const { databases } = await client.db("admin").admin().listDatabases({ nameOnly: true });
  for (const { name } of databases.filter((one) => one.name.startsWith(databasePrefix)))
    await client.db(name).dropDatabase();
}

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

async function ensurePeople(platform: Platform): Promise<readonly LocalPerson[]> {
  const { identity } = platform;
  const ensured = await identity.ensureProvider({
    ...localProvider,
    livemode: false,
    people: localStaff.map(({ role, ...person }) => ({ ...person, roles: [role] })),
  });
  const people: LocalPerson[] = [];
  for (const { role, name, email } of localStaff) {
    const person = ensured.people.find((one) => one.email === email);
    if (person === undefined) throw new Error(`The provider has no ${role}.`);
    people.push({ role, name, token: (await identity.issueFor(person.id as PersonId, dayS)).token });
  }
  await platform.settle();
  return people;
}
