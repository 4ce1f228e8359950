import {
  actFor,
  bringLive,
  control,
  type LiveClient,
  type LocalPlatform,
  planTraffic,
  readClientMonth,
  runTraffic,
  twoClients,
} from "@greentick/gateway";
import { dayMs, microsFromDecimal, microsPerMinor } from "@greentick/kernel";
import { MongoClient } from "mongodb";
import { type Entry, entriesOf } from "./ledger.js";
import { newFolder, removeFolder, startIn } from "./local.js";
import { type NaiveCharge, type Posted, rateNaively } from "./naive-rater.js";

const start = new Date("2026-10-01T00:00:00Z");
const lastOfOctober = new Date("2026-10-31T00:00:00Z");
const november = { from: new Date("2026-11-01T00:00:00Z"), to: new Date("2026-12-01T00:00:00Z") };
/** Meta's late reports count into November until two days after it. */
const closing = new Date("2026-12-03T00:00:00Z");
const end = new Date("2026-12-07T00:00:00Z");

/** What the client pays for a message and for each month, by the terms it was promised. */
interface Terms {
  readonly charge: (costMicros: bigint) => bigint;
  readonly monthlyFeeMicros: bigint;
}
const terms: Readonly<Record<string, Terms>> = {
  "Lumbre Café": { charge: (cost) => cost, monthlyFeeMicros: 0n },
  "Andes Salud": {
    // 12.5 % on top, to the nearest micro, a half goes up.
    charge: (cost) => (cost * 11_250n + 5_000n) / 10_000n,
    monthlyFeeMicros: 180_000_000_000n,
  },
};
/** October, in which both went live, November, and December, which has begun. */
const months = 3n;

/** The bodies of a traffic as the local Meta keeps them: all of them were acknowledged. */
async function postedBy({ store }: LocalPlatform, traffic: string): Promise<readonly Posted[]> {
  const mongo = await MongoClient.connect(store.uri);
  try {
    const deliveries = mongo
      .db("greentick_local_meta")
      .collection<{ body: string; dueAt: Date; state: string }>("deliveries");
    const rows = await deliveries.find({ traffic }).toArray();
    if (rows.some(({ state }) => state !== "acknowledged")) throw new Error("not everything was posted");
    return rows.map(({ body, dueAt }) => ({ body, at: dueAt }));
  } finally {
    await mongo.close();
  }
}

const total = (amounts: readonly bigint[]): bigint => amounts.reduce((sum, one) => sum + one, 0n);

/** Sums by day, market and category: a difference shows where it is. */
function table(rows: readonly (readonly [cell: string, micros: bigint])[]): Readonly<Record<string, bigint>> {
  const cells: Record<string, bigint> = {};
  for (const [cell, micros] of rows) cells[cell] = (cells[cell] ?? 0n) + micros;
  return Object.fromEntries(Object.entries(cells).filter(([, micros]) => micros !== 0n));
}

/** The clock of the story stands at midnights only: a body that Meta posts on a day is received at its end. */
const receivedAt = ({ knownAt }: NaiveCharge): Date => new Date(Math.ceil(knownAt.getTime() / dayMs) * dayMs);
const inNovember = (one: NaiveCharge): boolean =>
  one.deliveredAt >= november.from && one.deliveredAt < november.to && receivedAt(one) < closing;

