import { type UtcDay } from "@greentick/kernel";
import { someTenants } from "@greentick/testing";
import { type EntryRow, fromEntryRow } from "../adapters/mongo/entry-rows.js";
import { BillingWorld, type Client } from "../fixtures/billing-world.js";
import { isBalanced } from "../domain/ledger-entry.js";

interface Charge {
  readonly id: string;
  readonly charge: { readonly currency: string; readonly amount: string };
  readonly cost: { readonly currency: string; readonly amount: string };
  readonly reasons: readonly { readonly rule: string; readonly says: string }[];
}

describe("a client that pays in another currency than Meta charges in", () => {
  const w = new BillingWorld("2026-11-10T10:00:00.000Z");
  const { casa } = someTenants;
  let client: Client | undefined;
  const live = (): Client => {
    if (client === undefined) throw new Error("the client goes live before the first test");
    return client;
  };
  const charges = async (): Promise<readonly Charge[]> => {
    await w.world.settle();
    const { ledgerEntries } = await w.ask<{ ledgerEntries: { nodes: Charge[] } }>(
      w.as(casa),
      "{ ledgerEntries(filter: { kind: USAGE }) { nodes { id charge { currency amount } cost { currency amount } reasons { rule says } } } }",
    );
    return ledgerEntries.nodes;
  };
  const unrated = async (): Promise<string[]> => {
    await w.world.settle();
    const { unratedFacts } = await w.ask<{ unratedFacts: { nodes: { reason: string }[] } }>(
      w.as(casa),
      "{ unratedFacts { nodes { reason } } }",
    );
    return unratedFacts.nodes.map(({ reason }) => reason);
  };
  const setRate = (day: string, rate: string, more = 'source: "ECB"'): ReturnType<BillingWorld["try"]> =>
    w.try(
      w.staff(),
      `mutation { setExchangeRate(input: { from: "USD", to: "COP", rate: "${rate}", effectiveFrom: "${day}", at: "${day}T00:00:00.000Z", ${more} })
         { exchangeRate { id number rate } } }`,
    );

  beforeAll(async () => {
    client = await w.liveClient(casa);
    const open = 'mutation { openBillingAccount(input: { currency: "COP", markets: ["Brazil"] }) { account { id } } }';
    await w.ask(w.as(casa), open);
    await w.world.settle();
  });

  it("waits while its plan has no exchange rule, and then while there is no rate", async () => {
    await w.ask(
      w.as(casa),
      'mutation { setPricePlan(input: { effectiveFrom: "2024-01-01", currency: "COP" }) { plan { id } } }',
    );
    await w.deliver(live(), "2026-11-10T09:00:00Z");
    expect(await unrated()).toEqual(["currency_differs"]);
    await w.ask(
      w.as(casa),
      `mutation { setPricePlan(input: { effectiveFrom: "2026-11-09", currency: "COP", percent: { basisPoints: 1000 },
         exchange: { source: "ECB", markupBasisPoints: 100, maxAgeDays: 2 } }) { plan { exchange { source markupBasisPoints maxAgeDays } } } }`,
    );
    expect(await unrated()).toEqual(["no_exchange_rate"]);
  });

  it("is not rated by a rate of another source, or one that is too old", async () => {
    expect((await setRate("2026-11-10", "4000", 'source: "BanRep"')).errors).toBeUndefined();
    expect((await setRate("2026-11-07", "3900")).errors).toBeUndefined();
    expect(await unrated()).toEqual(["no_exchange_rate"]);
  });

  it("is rated when the rate of the provider arrives: cost in Meta's currency, charge in its own", async () => {
    expect((await setRate("2026-11-09", "3681.81")).errors).toBeUndefined();
    expect(await unrated()).toEqual([]);
    const [entry] = await charges();
    expect(entry).toMatchObject({
      cost: { currency: "USD", amount: "0.0625" },
      charge: { currency: "COP", amount: "255.655682" },
    });
    expect(entry?.reasons.map(({ rule }) => rule).slice(-2)).toEqual(["exchange", "plan"]);
    expect(entry?.reasons.at(-2)?.says).toContain("1 USD = 3681.81 COP by ECB of 2026-11-09T00:00:00.000Z");
  });

  it("keeps rate, source and time on the entry, which is balanced in both currencies and rated again to the same micros", async () => {
    const entries = w.world.outside.database.db.collection<EntryRow>("entries");
    const [kept] = (await entries.find({ tenantId: casa, kind: "usage" }).toArray()).map(fromEntryRow);
    expect(kept?.service?.basis.exchange).toMatchObject({
      from: "USD",
      to: "COP",
      rate: "3681.81",
      source: "ECB",
      at: new Date("2026-11-09T00:00:00.000Z"),
      markupBasisPoints: 100,
    });
    expect(kept !== undefined && isBalanced(kept)).toBe(true);
    const { explainCharge } = await w.ask<{ explainCharge: unknown }>(
      w.as(casa),
      `{ explainCharge(entryId: "${kept?.id ?? ""}") { rerated { matches amount { currency amount } } } }`,
    );
    expect(explainCharge).toEqual({ rerated: { matches: true, amount: { currency: "COP", amount: "255.655682" } } });
  });

  it("is charged by a later rate from its day on; what is booked keeps the rate it was made with", async () => {
    const later = await setRate("2026-11-10", "4000");
    expect(later.data).toMatchObject({ setExchangeRate: { exchangeRate: { number: 1, rate: "4000" } } });
    await w.deliver(live(), "2026-11-10T09:30:00Z");
    expect((await charges()).map(({ charge }) => charge.amount).sort()).toEqual(["255.655682", "277.75"]);
    const next = await setRate("2026-11-10", "4100");
    expect(next.data).toMatchObject({ setExchangeRate: { exchangeRate: { number: 2 } } });
    expect((await setRate("2026-11-10", "4100")).data).toEqual(next.data);
    expect((await charges()).map(({ charge }) => charge.amount).sort()).toEqual(["255.655682", "277.75"]);
  });

  it("is told beforehand what a message would cost, by the same rate", async () => {
    const { estimateCharge } = await w.ask<{ estimateCharge: unknown }>(
      w.as(casa),
      `{ estimateCharge(wabaId: "${live().wabaId}", recipient: "5511955550142", categories: [MARKETING], window: CLOSED)
         { now { highest { currency amount } } } }`,
    );
    expect(estimateCharge).toEqual({ now: { highest: { currency: "COP", amount: "284.69375" } } });
  });

  it("never has two currencies in one sum", async () => {
    const { monthSummary } = await w.ask<{ monthSummary: { totals: unknown[] } }>(
      w.as(casa),
      `{ monthSummary(month: "2026-11") { totals { bucket charge { currency amount } cost { currency amount } costs { currency amount } } } }`,
    );
    expect(monthSummary.totals).toEqual([
      {
        bucket: "marketing.brazil",
        charge: { currency: "COP", amount: "533.405682" },
        cost: { currency: "USD", amount: "0.125" },
        costs: [{ currency: "USD", amount: "0.125" }],
      },
    ]);
  });

  it("keeps its rate when a correction moves the delivery to another day of invoicing", async () => {
    await w.pass("2026-11-11T10:00:00.000Z");
    const pricing = { billable: true, pricing_model: "PMP", category: "marketing", type: "regular" };
    const told = (status: string) => [{ id: "wamid.moved", status, recipient_id: "5511955550142", pricing }];
    await w.report(live(), "2026-11-11T02:00:00Z", told("delivered"));
    await w.world.settle();
    expect((await setRate("2026-11-10", "4200")).errors).toBeUndefined();
    await w.report(live(), "2026-11-10T23:00:00Z", told("delivered"));
    await w.world.settle();
    const entries = w.world.outside.database.db.collection<EntryRow>("entries");
    const [first] = await entries.find({ day: "2026-11-11" as UtcDay, kind: "usage" }).toArray();
    const own = await entries
      .find({ key: first?.key ?? "" })
      .sort({ seq: 1 })
      .toArray();
    expect(own.map(({ charge, day }) => [charge.amountMicros, day])).toEqual([
      [284_693_750n, "2026-11-11"],
      [-284_693_750n, "2026-11-11"],
      [284_693_750n, "2026-11-10"],
    ]);
  });

  it.each([
    [
      "rate",
      'from: "USD", to: "COP", rate: "1e3", effectiveFrom: "2026-11-10", at: "2026-11-10T00:00:00.000Z", source: "ECB"',
    ],
    [
      "rate",
      'from: "USD", to: "COP", rate: "0.0", effectiveFrom: "2026-11-10", at: "2026-11-10T00:00:00.000Z", source: "ECB"',
    ],
    [
      "to",
      'from: "USD", to: "USD", rate: "1", effectiveFrom: "2026-11-10", at: "2026-11-10T00:00:00.000Z", source: "ECB"',
    ],
    [
      "effectiveFrom",
      'from: "USD", to: "COP", rate: "1", effectiveFrom: "2026-02-31", at: "2026-11-10T00:00:00.000Z", source: "ECB"',
    ],
    [
      "at",
      'from: "USD", to: "COP", rate: "1", effectiveFrom: "2026-11-10", at: "2026-12-10T00:00:00.000Z", source: "ECB"',
    ],
    [
      "source",
      'from: "USD", to: "COP", rate: "1", effectiveFrom: "2026-11-10", at: "2026-11-10T00:00:00.000Z", source: " "',
    ],
  ])("refuses a rate with a wrong %s", async (field, input) => {
    const { errors } = await w.try(
      w.staff(),
      `mutation { setExchangeRate(input: { ${input} }) { exchangeRate { id } } }`,
    );
    expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", details: { field } });
  });
});
