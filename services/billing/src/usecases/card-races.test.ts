import { type Call, systemScope } from "@greentick/kernel";
import { someTenants, testDatabase } from "@greentick/testing";
import { type Fact } from "../domain/fact.js";
import { resolvedByCards } from "../domain/rate.js";
import { type RateCardImport } from "../domain/rate-card-import.js";
import { ratingBench, type RatingBench } from "../fixtures/rating-ports.js";
import { aRateCard } from "../fixtures/rate-cards.js";
import { type BillingPorts } from "../service.js";
import { rateSightings } from "./rate-sightings.js";
import { rateWaiting } from "./rate-waiting.js";
import { releaseRateCard, withdrawRateCard } from "./release-rate-card.js";

const now = new Date("2027-01-05T12:00:00.000Z");
const scope = systemScope("price-facts");

describe("a rate card that is released while others work", () => {
  const store = testDatabase("cardraces");
  let bench: RatingBench;
  beforeAll(async () => {
    bench = await ratingBench(store, { now, clients: [{ tenantId: someTenants.casa, wabaIds: ["318274650192837"] }] });
  });
  beforeEach(async () => {
    await bench.clear();
    await bench.database.db.collection("rate_card_imports").deleteMany({});
  });
  afterAll(() => bench.close());

  const releaser = (): Call => {
    const call = bench.callIn(someTenants.provider);
    return {
      ...call,
      ancestorIds: [],
      staff: true,
      permissions: new Set(["billing:write"]),
      now: () => now,
      actor: { kind: "staff", id: "per_releaser" },
    };
  };
  /** A draft with the price that the shipped card lacks: international authentication to Brazil. */
  const drafted = async (
    ports: BillingPorts,
    id: string,
    days: { effectiveFrom: string; effectiveTo?: string },
  ): Promise<RateCardImport> => {
    const rates = [
      { market: "Brazil", category: "authentication_international", tierFrom: 0, rateMicros: 40_000n },
    ] as const;
    return ports.imports.insert(releaser(), aRateCard({ id, status: "rehearsed", rates, ...days }), []);
  };
  const acceptWarnings = ["gap", "unusual_first_day", "short_notice", "days_booked", "grouping_without_rate"];
  const releasing = (ports: BillingPorts, rateCardId: string, supersedes = [shipped(ports)]): Promise<RateCardImport> =>
    releaseRateCard(ports)(releaser(), { rateCardId, supersedes, acceptWarnings });
  const shipped = (ports: BillingPorts): string =>
    ports.published.cards.find(({ name }) => name === "usd-2026-10-01")?.id ?? "";
  /** What the event of the release wakes, in the process that has it. */
  const told = async (ports: BillingPorts): Promise<void> => {
    await ports.refreshTariffs();
    await rateWaiting(ports)({ scope, reasons: resolvedByCards });
  };
  const delivery = {
    tenantId: someTenants.casa,
    ancestorIds: [someTenants.provider],
    livemode: false,
    messageKey: "m",
    wabaId: "318274650192837",
    status: "delivered",
    at: now,
    receivedAt: now,
    recipient: { dialPrefix: "551195" },
    group: false,
    pricing: { model: "PMP", type: "regular", category: "authentication-international" },
    webhook: { sha256: "m".padEnd(64, "0"), index: 0 },
  } as const;
  const theFact = async (): Promise<Fact | undefined> => {
    const id = `${someTenants.casa}/message/m/-`;
    return (await bench.another().facts.load(scope, [id])).get(id);
  };

  it("rates a delivery that another process, which has not heard of the card, writes right after what waited was rated", async () => {
    const [one, other] = [bench.another(), bench.another()];
    await drafted(one, "crd_a", { effectiveFrom: "2027-01-01" });
    let done = false;
    const facts: typeof other.facts = {
      ...other.facts,
      save: async (...some) => {
        if (!done) {
          done = true;
          await releasing(one, "crd_a");
          await told(one);
        }
        return other.facts.save(...some);
      },
    };
    await rateSightings({ ...other, facts })([delivery]);
    const fact = await theFact();
    expect(fact).toMatchObject({
      entries: [{ charge: { amountMicros: 40_000n }, service: { rate: { cardId: "crd_a" } } }],
    });
    expect(fact).not.toHaveProperty("unrated");
  });

  it("rates a delivery that was written before the release, from the release's own event", async () => {
    const [one, other] = [bench.another(), bench.another()];
    await rateSightings(other)([delivery]);
    expect(await theFact()).toMatchObject({ unrated: "no_rate_in_card", entries: [] });
    await drafted(one, "crd_b", { effectiveFrom: "2027-01-01" });
    await releasing(one, "crd_b");
    await told(other);
    expect(await theFact()).toMatchObject({ entries: [{ charge: { amountMicros: 40_000n } }] });
  });

  it("is taken in by every process once, when it looks", async () => {
    const [one, other] = [bench.another(), bench.another()];
    const before = other.tariffs();
    expect(await other.refreshTariffs()).toBe(false);
    expect(other.tariffs()).toBe(before);
    await drafted(one, "crd_c", { effectiveFrom: "2027-01-01" });
    expect(await other.refreshTariffs()).toBe(false);
    await releasing(one, "crd_c");
    expect([await other.refreshTariffs(), await other.refreshTariffs()]).toEqual([true, false]);
    expect(other.tariffs()).not.toBe(before);
  });

  it("is refused when another one of its days is released in the same instant", async () => {
    const [one, other] = [bench.another(), bench.another()];
    await drafted(one, "crd_d", { effectiveFrom: "2027-01-01" });
    await drafted(one, "crd_e", { effectiveFrom: "2027-01-03" });
    const imports: typeof one.imports = {
      ...one.imports,
      save: async (...some) => {
        await releasing(other, "crd_e");
        return one.imports.save(...some);
      },
    };
    await expect(releasing({ ...one, imports }, "crd_d")).rejects.toMatchObject({
      code: "CONFLICT",
      reason: "rate_card_raced",
    });
    expect((await one.imports.get(scope, "crd_d")).status).toBe("rehearsed");
    await expect(releasing(one, "crd_d")).rejects.toMatchObject({ reason: "rate_card_faulty" });
  });

  it("leaves one of two released and the other one open, however often they meet", async () => {
    const ports = bench.another();
    const ids = ["crd_f", "crd_g", "crd_h", "crd_i"];
    for (const id of ids) await drafted(ports, id, { effectiveFrom: "2027-01-01" });
    const outcomes = await Promise.allSettled(ids.map((id) => releasing(bench.another(), id)));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await ports.imports.countReleased()).toBe(1);
  });

  it("is not released when it is withdrawn in the same instant, and the other way round", async () => {
    const [one, other] = [bench.another(), bench.another()];
    await drafted(one, "crd_j", { effectiveFrom: "2027-01-01" });
    const imports: typeof one.imports = {
      ...one.imports,
      save: async (...some) => {
        await withdrawRateCard(other)(releaser(), { rateCardId: "crd_j" });
        return one.imports.save(...some);
      },
    };
    await expect(releasing({ ...one, imports }, "crd_j")).rejects.toMatchObject({ reason: "version_conflict" });
    expect((await one.imports.get(scope, "crd_j")).status).toBe("withdrawn");
  });
});
