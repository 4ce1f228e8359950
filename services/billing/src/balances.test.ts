import { type FaultPointName, type Month, onFaultPoint, type TenantId } from "@greentick/kernel";
import { someTenants, testDatabase } from "@greentick/testing";
import fc from "fast-check";
import { addLines, bucketTotals, chargeOf } from "./domain/balance.js";
import { type Sighting } from "./domain/fact.js";
import { isBalanced, type LedgerEntry } from "./domain/ledger-entry.js";
import { statementOf } from "./domain/statement.js";
import { ratingBench, type RatingBench } from "./fixtures/rating-ports.js";
import { rerate } from "./usecases/explain-charge.js";
import { bookUnbooked } from "./usecases/rate-waiting.js";
import { rateSightings } from "./usecases/rate-sightings.js";
import { rebuildBalances, verifyBalances } from "./usecases/verify-balances.js";

const runs = Number(process.env["PROPERTY_RUNS"] ?? 40);
const everything = { system: "price-facts" } as const;
const month = "2026-11" as Month;
const now = new Date("2026-11-20T12:00:00.000Z");
const wabas: Readonly<Record<string, TenantId>> = {
  "318274650192837": someTenants.casa,
  "427163905281746": someTenants.otra,
};

/** One update of one message, in words that shrink well. */
interface Told {
  readonly message: number;
  readonly status: "sent" | "delivered" | "read" | "failed";
  /** Hours into November. */
  readonly hour: number;
  readonly priced: boolean;
  readonly category: "marketing" | "utility" | "authentication" | "service";
  readonly free: boolean;
  readonly prefix: "55" | "91" | "57";
}

const told: fc.Arbitrary<Told> = fc.record({
  message: fc.integer({ min: 0, max: 7 }),
  status: fc.constantFrom("sent", "delivered", "read", "failed"),
  hour: fc.integer({ min: 0, max: 470 }),
  priced: fc.boolean(),
  category: fc.constantFrom("marketing", "utility", "authentication", "service"),
  free: fc.boolean(),
  prefix: fc.constantFrom("55", "91", "57"),
});

function toSighting(one: Told, place: number): Sighting {
  const [wabaId = "", tenantId = someTenants.casa] = Object.entries(wabas)[one.message % 2] ?? [];
  const at = new Date(Date.parse("2026-11-01T00:00:00.000Z") + one.hour * 3_600_000);
  const type = one.free ? "free_customer_service" : "regular";
  return {
    tenantId,
    ancestorIds: [someTenants.provider],
    livemode: false,
    messageKey: `message ${one.message}`,
    wabaId,
    status: one.status,
    at,
    receivedAt: at,
    recipient: { dialPrefix: one.prefix },
    group: false,
    ...(one.priced && { pricing: { model: "PMP", category: one.category, type } }),
    webhook: { sha256: place.toString(16).padStart(64, "0"), index: 0 },
  };
}

/** Updates in batches; after each some of what was told is told again. */
const traffic = fc.record({
  updates: fc.array(told, { minLength: 1, maxLength: 24 }),
  batch: fc.integer({ min: 1, max: 7 }),
  again: fc.array(fc.nat(), { maxLength: 6 }),
});
const points: readonly FaultPointName[] = ["billing.facts-kept", "billing.entries-kept", "billing.windows-marked"];
const crashes = fc.array(fc.tuple(fc.constantFrom(...points), fc.integer({ min: 0, max: 5 })), { maxLength: 4 });

