import { type Call } from "@greentick/kernel";
import { someTenants } from "@greentick/testing";
import { BillingWorld, type Client } from "../fixtures/billing-world.js";

describe("the margin of a plan before it is released", () => {
  const w = new BillingWorld("2026-11-10T10:00:00.000Z");
  const { casa, otra } = someTenants;
  let client: Client | undefined;
  const live = (): Client => {
    if (client === undefined) throw new Error("the client goes live before the first test");
    return client;
  };
  const release = (plan: string, call: Call = w.as(casa)): ReturnType<BillingWorld["try"]> =>
    w.try(
      call,
      `mutation { setPricePlan(input: { effectiveFrom: "2026-12-01", currency: "USD", ${plan} }) { plan { number } } }`,
    );
  const fields = `month before { amount } after { amount } adjustments { amount } cost { amount } marginBasisPoints floorBasisPoints belowFloor
    lines { market category messages before { amount } after { amount } cost { amount } marginBasisPoints unpricedMessages unpricedBecause }`;
  const whatIf = async (plan: string, call: Call = w.staff()): Promise<Record<string, unknown>> => {
    const asked = `{ whatIf(input: { tenantId: "${casa}", month: "2026-11", ${plan} }) { ${fields} } }`;
    return (await w.ask<{ whatIf: Record<string, unknown> }>(call, asked)).whatIf;
  };
  const floor = (basisPoints: string, call: Call = w.staff()): ReturnType<BillingWorld["try"]> =>
    w.try(call, `mutation { setMarginFloor(input: { basisPoints: ${basisPoints} }) { marginFloor { basisPoints } } }`);

  beforeAll(async () => {
    client = await w.liveClient(casa);
    await w.open(casa, "percent: { basisPoints: 1000 }", ["Brazil"]);
    await w.deliver(live(), "2026-11-10T09:00:00Z", 4);
    await w.world.settle();
  });

  it("is shown on past traffic, by market and category, and nothing is written", async () => {
    const { db } = w.world.outside.database;
    const before = await db.collection("price_plans").countDocuments({});
    expect(await whatIf("percent: { basisPoints: 10000 }")).toEqual({
      month: "2026-11",
      before: { amount: "0.275" },
      after: { amount: "0.5" },
      adjustments: { amount: "0" },
      cost: { amount: "0.25" },
      marginBasisPoints: 5_000,
      floorBasisPoints: null,
      belowFloor: [],
      lines: [
        {
          market: "Brazil",
          category: "marketing",
          messages: 4,
          before: { amount: "0.275" },
          after: { amount: "0.5" },
          cost: { amount: "0.25" },
          marginBasisPoints: 5_000,
          unpricedMessages: 0,
          unpricedBecause: "",
        },
      ],
    });
    expect(await db.collection("price_plans").countDocuments({})).toBe(before);
  });

  it("prices by clauses, with what bundles, tiers and minimum would come to, and says what would have no price", async () => {
    expect(
      await whatIf(
        'clauses: [{ market: "Brazil", category: "marketing", price: "0.1" }], bundles: [{ messages: 1 }], minimum: "30"',
      ),
    ).toMatchObject({ adjustments: { amount: "20.6" }, after: { amount: "21" } });
    expect(await whatIf('ownList: [{ market: "India", category: "utility", price: "1" }]')).toMatchObject({
      after: { amount: "0" },
      lines: [{ unpricedMessages: 4, unpricedBecause: expect.stringMatching(/^4 no_price_in_plan: /) as string }],
    });
  });

  it("is seen by staff only, and not across organisations", async () => {
    const asked = (tenantId: string): string =>
      `{ whatIf(input: { tenantId: "${tenantId}", month: "2026-11" }) { month } }`;
    const owner = w.world.call({ tenantId: casa, staff: false, roles: ["owner"] });
    expect((await w.try(owner, asked(casa))).errors?.[0]?.extensions).toMatchObject({ code: "FORBIDDEN" });
    expect((await w.try(w.as(otra), asked(casa))).errors?.[0]?.extensions).toMatchObject({ code: "NOT_FOUND" });
  });

  it("has no floor until one is set, and then refuses what falls below it on past traffic and on Meta's cards, naming the cells", async () => {
    expect((await release("percent: { basisPoints: 100 }")).errors).toBeUndefined();
    expect((await floor("500")).data).toEqual({ setMarginFloor: { marginFloor: { basisPoints: 500 } } });
    const { errors } = await release("percent: { basisPoints: 200 }");
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      reason: "price_plan_below_floor",
      details: { floorBasisPoints: 500 },
    });
    const { cells } = errors?.[0]?.extensions["details"] as { cells: string[] };
    expect(cells).toContain("marketing in Brazil: 255000 micros for a cost of 250000");
    expect(cells).toContain("marketing in Argentina on the card of USD: 63036 micros for a cost of 61800");
  });

  it("lets pass what keeps it everywhere, and refuses one own price below the cost", async () => {
    expect((await release("percent: { basisPoints: 600 }")).errors).toBeUndefined();
    const cheap = 'percent: { basisPoints: 600 }, clauses: [{ market: "India", category: "utility", price: "0.0013" }]';
    const { errors } = await release(cheap);
    expect(errors?.[0]?.extensions["details"]).toMatchObject({
      cellCount: 1,
      cells: ["utility in India on the card of USD: 1300 micros for a cost of 1400"],
    });
  });

  it("is guarded by the strictest floor of the plan, the client and everybody above it", async () => {
    const own = await release("percent: { basisPoints: 600 }, marginFloorBasisPoints: 2000");
    expect(own.errors?.[0]?.extensions).toMatchObject({ details: { floorBasisPoints: 2_000 } });
    const lower = await release("percent: { basisPoints: 200 }, marginFloorBasisPoints: 0");
    expect(lower.errors?.[0]?.extensions).toMatchObject({ details: { floorBasisPoints: 500 } });
  });

  it("may be passed by with a reason of somebody who may, and the plan keeps it", async () => {
    const plan = 'percent: { basisPoints: 250 }, acceptBelowFloor: { reason: "Won back from a competitor" }';
    const admin = w.world.call({ tenantId: casa, roles: ["billing_admin"] });
    expect((await release(plan, admin)).errors?.[0]?.extensions).toMatchObject({ code: "FORBIDDEN" });
    expect((await release(plan)).errors).toBeUndefined();
    const { db } = w.world.outside.database;
    const kept = await db.collection("price_plans").findOne({ "state.belowFloor": { $exists: true } });
    expect((kept as unknown as { state: { belowFloor: unknown } }).state.belowFloor).toMatchObject({
      reason: "Won back from a competitor",
      floorBasisPoints: 500,
    });
  });

  it("can be taken away again, by those who may set it", async () => {
    const admin = w.world.call({ tenantId: someTenants.provider, roles: ["billing_admin"] });
    expect((await floor("0", admin)).errors?.[0]?.extensions).toMatchObject({ code: "FORBIDDEN" });
    expect((await floor("10000")).errors?.[0]?.extensions).toMatchObject({ details: { field: "basisPoints" } });
    expect((await floor("null")).errors).toBeUndefined();
    expect((await release("percent: { basisPoints: 150 }")).errors).toBeUndefined();
  });
});
