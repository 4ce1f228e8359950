import { billingAccountOpened } from "@greentick/contracts";
import { anEvent, someTenants } from "@greentick/testing";
import { mongoAccountStore } from "../adapters/mongo/aggregates.js";
import { openAccount } from "../domain/account.js";
import { BillingWorld } from "../fixtures/billing-world.js";

const unratedQuery = "{ unratedFacts { nodes { reason message } } }";
interface Unrated {
  readonly unratedFacts: { readonly nodes: readonly { readonly reason: string; readonly message: string }[] };
}
const ledgerQuery = "{ ledgerEntries { nodes { kind day priceDate charge { amount } } } }";

describe("opening a client's billing", () => {
  const w = new BillingWorld("2026-10-31T12:00:00.000Z");
  const { casa, otra } = someTenants;

  it("gives all who ask for the same at the same moment the same account, which Stripe hears of once", async () => {
    await w.liveClient(casa);
    const open = (): Promise<{ openBillingAccount: { account: object } }> =>
      w.ask(
        w.as(casa),
        'mutation { openBillingAccount(input: { currency: "USD", markets: ["Peru", "Brazil"] }) { account { id name currency markets openedAt } } }',
      );
    const answers = await Promise.all(Array.from({ length: 32 }, open));
    const [{ openBillingAccount: first } = { openBillingAccount: { account: {} } }] = answers;
    expect(answers).toEqual(Array.from({ length: 32 }, () => ({ openBillingAccount: first })));
    expect(first.account).toMatchObject({ id: casa, currency: "USD", markets: ["Brazil", "Peru"] });
    await w.world.settle();
    const made = (await w.stripe.control.requests()).filter(
      ({ method, path }) => `${method} ${path}` === "POST /v1/customers",
    );
    expect(made).toHaveLength(1);
  });

  it("gives the same account again for the same input, however it is put", async () => {
    for (const input of [
      'markets: ["Brazil", "Peru"]',
      'name: "Casa Lumen", currency: "USD", markets: ["Peru", "Brazil", "Peru"]',
    ]) {
      const { errors } = await w.try(
        w.as(casa),
        `mutation { openBillingAccount(input: { ${input} }) { account { id } } }`,
      );
      expect(errors).toBeUndefined();
    }
  });

  it.each([
    ['name: "Casa Luz", markets: ["Brazil", "Peru"]', ["name"]],
    ['currency: "EUR", markets: ["Brazil", "Peru"]', ["currency"]],
    ['currency: "EUR", markets: ["Brazil"]', ["currency", "markets"]],
  ])("refuses another account and says in what it differs: %s", async (input, differs) => {
    const { errors } = await w.try(
      w.as(casa),
      `mutation { openBillingAccount(input: { ${input} }) { account { id } } }`,
    );
    expect(errors?.[0]?.extensions).toEqual({
      code: "CONFLICT",
      reason: "billing_account_exists",
      details: { differs },
    });
  });

  it("lets messages and fees wait in sight until Stripe has the subscription, and invoices them from its first day on", async () => {
    const client = await w.liveClient(otra);
    const call = w.as(otra);
    const kept = openAccount(call, { name: "Otra", currency: "USD", namedMarkets: [] }, call.now());
    await mongoAccountStore(w.world.outside.database).insert(call, kept, []);
    await w.ask(
      call,
      'mutation { setPricePlan(input: { effectiveFrom: "2024-01-01", currency: "USD", platformFee: "49.00" }) { plan { id } } }',
    );
    await w.deliver(client, "2026-10-31T11:00:00Z", 2);
    await w.pass("2026-11-01T23:59:30.000Z");
    const { unratedFacts } = await w.ask<Unrated>(w.as(otra), unratedQuery);
    expect(unratedFacts.nodes.map(({ reason }) => reason)).toEqual(["awaiting_billing", "awaiting_billing"]);
    expect(unratedFacts.nodes[0]?.message).toContain("still opening");
    expect(await w.ask(w.as(otra), `{ billingAccount { status } ledgerEntries { totalCount } }`)).toEqual({
      billingAccount: { status: "opening" },
      ledgerEntries: { totalCount: 0 },
    });

    await w.world.given(anEvent(call, billingAccountOpened, { currency: "USD", name: "Otra" }));
    expect((await w.ask<Unrated>(w.as(otra), unratedQuery)).unratedFacts.nodes).toEqual([]);
    const { ledgerEntries } = await w.ask<{ ledgerEntries: { nodes: object[] } }>(w.as(otra), ledgerQuery);
    const message = { kind: "USAGE", day: "2026-11-01", priceDate: "2026-10-31", charge: { amount: "0.0625" } };
    const fee = { kind: "PLATFORM_FEE", day: "2026-11-01", priceDate: null, charge: { amount: "49" } };
    expect(ledgerEntries.nodes).toHaveLength(4);
    expect(ledgerEntries.nodes).toEqual(expect.arrayContaining([message, message, fee, fee]));
  });

  it("tells Stripe usage of the subscription's first minute inside the subscription, so that the invoice has it", async () => {
    await w.pass("2026-11-03T00:00:00.000Z");
    await w.pass("2026-12-01T00:00:00.000Z");
    await w.pass("2026-12-03T00:00:00.000Z");
    const { october, november, invoices } = await w.ask<{
      october: object | null;
      november: object;
      invoices: { nodes: { lines: { bucket: string; quantity: string }[] }[] };
    }>(
      w.as(otra),
      `{ october: billingMonth(month: "2026-10") { status } november: billingMonth(month: "2026-11") { status waitsFor }
         invoices { nodes { lines { bucket quantity } } } }`,
    );
    expect([october, november]).toEqual([null, { status: "finalized", waitsFor: null }]);
    expect(invoices.nodes).toHaveLength(1);
    expect(invoices.nodes[0]?.lines).toEqual(
      expect.arrayContaining([
        { bucket: "platform_fee", quantity: "98" },
        { bucket: "marketing.other", quantity: "0.125" },
      ]),
    );
  });
});
