import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { opening } from "@greentick/graphql";
import {
  type LocalProviders,
  localEnvironment,
  localProvider,
  type LocalSecrets,
  localStaff,
  moveTogether,
  serviceNames,
  settleTogether,
  startLocalMeta,
  startLocalStripe,
  type Target,
  wireWebhooks,
} from "@greentick/gateway";
import { type Bus, callFactory, natsBus, silentLog, storedClocks } from "@greentick/runtime";
import { natsServer } from "@greentick/testing";
import { type MongoClient } from "mongodb";
import { compose, environmentOf } from "../conformance/cases/compose-file.js";
import { buildAll, type RunningProcess, startProcess } from "../federation/processes.js";
import { resting } from "./rest.js";

/** The platform as docker-compose runs it: five services and the gateway, each a process of its own, and a NATS server as their bus. */
export interface Apart {
  readonly target: Target;
  readonly busUrl: string;
  /** The processes by name, in the order in which they are stopped: the gateway first. */
  readonly processes: Readonly<Record<string, RunningProcess>>;
  /** Ends the processes that still run, then the providers. */
  readonly close: () => Promise<void>;
}

export interface ApartParts {
  readonly uri: string;
  readonly databasePrefix: string;
  readonly mongo: MongoClient;
  readonly secrets: LocalSecrets;
  /** Where all clocks start. */
  readonly start: Date;
  readonly seed: number;
}

type Env = Readonly<Record<string, string>>;

/** Those who ask everything there is are refused nothing for asking too fast. */
export const amplyLimited = "requests=100000:1000000,writes=100000:1000000,cost=1000000:100000000";

const root = join(__dirname, "..", "..");

/** Starts both local providers here, and everything else as processes over the store. Whatever got open before a failure is closed again. */
export async function startApart(parts: ApartParts): Promise<Apart> {
  buildAll();
  return opening((andLater) => open(parts, andLater));
}

type AndLater = (close: () => Promise<void>) => void;

async function open(parts: ApartParts, andLater: AndLater): Promise<Omit<Apart, "close">> {
  const { mongo, databasePrefix, start, seed, secrets } = parts;
  const db = (name: string): ReturnType<MongoClient["db"]> => mongo.db(`${databasePrefix}${name}`);
  const options = { port: 0, clock: start, seed, log: silentLog };
  const meta = await startLocalMeta({ ...options, db: db("local_meta") }, secrets);
  andLater(() => meta.close());
  const stripe = await startLocalStripe({ ...options, db: db("local_stripe") }, secrets);
  andLater(() => stripe.close());
  const providers = { meta, stripe };
  const clocks = storedClocks(db("bus"));
  await clocks.setSandbox(start);
  const mailFolder = mkdtempSync(join(tmpdir(), "greentick-apart-mail-"));
  andLater(() => rm(mailFolder, { recursive: true, force: true }));
  const nats = await natsServer();
  andLater(() => nats.remove());
  const env = { ...envFile(parts, providers, mailFolder), BUS_URL: nats.url };
  const processes = await startProcesses(env, andLater);
  const { gateway, ...services } = processes;
  await wireWebhooks(services["webhook"]?.url ?? "", providers, secrets);
  const bus = await busOf(parts, nats.url);
  andLater(() => bus.close());
  const watched = {
    lag: bus.lag,
    services: Object.fromEntries(serviceNames.map((name) => [name, db(name)])),
    sandboxNow: clocks.business(false),
  };
  const settle = settleTogether(await resting(watched), providers);
  const target = {
    graphqlUrl: `${gateway?.url ?? ""}/graphql`,
    metaUrl: meta.url,
    stripeUrl: stripe.url,
    tokens: await staffTokens(env),
    moveClock: moveTogether({ clocks, settle }, providers),
    settle,
  };
  await settle();
  return { target, busUrl: nats.url, processes };
}

/** The bus as its processes find it, for one that only looks. */
function busOf({ mongo, databasePrefix }: ApartParts, url: string): Promise<Bus> {
  const stream = `${databasePrefix}bus`;
  const db = mongo.db(stream);
  const clocks = storedClocks(db);
  const calls = callFactory({ clocks, randomBytes, log: silentLog });
  return natsBus({ db, clocks, calls, log: silentLog, url, stream });
}

/**
 * What the .env of such a deployment would say; Stripe's address is the one that no real deployment has, and it hears of every change at once:
 * nobody outside a process can hurry it.
 */
const envFile = (
  { uri, databasePrefix, secrets }: ApartParts,
  { meta, stripe }: LocalProviders,
  mailFolder: string,
): Env => ({
  ...localEnvironment(secrets, {
    mongoUri: uri,
    port: 0,
    metaUrl: meta.url,
    stripeUrl: stripe.url,
    databasePrefix,
    logLevel: "info",
  }),
  MAIL_URL: `file:${mailFolder}`,
  RATE_LIMITS: amplyLimited,
  CONSOLE_URL: "http://127.0.0.1:4000",
  BILLING_METER_REST_MS: "0",
});

/** What compose gives the process, but on loopback, and with the local Stripe for the one that talks to it. */
function environment(name: string, env: Env): Env {
  const one = compose.services[name];
  if (one === undefined) throw new Error(`docker-compose.yml has no ${name}`);
  const local = name === "billing" ? { STRIPE_API_URL: env["STRIPE_API_URL"] ?? "" } : {};
  return { ...environmentOf(one, env), HOST: "127.0.0.1", ...local };
}

/** The services at once, then the gateway over them. */
async function startProcesses(env: Env, andLater: AndLater): Promise<Apart["processes"]> {
  const start = async (name: string, main: string, more: Env = {}): Promise<RunningProcess> => {
    const one = await startProcess(main, { ...environment(name, env), ...more });
    andLater(async () => {
      await one.stop();
    });
    return one;
  };
  const started = serviceNames.map((name) => start(name, `services/${name}/dist/main.js`));
  await Promise.allSettled(started);
  const running = await Promise.all(started);
  const services = Object.fromEntries(serviceNames.map((name, at) => [name, running[at]] as const));
  const gateway = await start("gateway", "gateway/dist/main.js", urlsOf(running));
  return { gateway, ...(services as Readonly<Record<string, RunningProcess>>) };
}

const urlsOf = (running: readonly RunningProcess[]): Env =>
  Object.fromEntries(serviceNames.map((name, at) => [`${name.toUpperCase()}_URL`, running[at]?.url ?? ""]));

/** The provider and its people come into being the way a deployment makes them: by the tenant service's command. */
async function staffTokens(env: Env): Promise<Target["tokens"]> {
  const { name: provider, legalName, country, currency, timeZone } = localProvider;
  const said = { provider, "legal-name": legalName, country, currency, "time-zone": timeZone };
  const args = [...Object.entries(said), ...localStaff.flatMap((person) => Object.entries(person))].map(
    ([option, value]) => `--${option}=${value}`,
  );
  const command = [join(root, "services/tenant/dist/bootstrap/main.js"), "--sandbox", ...args];
  const { stdout } = await promisify(execFile)(process.execPath, command, { env: environment("tenant", env) });
  const tokens = stdout.trim().split("\n");
  return Object.fromEntries(localStaff.map(({ role }, at) => [role, tokens[at]])) as Target["tokens"];
}
