import { createLog } from "@greentick/runtime";
import { pino } from "pino";
import { keepExamples } from "./examples.js";
import { type LocalPlatform, startLocal } from "./local-platform.js";
import { seedCalendar } from "./seed/calendar.js";
import { type CampaignDay, fillStore } from "./seed/fill.js";
import { signInMembers } from "./seed/members.js";
import { earliestToday, type Settings } from "./settings.js";
import { type Filling } from "./start-record.js";
import { type StartFacts, startFacts, startTable } from "./start-table.js";
import { keepTokens } from "./token-files.js";
import { findWaiting } from "./waiting.js";

/** Webhooks of one day of messages, and where they go; few markets make short invoices. */
const bodiesADay = 60;
const audience = { BR: 4, CO: 4, MX: 2 };

/** A start on its way. */
export interface Run {
  readonly settings: Settings;
  /** Throws when somebody asked to stop. */
  readonly checkpoint: () => void;
  /** Progress, for people. */
  readonly say: (line: string) => void;
  /** The store is gone for good: nothing can be done any more. */
  readonly lost: (error: Error) => void;
}

/** The platform, and what to print about it. */
export interface Running {
  readonly local: LocalPlatform;
  readonly json: () => string;
  readonly table: (readySeconds: number) => string;
}

/**
 * Starts the platform, fills a store that was never filled, and signs everybody in. What got open before a failure is closed again.
 * @throws Error with one sentence for each thing that can be wrong.
 */
export async function run(parts: Run): Promise<Running> {
  const { settings } = parts;
  const now = new Date();
  const today = lastDay(settings, now);
  const local = await open(parts, today);
  try {
    await fill(local, parts, { today, followSystem: today === now });
    const facts = await collect(local, settings.dataDir);
    return { local, json: () => JSON.stringify(facts), table: (readySeconds) => startTable(facts, readySeconds) };
  } catch (error) {
    await local.close();
    throw error;
  }
}

/** The day on which a first filling ends: today, unless told otherwise or this machine's clock stands before the first prices. */
const lastDay = ({ today }: Settings, now: Date): Date => today ?? (now < earliestToday ? earliestToday : now);

const open = ({ settings, lost, checkpoint }: Run, today: Date): Promise<LocalPlatform> =>
  startLocal({
    ...settings,
    clock: settings.seed ? seedCalendar(today).from : "system",
    seed: 1,
    log: createLog({ level: settings.logLevel, name: "greentick", to: pino.destination(2) }),
    store: { ...settings.store, onExit: lost },
    keepsRecord: true,
    checkpoint,
  });

/** Fills a store that was never filled. */
async function fill(
  { record, target, stepClock, meta }: LocalPlatform,
  { settings, say, checkpoint }: Run,
  days: { readonly today: Date; readonly followSystem: boolean },
): Promise<void> {
  if (record?.filling !== "begun") {
    sayWhatIsIgnored(record?.filling, settings).forEach(say);
    return;
  }
  if (record.beganAgain) say("An earlier first start was broken off: it is begun again.");
  if (settings.seed) {
    say("Filling the fresh store: clients, numbers, templates, some weeks of messages, a closed month …");
    const planDay = async (day: CampaignDay): Promise<void> => {
      await meta.control.startTraffic({ ...day, messages: bodiesADay, profile: { countries: audience } });
    };
    await fillStore({ target, stepClock, planDay, checkpoint }, days);
  }
  await record.mark(settings.seed ? "filled" : "left empty");
}

/** A store is filled once, so what was asked about its filling has no effect later. */
function sayWhatIsIgnored(filling: Filling | undefined, { seed, today }: Settings): readonly string[] {
  if (filling === "left empty" && seed)
    return ["The store was left empty with --no-seed and stays so: --fresh begins again with a filled one."];
  if (filling === "filled" && !seed)
    return ["The store is filled already, so --no-seed has no effect without --fresh."];
  return today === undefined ? [] : ["The store is filled already, so --today has no effect without --fresh."];
}

/** Signs everybody in and collects what a person needs to know. */
async function collect(local: LocalPlatform, dataDir: string): Promise<StartFacts> {
  const { target, platform } = local;
  const members = await signInMembers(local);
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
