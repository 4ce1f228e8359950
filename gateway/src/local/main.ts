import { resolve } from "node:path";
import { dayMs, type Log } from "@greentick/kernel";
import { createLog } from "@greentick/runtime";
import { pino } from "pino";
import { keepExamples } from "./examples.js";
import { type LocalPlatform, startLocal } from "./local-platform.js";
import { keepTokens } from "./people-files.js";
import { seedCalendar } from "./seed/calendar.js";
import { type CampaignDay, fillStore } from "./seed/fill.js";
import { signInMembers } from "./seed/members.js";
import { earliestToday, type StartOptions, startOptions } from "./start-options.js";
import { type StartFacts, startFacts, startTable } from "./start-table.js";
import { StoppedError, stopOnSignal } from "./stopping.js";
import { findWaiting } from "./waiting.js";

const tokenSeconds = dayMs / 1_000;

/** Webhooks of one day of messages, and where they go; few markets make short invoices. */
const bodiesADay = 40;
const audience = { BR: 4, CO: 4, MX: 2 };

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

interface Start {
  readonly options: StartOptions;
  readonly dataDir: string;
  readonly log: Log;
  /** Throws when somebody asked to stop. */
  readonly checkpoint: () => void;
}

/** The day on which a first filling ends: today, unless told otherwise or this machine's clock stands before the first prices. */
const lastDay = ({ today }: StartOptions, now: Date): Date => today ?? (now < earliestToday ? earliestToday : now);

async function open({ options, dataDir, log, checkpoint }: Start): Promise<LocalPlatform> {
  const now = new Date();
  const today = lastDay(options, now);
  const local = await startLocal({
    ...options,
    dataDir,
    clock: options.seed ? seedCalendar(today).from : "system",
    seed: 1,
    log,
    store: {
      ...options.store,
      onExit: (error) => {
        say(error.message);
        process.exit(1);
      },
    },
    keepsRecord: true,
    checkpoint,
  });
  try {
    await fill(local, { options, dataDir, log, checkpoint }, { today, followSystem: today === now });
    return local;
  } catch (error) {
    await local.close();
    throw error;
  }
}

/** Fills a store that was never filled. */
async function fill(
  local: LocalPlatform,
  { options, checkpoint }: Start,
  days: { readonly today: Date; readonly followSystem: boolean },
): Promise<void> {
  const { record, target, stepClock, meta } = local;
  if (record?.filling !== "begun") return;
  if (record.beganAgain) say("An earlier first start was broken off: it is begun again.");
  if (options.seed) {
    say("Filling the fresh store: clients, numbers, templates, some weeks of messages, a closed month …");
    const planDay = async (day: CampaignDay): Promise<void> => {
      await meta.control.startTraffic({ ...day, messages: bodiesADay, profile: { countries: audience } });
    };
    await fillStore({ target, stepClock, planDay, checkpoint }, days);
  }
  await record.mark(options.seed ? "filled" : "left empty");
}

/** Signs everybody in and collects what a person needs to know. */
async function collect(local: LocalPlatform, dataDir: string): Promise<StartFacts> {
  const members = await signInMembers(local, tokenSeconds);
  const people = [...local.people, ...members];
  keepTokens(dataDir, people);
  const [first] = members;
  if (first !== undefined)
    await keepExamples(dataDir, {
      target: local.target,
      token: first.token,
      now: local.platform.clocks.business(false)(),
    });
  const names = new Map(members.map(({ client, tenantId }) => [client, tenantId]));
  const clients = [...names].map(([name, tenantId]) => ({ name, tenantId }));
  return startFacts(local, { dataDir, people, clients, waiting: await findWaiting(local.target) });
}

async function main(): Promise<void> {
  const began = performance.now();
  const options = startOptions(process.argv, process.env);
  const dataDir = resolve(options.data);
  const log = createLog({ level: options.logLevel, name: "greentick", to: pino.destination(2) });
  const checkpoint = stopOnSignal(async () => {
    const local = await ready.catch(() => undefined);
    await local?.close();
    return { wasComplete: local !== undefined };
  }, say);
  const ready = open({ options, dataDir, log, checkpoint }).then(async (local) => {
    const facts = await collect(local, dataDir);
    const seconds = (performance.now() - began) / 1_000;
    process.stdout.write(options.json ? `${JSON.stringify(facts)}\n` : startTable(facts, seconds));
    return local;
  });
  await ready;
}

main().catch((error: unknown) => {
  if (error instanceof StoppedError) return; // whoever asked to stop ends the process
  say(wordsOf(error));
  process.exit(1);
});