describe("the ledger under any traffic", () => {
  const store = testDatabase("balances");
  let bench: RatingBench;
  beforeAll(async () => {
    const clients = Object.entries(wabas).map(([wabaId, tenantId]) => ({
      ...{ tenantId, wabaIds: [wabaId], namedMarkets: ["Brazil"] },
      terms: { kind: "percent", basisPoints: tenantId === someTenants.casa ? 1_500 : 0 } as const,
    }));
    bench = await ratingBench(store, { now, clients });
  });
  beforeEach(() => bench.clear());
  afterEach(() => {
    onFaultPoint(undefined);
  });
  afterAll(() => bench.close());

  const entriesOf = (): Promise<readonly LedgerEntry[]> =>
    bench.ports.entries.after(everything, { month, limit: 10_000 });
  const statement = async () => statementOf(month, await bench.balances.ofMonth(everything, month));
  const sumOf = (entries: readonly LedgerEntry[]): bigint =>
    entries.reduce((sum, { charge }) => sum + charge.amountMicros, 0n);

  function crashingAt(deaths: readonly (readonly [FaultPointName, number])[]): void {
    const left = new Map(deaths);
    onFaultPoint((point) => {
      const after = left.get(point);
      if (after === undefined) return;
      left.set(point, after - 1);
      if (after === 0) throw new Error(`killed at ${point}`);
    });
  }

  /** As the bus does: the same batch again until it went through. */
  async function handed(batch: readonly Sighting[]): Promise<void> {
    for (let attempt = 0; attempt < 10; attempt++) {
      const failed = await rateSightings(bench.ports)(batch).then(
        () => false,
        () => true,
      );
      if (!failed) return;
    }
    throw new Error("a batch never went through");
  }

  async function play({
    updates,
    batch,
    again,
  }: {
    updates: readonly Told[];
    batch: number;
    again: readonly number[];
  }) {
    const sightings = updates.map(toSighting);
    const stream = [...sightings, ...again.flatMap((at) => sightings[at % sightings.length] ?? [])];
    for (let at = 0; at < stream.length; at += batch) {
      await handed(stream.slice(at, at + batch));
      // Somebody looks in between, so that balances are kept and grow stale again.
      if (at % 2 === 0) await bench.balances.settleStale(everything);
    }
  }

  it("says the same sum by its entries, by its windows, and on the statement, and every window agrees line by line", async () => {
    await fc.assert(
      fc.asyncProperty(traffic, crashes, async (stream, deaths) => {
        await bench.clear();
        crashingAt(deaths);
        await play(stream);
        const entries = await entriesOf();
        expect(await verifyBalances(bench)(everything, month)).toEqual([]);
        const { totals } = await statement();
        expect(totals.reduce((sum, one) => sum + one.chargeMicros, 0n)).toBe(sumOf(entries));
        expect(totals.reduce((sum, one) => sum + one.entries, 0)).toBe(entries.length);
        for (const window of await bench.ports.windows.dirty(everything, { now, hurried: true, limit: 1_000 })) {
          const own = entries.filter(
            ({ tenantId, bucket, day }) =>
              tenantId === window.tenantId && bucket === window.bucket && day === window.day,
          );
          expect(await bench.balances.windowTotal(everything, window)).toBe(sumOf(own));
        }
      }),
      { numRuns: runs },
    );
  });

  it("charges each message at most once: entries of one fact count one message or none, reversals net to zero, postings balance, and every entry rates again to the same micros", async () => {
    const plans = await bench.ports.plans.findAll(everything, {});
    await fc.assert(
      fc.asyncProperty(traffic, crashes, async (stream, deaths) => {
        await bench.clear();
        crashingAt(deaths);
        await play(stream);
        const entries = await entriesOf();
        for (const key of new Set(entries.map((one) => one.key))) {
          const own = entries.filter((one) => one.key === key);
          const units = own.reduce((sum, one) => sum + one.units, 0);
          expect([0, 1]).toContain(units);
          expect(own.map(({ seq }) => seq).toSorted((a, b) => a - b)).toEqual(own.map((_, at) => at));
          for (const reversal of own.filter((one) => one.units < 0)) {
            const taken = own.find(({ id }) => id === reversal.corrects);
            expect(taken && sumOf([taken, reversal])).toBe(0n);
            expect(taken && taken.cost.amountMicros + reversal.cost.amountMicros).toBe(0n);
          }
          // What stands is the last entry, to the micro: all before it was taken back.
          const last = own.toSorted((a, b) => b.seq - a.seq)[0];
          expect(sumOf(own)).toBe(units === 1 && last ? last.charge.amountMicros : 0n);
        }
        for (const entry of entries) {
          const plan = plans.find(({ id }) => id === entry.service?.planId);
          expect(isBalanced(entry)).toBe(true);
          expect(new Set(entry.postings.map(({ amount }) => amount.currency)).size).toBeLessThan(2);
          expect(plan && rerate(entry, bench.ports.tariffs(), plan)).toMatchObject({ matches: true });
        }
      }),
      { numRuns: runs },
    );
  });

  it("ends with the same balances for the same updates in any order, in any batches, with repeats and crashes, and when all is told once more", async () => {
    // What was charged and taken back again on the way leaves a sum of nothing.
    const outcome = async () =>
      bucketTotals(await bench.balances.ofMonth(everything, month)).filter(
        ({ units, chargeMicros, costs }) => units !== 0 || chargeMicros !== 0n || costs.length > 0,
      );
    const distinct = fc.uniqueArray(told, { minLength: 1, maxLength: 16, selector: (one) => JSON.stringify(one) });
    await fc.assert(
      fc.asyncProperty(
        distinct,
        fc.infiniteStream(fc.nat()),
        fc.integer({ min: 1, max: 7 }),
        crashes,
        async (updates, dice, batch, deaths) => {
          const sightings = updates.map(toSighting);
          await bench.clear();
          for (const one of sightings) await handed([one]);
          const straight = await outcome();
          await bench.clear();
          crashingAt(deaths);
          const shuffled = sightings
            .map((one) => ({ one, at: Number(dice.next().value) }))
            .toSorted((a, b) => a.at - b.at);
          const stream = [...shuffled, ...shuffled.slice(0, 4)].map(({ one }) => one);
          for (let at = 0; at < stream.length; at += batch) await handed(stream.slice(at, at + batch));
          expect(await outcome()).toEqual(straight);
          for (const one of stream) await handed([one]);
          expect(await outcome()).toEqual(straight);
        },
      ),
      { numRuns: runs },
    );
  });

  it("books from the note what a process decided that never came back", async () => {
    await fc.assert(
      fc.asyncProperty(traffic, fc.constantFrom(...points), async ({ updates }, point) => {
        await bench.clear();
        const sightings = updates.map(toSighting);
        crashingAt([[point, 0]]);
        await rateSightings(bench.ports)(sightings).catch(() => undefined);
        onFaultPoint(undefined);
        const later = new Date(Date.now() + 120_000);
        await bookUnbooked({ ...bench.ports, systemNow: () => later })();
        const facts = await bench.ports.facts.load(everything, await factIds());
        const decided = [...facts.values()].flatMap((fact) => fact.entries.map(({ id }) => id)).sort();
        expect((await entriesOf()).map(({ id }) => id).sort()).toEqual(decided);
        expect(await verifyBalances(bench)(everything, month)).toEqual([]);
        expect([...facts.values()].some(({ booking }) => booking)).toBe(false);
      }),
      { numRuns: runs },
    );
  });
  const factIds = async (): Promise<string[]> =>
    (await bench.database.db.collection<{ _id: string }>("facts").find().toArray()).map(({ _id }) => _id);

  it("names what was changed behind its back, and rebuilds it, a lost window too", async () => {
    await rateSightings(bench.ports)(
      [1, 2, 3, 4].map((message) =>
        toSighting(
          {
            message,
            status: "delivered",
            hour: message,
            priced: true,
            category: "marketing",
            free: false,
            prefix: "55",
          },
          message,
        ),
      ),
    );
    await bench.balances.settleStale(everything);
    const windows = bench.database.db.collection<{ _id: string }>("windows");
    const spoilt = await windows.findOne({ tenantId: someTenants.casa });
    const lost = await windows.findOne({ tenantId: someTenants.otra });
    await windows.updateOne({ _id: spoilt?._id ?? "" }, { $set: { "balance.0.chargeMicros": 1n } });
    await windows.deleteOne({ _id: lost?._id ?? "" });
    const found = await verifyBalances(bench)(everything, month);
    expect(found.map(({ tenantId }) => tenantId)).toEqual([someTenants.casa, someTenants.otra].sort());
    await windows.updateMany({}, { $set: { dirty: false } });
    await rebuildBalances({ balances: bench.balances, windows: bench.ports.windows })(everything, month);
    expect(await verifyBalances(bench)(everything, month)).toEqual([]);
    // What was told of a wrong balance is told anew.
    expect(await windows.countDocuments({ dirty: false })).toBe(0);
  });

  it("keeps cells of a window that holds many, counts in it only what is new, and still agrees", async () => {
    const many = (from: number, count: number): Sighting[] =>
      Array.from({ length: count }, (_, at) => ({
        ...toSighting(
          { message: 0, status: "delivered", hour: 1, priced: true, category: "marketing", free: false, prefix: "55" },
          from + at,
        ),
        messageKey: `one of many ${from + at}`,
      }));
    for (let from = 0; from < 2_400; from += 400) await rateSightings(bench.ports)(many(from, 400));
    await bench.balances.settleStale(everything);
    const cells = bench.database.db.collection("cells");
    expect(await cells.countDocuments()).toBe(1);
    const later = { ...bench.ports, businessNow: () => new Date(now.getTime() + 90_000) };
    await rateSightings(later)(many(5_000, 30));
    const [day] = await bench.balances.ofMonth(everything, month);
    expect(day && addLines(day.lines).reduce((sum, { entries }) => sum + entries, 0)).toBe(2_430);
    await bench.balances.settleStale(everything);
    expect(await cells.countDocuments()).toBe(2);
    expect(await verifyBalances(bench)(everything, month)).toEqual([]);
    expect(day && chargeOf(day.lines)).toBe(sumOf(await entriesOf()));
  });

  it("gives each of many who book at once, beside those who count, the same true balance", async () => {
    const batches = Array.from({ length: 24 }, (_, batch) =>
      Array.from({ length: 10 }, (_, at) => ({
        ...toSighting(
          { message: 0, status: "delivered", hour: 1, priced: true, category: "utility", free: false, prefix: "91" },
          batch * 10 + at,
        ),
        messageKey: `at once ${batch} ${at}`,
      })),
    );
    const counting = Array.from({ length: 12 }, () => bench.balances.settleStale(everything));
    await Promise.all([...batches.map(handed), ...counting]);
    await bench.balances.settleStale(everything);
    expect(await verifyBalances(bench)(everything, month)).toEqual([]);
    expect((await statement()).totals).toMatchObject([{ entries: 240 }]);
  });
});
