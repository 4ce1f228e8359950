import Stripe from "stripe";
import { testDatabase } from "@greentick/testing";
import { startStripeSim, type StripeSim } from "./index.js";

const apiKey = "sk_test_local";
const noon = new Date("2026-10-01T12:00:00Z");

describe("idempotency keys and faults", () => {
  const { mongo, dbName } = testDatabase("stripesim");
  let sim: StripeSim;
  let stripe: Stripe;

  beforeAll(async () => {
    sim = await startStripeSim({ db: mongo.db(dbName("idempotency")), apiKey, clock: { now: noon } });
    const { host, port } = sim;
    stripe = new Stripe(apiKey, { host, port, protocol: "http", maxNetworkRetries: 0, telemetry: false });
  });
  afterAll(() => sim.close());
  afterEach(() => sim.control.clearFaults());

  const create = (name: string, idempotencyKey: string, timeout = 5000): Promise<Stripe.Response<Stripe.Customer>> =>
    stripe.customers.create({ name, email: `${idempotencyKey}@example.test` }, { idempotencyKey, timeout });
  const kept = async (key: string): Promise<number> =>
    (await stripe.customers.list({ email: `${key}@example.test` })).data.length;
  const fail = (kind: Parameters<StripeSim["control"]["addFault"]>[0]["kind"]): Promise<void> =>
    sim.control.addFault({ kind, route: "POST /v1/customers" });

  it("replays the first answer to the same request and says so", async () => {
    const first = await create("Acme", "replay");
    const second = await create("Acme", "replay");
    expect(second.id).toBe(first.id);
    expect(first.lastResponse.headers["idempotent-replayed"]).toBeUndefined();
    expect(second.lastResponse.headers).toMatchObject({
      "idempotent-replayed": "true",
      "idempotency-key": "replay",
      "original-request": first.lastResponse.requestId,
    });
    expect(await kept("replay")).toBe(1);
  });

  it("refuses the key for another request", async () => {
    await create("Acme", "mismatch");
    await expect(create("Other", "mismatch")).rejects.toMatchObject({
      type: "StripeIdempotencyError",
      statusCode: 400,
    });
  });

  it("answers 409 while the first request with the key is in progress", async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => create("Acme", "in-flight")));
    const refused = outcomes.flatMap((one) =>
      one.status === "rejected" ? [one.reason as { code?: string; statusCode?: number }] : [],
    );
    expect(new Set(refused.map(({ code, statusCode }) => `${statusCode ?? 0} ${code ?? ""}`))).toEqual(
      new Set(refused.length > 0 ? ["409 idempotency_key_in_use"] : []),
    );
    expect(await kept("in-flight")).toBe(1);
  });

  it("keeps nothing when the request was refused, so that a corrected one may use the key", async () => {
    const options = { idempotencyKey: "corrected" };
    await expect(
      stripe.prices.create({ currency: "usd", unit_amount: 1, product: "prod_later" }, options),
    ).rejects.toMatchObject({ statusCode: 404 });
    await stripe.products.create({ id: "prod_later", name: "later" });
    await expect(
      stripe.prices.create({ currency: "usd", unit_amount: 1, product: "prod_later" }, options),
    ).resolves.toBeDefined();
  });

  it.each(["rate_limit", "lock_timeout", "server_error"] as const)("a %s comes before any effect", async (kind) => {
    await fail(kind);
    await expect(create("Acme", `before-${kind}`)).rejects.toMatchObject({
      type: expect.stringMatching(/^Stripe/) as unknown,
    });
    expect(await kept(`before-${kind}`)).toBe(0);
  });

  it("a reset comes before any effect; the SDK hides one of them behind a second try of its own", async () => {
    await sim.control.addFault({ kind: "reset", route: "POST /v1/customers", count: 2 });
    await expect(create("Acme", "reset")).rejects.toMatchObject({ type: "StripeConnectionError" });
    expect(await kept("reset")).toBe(0);
    await fail("reset");
    await create("Acme", "reset");
    expect(await kept("reset")).toBe(1);
  });

  it("says why it limits, and leaves a lock without a reason", async () => {
    await fail("rate_limit");
    await expect(create("Acme", "why")).rejects.toMatchObject({
      headers: { "stripe-rate-limited-reason": "global-rate" },
    });
    await fail("lock_timeout");
    await expect(create("Acme", "why")).rejects.toMatchObject({
      code: "lock_timeout",
      headers: { "stripe-should-retry": "true" },
    });
  });

  it("after a timeout whose effect took place, a repeat with the key returns that effect", async () => {
    await fail("timeout_after_effect");
    await expect(create("Acme", "timeout", 300)).rejects.toMatchObject({ type: "StripeConnectionError" });
    expect(await kept("timeout")).toBe(1);
    expect((await create("Acme", "timeout")).lastResponse.headers["idempotent-replayed"]).toBe("true");
    expect(await kept("timeout")).toBe(1);
  });

  it("survives a connection cut after the effect: the SDK's own second try is answered from the key", async () => {
    await fail("reset_after_effect");
    expect((await create("Acme", "cut")).lastResponse.headers["idempotent-replayed"]).toBe("true");
    expect(await kept("cut")).toBe(1);
  });

  it("replays a kept 500 until the key expires after 24 hours on the simulator's clock", async () => {
    await fail("server_error_after_effect");
    await expect(create("Acme", "kept-500")).rejects.toMatchObject({ statusCode: 500 });
    await expect(create("Acme", "kept-500")).rejects.toMatchObject({ statusCode: 500 });
    expect(await kept("kept-500")).toBe(1);
    await sim.control.setClock({ now: new Date(noon.getTime() + 86_400_000) });
    await expect(create("Acme", "kept-500")).resolves.toMatchObject({ name: "Acme" });
    expect(await kept("kept-500")).toBe(2);
  });

  it("hits as many requests as it was told to, on any route when none is named", async () => {
    await sim.control.addFault({ kind: "server_error", count: 2 });
    await expect(stripe.products.list()).rejects.toMatchObject({ statusCode: 500 });
    await expect(stripe.customers.list()).rejects.toMatchObject({ statusCode: 500 });
    await expect(stripe.customers.list()).resolves.toBeDefined();
    expect(sim.control.faults()).toEqual([]);
  });

  it("is controlled over HTTP in the same words", async () => {
    const post = async (path: string, body: object): Promise<unknown> =>
      (
        await fetch(`${sim.url}/_sim/${path}`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        })
      ).json();
    const get = async (path: string): Promise<unknown> => (await fetch(`${sim.url}/_sim/${path}`)).json();
    await post("faults", { kind: "rate_limit", count: 3 });
    expect(await get("faults")).toEqual({ data: [{ kind: "rate_limit", count: 3 }] });
    await post("settle", {});
    const endpoint = { url: "http://127.0.0.1:9/hooks", secret: "whsec_mine" };
    const made = await post("webhook-endpoint", endpoint);
    expect(made).toMatchObject(endpoint);
    expect(await post("webhook-endpoint", { ...endpoint, secret: "whsec_rolled" })).toEqual({
      ...(made as object),
      secret: "whsec_rolled",
    });
    const clock = await get("clock");
    expect(clock).toEqual({ mode: "set", now: sim.control.clock().now.toISOString() });
    expect(await get("requests?limit=1")).toMatchObject({
      data: [{ method: "GET", path: "/v1/customers", status: 200 }],
    });
    expect(await post("webhooks/redeliver", { eventId: "evt_none" })).toMatchObject({
      error: { code: "resource_missing" },
    });
    expect(await post("reset", {})).toMatchObject({ ok: true });
    expect(await get("webhooks")).toEqual({ data: [] });
  });
});