describe("the ledger of a generated November, added up a second time by other code", () => {
  const folder = newFolder("sum");
  let platform: LocalPlatform;
  const clients = new Map<string, LiveClient>();
  const naive = new Map<string, readonly NaiveCharge[]>();
  const ledger = new Map<string, readonly Entry[]>();

  beforeAll(async () => {
    platform = await startIn(folder, start);
    const { target } = platform;
    const clock = { now: start };
    for (const story of twoClients("2026-10-01")) clients.set(story.client.name, await bringLive(target, story, clock));
    await target.moveClock(lastOfOctober);
    const wabaIds = [...clients.values()].flatMap(({ numbers }) => numbers.map(({ wabaId }) => wabaId));
    const plan = await planTraffic(target, { ...november, seed: 11, messages: 1_500, lose: 0, double: 0, wabaIds });
    const until = new Date(Math.max(end.getTime(), plan.lastDueAt.getTime() + dayMs));
    await runTraffic(target, plan.id, { from: lastOfOctober, until, stepHours: 24 }, () => undefined);
    const posted = await postedBy(platform, plan.id);
    for (const [name, client] of clients) {
      const [number] = client.numbers;
      if (number === undefined) throw new Error(`${name} has no number`);
      naive.set(name, rateNaively(posted, { ...account(client), wabaId: number.wabaId }));
      ledger.set(name, await entriesOf(target, client));
    }
  });
  afterAll(async () => {
    await platform.close();
    removeFolder(folder);
  });
  const account = ({ name }: LiveClient): { currency: string; timeZone: string } =>
    name === "Andes Salud"
      ? { currency: "COP", timeZone: "America/Bogota" }
      : { currency: "USD", timeZone: "America/Sao_Paulo" };
  const usage = (name: string): readonly Entry[] =>
    (ledger.get(name) ?? []).filter(({ kind }) => kind === "USAGE" || kind === "CORRECTION");
  const cellOf = ({ priceDate, market, category }: Entry): string => [priceDate, market, category].join(" ");

  describe.each(Object.entries(terms))("for %s", (name, { charge, monthlyFeeMicros }) => {
    const charges = (): readonly NaiveCharge[] => naive.get(name) ?? [];

    it("holds every delivered message once", () => {
      const counted = usage(name).reduce((sum, { messages }) => sum + messages, 0);
      expect(counted).toBe(charges().length);
      expect(counted).toBeGreaterThan(200);
    });

    it("has the same cost side: Meta's card on the day of delivery in the account's zone, by market and category", () => {
      const ours = table(usage(name).map((entry) => [cellOf(entry), microsFromDecimal(entry.cost.amount)]));
      const theirs = table(charges().map((one) => [`${one.day} ${one.market} ${one.category}`, one.costMicros]));
      expect(ours).toEqual(theirs);
      expect(total(Object.values(ours))).toBeGreaterThan(0n);
    });

    it("has the same charge side: the plan on each message, rounded once", () => {
      const ours = table(usage(name).map((entry) => [cellOf(entry), microsFromDecimal(entry.charge.amount)]));
      const theirs = table(
        charges().map((one) => [`${one.day} ${one.market} ${one.category}`, charge(one.costMicros)]),
      );
      expect(ours).toEqual(theirs);
    });

    it("holds the platform fee of every month since the client is live", () => {
      const fees = (ledger.get(name) ?? []).filter(({ kind }) => kind === "PLATFORM_FEE");
      expect(total(fees.map((fee) => microsFromDecimal(fee.charge.amount)))).toBe(months * monthlyFeeMicros);
      expect(total(fees.map((fee) => microsFromDecimal(fee.cost.amount)))).toBe(0n);
    });

    it("invoices for November what was known of it in time, with its fee, to the micro with what is carried on", async () => {
      const client = clients.get(name);
      if (client === undefined) throw new Error(`${name} was not created`);
      const token = await actFor(platform.target, client.tenantId, "Looking at the invoice");
      const month = await readClientMonth(platform.target, client, token, { month: "2026-11", next: "2026-12" });
      const known = charges().filter(inNovember);
      const expected = total(known.map(({ costMicros }) => charge(costMicros))) + monthlyFeeMicros;
      expect(month.invoiceMinor * microsPerMinor(month.currency) + month.carryMicros).toBe(expected);
    });
  });

  it("tries the end of the month: some deliveries were heard of too late for its invoice", () => {
    const tooLate = [...naive.values()].flat().filter((one) => !inNovember(one));
    expect(tooLate.length).toBeGreaterThan(0);
  });

  it("agrees with the local Meta, which counted while it delivered and knows neither of the two", async () => {
    for (const [name, charges] of naive) {
      const wabaId = clients.get(name)?.numbers[0]?.wabaId ?? "";
      const counted = await control<{ volume: number; micros: Readonly<Record<string, number>> }>(
        platform.target.metaUrl,
        `counted?wabaId=${wabaId}`,
      );
      expect(counted.volume).toBe(charges.length);
      expect(Object.values(counted.micros).map(BigInt)).toEqual([total(charges.map(({ costMicros }) => costMicros))]);
    }
  });
});
