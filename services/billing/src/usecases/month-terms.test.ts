import { onFaultPoint } from "@greentick/kernel";
import { someTenants } from "@greentick/testing";
import { mongoWindowStore } from "../adapters/mongo/window-store.js";
import { BillingWorld, type Client } from "../fixtures/billing-world.js";
import { type MarkedEntry } from "../ports.js";

interface Adjusted {
  readonly day: string;
  readonly month: string;
  readonly bucket: string;
  readonly charge: { readonly amount: string };
}
interface EntryRow extends MarkedEntry {
  readonly _id: string;
  readonly key: string;
  readonly kind: string;
}

describe("a month with a bundle, tiers and a minimum", () => {
  const w = new BillingWorld("2026-11-01T00:00:00.000Z");
  const { casa, otra } = someTenants;
  let [client, small]: Client[] = [];
  const known = (one: Client | undefined): Client => {
    if (one === undefined) throw new Error("the clients go live before the first test");
    return one;
  };
  const db = () => w.world.outside.database.db;
  const adjusted = async (tenantId = casa): Promise<unknown[]> => {
    const { ledgerEntries } = await w.ask<{ ledgerEntries: { nodes: Adjusted[] } }>(
      w.as(tenantId),
      "{ ledgerEntries(filter: { kind: ADJUSTMENT }) { nodes { day month bucket charge { amount } } } }",
    );
    return ledgerEntries.nodes.map(({ day, bucket, charge }) => `${day} ${bucket} ${charge.amount}`).sort();
  };
  const monthOf = async (tenantId: typeof casa, month: string): Promise<string | undefined> =>
    (
      await w.ask<{ billingMonth: { status: string } | null }>(
        w.as(tenantId),
        `{ billingMonth(month: "${month}") { status } }`,
      )
    ).billingMonth?.status;
  const lines = async (tenantId: typeof casa, month: string): Promise<unknown[]> => {
    const { invoices } = await w.ask<{
      invoices: { nodes: { lines: { bucket: string; quantity: string }[] }[] };
    }>(w.as(tenantId), `{ invoices(month: "${month}") { nodes { lines { bucket quantity } } } }`);
    return (invoices.nodes[0]?.lines ?? [])
      .filter(({ quantity }) => quantity !== "0")
      .map(({ bucket, quantity }) => `${bucket} ${quantity}`)
      .sort();
  };

  beforeAll(async () => {
    client = await w.liveClient(casa);
    small = await w.liveClient(otra);
    const terms = `bundles: [{ messages: 2, categories: ["marketing"] }],
      volumeTiers: [{ steps: [{ above: 1, basisPoints: 1000 }] }], minimum: "0.1"`;
    await w.open(casa, terms, ["Brazil"]);
    await w.open(otra, 'minimum: "30"');
    await w.deliver(known(client), "2026-11-20T09:00:00Z", 5);
    await w.deliver(known(small), "2026-11-20T09:00:00Z", 1);
    await w.world.settle();
  });

  afterAll(() => {
    onFaultPoint(undefined);
  });

  it("books nothing while the month is open", async () => {
    await w.pass("2026-12-01T00:00:00.000Z");
    expect(await adjusted()).toEqual([]);
  });

  it("books on its last day what its messages come to, before the invoice, and the invoice has it", async () => {
    await w.pass("2026-12-03T00:00:00.000Z");
    await w.workUntil("both months are final", async () => {
      const both = await Promise.all([casa, otra].map((tenantId) => monthOf(tenantId, "2026-11")));
      return both.every((status) => status === "finalized");
    });
    expect(await adjusted()).toEqual(["2026-11-30 marketing.brazil -0.0125", "2026-11-30 marketing.brazil -0.125"]);
    expect(await adjusted(otra)).toEqual(["2026-11-30 platform_fee 29.9375"]);
    expect(await lines(casa, "2026-11")).toEqual(["marketing.brazil 0.175"]);
    expect(await lines(otra, "2026-11")).toEqual(["marketing.other 0.0625", "platform_fee 29.9375"]);
  });

  it("says of each amount which clause of which plan it comes from", async () => {
    const { ledgerEntries } = await w.ask<{
      ledgerEntries: { nodes: { reasons: { rule: string; says: string }[] }[] };
    }>(w.as(otra), "{ ledgerEntries(filter: { kind: ADJUSTMENT }) { nodes { reasons { rule says } } } }");
    expect(ledgerEntries.nodes[0]?.reasons).toEqual([
      {
        rule: "plan.minimum",
        says: "Plan 1, over the messages of 2026-11: Minimum of 30000000 micros, the month's messages come to 62500.",
      },
    ]);
  });

  it("books what the month learns after its invoice as a difference in the open month, once", async () => {
    const entries = db().collection<EntryRow>("entries");
    const one = await entries.findOne({ tenantId: otra, kind: "usage" });
    if (one === null) throw new Error("no message");
    await entries.insertOne({ ...one, _id: "led_late", key: "late" });
    await mongoWindowStore(w.world.outside.database).markDirty({ system: "price-facts" }, [one]);
    for (let round = 0; round < 4; round++) await w.world.running.jobs.lookNow();
    expect(await adjusted(otra)).toEqual(["2026-11-30 platform_fee 29.9375", "2026-12-01 platform_fee -0.0625"]);
  });

  it("is whole again after the process died between an amount and its window, with last month's rounding carried", async () => {
    await w.deliver(known(client), "2026-12-10T09:00:00Z", 3);
    await w.pass("2027-01-01T00:00:00.000Z");
    let killed = 0;
    onFaultPoint((point) => {
      if (point !== "billing.entries-kept" || killed > 0) return;
      killed += 1;
      throw new Error("killed between an amount and its window");
    });
    await w.pass("2027-01-03T00:00:00.000Z");
    await w.workUntil("the month is final", async () => (await monthOf(casa, "2026-12")) === "finalized");
    expect(killed).toBe(1);
    expect(await lines(casa, "2026-12")).toEqual(["marketing.brazil 0.0575", "platform_fee 0.0375"]);
  });
});
