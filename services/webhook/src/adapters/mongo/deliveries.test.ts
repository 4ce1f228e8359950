import { randomBytes } from "node:crypto";
import { type DeliveryId, type EventId, makeId, type Scope } from "@greentick/kernel";
import { connectDatabase, type Database } from "@greentick/runtime";
import { testDatabase } from "@greentick/testing";
import { type AggregationCursor, type FindCursor } from "mongodb";
import { newTenant } from "../../fixtures/delivering.js";
import { type Deliveries, type DeliveryFilter } from "../../ports/outgoing.js";
import { mongoDeliveries } from "./deliveries.js";
import { type DeliveryRow, deliveryRows } from "./delivery-rows.js";

const start = Date.parse("2026-10-01T08:00:00Z");
const many = 10_050;
const rare = many - 1;

interface Read {
  readonly totalKeysExamined: number;
  readonly totalDocsExamined: number;
}
interface Explained {
  readonly executionStats?: Read;
  readonly stages?: readonly { readonly $cursor?: { readonly executionStats: Read } }[];
}

/** The store, and everything that it was asked about deliveries meanwhile. */
function watched(database: Database): { readonly database: Database; readonly asked: () => Promise<readonly Read[]> } {
  const rows = deliveryRows(database);
  const cursors: (FindCursor | AggregationCursor)[] = [];
  const noted = <C extends FindCursor | AggregationCursor>(cursor: C): C => {
    cursors.push(cursor);
    return cursor;
  };
  const find = rows.find.bind(rows);
  const aggregate = rows.aggregate.bind(rows);
  jest.spyOn(rows, "find").mockImplementation((...what: Parameters<typeof find>) => noted(find(...what)));
  jest
    .spyOn(rows, "aggregate")
    .mockImplementation((...what: Parameters<typeof aggregate>) => noted(aggregate(...what)));
  const collection = (): typeof rows => rows;
  return {
    database: { ...database, db: { collection } as unknown as Database["db"] },
    asked: () =>
      Promise.all(
        cursors.splice(0).map(async (cursor) => {
          const { executionStats, stages }: Explained = await cursor.clone().explain("executionStats");
          const read = executionStats ?? stages?.[0]?.$cursor?.executionStats;
          if (read === undefined) throw new Error("the store does not tell what it read");
          return read;
        }),
      ),
  };
}

