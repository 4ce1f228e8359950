import { event, stripeEventReceived } from "@greentick/contracts";
import { envelope, microsFromDecimal, onFaultPoint } from "@greentick/kernel";
import { someTenants, until } from "@greentick/testing";
import { BillingWorld, type Client } from "../fixtures/billing-world.js";

describe("telling Stripe what was used", () => {
  const w = new BillingWorld("2026-11-10T10:00:00.000Z");
  const { casa } = someTenants;
  let client: Client | undefined;
  let sent = 0;

  beforeAll(async () => {
    client = await w.liveClient(casa);
  });
  afterEach(async () => {
    onFaultPoint(undefined);
    await w.stripe.control.clearFaults();
  });

  /** 62 500 micros each. */
  const deliver = async (count: number): Promise<void> => {
    if (client === undefined) throw new Error("the client goes live before the first test");
    sent += count;
    await w.deliver(client, "2026-11-10T09:00:00Z", count);
  };
  const microsOf = (window: { sent: { amount: string } } | undefined): bigint =>
    microsFromDecimal(window?.sent.amount ?? "0");
  const usage = async (): Promise<{ sent: { amount: string }; confirmed: { amount: string }; dirty: boolean }[]> => {
    await w.world.settle();
    const source = '{ usage(month: "2026-11") { sent { amount } confirmed { amount } dirty } }';
    return (await w.ask<{ usage: Awaited<ReturnType<typeof usage>> }>(w.as(casa), source)).usage;
  };
  const requests = async (path: string): Promise<number> =>
    (await w.stripe.control.requests()).filter((one) => one.method === "POST" && one.path === path).length;

  it("makes one customer although the answer to its creation was lost", async () => {
    await w.stripe.control.addFault({ route: "POST /v1/customers", kind: "reset_after_effect", count: 3 });
    await w.open(casa, "platformFee: null", ["Brazil"]);
    const { billingAccount } = await w.ask<{ billingAccount: object }>(w.as(casa), "{ billingAccount { status } }");
    expect(billingAccount).toEqual({ status: "ready" });
    const customers = await fetch(`${w.stripe.url}/v1/customers`, {
      headers: { authorization: "Bearer sk_test_greentick" },
    });
    expect(((await customers.json()) as { data: object[] }).data).toHaveLength(1);
  });

  it("opens the same account again for the same request, and refuses another one", async () => {
    const again = await w.try(
      w.as(casa),
      'mutation { openBillingAccount(input: { currency: "USD", markets: ["Brazil"] }) { account { id } } }',
    );
    const other = await w.try(
      w.as(casa),
      'mutation { openBillingAccount(input: { currency: "EUR" }) { account { id } } }',
    );
    expect(again.errors).toBeUndefined();
    expect(other.errors?.[0]?.extensions).toMatchObject({ code: "CONFLICT", reason: "billing_account_exists" });
  });

  it("sets the day's total, however often it is told", async () => {
    await deliver(2);
    expect(await usage()).toEqual([{ sent: { amount: "0.125" }, confirmed: { amount: "0.125" }, dirty: false }]);
    await deliver(1);
    expect(await usage()).toEqual([{ sent: { amount: "0.1875" }, confirmed: { amount: "0.1875" }, dirty: false }]);
  });

  it("gathers what changes within a quarter of an hour of telling a total, and tells it together", async () => {
    const [told] = await usage();
    const { db } = w.world.outside.database;
    const before = await requests("/v1/billing/meter_events");
    const work = async (): Promise<void> => {
      for (let round = 0; round < 3; round++) await w.world.running.jobs.runNow();
    };
    for (let one = 0; one < 3; one++) {
      await deliver(1);
      await until(async () => (await db.collection("entries").countDocuments()) === sent);
      await work();
    }
    expect(await requests("/v1/billing/meter_events")).toBe(before);
    await db.collection("windows").updateMany({}, { $unset: { restsUntil: "" } });
    await work();
    expect(await requests("/v1/billing/meter_events")).toBe(before + 1);
    expect(microsOf((await usage())[0])).toBe(microsOf(told) + 3n * 62_500n);
  });

  it("tells a total that stands behind any number of windows that cannot be told", async () => {
    const before = microsOf((await usage())[0]);
    const windows = w.world.outside.database.db.collection<{ _id: string }>("windows");
    const model = await windows.findOne({ tenantId: casa });
    const nobody = someTenants.casa.replace("ten_01CASA", "ten_00CASA");
    const stuck = Array.from({ length: 501 }, (_, at) => ({
      ...model,
      _id: `${nobody}:marketing.brazil:${String(at)}`,
      tenantId: nobody,
      day: "2099-01-01",
      dirty: true,
    }));
    await windows.insertMany(stuck);
    await deliver(1);
    const [window] = await usage();
    await windows.deleteMany({ tenantId: nobody });
    expect(microsOf(window)).toBe(before + 62_500n);
  });

  it.each(["rate_limit", "server_error", "server_error_after_effect", "reset_after_effect"] as const)(
    "ends with the right total after %s",
    async (kind) => {
      const before = microsOf((await usage())[0]);
      await w.stripe.control.addFault({ route: "POST /v1/billing/meter_events", kind, count: 2 });
      await deliver(1);
      await w.world.settle();
      await w.stripe.control.clearFaults();
      await w.workUntil("the total is told and confirmed", async () => {
        const [window] = await usage();
        return window?.dirty === false && window.confirmed.amount === window.sent.amount;
      });
      expect(microsOf((await usage())[0])).toBe(before + 62_500n);
    },
  );

  it("tells the total again when it died between Stripe's answer and its own note, and is not billed twice", async () => {
    const before = await requests("/v1/billing/meter_events");
    let killed = false;
    onFaultPoint((point) => {
      if (point !== "meter.sent" || killed) return;
      killed = true;
      throw new Error("killed at meter.sent");
    });
    await deliver(1);
    const [window] = await usage();
    expect(window).toMatchObject({ dirty: false, sent: window?.confirmed });
    expect(killed).toBe(true);
    expect((await requests("/v1/billing/meter_events")) - before).toBeGreaterThanOrEqual(1);
  });

  it("tells it anew under the next version when time went on between that death and the repeat", async () => {
    const [before] = await usage();
    let dies = true;
    onFaultPoint((point) => {
      if (point === "meter.sent" && dies) throw new Error("killed at meter.sent");
    });
    await deliver(1);
    const { db } = w.world.outside.database;
    await until(async () => (await db.collection("entries").countDocuments()) === sent);
    await w.world.running.jobs.lookNow();
    dies = false;
    await w.pass("2026-11-10T10:00:07.000Z");
    await w.workUntil("the total is told and confirmed", async () => {
      const [window] = await usage();
      return window?.dirty === false && window.confirmed.amount === window.sent.amount;
    });
    expect(microsOf((await usage())[0])).toBe(microsOf(before) + 62_500n);
  });

  it("keeps a draft from finalizing by itself as soon as Stripe tells of it", async () => {
    await w.pass("2026-12-01T00:00:00.000Z");
    const list = await fetch(`${w.stripe.url}/v1/invoices`, { headers: { authorization: "Bearer sk_test_greentick" } });
    const [draft] = ((await list.json()) as { data: { id: string; auto_advance: boolean }[] }).data;
    const call = w.world.call({ tenantId: someTenants.provider });
    const data = {
      eventId: "evt_1",
      kind: "invoice.created",
      objectId: draft?.id ?? "",
      objectKind: "invoice",
      receivedAt: call.now(),
    };
    await w.world.given(
      envelope(call, { type: "webhook_update", id: "1", version: 1 }, event(stripeEventReceived, data)),
    );
    const held = await fetch(`${w.stripe.url}/v1/invoices/${draft?.id ?? ""}`, {
      headers: { authorization: "Bearer sk_test_greentick" },
    });
    expect([draft?.auto_advance, ((await held.json()) as { auto_advance: boolean }).auto_advance]).toEqual([
      true,
      false,
    ]);
  });

  it("invoices the month 48 hours after its end, and carries nothing that was not left by rounding", async () => {
    await w.pass("2026-12-03T00:00:00.000Z");
    const { billingMonth, invoices } = await w.ask<{ billingMonth: object; invoices: { nodes: object[] } }>(
      w.as(casa),
      '{ billingMonth(month: "2026-11") { status } invoices { nodes { total { amount } lines { bucket amount { amount } statement { messages market rate { amount } } } } } }',
    );
    expect(billingMonth).toEqual({ status: "finalized" });
    const line = {
      bucket: "marketing.brazil",
      statement: [{ messages: sent, market: "Brazil", rate: { amount: "0.0625" } }],
    };
    expect(invoices.nodes).toMatchObject([
      { lines: expect.arrayContaining([expect.objectContaining(line)]) as object[] },
    ]);
  });
});
