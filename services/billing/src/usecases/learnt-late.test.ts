import { readFileSync } from "node:fs";
import { join } from "node:path";
import { systemScope } from "@greentick/kernel";
import { someTenants, testDatabase } from "@greentick/testing";
import { readTierUpdate } from "../adapters/events/account-reports.js";
import { type Fact, type Sighting } from "../domain/fact.js";
import { regular, sighting } from "../fixtures/folding.js";
import { ratingBench, type RatingBench } from "../fixtures/rating-ports.js";
import { type WabaFacts } from "../ports.js";
import { changeAccount } from "./change-account.js";
import { rerate } from "./explain-charge.js";
import { noteTier } from "./note-tier.js";
import { rateSightings } from "./rate-sightings.js";
import { recheckDeliveries } from "./recheck-deliveries.js";
import { sweepTiers } from "./sweep-tiers.js";

const now = new Date("2026-11-20T12:00:00.000Z");
const scope = systemScope("price-facts");
const { casa, otra, provider } = someTenants;
const sample = readFileSync(join(__dirname, "../../../../test/webhook-samples/account-volume-tier.json"), "utf8");
/** Utility to Brazil, 250,001st message of November, reached on the 14th at 19:22:07 UTC. */
const news = readTierUpdate(
  JSON.stringify((JSON.parse(sample) as { entry: { changes: { value: unknown }[] }[] }).entry[0]?.changes[0]?.value),
);

