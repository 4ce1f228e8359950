import {
  actFor,
  bringLive,
  type ClientMonth,
  control,
  type LiveClient,
  type MonthFigures,
  ownFigures,
  planTraffic,
  readClientMonth,
  reconcile,
  type Target,
  twoClients,
} from "@greentick/gateway";
import { dayMs } from "@greentick/kernel";
import { buildAll } from "../federation/processes.js";
import { type Entry, entriesOf } from "./ledger.js";
import { newFolder, removeFolder } from "./local.js";
import { type Death, phoenix, type Phoenix } from "./phoenix.js";
import { freePorts } from "../faults/free-ports.js";

const start = new Date("2026-10-01T00:00:00Z");
const lastOfOctober = new Date("2026-10-31T00:00:00Z");
const november = { from: new Date("2026-11-01T00:00:00Z"), to: new Date("2026-12-01T00:00:00Z") };
const end = new Date("2026-12-07T00:00:00Z");
const stepMs = 2 * dayMs;
const bodies = 600;

const deaths: readonly Death[] = [
  { kept: 100 },
  { fault: "door.verified:10" },
  { fault: "door.kept:10" },
  { fault: "splitter.published:2" },
  { fault: "bus.handled:20" },
  { fault: "billing.facts-kept:3" },
  { fault: "billing.entries-kept:3" },
  { fault: "billing.windows-marked:3" },
  { fault: "meter.sent:3" },
  { kept: 500 },
  { fault: "outbox.published:1" },
];

interface ClientTotals {
  readonly month: ClientMonth;
  readonly november: MonthFigures;
  readonly december: MonthFigures;
  readonly ledger: readonly Entry[];
}
interface Totals {
  readonly bodiesSha256: string;
  readonly unexplained: number;
  readonly clients: Readonly<Record<string, ClientTotals>>;
}

const byText = (entries: readonly Entry[]): readonly Entry[] =>
  entries.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

async function totalsOf(target: Target, client: LiveClient): Promise<ClientTotals> {
  const token = await actFor(target, client.tenantId, "Adding up");
  return {
    month: await readClientMonth(target, client, token, { month: "2026-11", next: "2026-12" }),
    november: await ownFigures(target, token, "2026-11"),
    december: await ownFigures(target, token, "2026-12"),
    ledger: byText(await entriesOf(target, client)),
  };
}

/** Two clients, a November of messages, its close and its reconciliation, on a platform that may die at any time after the clients are live. */
async function play(platform: Phoenix): Promise<Totals> {
  const clients: LiveClient[] = [];
  const traffic = await platform.through(async (target) => {
    const clock = { now: start };
    for (const story of twoClients("2026-10-01")) clients.push(await bringLive(target, story, clock));
    await target.moveClock(lastOfOctober);
    const wabaIds = clients.flatMap(({ numbers }) => numbers.map(({ wabaId }) => wabaId));
    return planTraffic(target, { ...november, seed: 5, messages: bodies, lose: 0, double: 0, wabaIds });
  });
  const until = Math.max(end.getTime(), traffic.lastDueAt.getTime() + dayMs);
  for (let at = november.from.getTime(); at < until + stepMs; at += stepMs) {
    const now = new Date(Math.min(at, until));
    await platform.through((target) =>
      target.moveClock(now, async () => {
        await control(target.metaUrl, `traffic/${traffic.id}/run-until`, { now: now.toISOString() });
      }),
    );
  }
  const { unexplained } = await platform.through((target) => reconcile(target, "2026-11"));
  const totals: [string, ClientTotals][] = [];
  for (const client of clients)
    totals.push([client.name, await platform.through((target) => totalsOf(target, client))]);
  return { bodiesSha256: traffic.report.bodiesSha256, unexplained, clients: Object.fromEntries(totals) };
}

describe("a November in which platform and store are killed again and again", () => {
  const folders = { killed: newFolder("killed"), calm: newFolder("calm") };
  let killed: Totals;
  let calm: Totals;
  let died: readonly Death[];

  beforeAll(async () => {
    buildAll();
    const rising = phoenix({ dataDir: folders.killed, port: await freePorts(), clock: start }, deaths);
    const steady = phoenix({ dataDir: folders.calm, port: await freePorts(), clock: start }, []);
    try {
      [killed, calm] = await Promise.all([play(rising), play(steady)]);
      died = rising.died;
    } finally {
      await Promise.all([rising.end(), steady.end()]);
    }
  });
  afterAll(() => {
    Object.values(folders).forEach(removeFolder);
  });

  it("dies every death it was meant to die: twice wherever it just was, and once at every fault point", () => {
    expect(died).toEqual(deaths);
  });

  it("has heard the same webhooks as an undisturbed November of the same seed", () => {
    expect(killed.bodiesSha256).toBe(calm.bodiesSha256);
  });

  it.each(["Lumbre Café", "Andes Salud"])(
    "ends with the same money for %s, on both sides, on the invoice and carried on",
    (name) => {
      expect(killed.clients[name]?.month).toEqual(calm.clients[name]?.month);
      expect(calm.clients[name]?.month.costMicros).toBeGreaterThan(0n);
    },
  );

  it.each(["Lumbre Café", "Andes Salud"])(
    "ends with the same counts for %s: messages, charged, free, failed, late, reordered",
    (name) => {
      expect(killed.clients[name]?.november).toEqual(calm.clients[name]?.november);
      expect(killed.clients[name]?.december).toEqual(calm.clients[name]?.december);
      expect(calm.clients[name]?.november.charged).toBeGreaterThan(0);
    },
  );

  it.each(["Lumbre Café", "Andes Salud"])("ends with the same ledger for %s, line by line", (name) => {
    expect(killed.clients[name]?.ledger).toEqual(calm.clients[name]?.ledger);
    expect(calm.clients[name]?.ledger.length).toBeGreaterThan(50);
  });

  it("leaves nothing unexplained", () => {
    expect([killed.unexplained, calm.unexplained]).toEqual([0, 0]);
  });
});
