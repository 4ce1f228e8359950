import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type FaultPointName, onFaultPoint, type TenantId } from "@greentick/kernel";
import { someTenants, testDatabase } from "@greentick/testing";
import fc from "fast-check";
import { toSighting } from "../adapters/events/rating.js";
import { isBalanced } from "../domain/ledger-entry.js";
import { type Sighting } from "../domain/fact.js";
import { resolvedByArrival } from "../domain/rate.js";
import { eventsOf } from "../fixtures/door.js";
import { ratingBench, type RatingBench } from "../fixtures/rating-ports.js";
import { rateSightings } from "./rate-sightings.js";
import { rateWaiting } from "./rate-waiting.js";
import { rerate } from "./explain-charge.js";

const samplesFolder = join(__dirname, "..", "..", "..", "..", "test", "webhook-samples");
const names = readdirSync(samplesFolder).filter((name) => name.endsWith(".json") && name !== "expected.json");
const expected = JSON.parse(readFileSync(join(samplesFolder, "expected.json"), "utf8")) as Record<
  string,
  { charge: string | null }
>;
const owners: Readonly<Record<string, TenantId>> = {
  "318274650192837": someTenants.casa,
  "556182930475610": someTenants.casa,
  "427163905281746": someTenants.otra,
};
const now = new Date("2026-11-15T12:00:00.000Z");

