import { type TenantId } from "@greentick/kernel";
import { account, around, at, delivered, factOf, inPesos, rateOf, readAs } from "../fixtures/deciding.js";
import { regular, sighting } from "../fixtures/folding.js";
import { decide } from "./decide.js";
import { type Fact, type Sighting, standingEntry } from "./fact.js";
import { type TierNews } from "./tier.js";

describe("the volume tier of a message", () => {
  const tier = (more: Partial<TierNews> = {}): TierNews => ({
    ...{ month: "2026-10", market: "India", series: "utility", from: 25_000_001, at: new Date("2026-10-02T09:00:00Z") },
    ...more,
  });
  const toIndia = (category: string, more: Partial<Sighting> = {}): Fact =>
    factOf(delivered(category, { recipient: { dialPrefix: "919876" }, ...more }));
  const positionOf = (fact: Fact, tiers: readonly TierNews[]): unknown =>
    standingEntry(decide(fact, around({ tiers })))?.service?.basis.position;

  it("is kept with the entry: from which position on, and since when, at which rate, and why", () => {
    const entry = standingEntry(decide(toIndia("utility"), around({ tiers: [tier()] })));
    expect(entry?.service).toMatchObject({
      basis: { position: 25_000_001, positionSince: tier().at },
      tier: { cardName: "usd-2026-10-01-tiers", rateMicros: 1_300n },
      costReasons: [{ rule: "tier" }, { rule: "tier.card" }, { rule: "plan.volume_discount" }],
    });
    expect([entry?.cost.amountMicros, entry?.charge.amountMicros]).toEqual([1_300n, 1_400n]);
  });
  it("is asked of regular messages on the card alone: what is free or unknown has none", () => {
    expect(positionOf(toIndia("utility"), [tier()])).toBe(25_000_001);
    const freeOne = toIndia("utility", {
      pricing: { model: "PMP", type: "free_customer_service", category: "utility" },
    });
    expect([positionOf(freeOne, [tier()]), positionOf(toIndia("marketing"), [tier()]), positionOf(toIndia("utility"), [])]).toEqual([undefined, undefined, undefined]); // prettier-ignore
  });
  it("is none, and the reason why there is no price is shown, for a recipient of no known market", () => {
    expect(decide(toIndia("utility", { recipient: {} }), around({ tiers: [tier()] })).unrated).toBe(
      "recipient_unknown",
    );
  });
  it("corrects what was booked before the news of it came", () => {
    const fact = decide(toIndia("utility"), around());
    const next = decide(fact, around({ tiers: [tier()] }));
    expect(next.entries.map(({ cost }) => cost.amountMicros)).toEqual([1_400n, -1_400n, 1_300n]);
  });
});

describe("the exchange rate of an entry", () => {
  const [own, above] = ["ten_1" as TenantId, "ten_0" as TenantId];
  const fact: Fact = { ...factOf(delivered()), ancestorIds: [above] };
  const used = (one: Fact): unknown => standingEntry(one)?.service?.basis.exchange?.rate;

  it("is the client's own, or that of those above it", () => {
    expect(used(decide(fact, inPesos([rateOf("2", { tenantId: above }), rateOf("3", { tenantId: own })])))).toBe("3");
    expect(used(decide(fact, inPesos([rateOf("2", { tenantId: above })])))).toBe("2");
  });
  it("stays with what is booked, when it is booked anew on the same day under the same plan", () => {
    const booked = decide(fact, inPesos([rateOf("2")]));
    const again: Fact = readAs(booked, "utility");
    const now = [rateOf("2"), rateOf("3", { number: 2 })];
    expect(used(decide(again, inPesos(now)))).toBe("2");
    expect(used(decide(again, inPesos(now, { id: "pln_2" })))).toBe("3");
    expect(used(decide(again, { ...inPesos(now), account: account("2026-10-01") }))).toBe("3");
  });
  it("is none where account and plan are in one currency", () => {
    const same = { ...inPesos([rateOf("2", { from: "COP" })]), account: account("2026-10-02", "COP") };
    const booked = decide(fact, same);
    expect(standingEntry(booked)?.service?.basis).not.toHaveProperty("exchange");
    expect(used(decide(readAs(booked, "utility"), inPesos([rateOf("3")])))).toBe("3");
  });
});

describe("what an entry keeps of the delivery", () => {
  it("is all that the statuses said, and nothing that they did not", () => {
    const webhook = { sha256: "proof", index: 1 };
    const bare = standingEntry(decide(factOf(delivered("marketing", { webhook })), around()))?.service;
    expect(bare).toStrictEqual({
      ...{ wabaId: "1", deliveredAt: new Date(at), localDate: "2026-10-02", utcDay: "2026-10-02", market: "Brazil" },
      ...{ category: "marketing", pricingCategory: "marketing", pricingType: "regular" },
      basis: {
        ...{ currency: "USD", localDate: "2026-10-02", recipient: { dialPrefix: "551195" }, group: false },
        pricing: regular("marketing"),
      },
      rate: bare?.rate,
      ...{ planId: "pln_1", planNumber: 1, receivedAt: new Date(at), late: false, webhook },
    });
    expect(bare?.rate).toMatchObject({ cardName: "usd-2026-10-01", rateMicros: 62_500n });
    const named = { phoneNumberId: "p1", reservationId: "rsv_1" };
    expect(standingEntry(decide(factOf(delivered("marketing", named)), around()))?.service).toMatchObject(named);
  });
  it("names the webhook of the pricing where another one proved the delivery, be it of the same body", () => {
    const [same, other] = [
      { sha256: "a", index: 1 },
      { sha256: "b", index: 0 },
    ];
    const kept = (pricing: Sighting["webhook"]): unknown => {
      const sent = sighting("sent", at, { webhook: pricing, pricing: regular("marketing") });
      const fact = factOf(sent, sighting("delivered", at, { webhook: { sha256: "a", index: 0 } }));
      return standingEntry(decide(fact, around()))?.service?.pricingWebhook;
    };
    expect([kept(same), kept(other)]).toEqual([same, other]);
  });
  it("is when both proof and pricing had been heard of, and whether that was late", () => {
    const receivedAt = new Date("2026-10-03T10:00:01Z");
    const fact = factOf(sighting("delivered", at), sighting("sent", at, { pricing: regular("marketing"), receivedAt }));
    expect(standingEntry(decide(fact, around()))?.service).toMatchObject({ receivedAt, late: true });
  });
  it("has no type where Meta gave none", () => {
    const fact: Fact = {
      ...factOf(sighting("delivered", "2025-01-20T13:00:00Z", { pricing: { model: "CBP", category: "utility" } })),
      kind: "conversation",
    };
    const entry = standingEntry(decide(fact, around({ account: account("2025-01-20") })));
    expect(entry?.charge.amountMicros).toBe(8_000n);
    expect(entry?.service).not.toHaveProperty("pricingType");
  });
});
