import Stripe from "stripe";
import { testDatabase } from "@greentick/testing";
import * as fc from "fast-check";
import { decimalOf, formatDecimal, sumDecimals } from "./lib/decimal.js";
import { startStripeSim, type StripeSim } from "./index.js";

const apiKey = "sk_test_local";
const day = 86_400;
const start = Date.parse("2026-10-01T00:00:00Z") / 1000;
const noon = start + 9 * day + 43_200;

describe("metering usage", () => {
  const { mongo, dbName } = testDatabase("stripesim");
  let sim: StripeSim;
  let stripe: Stripe;
  let customer: string;

  beforeAll(async () => {
    sim = await startStripeSim({ db: mongo.db(dbName("metering")), apiKey, clock: { now: new Date(noon * 1000) } });
    const { host, port } = sim;
    stripe = new Stripe(apiKey, { host, port, protocol: "http", maxNetworkRetries: 0, telemetry: false });
    customer = (await stripe.customers.create({ name: "Acme" })).id;
  });
  afterAll(() => sim.close());

  type Window = "day" | "hour";
  const aMeter = async (name: string, formula: "sum" | "count" | "last" = "sum", window?: Window): Promise<string> => {
    const meter = await stripe.billing.meters.create({
      display_name: name,
      event_name: name,
      default_aggregation: { formula },
      ...(window ? { event_time_window: window } : {}),
    });
    return meter.id;
  };
  const send = (name: string, value: string, more: Partial<Stripe.Billing.MeterEventCreateParams> = {}) =>
    stripe.billing.meterEvents.create({ event_name: name, payload: { stripe_customer_id: customer, value }, ...more });
  const total = async (meter: string, from = start, to = start + 31 * day): Promise<number | undefined> => {
    const range = { customer, start_time: from, end_time: to };
    return (await stripe.billing.meters.listEventSummaries(meter, range)).data[0]?.aggregated_value;
  };

  it("answers an event with what it recorded", async () => {
    await aMeter("answers");
    expect(await send("answers", "77.125", { identifier: "wm:1:v1", timestamp: noon - 60 })).toMatchObject({
      object: "billing.meter_event",
      event_name: "answers",
      identifier: "wm:1:v1",
      payload: { stripe_customer_id: customer, value: "77.125" },
      timestamp: noon - 60,
      created: noon,
    });
  });

  it("adds the raw events of a meter without a window exactly", async () => {
    const meter = await aMeter("raw");
    for (const value of ["0.1", "0.2", "-0.05"]) await send("raw", value);
    expect(await total(meter)).toBe(0.25);
  });

  it("counts only the event received last of each day where the meter has a day window", async () => {
    const meter = await aMeter("daily", "sum", "day");
    await send("daily", "10", { timestamp: noon - day });
    await send("daily", "30", { timestamp: noon - day + 60 });
    await send("daily", "20.5", { timestamp: noon - day - 3600 });
    await send("daily", "1", { timestamp: noon });
    expect(await total(meter)).toBe(21.5);
    const rows = await stripe.billing.meters.listEventSummaries(meter, {
      customer,
      start_time: start,
      end_time: start + 31 * day,
      value_grouping_window: "day",
    });
    const midnight = noon - 43_200;
    expect(rows.data.map((row) => [row.start_time, row.end_time, row.aggregated_value])).toEqual([
      [midnight, midnight + day, 1],
      [midnight - day, midnight, 20.5],
    ]);
  });

  it("replaces by the hour where the meter has an hour window, and counts or takes the last where it says so", async () => {
    const [hourly, counted, last] = [
      await aMeter("hourly", "sum", "hour"),
      await aMeter("counted", "count"),
      await aMeter("last", "last"),
    ];
    for (const [value, timestamp] of [
      ["1", noon],
      ["2", noon + 60],
      ["4", noon - 3600],
    ] as const)
      for (const name of ["hourly", "counted", "last"]) await send(name, value, { timestamp });
    expect([await total(hourly), await total(counted), await total(last)]).toEqual([6, 3, 2]);
  });

  it("sums any values of up to fifteen digits exactly", async () => {
    const meter = await aMeter("property");
    const values = fc.sample(fc.integer({ min: -(10 ** 9), max: 10 ** 9 }), { numRuns: 40, seed: 7 });
    const texts = values.map((value) => formatDecimal({ units: BigInt(value), places: 6 }));
    for (const text of texts) await send("property", text);
    expect(await total(meter)).toBe(Number(formatDecimal(sumDecimals(texts.map(decimalOf)))));
  });

  it.each([
    ["an unknown meter", { event_name: "nowhere" }, "no_meter"],
    ["a payload without a customer", { payload: { value: "1" } }, "meter_event_no_customer_defined"],
    [
      "an unknown customer",
      { payload: { stripe_customer_id: "cus_none", value: "1" } },
      "meter_event_customer_not_found",
    ],
    ["a timestamp more than 5 minutes ahead", { timestamp: noon + 301 }, "timestamp_in_future"],
    ["a timestamp more than 35 days back", { timestamp: noon - 35 * day - 1 }, "timestamp_too_far_in_past"],
  ])("refuses %s", async (_, more, code) => {
    if (!(await stripe.billing.meters.list({ limit: 100 })).data.some((meter) => meter.event_name === "checks"))
      await aMeter("checks");
    await expect(send("checks", "1", more)).rejects.toMatchObject({ statusCode: 400, code });
  });

  it.each([
    ["no value", {}, "meter_event_value_not_found"],
    ["a word", { value: "ten" }, "meter_event_invalid_value"],
    ["an exponent", { value: "1e3" }, "meter_event_invalid_value"],
    ["sixteen significant digits", { value: "1234567890.123456" }, "meter_event_value_too_many_digits"],
  ])("refuses %s as a value", async (_, given, code) => {
    if (!(await stripe.billing.meters.list({ limit: 100 })).data.some((meter) => meter.event_name === "values"))
      await aMeter("values");
    const payload = { stripe_customer_id: customer, ...given };
    await expect(send("values", "", { payload })).rejects.toMatchObject({ statusCode: 400, code });
  });

  it("takes timestamps at both ends of what is allowed", async () => {
    const meter = await aMeter("ends");
    await send("ends", "1", { timestamp: noon + 300 });
    await send("ends", "2", { timestamp: noon - 35 * day });
    expect(await total(meter, noon - 35 * day, noon + 360)).toBe(3);
  });

  it("refuses a repeated identifier for 24 hours in Stripe's words, and takes it as new after that", async () => {
    const meter = await aMeter("repeats");
    await send("repeats", "5", { identifier: "wm:repeat:v1" });
    const repeat = send("repeats", "5", { identifier: "wm:repeat:v1" });
    await expect(repeat).rejects.toMatchObject({
      statusCode: 400,
      message: expect.stringContaining("An event already exists with identifier wm:repeat:v1") as unknown,
      headers: { "stripe-should-retry": "false" },
    });
    expect(await total(meter)).toBe(5);
    await sim.control.setClock({ now: new Date((noon + day) * 1000) });
    await send("repeats", "5", { identifier: "wm:repeat:v1" });
    expect(await total(meter)).toBe(10);
  });

  it("records one of many simultaneous repeats of an identifier", async () => {
    const meter = await aMeter("race");
    const sent = await Promise.allSettled(
      Array.from({ length: 8 }, () => send("race", "3", { identifier: "wm:race:v1" })),
    );
    expect(sent.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await total(meter)).toBe(3);
  });

  it("takes an event back within 24 hours", async () => {
    const meter = await aMeter("adjusted");
    await send("adjusted", "5", { identifier: "wm:adjust:v1" });
    await send("adjusted", "7");
    const cancel = { event_name: "adjusted", type: "cancel", cancel: { identifier: "wm:adjust:v1" } } as const;
    expect(await stripe.billing.meterEventAdjustments.create(cancel)).toMatchObject({
      status: "complete",
      cancel: cancel.cancel,
    });
    expect(await total(meter)).toBe(7);
    await sim.control.setClock({ now: new Date((noon + 2 * day + 1) * 1000) });
    await expect(stripe.billing.meterEventAdjustments.create(cancel)).rejects.toMatchObject({ statusCode: 400 });
  });

  it("refuses events for an inactive meter and takes them again once it is active", async () => {
    const meter = await aMeter("inactive");
    await stripe.billing.meters.deactivate(meter);
    await expect(send("inactive", "1")).rejects.toMatchObject({ code: "archived_meter" });
    await stripe.billing.meters.reactivate(meter);
    await expect(send("inactive", "1")).resolves.toBeDefined();
  });

  it.each([
    ["a start within a minute", { start_time: start + 1 }, "start_time"],
    ["an end before the start", { end_time: start }, "end_time"],
    ["a day range off midnight", { start_time: start + 3600, value_grouping_window: "day" as const }, "start_time"],
  ])("refuses a summary with %s", async (_, more, param) => {
    const [meter] = (await stripe.billing.meters.list({ limit: 1 })).data;
    const range = { customer, start_time: start, end_time: start + day, ...more };
    await expect(stripe.billing.meters.listEventSummaries(meter?.id ?? "", range)).rejects.toMatchObject({ param });
  });

  it("pages summaries of more than ten days", async () => {
    const meter = await aMeter("pages");
    for (let back = 0; back < 14; back += 1) await send("pages", "1", { timestamp: noon - back * day });
    const params = {
      customer,
      start_time: start - 31 * day,
      end_time: start + 31 * day,
      value_grouping_window: "day",
    } as const;
    const rows = await stripe.billing.meters.listEventSummaries(meter, params).autoPagingToArray({ limit: 100 });
    expect(rows.reduce((sum, row) => sum + row.aggregated_value, 0)).toBe(14);
  });
});
