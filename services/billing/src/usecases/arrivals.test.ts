import { systemScope } from "@greentick/kernel";
import { someTenants, testDatabase } from "@greentick/testing";
import { type Sighting } from "../domain/fact.js";
import { knownToStripe, ratingBench, type RatingBench } from "../fixtures/rating-ports.js";
import { type WabaFacts } from "../ports.js";
import { resolvedByArrival } from "../domain/rate.js";
import { rateSightings } from "./rate-sightings.js";
import { rateWaiting } from "./rate-waiting.js";

const now = new Date("2026-11-15T12:00:00.000Z");
const scope = systemScope("price-facts");

describe("rating while what it needs arrives", () => {
  const store = testDatabase("arrivals");
  let bench: RatingBench;
  beforeAll(async () => {
    const clients = [
      { tenantId: someTenants.casa, wabaIds: [] },
      { tenantId: someTenants.otra, wabaIds: ["427163905281746"], billedSince: null },
    ];
    bench = await ratingBench(store, { now, clients });
  });
  beforeEach(() => bench.clear());
  afterAll(() => bench.close());

  const waba: WabaFacts = {
    wabaId: "318274650192837",
    tenantId: someTenants.casa,
    ancestorIds: [someTenants.provider],
    livemode: false,
    name: "Casa",
    currency: "USD",
    timeZone: "UTC",
  };
  const delivered = (messageKey: string, cost?: string): Sighting => ({
    tenantId: someTenants.casa,
    ancestorIds: [someTenants.provider],
    livemode: false,
    messageKey,
    wabaId: waba.wabaId,
    status: "delivered",
    at: now,
    receivedAt: now,
    recipient: { dialPrefix: "551195" },
    group: false,
    pricing: {
      model: "PMP",
      type: "regular",
      category: "marketing",
      ...(cost !== undefined && { cost: { amount: cost, currency: "USD" } }),
    },
    webhook: { sha256: messageKey.padEnd(64, "0"), index: 0 },
  });
  const factOf = async (messageKey: string): Promise<unknown> => {
    const id = `${someTenants.casa}/message/${messageKey}/-`;
    return (await bench.ports.facts.load(scope, [id])).get(id);
  };

  it("rates a delivery whose account is announced between the look for it and the fact's writing", async () => {
    let arrived = false;
    const facts: typeof bench.ports.facts = {
      ...bench.ports.facts,
      save: async (...some) => {
        if (!arrived) {
          arrived = true;
          await bench.ports.wabas.keep(scope, waba);
          await rateWaiting(bench.ports)({ scope, reasons: resolvedByArrival });
        }
        return bench.ports.facts.save(...some);
      },
    };
    await rateSightings({ ...bench.ports, facts })([delivered("a")]);
    const fact = await factOf("a");
    expect(fact).toMatchObject({ entries: [{ charge: { amountMicros: 62_500n } }] });
    expect(fact).not.toHaveProperty("unrated");
  });

  it("rates a delivery whose client Stripe gets to know between the look for it and the fact's writing", async () => {
    const call = bench.callIn(someTenants.otra);
    const early = {
      ...delivered("e"),
      tenantId: call.tenantId,
      wabaId: "427163905281746",
      at: new Date("2026-11-13T12:00:00Z"),
    };
    let arrived = false;
    const facts: typeof bench.ports.facts = {
      ...bench.ports.facts,
      save: async (...some) => {
        if (!arrived) {
          arrived = true;
          const account = await bench.ports.accounts.get(scope, call.tenantId);
          await bench.ports.accounts.save(call, knownToStripe(account, new Date("2026-11-14T08:00:00Z")), []);
          await rateWaiting(bench.ports)({ scope, reasons: resolvedByArrival });
        }
        return bench.ports.facts.save(...some);
      },
    };
    await rateSightings({ ...bench.ports, facts })([early]);
    const id = `${call.tenantId}/message/e/-`;
    const fact = (await bench.ports.facts.load(scope, [id])).get(id);
    expect(fact).toMatchObject({ entries: [{ day: "2026-11-15", service: { localDate: "2026-11-13" } }] });
    expect(fact).not.toHaveProperty("unrated");
  });

  it.each(["9999999999999999", "1".repeat(400), "-1", "1e5", ""])(
    "leaves a delivery unrated whose stated price is %p, and rates its neighbours",
    async (cost) => {
      await bench.ports.wabas.keep(scope, waba);
      await rateSightings(bench.ports)([delivered("b", cost), delivered("c")]);
      expect(await factOf("b")).toMatchObject({ unrated: "cost_unreadable", entries: [] });
      expect(await factOf("c")).toMatchObject({ entries: [{ charge: { amountMicros: 62_500n } }] });
    },
  );

  it("invoices a delivery that Meta dates in the far future under the day on which it is booked", async () => {
    await bench.ports.wabas.keep(scope, waba);
    await rateSightings(bench.ports)([{ ...delivered("d"), at: new Date("5138-11-16T09:46:39.000Z") }]);
    expect(await factOf("d")).toMatchObject({ entries: [{ day: "2026-11-15" }] });
  });
});
