import { dayMs, hourMs, microsPerMinor, type Money, money } from "@greentick/kernel";
import { type TrafficReport } from "@greentick/meta-sim";
import {
  type ClientMonth,
  type Explanation,
  explainOne,
  addUp,
  monthFigures,
  type MonthFigures,
  ownFigures,
  readClientMonth,
  reconcile,
  type Reconciliation,
} from "../story/billing.js";
import { beginBadge, type DecidedBadge, readBadge } from "../story/badge.js";
import { actFor } from "../story/clients.js";
import { bringLive, type LiveClient, sampleClients, twoClients } from "../story/provider.js";
import { expectedSampleMicros, postSamples, sampleMessages } from "../story/samples.js";
import { ask, type Target } from "../story/target.js";
import { decideTemplates, type DecidedTemplate } from "../story/templates.js";
import { planTraffic, runTraffic } from "../story/traffic.js";
import { sampleLedgerMicros, storyMonths } from "./sample-ledger.js";

export interface DemoOptions {
  /** Webhook bodies of the generated November. */
  readonly messages: number;
  readonly seed: number;
  readonly lose: number;
  readonly double: number;
}

/** What the story measured, and what it compared it with. */
export interface DemoOutcome {
  readonly clients: readonly { readonly client: LiveClient; readonly month: ClientMonth }[];
  readonly templates: readonly DecidedTemplate[];
  readonly badge: DecidedBadge;
  readonly traffic: TrafficReport;
  readonly november: MonthFigures;
  readonly all: MonthFigures;
  readonly samples: {
    readonly files: number;
    readonly messages: number;
    readonly ledger: Money;
    readonly expected: Money;
  };
  readonly door: Door;
  readonly reconciliation: Reconciliation;
  readonly explanation: Explanation;
}

export interface Door {
  /** Updates in bodies that came again, ignored before anything was read. */
  readonly repeatedUpdates: number;
  readonly quarantined: readonly { readonly reason: string; readonly field: string; readonly explanation: string }[];
  readonly deadLetters: readonly { readonly consumer: string; readonly eventType: string; readonly error: string }[];
}

export const storyStart = new Date("2026-10-01T00:00:00Z");
const eve = new Date("2026-10-31T12:00:00Z");
/** Traffic runs day by day from here, each step ending at midnight UTC. */
const lastOfOctober = new Date("2026-10-31T00:00:00Z");
const november = {
  from: new Date("2026-11-01T00:00:00Z"),
  to: new Date("2026-12-01T00:00:00Z"),
  month: "2026-11",
  next: "2026-12",
};
/** After the latest delivery that the samples tell of. */
const samplesAt = new Date("2026-11-15T00:00:00Z");
const end = new Date("2026-12-07T00:00:00Z");

const templates = [
  { name: "pedido_enviado", language: "pt_BR", category: "UTILITY", body: "Olá {{1}}, seu pedido {{2}} saiu para entrega hoje.", samples: [{ variable: "1", value: "Ana" }, { variable: "2", value: "A-1020" }] },
  { name: "aviso_de_pedido", language: "pt_BR", category: "UTILITY", body: "Olá {{1}}, com o seu pedido você ganhou um desconto especial de hoje.", samples: [{ variable: "1", value: "Ana" }] },
  { name: "noite_de_casino", language: "pt_BR", category: "MARKETING", body: "Olá {{1}}, venha para a noite de casino no Lumbre Café.", samples: [{ variable: "1", value: "Ana" }] },
] as const; // prettier-ignore

type Tell = (line: string) => void;

/** Plays the story once, from two new clients to a reconciled month. `tell` hears each step as it happens. */
export async function playStory(target: Target, options: DemoOptions, tell: Tell): Promise<DemoOutcome> {
  const october = await playOctober(target, tell);
  const { traffic, files } = await playNovember(target, { ...october, options }, tell);
  const { live, lumbre } = october;
  tell("5      November is closed and invoiced");
  const months: DemoOutcome["clients"][number][] = [];
  for (const client of live) months.push({ client, month: await monthOf(target, client) });
  for (const { client, month } of months)
    tell(
      `       ${client.name}: invoice ${month.invoiceStatus}, ${month.invoiceMinor} minor units of ${month.currency}`,
    );
  tell("6      The month is reconciled, and one charge is explained");
  const token = await actFor(target, lumbre.tenantId, "A question about one charge");
  return {
    clients: months,
    templates: october.decided,
    traffic,
    reconciliation: await reconcile(target, november.month),
    badge: await readBadge(target, lumbre, october.badgeId),
    november: await clientFigures(target, live),
    all: await allFigures(target),
    samples: await sampleOutcome(target, october.samples, files),
    door: await readDoor(target),
    explanation: await explainOne(target, lumbre, token, november.month),
  };
}

interface October {
  readonly live: readonly LiveClient[];
  /** The first of them, which has templates and asks for the badge. */
  readonly lumbre: LiveClient;
  readonly samples: readonly LiveClient[];
  readonly decided: readonly DecidedTemplate[];
  readonly badgeId: string;
}

