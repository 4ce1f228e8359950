import { resolve } from "node:path";
import { dayMs, type Log } from "@greentick/kernel";
import { createLog, loadConfig } from "@greentick/runtime";
import { pino } from "pino";
import { z } from "zod";
import { type Asked, earliestToday, highestPort, portRule } from "./command-line.js";
import { keepExamples } from "./examples.js";
import { type LocalPlatform, startLocal } from "./local-platform.js";
import { keepTokens } from "./people-files.js";
import { seedCalendar } from "./seed/calendar.js";
import { type CampaignDay, fillStore } from "./seed/fill.js";
import { signInMembers } from "./seed/members.js";
import { type StartFacts, startFacts, startTable } from "./start-table.js";
import { findWaiting } from "./waiting.js";

const tokenSeconds = dayMs / 1_000;

/** Webhooks of one day of messages, and where they go; few markets make short invoices. */
const bodiesADay = 60;
const audience = { BR: 4, CO: 4, MX: 2 };

const portWords = { error: portRule };
const Environment = z.object({
  PORT: z.coerce.number(portWords).int(portWords).min(0, portWords).max(highestPort, portWords).default(4000),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"]).default("warn"),
  MONGODB_URI: z
    .string()
    .regex(/^mongodb(?:\+srv)?:\/\//, "must be a MongoDB address: mongodb://host:port")
    .optional(),
  STORE: z.enum(["uri", "mongod", "cached", "embedded"]).optional(),
  STORE_DOWNLOAD: z.enum(["0", "1"]).default("0"),
});
type Environment = z.infer<typeof Environment>;

/** A start on its way. */
export interface Run {
  readonly asked: Asked;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Throws when somebody asked to stop. */
  readonly checkpoint: () => void;
  /** Progress, for people. */
  readonly say: (line: string) => void;
  /** The store is gone for good: nothing can be done any more. */
  readonly lost: (error: Error) => void;
}

interface Prepared extends Run {
  readonly settings: Environment;
  readonly dataDir: string;
  readonly log: Log;
}

/** The platform, and what to print about it. */
export interface Running {
  readonly local: LocalPlatform;
  readonly json: () => string;
  readonly table: (readySeconds: number) => string;
}

/**
 * Starts the platform, fills a store that was never filled, and signs everybody in. What got open before a failure is closed again.
 * @throws ConfigError with every problem of the environment, Error with one sentence for everything else that can be wrong.
 */
export async function run(parts: Run): Promise<Running> {
  const settings = loadConfig(Environment, parts.env);
  const log = createLog({ level: settings.LOG_LEVEL, name: "greentick", to: pino.destination(2) });
  const prepared = { ...parts, settings, log, dataDir: resolve(parts.asked.data) };
  const now = new Date();
  const today = lastDay(parts.asked, now);
  const local = await open(prepared, today);
  try {
    await fill(local, prepared, { today, followSystem: today === now });
    const facts = await collect(local, prepared.dataDir);
    return { local, json: () => JSON.stringify(facts), table: (readySeconds) => startTable(facts, readySeconds) };
  } catch (error) {
    await local.close();
    throw error;
  }
}

/** The day on which a first filling ends: today, unless told otherwise or this machine's clock stands before the first prices. */
const lastDay = ({ today }: Asked, now: Date): Date => today ?? (now < earliestToday ? earliestToday : now);

const open = ({ asked, settings, dataDir, log, lost, checkpoint }: Prepared, today: Date): Promise<LocalPlatform> =>
  startLocal({
    dataDir,
    port: asked.port ?? settings.PORT,
    fresh: asked.fresh,
    clock: asked.seed ? seedCalendar(today).from : "system",
    seed: 1,
    log,
    logLevel: settings.LOG_LEVEL,
    store: {
      ...(settings.MONGODB_URI !== undefined && { uri: settings.MONGODB_URI }),
      ...(settings.STORE !== undefined && { force: settings.STORE }),
      download: settings.STORE_DOWNLOAD === "1",
      onExit: lost,
    },
    keepsRecord: true,
    checkpoint,
  });

/** Fills a store that was never filled. */
async function fill(
  { record, target, stepClock, meta }: LocalPlatform,
  { asked, say, checkpoint }: Prepared,
  days: { readonly today: Date; readonly followSystem: boolean },
): Promise<void> {
  if (record?.filling !== "begun") return;
  if (record.beganAgain) say("An earlier first start was broken off: it is begun again.");
  if (asked.seed) {
    say("Filling the fresh store: clients, numbers, templates, some weeks of messages, a closed month …");
    const planDay = async (day: CampaignDay): Promise<void> => {
      await meta.control.startTraffic({ ...day, messages: bodiesADay, profile: { countries: audience } });
    };
    await fillStore({ target, stepClock, planDay, checkpoint }, days);
  }
  await record.mark(asked.seed ? "filled" : "left empty");
}

/** Signs everybody in and collects what a person needs to know. */
async function collect(local: LocalPlatform, dataDir: string): Promise<StartFacts> {
  const { target, platform } = local;
  const members = await signInMembers(local, tokenSeconds);
  const people = [...local.people, ...members];
  keepTokens(dataDir, people);
  const [first] = members;
  if (first !== undefined)
    await keepExamples(dataDir, { target, token: first.token, now: platform.clocks.business(false)() });
  const clients = [...new Map(members.map(({ client, tenantId }) => [client, tenantId]))];
  return startFacts(local, {
    dataDir,
    people,
    clients: clients.map(([name, tenantId]) => ({ name, tenantId })),
    waiting: await findWaiting(target),
  });
}