describe("questions about deliveries, of a tenant with ten thousand", () => {
  const { uri, dbName } = testDatabase("deliveries");
  const tenantId = newTenant();
  const scope: Scope = { tenant: tenantId, ancestors: [] };
  const busy = makeId("endpoint", start, randomBytes(10));
  const quiet = makeId("endpoint", start, randomBytes(10));
  const ids: DeliveryId[] = [];
  let database: Database;
  beforeAll(async () => {
    database = await connectDatabase(uri, dbName("webhook"));
    await mongoDeliveries(database).ensureIndexes();
    const rows = Array.from({ length: many }, (_, n): DeliveryRow => {
      const id = makeId("delivery", start - n, randomBytes(10));
      ids.push(id);
      const at = new Date(start - n);
      return {
        ...{ _id: id, tenantId, ancestorIds: [], livemode: true, schemaVersion: 1 },
        ...{ endpointId: n === rare ? quiet : busy, eventId: `evt_${n}` as EventId },
        ...{ kind: n === rare ? "rare.kind" : "a.kind", key: `key_${n}`, place: n, status: "delivered" },
        ...{ createdAt: at, occurredAt: at, attempts: [], tries: 1, test: false, inOrder: false },
      };
    });
    await deliveryRows(database).insertMany(rows);
  });
  afterAll(() => database.close());

  /** The most that one of the questions read which this asks. */
  const readFor = async (work: (deliveries: Deliveries) => Promise<unknown>) => {
    const store = watched(database);
    await work(mongoDeliveries(store.database));
    const asked = await store.asked();
    expect(asked.length).toBeGreaterThan(0);
    const most = (field: keyof Read): number => Math.max(...asked.map((one) => one[field]));
    return { keysExamined: most("totalKeysExamined"), docsExamined: most("totalDocsExamined") };
  };

  it("which of some are missing reads no more than these", async () => {
    const other = makeId("delivery", start, randomBytes(10));
    const read = await readFor(async (deliveries) => {
      expect(await deliveries.without(scope, [...ids.slice(0, 3), other])).toEqual(new Set([other]));
    });
    expect(read.docsExamined).toBe(3);
  });

  it("how many there are of each status reads no document, and counts no further than it says", async () => {
    const read = await readFor(async (deliveries) => {
      const counts = await deliveries.counts(scope, busy);
      expect(counts).toEqual({ waiting: 0, sending: 0, delivered: 10_000, failed: 0 });
    });
    expect(read.docsExamined).toBe(0);
    expect(read.keysExamined).toBeLessThanOrEqual(10_001);
  });

  it.each<[string, DeliveryFilter, number]>([
    ["all", {}, 11],
    ["an endpoint", { endpointId: busy }, 11],
    ["an endpoint and a status", { endpointId: busy, status: "delivered" }, 11],
    ["an endpoint with few", { endpointId: quiet }, 1],
    ["an event", { eventId: "evt_7" }, 1],
    ["an event and a kind", { eventId: "evt_7", kind: "a.kind" }, 1],
    ["what was put into line before", { before: new Date(start - 5_000) }, 11],
  ])("a page of %s reads what it shows", async (_what, filter, most) => {
    const read = await readFor(async (deliveries) => {
      const { items, hasNextPage } = await deliveries.list(scope, { first: 10 }, filter);
      expect(items).toHaveLength(Math.min(most, 10));
      expect(hasNextPage).toBe(most > 10);
    });
    expect(read.docsExamined).toBeLessThanOrEqual(most);
    expect(read.keysExamined).toBeLessThanOrEqual(most + 10);
  });

  it("a page far down the list begins at its place", async () => {
    const after = Buffer.from(`${new Date(start - 9_000).toISOString()}|${ids[9_000]}`).toString("base64url");
    const read = await readFor(async (deliveries) => {
      const { items } = await deliveries.list(scope, { first: 10, after }, {});
      expect(items.map(({ id }) => id)).toEqual(ids.slice(9_001, 9_011));
    });
    expect(read.keysExamined).toBeLessThanOrEqual(22);
  });

  it.each<[string, DeliveryFilter]>([
    ["a rare kind", { kind: "rare.kind" }],
    ["a rare kind of an endpoint", { endpointId: quiet, kind: "rare.kind" }],
  ])("pages of %s look through five thousand each, and come to all", async (_what, filter) => {
    const found: string[] = [];
    let after: string | undefined;
    const read = await readFor(async (deliveries) => {
      do {
        const page = await deliveries.list(scope, { first: 10, ...(after !== undefined && { after }) }, filter);
        found.push(...page.items.map(({ id }) => id));
        after = page.hasNextPage ? page.endCursor : undefined;
      } while (after !== undefined);
    });
    expect(found).toEqual([ids[rare]]);
    const cursorAndNext = 2;
    expect(read.docsExamined).toBeLessThanOrEqual(5_000 + cursorAndNext);
  });

  it("a page of a status across endpoints that few have tells where to go on, though it shows none", async () => {
    const deliveries = mongoDeliveries(database);
    const pageAfter = (after = "") =>
      deliveries.list(scope, { first: 10, ...(after !== "" && { after }) }, { status: "failed" });
    const first = await pageAfter();
    expect([first.items.length, first.hasNextPage]).toEqual([0, true]);
    const end = await pageAfter((await pageAfter(first.endCursor)).endCursor);
    expect(end).toEqual({ items: [], hasNextPage: false });
  });
});
