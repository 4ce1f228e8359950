import { after, dayMs, type FaultPointName, minuteMs, type Month, onFaultPoint, systemScope } from "@greentick/kernel";
import { someTenants, testDatabase } from "@greentick/testing";
import { type Fact, type Sighting } from "../domain/fact.js";
import { without } from "../domain/without.js";
import { ratingBench, type RatingBench } from "../fixtures/rating-ports.js";
import { type FactStore } from "../ports.js";
import { rateSightings } from "./rate-sightings.js";
import { bookUnbooked } from "./rate-waiting.js";
import { verifyBalances } from "./verify-balances.js";

const now = new Date("2026-11-15T12:00:00.000Z");
const scope = systemScope("price-facts");
const wabaId = "318274650192837";
const month = "2026-11" as Month;

describe("from a status to a booked entry", () => {
  const store = testDatabase("booking");
  let bench: RatingBench;
  beforeAll(async () => {
    bench = await ratingBench(store, { now, clients: [{ tenantId: someTenants.casa, wabaIds: [wabaId] }] });
  });
  beforeEach(() => bench.clear());
  afterEach(() => {
    onFaultPoint(undefined);
  });
  afterAll(() => bench.close());

  const told = (messageKey: string, more: Partial<Sighting> = {}): Sighting => ({
    tenantId: someTenants.casa,
    ancestorIds: [someTenants.provider],
    livemode: false,
    messageKey,
    wabaId,
    status: "delivered",
    at: now,
    receivedAt: now,
    recipient: { dialPrefix: "551195" },
    group: false,
    pricing: { model: "PMP", type: "regular", category: "marketing" },
    webhook: { sha256: messageKey.padEnd(64, "0"), index: 0 },
    ...more,
  });
  /** Delivered the day before, so that it costs what it did then, under another id. */
  const earlier = (messageKey: string): Sighting =>
    told(messageKey, { at: after(now, -dayMs), webhook: { sha256: messageKey.padEnd(64, "1"), index: 0 } });
  const idOf = (messageKey: string): string => `${someTenants.casa}/message/${messageKey}/-`;
  const factOf = async (messageKey: string): Promise<Fact | undefined> =>
    (await bench.ports.facts.load(scope, [idOf(messageKey)])).get(idOf(messageKey));
  const booked = async (): Promise<readonly string[]> =>
    (await bench.ports.entries.after(scope, { month, limit: 1_000 })).map(({ id }) => id);
  const rows = () => bench.database.db.collection<{ _id: string }>("facts");
  const notes = () => bench.database.db.collection<{ _id: string }>("booking_notes");
  const later = (ms: number): Promise<number> => {
    const at = new Date(Date.now() + ms);
    return bookUnbooked({ ...bench.ports, systemNow: () => at })();
  };
  const dyingAt = (point: FaultPointName): void => {
    onFaultPoint((reached) => {
      if (reached === point) throw new Error(`killed at ${point}`);
    });
  };
  /** The store, in which something happens right before the first write of facts. */
  const interrupted = (happens: () => Promise<unknown>): FactStore => {
    let first = true;
    return {
      ...bench.ports.facts,
      save: async (...some) => {
        if (first) {
          first = false;
          await happens();
        }
        return bench.ports.facts.save(...some);
      },
    };
  };

  it("books nothing of what was decided by a writer that lost the race for the fact", async () => {
    const facts = interrupted(() => rateSightings(bench.ports)([earlier("a")]));
    await rateSightings({ ...bench.ports, facts })([told("a"), told("b")]);
    const [a, b] = [await factOf("a"), await factOf("b")];
    expect(a?.entries).toMatchObject([{ seq: 0, day: "2026-11-14" }]);
    expect(await booked()).toEqual([...(a?.entries ?? []), ...(b?.entries ?? [])].map(({ id }) => id).sort());
    expect(await notes().countDocuments()).toBe(0);
  });

  it.each(["billing.facts-kept", "billing.entries-kept", "billing.windows-marked"] as const)(
    "is finished by the next update of the same message when its writer died at %s",
    async (point) => {
      dyingAt(point);
      await expect(rateSightings(bench.ports)([told("a")])).rejects.toThrow("killed");
      onFaultPoint(undefined);
      expect(await factOf("a")).toMatchObject({ booking: true, entries: [{ seq: 0 }] });
      await rateSightings(bench.ports)([told("a", { status: "read", webhook: { sha256: "9".repeat(64), index: 0 } })]);
      const fact = await factOf("a");
      expect(await booked()).toEqual(fact?.entries.map(({ id }) => id));
      expect(await verifyBalances(bench)(scope, month)).toEqual([]);
      await later(2 * minuteMs);
      expect(await notes().countDocuments()).toBe(0);
    },
  );

  it("keeps a note whose facts were never written for a day, books nothing by it, and takes it away then", async () => {
    dyingAt("billing.facts-kept");
    await expect(rateSightings(bench.ports)([told("a")])).rejects.toThrow("killed");
    onFaultPoint(undefined);
    await rows().deleteMany({});
    expect(await later(2 * minuteMs)).toBe(0);
    expect(await notes().countDocuments()).toBe(1);
    expect(await later(2 * dayMs)).toBe(1);
    expect([await notes().countDocuments(), await booked()]).toEqual([0, []]);
  });

  it("goes on from facts and notes that a version before wrote, with the entries in fields of their own", async () => {
    dyingAt("billing.facts-kept");
    await expect(rateSightings(bench.ports)([told("a")])).rejects.toThrow("killed");
    onFaultPoint(undefined);
    const fact = await factOf("a");
    const [note] = await notes().find().toArray();
    const [id, noteId] = [idOf("a"), note?._id ?? ""];
    const said = ["tenantId", "ancestorIds", "livemode", "billToTenantId", "key", "postings"] as const;
    const entries = fact?.entries.map((entry) => without(entry, ...said));
    const counts = { month, outcome: "charged", duplicates: 0, late: false, reordered: false };
    const wide = { ...(fact && without(fact, "id", "booking")), ...counts, entries, schemaVersion: 1, note: noteId };
    await rows().replaceOne({ _id: id }, wide);
    await notes().updateOne({ _id: noteId }, { $set: { schemaVersion: 1, facts: [{ id, version: 1 }] } });
    expect(await factOf("a")).toEqual(fact);
    expect(await later(2 * minuteMs)).toBe(1);
    expect(await booked()).toEqual(fact?.entries.map((entry) => entry.id));
    await rateSightings(bench.ports)([earlier("a")]);
    expect((await factOf("a"))?.entries.map(({ units }) => units)).toEqual([1, -1, 1]);
    expect(await rows().findOne({ _id: id })).toMatchObject({ schemaVersion: 2, version: 2 });
    expect(await bench.ports.facts.counts(scope, month)).toMatchObject({ messages: 1, charged: 1 });
    expect(await verifyBalances(bench)(scope, month)).toEqual([]);
  });
});
