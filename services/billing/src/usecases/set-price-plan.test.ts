import { someTenants } from "@greentick/testing";
import { BillingWorld, type Client } from "../fixtures/billing-world.js";

interface Plan {
  readonly plan: { readonly id: string; readonly number: number };
}

describe("releasing price plans while messages are delivered", () => {
  const w = new BillingWorld("2026-11-10T10:00:00.000Z");
  const { casa, otra } = someTenants;
  let client: Client | undefined;

  const live = (): Client => {
    if (client === undefined) throw new Error("the client goes live before the first test");
    return client;
  };
  const release = (from: string, more = "", key?: string): ReturnType<BillingWorld["try"]> =>
    w.try(
      w.as(casa, key === undefined ? {} : { idempotencyKey: key }),
      `mutation { setPricePlan(input: { effectiveFrom: "${from}", currency: "USD"${more} }) { plan { id number } } }`,
    );
  const charges = async (): Promise<string[]> => {
    await w.world.settle();
    const { ledgerEntries } = await w.ask<{
      ledgerEntries: { nodes: { priceDate: string; planNumber: number; charge: { amount: string } }[] };
    }>(w.as(casa), "{ ledgerEntries { nodes { priceDate planNumber charge { amount } } } }");
    return ledgerEntries.nodes.map((one) => [one.priceDate, one.planNumber, one.charge.amount].join(" ")).sort();
  };

  beforeAll(async () => {
    client = await w.liveClient(casa);
    await w.ask(w.as(casa), 'mutation { openBillingAccount(input: { markets: ["Brazil"] }) { account { id } } }');
    await w.world.settle();
  });

  it("lets the first plan of an account begin long ago, and rates what waited for it", async () => {
    await w.deliver(live(), "2026-11-09T15:00:00Z");
    expect(await charges()).toEqual([]);
    expect((await release("2024-01-01")).errors).toBeUndefined();
    expect(await charges()).toEqual(["2026-11-09 1 0.0625"]);
  });

  it("refuses a plan from a day that is booked, and says which day is the last and from which it may begin", async () => {
    await w.deliver(live(), "2026-11-10T09:00:00Z");
    expect(await charges()).toHaveLength(2);
    for (const from of ["2026-11-01", "2026-11-10"]) {
      const { errors } = await release(from, ", percent: { basisPoints: 10000 }");
      expect(errors?.[0]?.extensions).toEqual({
        code: "BAD_USER_INPUT",
        reason: "price_plan_days_booked",
        details: { field: "effectiveFrom", lastBookedDay: "2026-11-10", earliest: "2026-11-11" },
      });
    }
  });

  it("prices deliveries by the new plan from its day on, and leaves what is booked as it is", async () => {
    expect((await release("2026-11-11", ", percent: { basisPoints: 10000 }")).errors).toBeUndefined();
    await w.pass("2026-11-11T20:00:00.000Z");
    await w.deliver(live(), "2026-11-10T16:00:00Z");
    await w.deliver(live(), "2026-11-11T16:00:00Z");
    expect(await charges()).toEqual([
      "2026-11-09 1 0.0625",
      "2026-11-10 1 0.0625",
      "2026-11-10 1 0.0625",
      "2026-11-11 2 0.125",
    ]);
  });

  it("answers a repeated request with its plan, although its days are booked by now", async () => {
    const first = await release("2026-11-20", ", platformFee: null", "plan-of-the-20th");
    await w.pass("2026-11-20T20:00:00.000Z");
    await w.deliver(live(), "2026-11-20T16:00:00Z");
    expect(await charges()).toContain("2026-11-20 3 0.0625");
    const again = await release("2026-11-20", ", platformFee: null", "plan-of-the-20th");
    expect((again.data?.["setPricePlan"] as Plan | undefined)?.plan).toEqual(
      (first.data?.["setPricePlan"] as Plan | undefined)?.plan,
    );
  });

  it("counts a delivery under its day in the account's zone too, which can be ahead of UTC", async () => {
    const { db } = w.world.outside.database;
    await db
      .collection<{ _id: string }>("wabas")
      .updateOne({ _id: live().wabaId }, { $set: { "changes.0.timeZone": "Asia/Kolkata" } });
    await w.deliver(live(), "2026-11-20T19:30:00Z");
    expect(await charges()).toContain("2026-11-21 3 0.0625");
    const { errors } = await release("2026-11-21", ", percent: { basisPoints: 1 }");
    expect(errors?.[0]?.extensions).toMatchObject({ details: { lastBookedDay: "2026-11-21", earliest: "2026-11-22" } });
  });

  it("refuses a plan in another currency than the account's", async () => {
    const { errors } = await w.try(
      w.as(casa),
      'mutation { setPricePlan(input: { effectiveFrom: "2027-01-01", currency: "EUR" }) { plan { id } } }',
    );
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      reason: "currency_differs",
      details: { field: "currency", accountCurrency: "USD" },
    });
  });

  it.each([
    ["a market that Meta does not have", '[{ market: "Atlantis", category: "utility", price: "1" }]', "ownList.market"],
    [
      "two prices for one market and category",
      '[{ market: "India", category: "utility", price: "1" }, { market: "India", category: "utility", price: "2" }]',
      "ownList",
    ],
  ])("refuses a price list with %s", async (_, prices, field) => {
    const { errors } = await release("2027-01-01", `, ownList: ${prices}`);
    expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", details: { field } });
  });

  it("refuses to open an account in another currency than the plans that were released before", async () => {
    await w.ask(
      w.as(otra),
      'mutation { setPricePlan(input: { effectiveFrom: "2026-11-01", currency: "EUR" }) { plan { id } } }',
    );
    const open = 'mutation { openBillingAccount(input: { name: "Otra", currency: "USD" }) { account { currency } } }';
    const refused = await w.try(w.as(otra), open);
    expect(refused.errors?.[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      reason: "currency_differs",
      details: { field: "currency", planCurrency: "EUR" },
    });
    await w.ask(
      w.as(otra),
      'mutation { setPricePlan(input: { effectiveFrom: "2026-11-01", currency: "USD" }) { plan { id } } }',
    );
    expect(await w.ask(w.as(otra), open)).toEqual({ openBillingAccount: { account: { currency: "USD" } } });
  });
});