describe("what is learnt after a delivery", () => {
  const store = testDatabase("late");
  let bench: RatingBench;
  beforeAll(async () => {
    bench = await ratingBench(store, {
      now,
      clients: [
        { tenantId: casa, wabaIds: [], openedAt: new Date("2026-10-01T00:00:00Z") },
        { tenantId: otra, wabaIds: [], openedAt: new Date("2026-10-01T00:00:00Z") },
      ],
    });
  });
  beforeEach(async () => {
    await bench.clear();
    for (const name of ["volume_tiers", "rechecks", "wabas"]) await bench.database.db.collection(name).deleteMany({});
    await link("11", casa);
    await link("12", casa);
    await link("13", casa, "another portfolio");
    await link("21", otra);
  });
  afterAll(() => bench.close());

  const link = (wabaId: string, tenantId: WabaFacts["tenantId"], businessId = "portfolio"): Promise<void> =>
    bench.ports.wabas.keep(systemScope("projection"), {
      wabaId,
      tenantId,
      ancestorIds: [provider],
      livemode: false,
      name: wabaId,
      currency: "USD",
      timeZone: "America/Bogota",
      businessId,
      since: new Date("2026-10-01T00:00:00Z"),
    });
  const utility = (messageKey: string, at: string, more: Partial<Sighting> = {}): Sighting =>
    sighting("delivered", at, {
      tenantId: casa,
      ancestorIds: [provider],
      messageKey,
      wabaId: "11",
      pricing: regular("utility"),
      ...more,
    });
  const rateAll = (...sightings: Sighting[]): Promise<void> => rateSightings(bench.ports)(sightings);
  const factOf = async (messageKey: string, tenantId = casa): Promise<Fact> => {
    const id = `${tenantId}/message/${messageKey}/-`;
    const fact = (await bench.ports.facts.load(scope, [id])).get(id);
    if (fact === undefined) throw new Error(`no fact of ${messageKey}`);
    return fact;
  };
  const sums = async (messageKey: string, tenantId = casa): Promise<readonly [bigint, bigint]> => {
    const { entries } = await factOf(messageKey, tenantId);
    const add = (side: "cost" | "charge"): bigint => entries.reduce((sum, one) => sum + one[side].amountMicros, 0n);
    return [add("cost"), add("charge")];
  };
  const tell = (wabaId = "11", tier = news): Promise<void> => noteTier(bench.ports)(bench.callIn(casa), wabaId, tier);
  /** As the job does, the second look a quarter of an hour later. */
  const recheck = async (): Promise<number> => {
    const first = await recheckDeliveries(bench.ports)();
    const later = new Date(bench.ports.systemNow().getTime() + 16 * 60_000);
    return first + (await recheckDeliveries({ ...bench.ports, systemNow: () => later })());
  };

  it("prices a delivery at the tier that Meta had told, and leaves the discount with the provider", async () => {
    await tell();
    await rateAll(utility("before", "2026-11-14T19:22:06Z"), utility("after", "2026-11-14T19:22:07Z"));
    expect([await sums("before"), await sums("after")]).toEqual([
      [6_800n, 6_800n],
      [6_500n, 6_800n],
    ]);
    const { service, reasons } = (await factOf("after")).entries[0] ?? {};
    expect(service?.basis).toMatchObject({ position: 250_001, positionSince: news.at });
    expect(reasons?.map(({ rule }) => rule)).toEqual([
      "regime.pmp_charged_window",
      "market.number",
      "category",
      "tier",
      "list",
      "card",
      "plan.volume_discount",
      "plan",
    ]);
  });

  it("corrects the cost of what was delivered since, when the news is late, for every account of the portfolio", async () => {
    await rateAll(
      utility("before", "2026-11-14T19:22:06Z"),
      utility("after", "2026-11-15T10:00:00Z"),
      utility("sibling", "2026-11-15T10:00:00Z", { wabaId: "12" }),
      utility("stranger", "2026-11-15T10:00:00Z", { wabaId: "13" }),
      utility("elsewhere", "2026-11-15T10:00:00Z", { recipient: { dialPrefix: "573005" } }),
      utility("marketing", "2026-11-15T10:00:00Z", { pricing: regular("marketing") }),
    );
    await tell();
    expect(await recheck()).toBe(2);
    expect(await recheck()).toBe(0);
    expect([await sums("before"), await sums("stranger"), await sums("elsewhere"), await sums("marketing")]).toEqual([
      [6_800n, 6_800n],
      [6_800n, 6_800n],
      [800n, 800n],
      [62_500n, 62_500n],
    ]);
    for (const key of ["after", "sibling"]) {
      expect(await sums(key)).toEqual([6_500n, 6_800n]);
      expect((await factOf(key)).entries.map(({ kind, units }) => [kind, units])).toEqual([
        ["usage", 1],
        ["correction", -1],
        ["correction", 1],
      ]);
    }
  });

  it("keeps the earliest time of a tier that is told twice, and never counts another client's news", async () => {
    await tell();
    await tell("12", { ...news, at: new Date("2026-11-14T12:00:00Z") });
    await tell("12", { ...news, at: new Date("2026-11-16T12:00:00Z") });
    await rateAll(
      utility("noon", "2026-11-14T12:00:00Z"),
      utility("other", "2026-11-15T12:00:00Z", { tenantId: otra, wabaId: "21" }),
    );
    expect([await sums("noon"), await sums("other", otra)]).toEqual([
      [6_500n, 6_800n],
      [6_800n, 6_800n],
    ]);
  });

  it("counts a tier for its own month in the account's zone only", async () => {
    await tell();
    await rateAll(utility("november", "2026-12-01T04:59:59Z"), utility("december", "2026-12-01T05:00:00Z"));
    expect([(await sums("november"))[0], (await sums("december"))[0]]).toEqual([6_500n, 6_800n]);
  });

  it("rates every corrected entry again to the same micros from what it names", async () => {
    await rateAll(utility("after", "2026-11-15T10:00:00Z"));
    await tell();
    await recheck();
    const plan = await bench.ports.plans.get(scope, `pln_${casa}`);
    for (const entry of (await factOf("after")).entries)
      expect(rerate(entry, bench.ports.tariffs(), plan)).toMatchObject({ matches: true });
  });

  it("finds a tier of which no webhook told in what Meta counts, and believes the webhook's moment once it comes", async () => {
    await rateAll(utility("at 10", "2026-11-20T10:00:00Z"), utility("at 10:40", "2026-11-20T10:40:00Z"));
    const slot = (time: string, tier: string) => ({
      start: new Date(`2026-11-20T${time}:00Z`),
      country: "BR",
      category: "UTILITY",
      tier,
    });
    const counted = [slot("10:00", "0:250000"), slot("10:00", "250001:2000000"), slot("10:30", "250001:2000000")];
    const tiers = (_: boolean, wabaId: string) => Promise.resolve(wabaId === "11" ? counted : []);
    const sweep = sweepTiers({ ...bench.ports, meta: { tiers } });
    expect([await sweep(), await sweep()]).toEqual([1, 0]);
    await recheck();
    expect([(await sums("at 10"))[0], (await sums("at 10:40"))[0]]).toEqual([6_800n, 6_500n]);
    await tell("11", { ...news, at: new Date("2026-11-20T10:45:00Z") });
    await recheck();
    expect((await sums("at 10:40"))[0]).toBe(6_800n);
    await tell("11", { ...news, at: new Date("2026-11-20T09:59:00Z") });
    await recheck();
    expect((await sums("at 10"))[0]).toBe(6_500n);
  });

  it("decides again after a death between the news and what follows from it", async () => {
    await rateAll(utility("after", "2026-11-15T10:00:00Z"));
    const dying = { ...bench.ports, tiers: { ...bench.ports.tiers, keep: () => Promise.reject(new Error("killed")) } };
    await expect(noteTier(dying)(bench.callIn(casa), "11", news)).rejects.toThrow("killed");
    await recheckDeliveries(bench.ports)();
    await tell();
    await recheck();
    expect(await sums("after")).toEqual([6_500n, 6_800n]);
  });

  it("waits for an account that is not known yet instead of losing the news", async () => {
    await expect(tell("99")).rejects.toMatchObject({ code: "NOT_FOUND", reason: "waba_unknown" });
  });

  it("finds a delivery that was being decided by the old knowledge while the news came", async () => {
    await tell();
    await recheckDeliveries(bench.ports)();
    // Decided before the news, written after the first look.
    const stale = { ...bench.ports, tiers: { ...bench.ports.tiers, find: () => Promise.resolve([]) } };
    await rateSightings(stale)([utility("after", "2026-11-15T10:00:00Z")]);
    expect(await sums("after")).toEqual([6_800n, 6_800n]);
    await recheck();
    expect(await sums("after")).toEqual([6_500n, 6_800n]);
  });

  it("decides deliveries again that were made after an account had moved to another zone or currency", async () => {
    const recipient = { dialPrefix: "521555" };
    const marketing = { pricing: regular("marketing"), recipient };
    await rateAll(
      utility("early", "2026-11-10T10:00:00Z", marketing),
      utility("zone", "2026-11-15T03:00:00Z", marketing),
      utility("currency", "2026-11-18T10:00:00Z", marketing),
    );
    const call = bench.callIn(casa);
    await changeAccount(bench.ports)(call, "11", { since: new Date("2026-11-17T00:00:00Z"), currency: "COP" });
    await changeAccount(bench.ports)(call, "11", { since: new Date("2026-11-14T00:00:00Z"), timeZone: "Asia/Kolkata" });
    await recheck();
    const dayOf = async (key: string): Promise<string | undefined> =>
      (await factOf(key)).entries.at(-1)?.service?.localDate;
    expect([await dayOf("early"), await dayOf("zone")]).toEqual(["2026-11-10", "2026-11-15"]);
    expect((await factOf("zone")).entries).toHaveLength(3);
    // Its client is billed in dollars: what was booked in the old currency waits in sight.
    expect(await factOf("currency")).toMatchObject({ unrated: "currency_differs" });
    const [waba] = [...(await bench.ports.wabas.find(scope, ["11"])).values()];
    expect(waba).toMatchObject({ currency: "COP", timeZone: "Asia/Kolkata" });
  });
});

describe("Meta's news of a tier", () => {
  it("reads month, market, series, bounds and time", () => {
    expect(news).toEqual({
      month: "2026-11",
      market: "Brazil",
      series: "utility",
      from: 250_001,
      to: 2_000_000,
      at: new Date(1_794_684_127_000),
    });
  });
  it.each(["", "{}", '{"volume_tier_info":{"tier":"1:2"}}', sample.replace("UTILITY", "MARKETING")])(
    "refuses what it cannot read, so that it is kept and shown: %#",
    (text) => {
      expect(() => readTierUpdate(text)).toThrow(
        expect.objectContaining({ reason: "tier_update_unreadable" }) as Error,
      );
    },
  );
});
