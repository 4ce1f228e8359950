import Stripe from "stripe";
import { testDatabase } from "@greentick/testing";
import { startStripeSim, type StripeSim, stripeSimRoutes } from "./index.js";

const apiKey = "sk_test_local";
const october = Date.parse("2026-10-01T10:00:00Z") / 1000;

const idOf = (reference: string | { id: string } | null): string =>
  typeof reference === "string" ? reference : (reference?.id ?? "");

/** Every endpoint is driven by the unmodified SDK over a real socket; what it returns is what a live integration would read. */
describe("the endpoints, through Stripe's own SDK", () => {
  const { mongo, dbName } = testDatabase("stripesim");
  let sim: StripeSim;
  let stripe: Stripe;

  beforeAll(async () => {
    const clock = { now: new Date(october * 1000) };
    sim = await startStripeSim({ db: mongo.db(dbName("endpoints")), apiKey, clock });
    const { host, port } = sim;
    stripe = new Stripe(apiKey, { host, port, protocol: "http", maxNetworkRetries: 0, telemetry: false });
  });
  afterAll(() => sim.close());

  const aMeter = (eventName: string): Promise<Stripe.Billing.Meter> =>
    stripe.billing.meters.create({
      display_name: eventName,
      event_name: eventName,
      default_aggregation: { formula: "sum" },
      event_time_window: "day",
    });
  const aPrice = async (name: string): Promise<Stripe.Price> => {
    const meter = await aMeter(name);
    const product = await stripe.products.create({ name, unit_label: "units" });
    return stripe.prices.create({
      product: product.id,
      currency: "usd",
      unit_amount_decimal: Stripe.Decimal.from("100"),
      currency_options: { jpy: { unit_amount: 1 } },
      recurring: { interval: "month", usage_type: "metered", meter: meter.id },
      lookup_key: `${name}.v1`,
    });
  };
  const aSubscription = async (name: string): Promise<Stripe.Subscription> => {
    const price = await aPrice(name);
    const customer = await stripe.customers.create({ name });
    return stripe.subscriptions.create({
      customer: customer.id,
      items: [{ price: price.id }],
      collection_method: "send_invoice",
      days_until_due: 14,
      billing_mode: { type: "flexible" },
      billing_cycle_anchor_config: { day_of_month: 1, hour: 0, minute: 0, second: 0 },
      proration_behavior: "none",
    });
  };

  it("keeps products: create, retrieve, update, list", async () => {
    const made = await stripe.products.create({
      name: "WhatsApp marketing — India",
      metadata: { bucket: "in", gone: "x" },
    });
    expect(made).toMatchObject({ object: "product", livemode: false, created: october, active: true });
    const changed = await stripe.products.update(made.id, {
      name: "Marketing",
      metadata: { gone: "" },
      description: "",
    });
    expect(changed).toMatchObject({ name: "Marketing", metadata: { bucket: "in" }, description: null });
    expect(await stripe.products.retrieve(made.id)).toMatchObject({ id: made.id, name: "Marketing" });
    expect((await stripe.products.list({ ids: [made.id] })).data).toHaveLength(1);
  });

  it("keeps a product under an id of the caller's once", async () => {
    await stripe.products.create({ id: "bucket_in", name: "India" });
    await expect(stripe.products.create({ id: "bucket_in", name: "India" })).rejects.toMatchObject({
      code: "resource_already_exists",
    });
  });

  it("keeps prices with twelve decimal places, currency options and lookup keys", async () => {
    const product = await stripe.products.create({ name: "tiny" });
    const unit_amount_decimal = Stripe.Decimal.from("0.000000000001");
    const tiny = await stripe.prices.create({ product: product.id, currency: "USD", unit_amount_decimal });
    expect(tiny).toMatchObject({ currency: "usd", unit_amount: null, type: "one_time" });
    expect(tiny.unit_amount_decimal?.toString()).toBe("0.000000000001");

    const price = await aPrice("prices");
    expect(price.currency_options).toBeUndefined();
    const [found] = (await stripe.prices.list({ lookup_keys: ["prices.v1"], expand: ["data.currency_options"] })).data;
    expect(found?.currency_options?.["jpy"]?.unit_amount).toBe(1);
    const { product: expanded } = await stripe.prices.retrieve(price.id, { expand: ["product"] });
    expect(expanded).toMatchObject({ object: "product", name: "prices" });
    await stripe.prices.update(price.id, { metadata: { card: "2026-10" }, nickname: "one unit" });
    expect(await stripe.prices.retrieve(price.id)).toMatchObject({
      nickname: "one unit",
      metadata: { card: "2026-10" },
    });
  });

  it("moves a lookup key only when asked to", async () => {
    const price = await aPrice("lookup");
    const next = { product: idOf(price.product), currency: "usd", unit_amount: 2, lookup_key: "lookup.v1" };
    await expect(stripe.prices.create(next)).rejects.toMatchObject({ code: "resource_already_exists" });
    const moved = await stripe.prices.create({ ...next, transfer_lookup_key: true });
    expect((await stripe.prices.list({ lookup_keys: ["lookup.v1"] })).data.map(({ id }) => id)).toEqual([moved.id]);
    expect((await stripe.prices.retrieve(price.id)).lookup_key).toBeNull();
  });

  it("keeps meters: their event name stays taken, also while inactive", async () => {
    const meter = await aMeter("wa.marketing.in");
    await expect(aMeter("wa.marketing.in")).rejects.toMatchObject({ param: "event_name" });
    expect(await stripe.billing.meters.deactivate(meter.id)).toMatchObject({ status: "inactive" });
    await expect(aMeter("wa.marketing.in")).rejects.toMatchObject({ param: "event_name" });
    expect((await stripe.billing.meters.list({ status: "inactive" })).data).toHaveLength(1);
    expect(await stripe.billing.meters.reactivate(meter.id)).toMatchObject({ status: "active" });
    expect(await stripe.billing.meters.update(meter.id, { display_name: "India" })).toMatchObject({
      display_name: "India",
    });
    expect(await stripe.billing.meters.retrieve(meter.id)).toMatchObject({ event_time_window: "day" });
  });

  it("keeps customers: create, retrieve, update, list by e-mail", async () => {
    const customer = await stripe.customers.create({
      name: "Acme",
      email: "billing@acme.example",
      address: { country: "IN", line1: "1 MG Road" },
      metadata: { tenant_id: "ten_1" },
    });
    expect(customer.address).toEqual({
      country: "IN",
      line1: "1 MG Road",
      city: null,
      line2: null,
      postal_code: null,
      state: null,
    });
    await stripe.customers.update(customer.id, {
      invoice_settings: { footer: "Thank you" },
      preferred_locales: ["en"],
    });
    const { invoice_settings, metadata } = (await stripe.customers.retrieve(customer.id)) as Stripe.Customer;
    expect([invoice_settings.footer, metadata]).toEqual(["Thank you", { tenant_id: "ten_1" }]);
    expect((await stripe.customers.list({ email: "billing@acme.example" })).data.map(({ id }) => id)).toEqual([
      customer.id,
    ]);
  });

  it("starts a metered subscription whose first period ends at the anchor", async () => {
    const subscription = await aSubscription("starts");
    const [item] = subscription.items.data;
    expect(subscription).toMatchObject({
      status: "active",
      currency: "usd",
      latest_invoice: null,
      start_date: october,
    });
    expect(item).toMatchObject({ current_period_start: october, current_period_end: Date.parse("2026-11-01") / 1000 });
    const { customer } = await stripe.subscriptions.retrieve(subscription.id, { expand: ["customer"] });
    expect(customer).toMatchObject({ name: "starts", currency: "usd" });
    const update = { metadata: { tenant_id: "ten_1" }, cancel_at_period_end: true };
    expect(await stripe.subscriptions.update(subscription.id, update)).toMatchObject(update);
    const listed = await stripe.subscriptions.list({ customer: idOf(subscription.customer), status: "active" });
    expect(listed.data.map(({ id }) => id)).toEqual([subscription.id]);
  });

  it("adds items to a subscription, one per price", async () => {
    const subscription = await aSubscription("items");
    const price = await aPrice("items.more");
    const item = await stripe.subscriptionItems.create({ subscription: subscription.id, price: price.id });
    await expect(
      stripe.subscriptionItems.create({ subscription: subscription.id, price: price.id }),
    ).rejects.toMatchObject({
      param: "price",
    });
    expect(await stripe.subscriptionItems.retrieve(item.id)).toMatchObject({ price: { id: price.id } });
    expect((await stripe.subscriptionItems.list({ subscription: subscription.id })).data).toHaveLength(2);
    const third = await aPrice("items.third");
    const updated = await stripe.subscriptions.update(subscription.id, { items: [{ price: third.id }] });
    expect(updated.items.data).toHaveLength(3);
  });

  it("cancels a subscription, billing its usage only with invoice_now", async () => {
    const [quiet, billed] = [await aSubscription("quiet"), await aSubscription("billed")];
    expect(await stripe.subscriptions.cancel(quiet.id)).toMatchObject({ status: "canceled", latest_invoice: null });
    const { latest_invoice } = await stripe.subscriptions.cancel(billed.id, { invoice_now: true });
    expect(await stripe.invoices.retrieve(idOf(latest_invoice))).toMatchObject({ status: "draft", total: 0 });
    const canceled = await stripe.subscriptions.list({ status: "canceled" });
    expect(canceled.data.map(({ id }) => id)).toEqual([billed.id, quiet.id]);
  });

  it("previews, edits, finalizes, pays and voids invoices", async () => {
    const subscription = await aSubscription("invoices");
    const preview = await stripe.invoices.createPreview({ subscription: subscription.id });
    expect(preview).toMatchObject({
      status: "draft",
      total: 0,
      parent: { subscription_details: { subscription: subscription.id } },
    });

    const { latest_invoice } = await stripe.subscriptions.cancel(subscription.id, { invoice_now: true });
    const id = idOf(latest_invoice);
    await stripe.invoices.addLines(id, {
      lines: [
        { amount: 250, description: "Onboarding" },
        {
          quantity_decimal: Stripe.Decimal.from("1234.5"),
          price_data: { currency: "usd", product: "bucket_in", unit_amount_decimal: Stripe.Decimal.from("6.25") },
        },
      ],
    });
    await stripe.invoices.update(id, {
      footer: "Statement: https://example.test",
      custom_fields: [{ name: "Period", value: "October" }],
      metadata: { period: "2026-10" },
      automatically_finalizes_at: october + 3600,
    });
    const lines = await stripe.invoices.listLineItems(id, { limit: 2 }).autoPagingToArray({ limit: 10 });
    expect(lines.map(({ amount }) => amount)).toEqual([0, 250, 7716]);
    expect(lines[2]?.quantity_decimal?.toString()).toBe("1234.5");

    const open = await stripe.invoices.finalizeInvoice(id);
    expect(open).toMatchObject({
      status: "open",
      total: 7966,
      amount_due: 7966,
      footer: "Statement: https://example.test",
    });
    expect([open.number, open.due_date]).toEqual([expect.stringMatching(/-0001$/), october + 14 * 86_400]);
    const hosted = await fetch(open.hosted_invoice_url ?? "");
    expect([hosted.status, await hosted.text()]).toEqual([200, expect.stringContaining("Onboarding")]);
    await expect(stripe.invoices.update(id, { footer: "late" })).rejects.toMatchObject({
      code: "invoice_not_editable",
    });
    await expect(stripe.invoices.pay(id)).rejects.toThrow("default_payment_method");
    await expect(stripe.invoices.pay(id, { payment_method: "pm_card_chargeDeclined" })).rejects.toMatchObject({
      code: "card_declined",
    });
    expect(await stripe.invoices.pay(id, { paid_out_of_band: true })).toMatchObject({
      status: "paid",
      amount_remaining: 0,
    });
    await expect(stripe.invoices.voidInvoice(id)).rejects.toThrow("only void open");
    expect(
      (await stripe.invoices.list({ subscription: subscription.id, status: "paid" })).data.map((one) => one.id),
    ).toEqual([id]);
  });

  it("voids an open invoice", async () => {
    const subscription = await aSubscription("voids");
    const { latest_invoice } = await stripe.subscriptions.cancel(subscription.id, { invoice_now: true });
    await stripe.invoices.addLines(idOf(latest_invoice), { lines: [{ amount: 100 }] });
    await stripe.invoices.finalizeInvoice(idOf(latest_invoice));
    expect(await stripe.invoices.voidInvoice(idOf(latest_invoice))).toMatchObject({ status: "void", total: 100 });
  });

  it("pages every list newest first, forwards and backwards", async () => {
    for (const name of ["page 1", "page 2", "page 3"])
      await stripe.customers.create({ name, email: "page@example.test" });
    const names = (found: Stripe.ApiList<Stripe.Customer>): (string | null | undefined)[] =>
      found.data.map(({ name }) => name);
    const first = await stripe.customers.list({ limit: 2, email: "page@example.test" });
    expect([names(first), first.has_more]).toEqual([["page 3", "page 2"], true]);
    const last = first.data.at(-1)?.id ?? "";
    const second = await stripe.customers.list({ limit: 2, email: "page@example.test", starting_after: last });
    expect([names(second), second.has_more]).toEqual([["page 1"], false]);
    const back = await stripe.customers.list({
      limit: 1,
      ending_before: second.data[0]?.id ?? "",
      email: "page@example.test",
    });
    expect([names(back), back.has_more]).toEqual([["page 2"], true]);
    expect((await stripe.customers.list({ created: { gt: october } })).data).toEqual([]);
  });

  it("records what happened as events", async () => {
    const product = await stripe.products.create({ name: "old" }, { idempotencyKey: "product:events" });
    await stripe.products.update(product.id, { name: "new" });
    const { data } = await stripe.events.list({ types: ["product.created", "product.updated"], limit: 2 });
    expect(data.map(({ type }) => type)).toEqual(["product.updated", "product.created"]);
    expect(data[0]?.data.previous_attributes).toEqual({ name: "old" });
    expect(data[1]?.request?.idempotency_key).toBe("product:events");
    expect(await stripe.events.retrieve(data[0]?.id ?? "")).toMatchObject({
      api_version: "2026-10-28.endive",
      created: october,
    });
  });

  it("keeps webhook endpoints and shows a secret once", async () => {
    const made = await stripe.webhookEndpoints.create({
      url: "http://127.0.0.1:9/hooks",
      enabled_events: ["invoice.paid"],
    });
    expect(made.secret).toMatch(/^whsec_/);
    expect((await stripe.webhookEndpoints.retrieve(made.id)).secret).toBeUndefined();
    expect((await stripe.webhookEndpoints.list()).data.map(({ id }) => id)).toEqual([made.id]);
    expect(await stripe.webhookEndpoints.del(made.id)).toEqual({
      id: made.id,
      object: "webhook_endpoint",
      deleted: true,
    });
    expect((await stripe.webhookEndpoints.list()).data).toEqual([]);
  });

  it("was asked for every route but those of meter events, which have tests of their own", async () => {
    const asked = await sim.control.requests();
    const untouched = stripeSimRoutes.filter(({ method, path }) => {
      const pattern = new RegExp(`^${path.replace(":id", "[^/]+")}$`);
      return !asked.some((one) => one.method === method && pattern.test(one.path) && one.status === 200);
    });
    expect(untouched.map(({ path }) => path)).toEqual([
      "/v1/billing/meters/:id/event_summaries",
      "/v1/billing/meter_events",
      "/v1/billing/meter_event_adjustments",
    ]);
  });
});
