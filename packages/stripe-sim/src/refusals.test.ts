import Stripe from "stripe";
import { testDatabase } from "@greentick/testing";
import { startStripeSim, type StripeSim, stripeSimControlRoutes, stripeSimRoutes } from "./index.js";

const apiKey = "sk_test_local";
interface Refusal {
  status: number;
  error: { type?: string; code?: string; param?: string; message?: string } | undefined;
}

describe("what the local Stripe refuses", () => {
  const { mongo, dbName } = testDatabase("stripesim");
  let sim: StripeSim;

  beforeAll(async () => {
    const clock = { now: new Date("2026-10-01T00:00:00Z") };
    sim = await startStripeSim({ db: mongo.db(dbName("refusals")), apiKey, clock });
  });
  afterAll(() => sim.close());

  const ask = async (place: string, body = "", key: string | null = apiKey): Promise<Refusal> => {
    const [method = "", path = ""] = place.split(" ");
    const inQuery = method === "GET" && body !== "";
    const headers = {
      "content-type": "application/x-www-form-urlencoded",
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
    };
    const init = { method, headers, ...(method === "GET" ? {} : { body }) };
    const response = await fetch(`${sim.url}${path}${inQuery ? `?${body}` : ""}`, init);
    return { status: response.status, error: ((await response.json()) as { error?: Refusal["error"] }).error };
  };

  it.each([...stripeSimRoutes, ...stripeSimControlRoutes].map(({ method, path }) => [method, path] as const))(
    "an undeclared parameter of %s %s",
    async (method, path) => {
      const { status, error } = await ask(`${method} ${path.replace(":id", "any_1")}`, "surprise=1");
      expect([status, error?.type, error?.code]).toEqual([400, "invalid_request_error", "parameter_unknown"]);
      expect([error?.param, error?.message]).toEqual(["surprise", "Received unknown parameter: surprise"]);
    },
  );

  it.each([
    ["GET", "/v1/charges"],
    ["POST", "/v1/test_helpers/test_clocks"],
    ["POST", "/v2/billing/meter_events"],
    ["DELETE", "/v1/customers/cus_1"],
    ["PUT", "/v1/customers"],
    ["GET", "/"],
    ["POST", "/_sim/nothing"],
  ])("a route it does not serve: %s %s", async (method, path) => {
    expect(await ask(`${method} ${path}`)).toMatchObject({ status: 501, error: { code: "unsupported_endpoint" } });
  });

  it.each(
    stripeSimRoutes.filter(({ path }) => path.includes(":id")).map(({ method, path }) => [method, path] as const),
  )("an object that does not exist: %s %s", async (method, path) => {
    const needed = {
      "/event_summaries": "customer=cus_1&start_time=0&end_time=60",
      "/add_lines": "lines[0][amount]=1",
      "/pay": "paid_out_of_band=true",
    };
    const body = Object.entries(needed).find(([end]) => path.endsWith(end))?.[1] ?? "";
    const { status, error } = await ask(`${method} ${path.replace(":id", "none_1")}`, body);
    expect([status, error?.code, error?.param]).toEqual([404, "resource_missing", "id"]);
  });

  it("a request without a key, with another key, and with the right one in basic auth", async () => {
    expect(await ask("GET /v1/products", "", null)).toMatchObject({
      status: 401,
      error: { message: expect.stringContaining("did not provide") as unknown },
    });
    const wrong = await ask("GET /v1/products", "", "sk_test_another_key");
    expect(wrong).toMatchObject({ status: 401, error: { type: "invalid_request_error" } });
    expect(wrong.error?.message).not.toContain("another_key");
    const authorization = `Basic ${Buffer.from(`${apiKey}:`).toString("base64")}`;
    expect((await fetch(`${sim.url}/v1/products`, { headers: { authorization } })).status).toBe(200);
  });

  it.each([
    ["POST /v1/products", "", "parameter_missing", "name"],
    ["POST /v1/products", "name=", "parameter_invalid_empty", "name"],
    ["POST /v1/products", "name=a&active=yes", "parameter_invalid", "active"],
    ["POST /v1/products", "name[a]=b", "parameter_invalid", "name"],
    ["GET /v1/products", "limit=1000", "parameter_invalid", "limit"],
    ["GET /v1/products", "limit=ten", "parameter_invalid_integer", "limit"],
    ["GET /v1/products", "created[since]=1", "parameter_unknown", "created[since]"],
    [
      "POST /v1/prices",
      "currency=usd&product=p&unit_amount_decimal=0.0000000000001",
      "parameter_invalid",
      "unit_amount_decimal",
    ],
    ["POST /v1/prices", "currency=usd&product=p&tiers_mode=graduated", "parameter_unknown", "tiers_mode"],
    [
      "POST /v1/subscriptions",
      "customer=c&items[0][price]=p&items[0][discounts]=",
      "parameter_unknown",
      "items[0][discounts]",
    ],
    ["POST /v1/subscriptions", "customer=c&items[x][price]=p", "parameter_invalid", "items"],
    ["POST /_sim/clock", "now=tomorrow", "parameter_invalid", "now"],
    ["POST /_sim/webhook-endpoint", "url=file:///etc/passwd", "url_invalid", "url"],
  ])("a value that does not fit: %s %s", async (place, body, ...[code, param]) => {
    expect(await ask(place, body)).toMatchObject({ status: 400, error: { code, param } });
  });

  it("a body that cannot be read, and one that is too large", async () => {
    expect(await ask("POST /v1/products", "name=a&name[b]=c")).toMatchObject({
      status: 400,
      error: { param: "name[b]" },
    });
    expect(await ask("POST /v1/products", `name=${"x".repeat(1_100_000)}`)).toMatchObject({ status: 413 });
  });

  it("an expansion of something that is not there", async () => {
    const made = await ask("POST /v1/products", "name=a&id=prod_expand");
    expect(made.error).toBeUndefined();
    const { status, error } = await ask("GET /v1/products/prod_expand", "expand[]=owner");
    expect([status, error?.message]).toEqual([400, "This property cannot be expanded (owner)."]);
  });

  it("a live key at the start, and a port that is taken", async () => {
    const db = mongo.db(dbName("never"));
    const options = { db, clock: "system" } as const;
    await expect(startStripeSim({ ...options, apiKey: "sk_live_x" })).rejects.toThrow("sk_test_");
    await expect(startStripeSim({ ...options, apiKey, port: sim.port })).rejects.toThrow("the port is taken");
  });

  it("to the SDK every refusal is an error of its kind, never a success", async () => {
    const { host, port } = sim;
    const config = { host, port, protocol: "http", maxNetworkRetries: 0, telemetry: false } as const;
    const stripe = new Stripe(apiKey, config);
    await expect(stripe.charges.list()).rejects.toMatchObject({ type: "StripeAPIError", statusCode: 501 });
    await expect(stripe.customers.retrieve("cus_none")).rejects.toMatchObject({ type: "StripeInvalidRequestError" });
    await expect(new Stripe("sk_test_wrong", config).customers.list()).rejects.toMatchObject({
      type: "StripeAuthenticationError",
    });
  });
});
