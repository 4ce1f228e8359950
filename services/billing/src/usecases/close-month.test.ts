import { someTenants } from "@greentick/testing";
import { mongoWindowStore } from "../adapters/mongo/window-store.js";
import { BillingWorld } from "../fixtures/billing-world.js";
import { type MarkedEntry } from "../ports.js";

interface MonthRow {
  readonly _id: string;
  readonly state: { readonly status: string; readonly stripeInvoiceId?: string };
}
interface WindowRow {
  readonly _id: string;
  readonly month: string;
}
interface Fee extends MarkedEntry {
  readonly _id: string;
  readonly key: string;
  readonly kind: string;
  readonly month: string;
  readonly fromMonth?: string;
  readonly charge: { readonly amountMicros: bigint };
}

describe("closing a month while something goes wrong", () => {
  const w = new BillingWorld("2026-10-01T10:00:00.000Z");
  const { casa, otra } = someTenants;
  const db = () => w.world.outside.database.db;
  const statusOf = async (tenantId: string, month: string): Promise<string | undefined> =>
    (
      await db()
        .collection<MonthRow>("months")
        .findOne({ _id: `${tenantId}:${month}` })
    )?.state.status;
  /** Jobs that fail wait a little before they run again, and totals rest; here they are run at once. */
  const rounds = async (count: number): Promise<void> => {
    for (let round = 0; round < count; round++) await w.world.running.jobs.lookNow();
  };

  beforeAll(async () => {
    await w.liveClient(casa);
    await w.liveClient(otra);
    await w.open(casa, 'platformFee: "49.00"');
    await w.open(otra, 'platformFee: "29.00"');
  });
  afterEach(() => w.stripe.control.clearFaults());

  it("finalizes an invoice whose request was lost, although a window was marked meanwhile", async () => {
    await w.pass("2026-11-01T00:00:00.000Z");
    await w.stripe.control.addFault({ route: "POST /v1/invoices/:id/finalize", kind: "server_error", count: 100 });
    await w.pass("2026-11-03T00:00:00.000Z");
    expect(await statusOf(casa, "2026-10")).toBe("finalizing");
    await db()
      .collection<WindowRow>("windows")
      .updateMany({ month: "2026-10" }, { $inc: { dirtyVersion: 1 }, $set: { dirty: true } });
    await rounds(3);
    await w.stripe.control.clearFaults();
    await rounds(6);
    expect([await statusOf(casa, "2026-10"), await statusOf(otra, "2026-10")]).toEqual(["finalized", "finalized"]);
  });

  it("closes the months of other clients when Stripe refuses everything about one", async () => {
    await w.pass("2026-12-01T00:00:00.000Z");
    const accounts = db().collection<{ _id: string; state: { customerId: string } }>("billing_accounts");
    const before = await accounts.findOne({ _id: casa });
    await accounts.updateOne({ _id: casa }, { $set: { "state.customerId": "cus_of_nobody" } });
    await w.pass("2026-12-03T00:00:00.000Z");
    await rounds(6);
    expect([await statusOf(casa, "2026-11"), await statusOf(otra, "2026-11")]).toEqual(["closed", "finalized"]);
    await accounts.updateOne({ _id: casa }, { $set: { "state.customerId": before?.state.customerId ?? "" } });
    await rounds(6);
    expect(await statusOf(casa, "2026-11")).toBe("finalized");
  });

  it("carries what a final month learns late, although its invoice was made void since", async () => {
    const month = await db()
      .collection<MonthRow>("months")
      .findOne({ _id: `${otra}:2026-11` });
    const invoice = month?.state.stripeInvoiceId ?? "";
    const headers = { authorization: "Bearer sk_test_greentick" };
    const voided = await fetch(`${w.stripe.url}/v1/invoices/${invoice}/void`, { method: "POST", headers });
    expect(voided.status).toBe(200);
    await db()
      .collection<{ state: { stripeInvoiceId: string; status: string } }>("invoices")
      .updateOne({ "state.stripeInvoiceId": invoice }, { $set: { "state.status": "void" } });
    const entries = db().collection<Fee>("entries");
    const known = await entries.findOne({ tenantId: otra, kind: "platform_fee", month: "2026-11" });
    if (known === null) throw new Error("no fee");
    await entries.insertOne({ ...known, _id: "led_late", key: "fee:late" });
    await mongoWindowStore(w.world.outside.database).markDirty({ system: "price-facts" }, [known]);
    await rounds(3);
    const carried = await entries.find({ tenantId: otra, fromMonth: "2026-11" }).toArray();
    expect(carried.map(({ charge }) => charge.amountMicros)).toEqual([29_000_000n]);
  });
});
