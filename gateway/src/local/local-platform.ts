import { join } from "node:path";
import { opening } from "@greentick/graphql";
import { type Log } from "@greentick/kernel";
import { type MetaSim } from "@greentick/meta-sim";
import {
  openStore,
  type Store,
  StoreError,
  type StoreOptions,
  type StoreReason,
  whenDurable,
} from "@greentick/runtime";
import { type StripeSim } from "@greentick/stripe-sim";
import { MongoClient } from "mongodb";
import { type Platform, startPlatform } from "../all-in-one.js";
import { type Target } from "../story/target.js";
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
import { type LocalPerson, signInStaff } from "./staff.js";
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
    readonly uri?: string | undefined;
    readonly force?: string | undefined;
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

/** Starts store, simulators and platform, and wires the providers' webhooks to the door. @throws Error with one sentence for each thing that can be wrong. */
export const startLocal = (options: LocalOptions): Promise<LocalPlatform> =>
  opening((andLater) => openAll({ databasePrefix: "greentick_", ...options }, andLater));

type PrefixedOptions = LocalOptions & { readonly databasePrefix: string };
type AndLater = (close: () => Promise<void>) => void;

async function openAll(options: PrefixedOptions, andLater: AndLater): Promise<Omit<LocalPlatform, "close">> {
  const { log, databasePrefix, port, checkpoint = (): void => undefined } = options;
  const folder = await claimFolder(options.dataDir);
  andLater(() => {
    folder.release();
    return Promise.resolve();
  });
  await checkPorts(port);
  const { store, secrets, client, record } = await openData(options, andLater);
  checkpoint();
  const providers = await openProviders(options, { client, secrets, andLater });
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
        mailFolder: join(options.dataDir, folderEntries.mail),
      }),
      ...options.env,
    },
    log,
    facts: { store: store.describe },
  });
  andLater(() => platform.close());
  await acquaint(platform, providers, secrets);
  const settle = settleTogether(() => comeToRest(platform), providers);
  const moved = { clocks: platform.clocks, settle };
  const moveClock = moveTogether(moved, providers);
  const verbs = { now: platform.clocks.business(false), moveClock, settle };
  const control = await startControl(verbs, portOf(port, "the control"));
  andLater(() => control.close());
  folder.announce({ url: platform.url, controlUrl: control.url });
  checkpoint();
  const people = await signInStaff(platform);
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
  };
}

const tokensOf = (people: readonly LocalPerson[]): Target["tokens"] =>
  Object.fromEntries(people.map(({ role, token }) => [role, token])) as Target["tokens"];

interface OpenedData {
  readonly store: Store;
  readonly secrets: LocalSecrets;
  readonly client: MongoClient;
  readonly record: StartRecord | undefined;
}

/** The folder's secrets and the store, emptied first when that was asked for. */
async function openData(options: PrefixedOptions, andLater: AndLater): Promise<OpenedData> {
  const { dataDir, fresh, log, databasePrefix, keepsRecord = false } = options;
  if (fresh) clearDataFolder(dataDir);
  const secrets = localSecrets(dataDir);
  const wanted = { ...options.store, dataDir: join(dataDir, folderEntries.store), log };
  const store = await openStore(wanted as StoreOptions).catch(nameFresh);
  andLater(() => store.close());
  const client = await new MongoClient(store.uri, { writeConcern: whenDurable }).connect();
  andLater(() => client.close());
  const names: StoreNames = { client, databasePrefix };
  if (fresh) await dropPlatform(names);
  return { store, secrets, client, record: keepsRecord ? await openStartRecord(names, secrets) : undefined };
}

/** Only who starts a local platform can begin again without the files that are there. */
const waysOut: Partial<Record<StoreReason, string>> = {
  data_folder_broken: "--fresh removes what is there and begins again",
  mongod_failed: "if its files are damaged, --fresh begins again without them",
};

function nameFresh(error: unknown): never {
  const wayOut = error instanceof StoreError ? waysOut[error.reason] : undefined;
  if (!(error instanceof StoreError) || wayOut === undefined) throw error;
  throw new Error(`${error.message.replace(/\.$/, "")}; ${wayOut}.`, { cause: error });
}

async function openProviders(
  options: PrefixedOptions,
  parts: Pick<OpenedData, "client" | "secrets"> & { readonly andLater: AndLater },
): Promise<LocalProviders> {
  const { client, secrets, andLater } = parts;
  const providerAt = (name: "meta" | "stripe", port: number): ProviderOptions => ({
    ...options,
    db: client.db(`${options.databasePrefix}local_${name}`),
    port,
  });
  const meta = await startLocalMeta(providerAt("meta", portOf(options.port, "the local Meta")), secrets);
  andLater(() => meta.close());
  const stripe = await startLocalStripe(providerAt("stripe", portOf(options.port, "the local Stripe")), secrets);
  andLater(() => stripe.close());
  return { meta, stripe };
}

/** One time for all, and both providers know our door. */
async function acquaint(platform: Platform, providers: LocalProviders, secrets: LocalSecrets): Promise<void> {
  await alignClocks(platform, providers.meta, providers.stripe);
  await wireWebhooks(platform.url, providers, secrets);
}

/**
 * The platform's sandbox clock and both simulators stand at one time: a fresh store begins where the simulators were told to, and a start after
 * a crash between two of them takes the platform to the furthest, and the next move takes the others there.
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
