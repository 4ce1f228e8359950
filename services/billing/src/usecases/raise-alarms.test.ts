import { systemScope } from "@greentick/kernel";
import { someTenants, testDatabase } from "@greentick/testing";
import { type Sighting } from "../domain/fact.js";
import { regular, sighting } from "../fixtures/folding.js";
import { ratingBench, type RatingBench } from "../fixtures/rating-ports.js";
import { raiseAlarms } from "./raise-alarms.js";
import { rateSightings } from "./rate-sightings.js";

const now = new Date("2026-11-20T12:00:00.000Z");
const { casa, otra, provider } = someTenants;

describe("alarms about deliveries without a price", () => {
  const store = testDatabase("alarms");
  let bench: RatingBench;
  beforeAll(async () => {
    const clients = [
      { tenantId: casa, wabaIds: ["11"] },
      { tenantId: otra, wabaIds: ["21"] },
    ];
    bench = await ratingBench(store, { now, clients });
  });
  beforeEach(async () => {
    await bench.clear();
    await bench.database.db.collection("unrated_alarms").deleteMany({});
  });
  afterAll(() => bench.close());

  const delivered = (messageKey: string, category: string, more: Partial<Sighting> = {}): Sighting =>
    sighting("delivered", "2026-11-15T10:00:00Z", {
      tenantId: casa,
      ancestorIds: [provider],
      messageKey,
      wabaId: "11",
      pricing: regular(category),
      ...more,
    });
  const take = (...sightings: Sighting[]): Promise<void> => rateSightings(bench.ports)(sightings);
  interface Row {
    readonly tenantId: string;
    readonly state: {
      readonly reason: string;
      readonly day: string;
      readonly count: number;
      readonly category?: string;
    };
    readonly outbox: readonly { readonly type: string }[];
  }
  const rows = (): Promise<Row[]> =>
    bench.database.db.collection<Row>("unrated_alarms").find().sort({ _id: 1 }).toArray();

  it("are raised once for each client, reason and day, each with its event", async () => {
    await take(
      delivered("m1", "general_purpose_ai"),
      delivered("m2", "something_new"),
      delivered("m3", "general_purpose_ai", { at: new Date("2026-11-16T10:00:00Z") }),
      delivered("m4", "group_marketing"),
      delivered("m5", "general_purpose_ai", { tenantId: otra, wabaId: "21" }),
      delivered("m6", "marketing"),
    );
    expect(await raiseAlarms(bench.ports)()).toBe(4);
    await take(delivered("m7", "general_purpose_ai"));
    expect(await raiseAlarms(bench.ports)()).toBe(0);
    const found = (await rows()).map(({ tenantId, state }) => [tenantId, state.reason, state.day, state.count]);
    expect(found).toEqual(
      expect.arrayContaining([
        [casa, "unknown_category", "2026-11-15", 2],
        [casa, "unknown_category", "2026-11-16", 1],
        [casa, "group_without_card", "2026-11-15", 1],
        [otra, "unknown_category", "2026-11-15", 1],
      ]),
    );
    for (const { outbox } of await rows()) expect(outbox.map(({ type }) => type)).toEqual(["billing.unratable_seen"]);
  });

  it("are not lost when nothing runs between the fact and its alarm, and are one when two processes look at once", async () => {
    await take(delivered("m1", "general_purpose_ai"));
    const raised = await Promise.all(Array.from({ length: 4 }, () => raiseAlarms(bench.ports)()));
    expect(raised.reduce((sum, one) => sum + one, 0)).toBe(1);
    expect(await rows()).toHaveLength(1);
  });

  it("are not raised for what only waits for its own turn", async () => {
    await take(
      delivered("m1", "marketing", { wabaId: "404" }),
      sighting("read", "2026-11-15T10:00:00Z", { tenantId: casa }),
    );
    expect(await raiseAlarms(bench.ports)()).toBe(0);
  });

  it("can be read by staff, with what to do", async () => {
    await take(delivered("m1", "something_new"));
    await raiseAlarms(bench.ports)();
    const alarms = await bench.ports.alarms.list(systemScope("price-facts"), { first: 10 });
    expect(alarms.items).toMatchObject([{ reason: "unknown_category", category: "something_new", count: 1 }]);
  });
});
