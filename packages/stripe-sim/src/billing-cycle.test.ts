import { createServer, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import Stripe from "stripe";
import { testDatabase } from "@greentick/testing";
import { startStripeSim, type StripeSim } from "./index.js";

const apiKey = "sk_test_local";
const secret = "whsec_local_secret";
const at = (iso: string): number => Date.parse(iso) / 1000;

/** A receiver that verifies every delivery as the SDK does, and answers as it is told to. */
async function aReceiver(stripe: () => Stripe): Promise<{
  server: Server;
  url: string;
  events: Stripe.Event[];
  status: () => number;
  answer: (status: number) => void;
  onEvent: (react: (event: Stripe.Event) => Promise<unknown>) => void;
}> {
  const events: Stripe.Event[] = [];
  let status = 200;
  let react: (event: Stripe.Event) => Promise<unknown> = () => Promise.resolve();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const signature = String(request.headers["stripe-signature"]);
      const event = stripe().webhooks.constructEvent(Buffer.concat(chunks), signature, secret);
      events.push(event);
      void react(event).then(() => response.writeHead(status).end());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/stripe`;
  return {
    server,
    url,
    events,
    status: () => status,
    answer: (next) => (status = next),
    onEvent: (next) => (react = next),
  };
}

describe("a billing cycle on a clock that is set", () => {
  const { mongo, dbName } = testDatabase("stripesim");
  let sim: StripeSim;
  let stripe: Stripe;
  let receiver: Awaited<ReturnType<typeof aReceiver>>;
  let count = 0;

  const open = async (word: string): Promise<void> => {
    const clock = { now: new Date("2026-10-01T10:00:00Z") };
    sim = await startStripeSim({ db: mongo.db(dbName(word)), apiKey, clock });
    const { host, port } = sim;
    stripe = new Stripe(apiKey, { host, port, protocol: "http", maxNetworkRetries: 0, telemetry: false });
  };
  beforeEach(async () => {
    count += 1;
    await open(`cycle${count}`);
    receiver = await aReceiver(() => stripe);
    await sim.control.addWebhookEndpoint({ url: receiver.url, secret });
  });
  afterEach(async () => {
    await sim.close();
    receiver.server.closeAllConnections();
    await new Promise((resolve) => receiver.server.close(resolve));
  });

  const setClock = (iso: string): Promise<unknown> => sim.control.setClock({ now: new Date(iso) });
  const typesOf = (): string[] => receiver.events.map(({ type }) => type).filter((type) => type.startsWith("invoice."));

  /** A client with one daily money meter per bucket at 1.00 USD a unit. */
  const aClient = async (
    buckets: readonly string[],
  ): Promise<{ customer: string; subscription: Stripe.Subscription }> => {
    const items: { price: string }[] = [];
    for (const bucket of buckets) {
      const meter = await stripe.billing.meters.create({
        display_name: bucket,
        event_name: `wa.${bucket}`,
        default_aggregation: { formula: "sum" },
        event_time_window: "day",
      });
      const { id: product } = await stripe.products.create({ name: bucket });
      const recurring = { interval: "month", usage_type: "metered", meter: meter.id } as const;
      items.push({ price: (await stripe.prices.create({ product, currency: "usd", unit_amount: 100, recurring })).id });
    }
    const { id: customer } = await stripe.customers.create({ name: "Acme" });
    const subscription = await stripe.subscriptions.create({
      customer,
      items,
      collection_method: "send_invoice",
      days_until_due: 14,
      billing_cycle_anchor_config: { day_of_month: 1, hour: 0, minute: 0, second: 0 },
      proration_behavior: "none",
      metadata: { tenant_id: "ten_1" },
    });
    return { customer, subscription };
  };
  const send = (customer: string, usage: { bucket: string; value: string; at: string }): Promise<unknown> =>
    stripe.billing.meterEvents.create({
      event_name: `wa.${usage.bucket}`,
      payload: { stripe_customer_id: customer, value: usage.value },
      timestamp: at(usage.at),
    });
  const onlyInvoice = async (): Promise<Stripe.Invoice> => {
    const [invoice] = (await stripe.invoices.list({ limit: 1 })).data;
    if (!invoice) throw new Error("no invoice was made");
    return invoice;
  };

  it("drafts the month's usage at the period's end, finalizes it after 72 hours, and starts the next period", async () => {
    const { customer, subscription } = await aClient(["marketing", "utility", "unused"]);
    await setClock("2026-10-31T12:00:00Z");
    await send(customer, { bucket: "marketing", value: "77.125", at: "2026-10-30T23:59:00Z" });
    await send(customer, { bucket: "marketing", value: "0.005", at: "2026-10-31T11:00:00Z" });
    await send(customer, { bucket: "utility", value: "0.004", at: "2026-10-31T11:00:00Z" });

    await setClock("2026-11-01T00:00:00Z");
    const draft = await onlyInvoice();
    expect(draft).toMatchObject({
      status: "draft",
      billing_reason: "subscription_cycle",
      customer,
      total: 7713,
      period_start: at("2026-10-01T10:00:00Z"),
      period_end: at("2026-11-01T00:00:00Z"),
      automatically_finalizes_at: at("2026-11-04T00:00:00Z"),
      parent: { subscription_details: { subscription: subscription.id, metadata: { tenant_id: "ten_1" } } },
    });
    const items = subscription.items.data.map(({ id, price }) => [id, price.id]);
    const origin = draft.lines.data.map(({ parent, pricing }) => [
      parent?.subscription_item_details?.subscription_item,
      pricing?.price_details?.price,
    ]);
    expect(origin).toEqual(items);
    const billed = draft.lines.data.map((line) => [line.quantity_decimal?.toString(), line.quantity, line.amount]);
    expect(billed).toEqual([
      ["77.13", 77, 7713],
      ["0.004", 0, 0],
      ["0", 0, 0],
    ]);

    await setClock("2026-11-04T00:00:00Z");
    const open = await onlyInvoice();
    expect(open).toMatchObject({
      status: "open",
      total: 7713,
      due_date: at("2026-11-18T00:00:00Z"),
      automatically_finalizes_at: null,
    });
    expect([open.number, open.hosted_invoice_url]).toEqual([
      expect.stringMatching(/-0001$/),
      expect.stringContaining(sim.url),
    ]);
    const paid = await stripe.invoices.pay(open.id, { payment_method: "pm_card_visa" });
    expect(paid).toMatchObject({ status: "paid", amount_paid: 7713, amount_remaining: 0 });
    await sim.control.settled();
    expect(typesOf().sort()).toEqual([
      "invoice.created",
      "invoice.finalized",
      "invoice.paid",
      "invoice.payment_succeeded",
      "invoice.sent",
    ]);
    const [item] = (await stripe.subscriptions.retrieve(subscription.id)).items.data;
    expect([item?.current_period_start, item?.current_period_end]).toEqual([
      at("2026-11-01T00:00:00Z"),
      at("2026-12-01T00:00:00Z"),
    ]);
  });

  it("bills usage that arrives during the grace if it is stamped inside the period, and no other", async () => {
    const { customer } = await aClient(["marketing"]);
    await setClock("2026-11-02T00:00:00Z");
    await send(customer, { bucket: "marketing", value: "5", at: "2026-10-31T23:59:59Z" });
    await send(customer, { bucket: "marketing", value: "9", at: "2026-11-01T00:00:00Z" });
    expect((await onlyInvoice()).total).toBe(500);
    await setClock("2026-11-04T00:00:01Z");
    await send(customer, { bucket: "marketing", value: "6", at: "2026-10-31T23:59:59Z" });
    expect(await onlyInvoice()).toMatchObject({ status: "open", total: 500 });
    await setClock("2026-12-01T00:00:00Z");
    expect(await onlyInvoice()).toMatchObject({ status: "draft", total: 900 });
  });

  it("bills a negative total as nothing and settles an invoice of nothing at once", async () => {
    const { customer } = await aClient(["marketing"]);
    await send(customer, { bucket: "marketing", value: "-3", at: "2026-10-01T10:00:00Z" });
    await setClock("2026-11-04T00:00:00Z");
    expect(await onlyInvoice()).toMatchObject({ status: "paid", total: 0, amount_due: 0 });
  });

  it("lets the receiver of invoice.created stop or move the finalization before the clock reaches it", async () => {
    await aClient(["marketing"]);
    receiver.onEvent(async ({ type, data }) => {
      if (type === "invoice.created") await stripe.invoices.update(data.object.id, { auto_advance: false });
    });
    await setClock("2026-11-10T00:00:00Z");
    const held = await onlyInvoice();
    expect(held).toMatchObject({ status: "draft", auto_advance: false, automatically_finalizes_at: null });
    const later = at("2026-11-20T00:00:00Z");
    await stripe.invoices.update(held.id, { automatically_finalizes_at: later });
    await setClock("2026-11-20T00:00:00Z");
    expect((await stripe.invoices.retrieve(held.id)).status_transitions.finalized_at).toBe(later);
  });

  it("runs several months in one step in order of time, each event with the time of its cause", async () => {
    await aClient(["marketing"]);
    await setClock("2027-01-01T00:00:00Z");
    const { data } = await stripe.events.list({ types: ["invoice.created", "invoice.finalized"], limit: 10 });
    expect(data.reverse().map(({ type, created }) => `${new Date(created * 1000).toISOString()} ${type}`)).toEqual([
      "2026-11-01T00:00:00.000Z invoice.created",
      "2026-11-04T00:00:00.000Z invoice.finalized",
      "2026-12-01T00:00:00.000Z invoice.created",
      "2026-12-04T00:00:00.000Z invoice.finalized",
      "2027-01-01T00:00:00.000Z invoice.created",
    ]);
  });

  it("ends a subscription at its period's end when asked to, with a last invoice", async () => {
    const { subscription } = await aClient(["marketing"]);
    await stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true });
    await setClock("2027-01-01T00:00:00Z");
    const ended = await stripe.subscriptions.retrieve(subscription.id);
    expect(ended).toMatchObject({ status: "canceled", ended_at: at("2026-11-01T00:00:00Z") });
    expect((await stripe.invoices.list()).data).toHaveLength(1);
    expect(receiver.events.map(({ type }) => type)).toContain("customer.subscription.deleted");
  });

  it("refuses to turn the clock back", async () => {
    await expect(setClock("2026-09-30T00:00:00Z")).rejects.toThrow("only move forwards");
    const response = await fetch(`${sim.url}/_sim/clock`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ now: "2026-09-30T00:00:00Z" }),
    });
    expect([response.status, await response.json()]).toEqual([
      400,
      { error: expect.objectContaining({ type: "invalid_request_error", param: "now" }) as unknown },
    ]);
  });

  it("tries a refused webhook again as the clock moves, at most eight times, and redelivers on demand", async () => {
    receiver.answer(503);
    await stripe.products.create({ name: "a" });
    await sim.control.settled();
    expect(receiver.events).toHaveLength(1);
    await setClock("2026-10-01T10:05:00Z");
    expect(receiver.events).toHaveLength(2);
    await setClock("2026-10-31T00:00:00Z");
    expect(receiver.events).toHaveLength(8);
    const [delivery] = await sim.control.webhooks();
    expect(delivery).toMatchObject({ state: "failed", type: "product.created", nextAttemptAt: null });
    expect(delivery?.attempts.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 503));
    receiver.answer(200);
    await sim.control.redeliver(receiver.events[0]?.id ?? "");
    expect((await sim.control.webhooks())[0]).toMatchObject({ state: "delivered" });
    expect(new Set(receiver.events.map(({ id }) => id)).size).toBe(1);
  });

  it("runs what fell due while it was down", async () => {
    const { customer } = await aClient(["marketing"]);
    await send(customer, { bucket: "marketing", value: "2", at: "2026-10-01T10:00:00Z" });
    await sim.close();
    const kept = mongo.db(dbName(`cycle${count}`)).collection<{ _id: string; value: unknown }>("meta");
    await kept.updateOne({ _id: "clock" }, { $set: { value: { frozenMs: at("2026-11-05T00:00:00Z") * 1000 } } });
    await open(`cycle${count}`);
    await sim.control.settled();
    expect(await onlyInvoice()).toMatchObject({ status: "open", total: 200, period_end: at("2026-11-01T00:00:00Z") });
  });

  it("follows the system's clock from any earlier time, and leaves it only forwards", async () => {
    const past = { db: mongo.db(dbName("past")), apiKey, clock: { now: new Date("2020-01-01T00:00:00Z") } };
    const other = await startStripeSim(past);
    expect(await other.control.setClock("system")).toMatchObject({ mode: "system" });
    await expect(other.control.setClock(past.clock)).rejects.toThrow("only move forwards");
    expect(await other.control.setClock({ now: new Date("2100-01-01T00:00:00Z") })).toMatchObject({ mode: "set" });
    await expect(other.control.setClock("system")).rejects.toThrow("only move forwards");
    await other.close();
  });

  it("finds everything again after a restart on the same database", async () => {
    const { customer, subscription } = await aClient(["marketing"]);
    await send(customer, { bucket: "marketing", value: "12.5", at: "2026-10-01T10:00:00Z" });
    await setClock("2026-10-15T00:00:00Z");
    await stripe.products.create({ name: "kept" }, { idempotencyKey: "product:kept" });
    await sim.control.addFault({ kind: "rate_limit", route: "GET /v1/customers" });
    receiver.answer(500);
    const lost = await stripe.customers.create({ name: "undelivered" });
    await sim.control.settled();
    await sim.close();

    await open(`cycle${count}`);
    expect(sim.control.clock()).toEqual({ mode: "set", now: new Date("2026-10-15T00:00:00Z") });
    expect(await stripe.subscriptions.retrieve(subscription.id)).toMatchObject({
      status: "active",
      metadata: { tenant_id: "ten_1" },
    });
    const again = await stripe.products.create({ name: "kept" }, { idempotencyKey: "product:kept" });
    expect(again.lastResponse.headers["idempotent-replayed"]).toBe("true");
    await expect(stripe.customers.list()).rejects.toMatchObject({ statusCode: 429 });
    expect((await sim.control.requests()).some(({ path }) => path === "/v1/billing/meter_events")).toBe(true);
    receiver.answer(200);
    await setClock("2026-11-04T00:00:00Z");
    expect(await onlyInvoice()).toMatchObject({ status: "open", total: 1250 });
    expect(receiver.events.filter(({ data }) => (data.object as { id?: string }).id === lost.id)).toHaveLength(2);
    const ids = [again.id, (await stripe.products.create({ name: "new" })).id];
    expect(new Set(ids).size).toBe(2);
  });

  it("forgets everything on reset and then tells the same story with the same ids", async () => {
    const first = await aClient(["marketing"]);
    await sim.control.reset();
    expect((await stripe.customers.list()).data).toEqual([]);
    expect(await aClient(["marketing"])).toEqual(first);
  });
});
