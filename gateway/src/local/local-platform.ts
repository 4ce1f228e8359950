import { join } from "node:path";
import { type Log } from "@greentick/kernel";
import { type MetaSim } from "@greentick/meta-sim";
import { openStore, type Store, type StoreOptions } from "@greentick/runtime";
import { type StripeSim } from "@greentick/stripe-sim";
import { MongoClient } from "mongodb";
import { type Platform, startPlatform } from "../all-in-one.js";
import { type StaffRole, type Target } from "../story/target.js";
import { startControl } from "./control.js";
import { clearDataFolder, folderEntries } from "./data-folder.js";
import { localEnvironment, localStripeWebhookSecret } from "./environment.js";
import { checkPorts, portOf } from "./ports.js";
import {
  type LocalProviders,
  moveTogether,
  type ProviderOptions,
  settleTogether,
  startLocalMeta,
  startLocalStripe,
  stepTogether,
  wireWebhooks,
} from "./providers.js";
import { comeToRest } from "./rest.js";
import { claimFolder } from "./running.js";
import { type LocalSecrets, localSecrets } from "./secrets.js";
import { dropPlatform, openStartRecord, type StartRecord, type StoreNames } from "./start-record.js";

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
  /** Variables of a deployment beside those that follow from the rest, e.g. `RATE_LIMITS`. */
  readonly env?: Readonly<Record<string, string>>;
  /** How the store is chosen. */
  readonly store: {
    readonly uri?: string;
    readonly force?: string;
    readonly download?: boolean;
    /** The store is gone for good: nothing can be done any more. */
    readonly onExit?: (error: Error) => void;
  };
  /** Whether the store remembers its first filling, so that one that was broken off is begun again. Without it nothing is ever removed unasked. */
  readonly keepsRecord?: boolean;
  /** Asked between the steps of the start; what it throws breaks the start off. */
  readonly checkpoint?: () => void;
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
  /** Everybody's time in one step, with one rest at its end; `target.moveClock` is the careful way. */
  readonly stepClock: (to: Date | "system") => Promise<void>;
  /** Present when asked for with `keepsRecord`. */
  readonly record?: StartRecord;
  readonly close: () => Promise<void>;
}

export interface LocalPerson {
  readonly role: StaffRole;
  readonly name: string;
  readonly token: string;
}

const dayS = 86_400;

/** One person of each role of the provider's staff. */
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
  const { log, databasePrefix = "greentick_", port, checkpoint = (): void => undefined } = options;
  const folder = await claimFolder(options.dataDir);
  open.add(() => {
    folder.release();
    return Promise.resolve();
  });
  await checkPorts(port);
  const { store, secrets, client, record } = await openData({ ...options, databasePrefix }, open);
  checkpoint();
  const providers = await openProviders({ ...options, databasePrefix }, { client, secrets, open });
  const { meta, stripe } = providers;
  checkpoint();
  const platform = await startPlatform({
    env: {
      ...localEnvironment(secrets, {
        mongoUri: store.uri,
        port,
        metaUrl: meta.url,
        stripeUrl: stripe.url,
        databasePrefix,
        logLevel: options.logLevel,
        mailFolder: join(options.dataDir, "mail"),
      }),
      ...options.env,
    },
    log,
    facts: { store: store.describe },
  });
  open.add(() => platform.close());
  await acquaint(platform, providers, secrets);
  const settle = settleTogether(() => comeToRest(platform), providers);
  const moved = { clocks: platform.clocks, settle };
  const moveClock = moveTogether(moved, providers);
  const verbs = { now: platform.clocks.business(false), moveClock, settle };
  const control = await startControl(verbs, portOf(port, "the control"));
  open.add(() => control.close());
  folder.announce({ url: platform.url, controlUrl: control.url });
  checkpoint();
  const people = await ensurePeople(platform);
  const target: Target = {
    graphqlUrl: `${platform.url}/graphql`,
    metaUrl: meta.url,
    stripeUrl: stripe.url,
    tokens: tokensOf(people),
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
    stepClock: stepTogether(moved, providers),
    ...(record && { record }),
    close: open.closeAll,
  };
}

const tokensOf = (people: readonly LocalPerson[]): Target["tokens"] =>
  Object.fromEntries(people.map(({ role, token }) => [role, token])) as Target["tokens"];

type PrefixedOptions = LocalOptions & { readonly databasePrefix: string };

interface OpenedData {
  readonly store: Store;
  readonly secrets: LocalSecrets;
  readonly client: MongoClient;
  readonly record: StartRecord | undefined;
}

/** The folder's secrets and the store, emptied first when that was asked for. */
async function openData(options: PrefixedOptions, open: ReturnType<typeof closers>): Promise<OpenedData> {
  const { dataDir, fresh, log, databasePrefix, keepsRecord = false } = options;
  if (fresh) clearDataFolder(dataDir);
  const secrets = localSecrets(dataDir);
  const wanted = { ...options.store, dataDir: join(dataDir, folderEntries.store), log };
  const store = await openStore(wanted as StoreOptions);
  open.add(() => store.close());
  const client = await new MongoClient(store.uri, { writeConcern: { w: "majority", journal: true } }).connect();
  open.add(() => client.close());
  const names: StoreNames = { client, databasePrefix };
  if (fresh) await dropPlatform(names);
  return { store, secrets, client, record: keepsRecord ? await openStartRecord(names, secrets) : undefined };
}

async function openProviders(
  options: PrefixedOptions,
  parts: Pick<OpenedData, "client" | "secrets"> & { readonly open: ReturnType<typeof closers> },
): Promise<LocalProviders> {
  const { client, secrets, open } = parts;
  const providerAt = (name: "meta" | "stripe", port: number): ProviderOptions => ({
    ...options,
    db: client.db(`${options.databasePrefix}local_${name}`),
    port,
  });
  const meta = await startLocalMeta(providerAt("meta", portOf(options.port, "the local Meta")), secrets);
  open.add(() => meta.close());
  const stripe = await startLocalStripe(providerAt("stripe", portOf(options.port, "the local Stripe")), secrets);
  open.add(() => stripe.close());
  return { meta, stripe };
}

/** One time for all, and both providers know our door. */
async function acquaint(platform: Platform, providers: LocalProviders, secrets: LocalSecrets): Promise<void> {
  await alignClocks(platform, providers.meta, providers.stripe);
  await wireWebhooks(platform.url, providers, secrets);
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
    people.push({ role, name, token: (await identity.issueFor(person.id, dayS)).token });
  }
  await platform.settle();
  return people;
}
