import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
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
import { silentLog, storedClocks } from "@greentick/runtime";
import { type MongoClient } from "mongodb";
import { compose, environmentOf } from "../conformance/cases/compose-file.js";
import { buildAll, type RunningProcess, startProcess } from "../federation/processes.js";
import { rest } from "./rest.js";

/** The platform as docker-compose runs it: five services and the gateway, each a process of its own. */
export interface Apart {
  readonly target: Target;
  /** The processes by name, in the order in which they are stopped: the gateway first. */
  readonly processes: Readonly<Record<string, RunningProcess>>;
  /** Ends the providers; processes end by themselves. */
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

const root = join(__dirname, "..", "..");

/** Starts both local providers here, and everything else as processes over the store. */
export async function startApart(parts: ApartParts): Promise<Apart> {
  const { mongo, databasePrefix, start, seed, secrets } = parts;
  const db = (name: string): ReturnType<MongoClient["db"]> => mongo.db(`${databasePrefix}${name}`);
  const options = { port: 0, clock: start, seed, log: silentLog };
  const meta = await startLocalMeta({ ...options, db: db("local_meta") }, secrets);
  const stripe = await startLocalStripe({ ...options, db: db("local_stripe") }, secrets);
  const providers = { meta, stripe };
  const clocks = storedClocks(db("bus"));
  await clocks.setSandbox(start);
  const env = envFile(parts, providers);
  buildAll();
  const processes = await startProcesses(env);
  const { gateway, ...services } = processes;
  await wireWebhooks(services["webhook"]?.url ?? "", providers, secrets);
  const watched = {
    bus: db("bus"),
    services: Object.fromEntries(serviceNames.map((name) => [name, db(name)])),
    sandboxNow: clocks.business(false),
  };
  const settle = settleTogether(() => rest(watched), providers);
  const target = {
    graphqlUrl: `${gateway?.url ?? ""}/graphql`,
    metaUrl: meta.url,
    stripeUrl: stripe.url,
    tokens: await staffTokens(env),
    moveClock: moveTogether({ clocks, settle }, providers),
    settle,
  };
  await settle();
  const close = async (): Promise<void> => {
    await meta.close();
    await stripe.close();
  };
  return { target, processes, close };
}

/** What the .env of such a deployment would say; Stripe's address is the one that no real deployment has. */
const envFile = ({ uri, databasePrefix, secrets }: ApartParts, { meta, stripe }: LocalProviders): Env =>
  localEnvironment(secrets, {
    mongoUri: uri,
    port: 0,
    metaUrl: meta.url,
    stripeUrl: stripe.url,
    databasePrefix,
    logLevel: "info",
  });

/** Exactly what compose gives the process, but on loopback, and with the local Stripe for the one that talks to it. */
function environment(name: string, env: Env): Env {
  const one = compose.services[name];
  if (one === undefined) throw new Error(`docker-compose.yml has no ${name}`);
  const local = name === "billing" ? { STRIPE_API_URL: env["STRIPE_API_URL"] ?? "" } : {};
  return { ...environmentOf(one, env), HOST: "127.0.0.1", ...local };
}

/** The services at once, then the gateway over them; none is left running when one does not start. */
async function startProcesses(env: Env): Promise<Apart["processes"]> {
  const running: Record<string, RunningProcess> = {};
  const start = async (name: string, main: string, more: Env = {}): Promise<void> => {
    running[name] = await startProcess(main, { ...environment(name, env), ...more });
  };
  const outcomes = await Promise.allSettled(serviceNames.map((name) => start(name, `services/${name}/dist/main.js`)));
  try {
    for (const one of outcomes) if (one.status === "rejected") throw one.reason;
    await start("gateway", "gateway/dist/main.js", urlsOf(running));
  } catch (error) {
    await Promise.all(Object.values(running).map((one) => one.stop()));
    throw error;
  }
  const { gateway, ...services } = running;
  return { ...(gateway && { gateway }), ...services };
}

const urlsOf = (services: Readonly<Record<string, RunningProcess>>): Env =>
  Object.fromEntries(Object.entries(services).map(([name, { url }]) => [`${name.toUpperCase()}_URL`, url]));

/** The provider and its people come into being the way a deployment makes them: by the tenant service's command. */
async function staffTokens(env: Env): Promise<Target["tokens"]> {
  const [first, ...others] = localStaff;
  if (first === undefined) throw new Error("a provider has staff");
  const tokens = [await bootstrapped(first, env), ...(await Promise.all(others.map((one) => bootstrapped(one, env))))];
  return Object.fromEntries(localStaff.map(({ role }, at) => [role, tokens[at]])) as Target["tokens"];
}

async function bootstrapped({ role, name, email }: (typeof localStaff)[number], env: Env): Promise<string> {
  const { name: provider, legalName, country, currency, timeZone } = localProvider;
  const said = { provider, "legal-name": legalName, country, currency, "time-zone": timeZone, name, email, role };
  const args = Object.entries(said).map(([option, value]) => `--${option}=${value}`);
  const command = [join(root, "services/tenant/dist/bootstrap/main.js"), "--sandbox", ...args];
  const { stdout } = await promisify(execFile)(process.execPath, command, { env: environment("tenant", env) });
  return stdout.trim();
}