describe("rating status updates", () => {
  const store = testDatabase("rating");
  let bench: RatingBench;
  beforeAll(async () => {
    const clients = [
      { tenantId: someTenants.casa, wabaIds: ["318274650192837", "556182930475610"], namedMarkets: ["Brazil"] },
      { tenantId: someTenants.otra, wabaIds: ["427163905281746"] },
    ];
    bench = await ratingBench(store, { now, clients });
  });
  beforeEach(() => bench.clear());
  afterEach(() => {
    onFaultPoint(undefined);
  });
  afterAll(() => bench.close());

  const sightingsIn = (name: string): Sighting[] =>
    eventsOf(readFileSync(join(samplesFolder, name)), (wabaId) => {
      const tenantId = owners[wabaId];
      return tenantId === undefined ? undefined : { ...bench.callIn(tenantId), now: () => now };
    }).map(toSighting);
  const everything = { system: "price-facts" } as const;

  interface Outcome {
    readonly total: bigint;
    readonly entries: readonly string[];
    readonly windows: readonly string[];
    readonly facts: readonly string[];
  }
  /** What the store ends in, without what depends on the order: versions, times of booking, which of two equal webhooks was first. */
  const outcome = async (): Promise<Outcome> => {
    const { db } = bench.database;
    const entries = await db
      .collection<{ charge: { amountMicros: bigint }; bucket: string; day: string; key: string }>("entries")
      .find()
      .toArray();
    const sums = new Map<string, bigint>();
    for (const { bucket, day, charge } of entries)
      sums.set(`${bucket} ${day}`, (sums.get(`${bucket} ${day}`) ?? 0n) + charge.amountMicros);
    const windows = await db.collection<{ _id: string; dirty: boolean }>("windows").find().sort({ _id: 1 }).toArray();
    const facts = await db
      .collection<{ _id: string; unrated?: string; duplicates: number }>("facts")
      .find()
      .sort({ _id: 1 })
      .toArray();
    return {
      total: entries.reduce((sum, { charge }) => sum + charge.amountMicros, 0n),
      entries: [...sums].map(([key, sum]) => `${key} ${sum}`).sort(),
      windows: windows.map(({ _id, dirty }) => `${_id} ${dirty}`),
      facts: facts.map(({ _id, unrated, duplicates }) => `${_id} ${unrated ?? ""} ${duplicates}`),
    };
  };

  it.each(
    names.filter((name) => expected[name]?.charge != null && name !== "status-cbp-utility-same-conversation.json"),
  )("charges the sample %s as published", async (name) => {
    await rateSightings(bench.ports)(sightingsIn(name));
    expect((await outcome()).total).toBe(BigInt(expected[name]?.charge ?? "0"));
  });

  it("ends in the same state and the same sum for the samples in any order, with repeats and a crash at any step", async () => {
    const all = names.flatMap(sightingsIn);
    await rateSightings(bench.ports)(all);
    const straight = await outcome();
    expect(straight.total).toBe(names.reduce((sum, name) => sum + BigInt(expected[name]?.charge ?? "0"), 0n));
    const points: FaultPointName[] = ["billing.facts-kept", "billing.entries-kept", "billing.windows-marked"];
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(all, { minLength: all.length }),
        fc.array(fc.integer({ min: 0, max: all.length - 1 }), { maxLength: 8 }),
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.tuple(fc.constantFrom(...points), fc.integer({ min: 0, max: 6 })), { maxLength: 4 }),
        async (shuffled, again, batch, crashes) => {
          await bench.clear();
          const left = new Map(crashes.map(([point, after]) => [point, after]));
          onFaultPoint((point) => {
            const after = left.get(point);
            if (after === undefined) return;
            left.set(point, after - 1);
            if (after === 0) throw new Error(`killed at ${point}`);
          });
          const stream = [...shuffled, ...again.flatMap((at) => shuffled[at] ?? [])];
          for (let at = 0; at < stream.length; at += batch) await redelivered(stream.slice(at, at + batch));
          expect(await outcome()).toEqual(straight);
        },
      ),
      { numRuns: 20 },
    );
  });

  /** As the bus does: the same batch again until it went through. */
  const redelivered = async (batch: readonly Sighting[]): Promise<void> => {
    for (let attempt = 0; attempt < 10; attempt++) {
      const failed = await rateSightings(bench.ports)(batch).then(
        () => false,
        () => true,
      );
      if (!failed) return;
    }
    throw new Error("a batch never went through");
  };

  it("keeps every entry balanced, and every entry rates again to the same micros from what it names", async () => {
    await rateSightings(bench.ports)(names.flatMap(sightingsIn));
    const { items } = await bench.ports.entries.list(everything, { first: 100 }, {});
    const plans = await bench.ports.plans.findAll(everything, {});
    expect(items.length).toBeGreaterThan(10);
    for (const entry of items) {
      const plan = plans.find(({ id }) => id === entry.service?.planId);
      expect(isBalanced(entry)).toBe(true);
      expect(plan && rerate(entry, bench.ports.tariffs(), plan)).toMatchObject({ matches: true });
    }
  });

  it("lets a delivery of an unknown account wait in sight, and rates it when the account arrives", async () => {
    const [sighting] = sightingsIn("status-delivered-regular-marketing.json");
    if (sighting === undefined) throw new Error("no status");
    const early = { ...sighting, wabaId: "900900900900900" };
    await rateSightings(bench.ports)([early]);
    expect((await outcome()).facts).toEqual([expect.stringContaining("awaiting_account")]);
    await bench.ports.wabas.keep(
      { system: "projection" },
      {
        wabaId: early.wabaId,
        tenantId: early.tenantId,
        ancestorIds: early.ancestorIds,
        livemode: false,
        name: "Late",
        currency: "USD",
        timeZone: "America/Bogota",
      },
    );
    const moved = await rateWaiting(bench.ports)({
      scope: everything,
      reasons: resolvedByArrival,
      wabaId: early.wabaId,
    });
    expect(moved).toBe(1);
    expect((await outcome()).total).toBe(62_500n);
  });

  it("never lets the total of a window depend on how often it is asked", async () => {
    await rateSightings(bench.ports)(names.flatMap(sightingsIn));
    for (const window of await bench.ports.windows.dirty(everything, { now, hurried: true, limit: 100 })) {
      const entries = await bench.ports.entries.list(
        { tenant: window.tenantId, ancestors: [] },
        { first: 100 },
        { bucket: window.bucket, day: window.day },
      );
      const sum = entries.items.reduce((total, { charge }) => total + charge.amountMicros, 0n);
      expect(await bench.balances.windowTotal({ tenant: window.tenantId, ancestors: [] }, window)).toBe(sum);
    }
  });
});
