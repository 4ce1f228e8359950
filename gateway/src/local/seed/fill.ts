import { after, dayMs, hourMs, utcDayOf } from "@greentick/kernel";
import { orderBilling, reconcile } from "../../story/billing.js";
import { type Client, createTenant, takeOn } from "../../story/clients.js";
import { enterCode, expectLive, openSignup, writeFirst } from "../../story/onboard.js";
import { type ClientStory } from "../../story/provider.js";
import { type Target } from "../../story/target.js";
import { sendToReview, submitTemplate } from "../../story/templates.js";
import { type SeedCalendar, seedCalendar } from "./calendar.js";
import { comingClient, decidedTemplates, liveClients, waitingTemplate } from "./provider.js";

/** A day of messages of these accounts, to be planned at the local Meta. */
export interface CampaignDay {
  readonly from: Date;
  readonly to: Date;
  readonly wabaIds: readonly string[];
  readonly seed: number;
}

export interface FillTools {
  readonly target: Target;
  /** Lets time pass in one go and waits until everything has come to rest. */
  readonly stepClock: (to: Date | "system") => Promise<void>;
  readonly planDay: (day: CampaignDay) => Promise<void>;
  /** Asked between steps; throws to break off. */
  readonly checkpoint: () => void;
}

/** Business time afterwards stands still at `today`, or follows the system from then on. */
export interface FillOptions {
  readonly today: Date;
  readonly followSystem: boolean;
}

interface Newcomer {
  readonly story: ClientStory;
  readonly client: Client;
  readonly caseId: string;
  readonly wabaId: string;
}

/**
 * Fills a fresh store with a small provider: two clients live since the first of the closed month, templates in several states, some weeks
 * of messages, a month that was closed, invoiced and reconciled, and work that waits for somebody. Both clients do everything at once and
 * time takes few steps, because every rest in between costs more than what happens.
 */
export async function fillStore(tools: FillTools, { today, followSystem }: FillOptions): Promise<void> {
  const calendar = seedCalendar(today);
  const newcomers = await welcome(tools, calendar);
  await bringLive(tools, newcomers, calendar);
  await letTimePass(tools, newcomers, calendar);
  await tools.stepClock(followSystem ? "system" : today);
  await leaveWork(tools, newcomers[0]);
}

type Pair<T> = readonly [T, T];

const both = async <T, R>([one, other]: Pair<T>, work: (each: T) => Promise<R>): Promise<Pair<R>> =>
  Promise.all([work(one), work(other)]);

async function rest({ target, checkpoint }: FillTools): Promise<void> {
  await target.settle();
  checkpoint();
}

/** Two tenants with their billing, and the signups of their numbers. */
async function welcome(tools: FillTools, calendar: SeedCalendar): Promise<Pair<Newcomer>> {
  const { target } = tools;
  const created = await both(liveClients(utcDayOf(calendar.from)), async (story) => ({
    story,
    tenantId: await createTenant(target, story.client),
  }));
  await rest(tools);
  const newcomers = await both(created, async ({ story, tenantId }) => {
    const client = await takeOn(target, story.client, tenantId);
    await orderBilling(target, client, story.terms);
    return { story, client, ...(await openSignup(target, client, numberOf(story))) };
  });
  await rest(tools);
  return newcomers;
}

function numberOf({ client, numbers: [number] }: ClientStory): ClientStory["numbers"][number] {
  if (number === undefined) throw new Error(`${client.name} has no number to bring live.`);
  return number;
}

/** The codes are handed in, templates go to Meta; two hours later Meta has decided and somebody writes to each number. */
async function bringLive(tools: FillTools, newcomers: Pair<Newcomer>, calendar: SeedCalendar): Promise<void> {
  const { target, stepClock, checkpoint } = tools;
  const verified = await both(newcomers, async (one) => ({
    ...one,
    phoneNumberId: await enterCode(target, one.client, one.caseId),
  }));
  const [{ client, wabaId }] = newcomers;
  await Promise.all(decidedTemplates.map((plan) => submitTemplate(target, client, wabaId, plan)));
  await rest(tools);
  await stepClock(after(calendar.from, 2 * hourMs));
  checkpoint();
  await both(verified, ({ story, phoneNumberId }) => writeFirst(target, numberOf(story), phoneNumberId));
  await rest(tools);
  await both(verified, (one) => expectLive(target, one.client, one.caseId));
}

/** Weeks of messages, the turn of the months, and the comparison of the closed one. */
async function letTimePass(tools: FillTools, newcomers: Pair<Newcomer>, calendar: SeedCalendar): Promise<void> {
  const wabaIds = newcomers.map(({ wabaId }) => wabaId);
  for (const [at, from] of calendar.campaigns.entries())
    await tools.planDay({ from, to: after(from, dayMs), wabaIds, seed: at + 1 });
  for (const stop of calendar.stops) {
    await tools.stepClock(stop);
    tools.checkpoint();
    if (stop.getTime() === calendar.reconcileAt.getTime()) await reconcile(tools.target, calendar.closed);
  }
}

/** A template for the reviewer and a signup that waits for the client's code. */
async function leaveWork(tools: FillTools, { client, wabaId }: Newcomer): Promise<void> {
  const { target, checkpoint } = tools;
  const { client: plan, number } = comingClient;
  const tenantId = await createTenant(target, plan);
  await sendToReview(target, client, wabaId, waitingTemplate);
  await rest(tools);
  await openSignup(target, await takeOn(target, plan, tenantId), number);
  await target.settle();
  checkpoint();
}