/** Steps 1 to 3: clients, numbers, templates, and on day 30 the badge. */
async function playOctober(target: Target, tell: Tell): Promise<October> {
  const clock = { now: storyStart };
  tell("1 + 2  Two clients are created and brought live on 1 October 2026");
  const live: LiveClient[] = [];
  for (const story of twoClients("2026-10-01")) live.push(await bringLive(target, story, clock));
  for (const { name, numbers } of live)
    tell(`       ${name}: number ${numbers[0]?.phoneNumberId ?? ""} on account ${numbers[0]?.wabaId ?? ""} is live`);
  const [lumbre] = live;
  const number = lumbre?.numbers[0];
  if (lumbre === undefined || number === undefined) throw new Error("The story needs its first client's number.");
  tell("3      Three templates go through our review to Meta");
  const decided = await decideTemplates(target, lumbre, number.wabaId, templates, clock.now);
  clock.now = new Date(clock.now.getTime() + hourMs);
  for (const one of decided) tell(`       ${one.name}: ${decisionOf(one)}`);
  const samples: LiveClient[] = [];
  for (const story of sampleClients) samples.push(await bringLive(target, story, clock));
  await target.moveClock(eve);
  const badgeId = await beginBadge(target, lumbre, number.phoneNumberId);
  tell("       Badge requested on day 30, with three articles of independent press");
  return { live, lumbre, samples, decided, badgeId };
}

const decisionOf = ({ status, requestedCategory, category, reason }: DecidedTemplate): string =>
  `${status}, asked as ${requestedCategory}, Meta's category ${category}${reason === null ? "" : `, ${reason}`}`;

/** Step 4: a month of messages, with the samples posted in its middle; then the days in which the month is closed. */
async function playNovember(
  target: Target,
  { live, options }: Pick<October, "live"> & { readonly options: DemoOptions },
  tell: Tell,
): Promise<{ readonly traffic: TrafficReport; readonly files: number }> {
  const { messages, seed, lose, double } = options;
  const wabaIds = live.flatMap((one) => one.numbers.map(({ wabaId }) => wabaId));
  const { from, to } = november;
  const plan = await planTraffic(target, { messages, seed, lose, double, from, to, wabaIds });
  tell(`4      November: ${plan.report.webhooks} webhooks about ${plan.report.messages} messages of the two clients`);
  const days = (now: Date): void => {
    if (now.getUTCHours() === 0 && now.getUTCDate() % 5 === 0) tell(`       ${now.toISOString().slice(0, 10)}`);
  };
  await runTraffic(target, plan.id, { from: lastOfOctober, until: samplesAt, stepHours: 24 }, days);
  const files = await postSamples(target, seed);
  tell(`       ${files} sample payloads posted once, signed, in a shuffled order, to two sample clients`);
  const until = new Date(Math.max(end.getTime(), plan.lastDueAt.getTime() + dayMs));
  await runTraffic(target, plan.id, { from: samplesAt, until, stepHours: 24 }, days);
  return { traffic: plan.report, files };
}

const sampleOutcome = async (
  target: Target,
  clients: readonly LiveClient[],
  files: number,
): Promise<DemoOutcome["samples"]> => ({
  files,
  messages: sampleMessages(),
  ledger: money("USD", await sampleLedgerMicros(target, clients)),
  expected: money("USD", expectedSampleMicros()),
});

const monthOf = async (target: Target, client: LiveClient): Promise<ClientMonth> =>
  readClientMonth(target, client, await actFor(target, client.tenantId, "Closing of November"), november);

/** The generated November as the two clients see it. */
async function clientFigures(target: Target, clients: readonly LiveClient[]): Promise<MonthFigures> {
  const figures: MonthFigures[] = [];
  for (const client of clients)
    figures.push(await ownFigures(target, await actFor(target, client.tenantId, "Counting November"), november.month));
  return addUp(figures);
}

/** All months in which anything of the story was delivered, the samples' older ones included. */
async function allFigures(target: Target): Promise<MonthFigures> {
  const figures: MonthFigures[] = [];
  for (const month of storyMonths) figures.push(await monthFigures(target, month));
  return addUp(figures);
}

interface DoorPages extends Pick<Door, "repeatedUpdates"> {
  readonly quarantined: { readonly nodes: Door["quarantined"] };
  readonly deadLetters: { readonly nodes: Door["deadLetters"] };
}

async function readDoor(target: Target): Promise<Door> {
  const document =
    "query Door { webhookDoor { repeatedUpdates quarantined(first: 100) { nodes { reason field explanation } } deadLetters(first: 100) { nodes { consumer eventType error } } } }";
  const { webhookDoor } = await ask<{ webhookDoor: DoorPages }>(target, target.tokens.platform_admin, document);
  const { repeatedUpdates, quarantined, deadLetters } = webhookDoor;
  return { repeatedUpdates, quarantined: quarantined.nodes, deadLetters: deadLetters.nodes };
}

/** The invoice's minor units as micros. */
export const invoicedMicros = (month: ClientMonth): bigint => month.invoiceMinor * microsPerMinor(month.currency);
