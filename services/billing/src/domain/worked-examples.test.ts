import { factAfter, regular, type Setting, sighting } from "../fixtures/folding.js";
import { type Fact, type Sighting, standingEntry } from "./fact.js";
import { type Pricing } from "./rate.js";
import { type TierNews } from "./tier.js";

/*
 * Meta's rules by example: what happened, and what Meta asks for it (Meta: pricing, conversation-based pricing, volume tiers). Amounts in micros of
 * the account's currency; the account is in USD and Bogotá.
 */

const brazil = { dialPrefix: "551195" };
const india = { dialPrefix: "919876" };
const mexico = { dialPrefix: "521555" };
const colombia = { dialPrefix: "573005" };
const zimbabwe = { dialPrefix: "263771" };
const free = (category: string, type = "free_customer_service"): Pricing => ({ model: "PMP", type, category });

const delivered = (at: string, recipient: Sighting["recipient"], pricing: Pricing): Sighting =>
  sighting("delivered", at, { recipient, pricing });
const cost = (fact: Fact): bigint => fact.entries.reduce((sum, entry) => sum + entry.cost.amountMicros, 0n);
const costOf = (one: Sighting, setting: Setting = {}): bigint => {
  const fact = factAfter([one], setting);
  if (fact.unrated !== undefined) throw new Error(fact.unrated);
  return cost(fact);
};
const reached = (market: string, series: TierNews["series"], from: number): TierNews => ({
  month: "2026-10",
  market,
  series,
  from,
  at: new Date("2026-10-02T00:00:00Z"),
});

describe("Meta's worked examples", () => {
  it("1: marketing to Brazil in August 2026", () => {
    expect(costOf(delivered("2026-08-10T15:00:00Z", brazil, regular("marketing")))).toBe(62_500n);
  });
  it("2: utility to Brazil inside a window in August 2026 is free", () => {
    expect(costOf(delivered("2026-08-10T15:00:00Z", brazil, free("utility")))).toBe(0n);
  });
  it("3: the same in October 2026 is charged", () => {
    expect(costOf(delivered("2026-10-05T15:00:00Z", brazil, regular("utility")))).toBe(6_800n);
  });
  it("4: the 1,000th and the 1,001st service message of a number in October, to Colombia", () => {
    const at = "2026-10-05T15:00:00Z";
    expect([
      costOf(delivered(at, colombia, free("service"))),
      costOf(delivered(at, colombia, regular("service"))),
    ]).toEqual([0n, 800n]);
  });
  it("5: October begins at 00:00 in the account's zone", () => {
    const dayOf = (at: string): string | undefined =>
      standingEntry(factAfter([delivered(at, mexico, regular("marketing"))]))?.service?.localDate;
    expect([dayOf("2026-10-01T04:30:00Z"), dayOf("2026-10-01T05:30:00Z")]).toEqual(["2026-09-30", "2026-10-01"]);
    expect([
      costOf(delivered("2026-10-01T04:30:00Z", mexico, regular("marketing"))),
      costOf(delivered("2026-10-01T05:30:00Z", mexico, regular("marketing"))),
    ]).toEqual([30_500n, 39_700n]);
  });
  it("6: utility to India, the portfolio's message 25,000,000 and 25,000,001", () => {
    const one = delivered("2026-10-05T15:00:00Z", india, regular("utility"));
    expect([costOf(one), costOf(one, { tiers: [reached("INDIA", "utility", 25_000_001)] })]).toEqual([1_400n, 1_300n]);
  });
  it("7: international authentication to India, message 750,001", () => {
    const one = delivered("2026-10-05T15:00:00Z", india, regular("authentication-international"));
    expect(costOf(one, { tiers: [reached("India", "authentication", 750_001)] })).toBe(28_600n);
  });
  it("8: sent in September and delivered in October is October's", () => {
    const sent = sighting("sent", "2026-09-30T20:00:00Z", { recipient: mexico, pricing: regular("marketing") });
    expect(cost(factAfter([sent, delivered("2026-10-01T20:00:00Z", mexico, regular("marketing"))]))).toBe(39_700n);
    expect(costOf(delivered("2026-09-30T20:00:00Z", mexico, regular("marketing")))).toBe(30_500n);
  });
  it("9: Zimbabwe moves from Other to Rest of Africa", () => {
    expect([
      costOf(delivered("2025-09-30T15:00:00Z", zimbabwe, regular("marketing"))),
      costOf(delivered("2025-10-01T15:00:00Z", zimbabwe, regular("marketing"))),
    ]).toEqual([60_400n, 22_500n]);
  });
  it("10: marketing that failed costs nothing", () => {
    expect(factAfter([sighting("failed", "2026-10-05T15:00:00Z")])).toMatchObject({ failed: true, entries: [] });
  });
  it("11: announced with its price, then read without a delivered: one charge", () => {
    const sent = sighting("sent", "2026-10-05T15:00:00Z", { pricing: regular("marketing") });
    const fact = factAfter([sent, sighting("read", "2026-10-05T16:00:00Z")]);
    expect(fact.entries).toMatchObject([{ cost: { amountMicros: 62_500n } }]);
  });
  it("12: three utility templates of one conversation in January 2025 are charged once", () => {
    const part = (messageKey: string, hour: number): Sighting => ({
      ...delivered(`2025-01-20T${hour}:00:00Z`, brazil, { model: "CBP", category: "utility" }),
      messageKey,
      conversationKey: "c1",
    });
    expect(cost(factAfter([part("m1", 13), part("m2", 17), part("m3", 22)]))).toBe(8_000n);
  });
  it("13: marketing thirty hours into a free entry point is free", () => {
    expect(costOf(delivered("2026-10-06T21:00:00Z", colombia, free("marketing", "free_entry_point")))).toBe(0n);
  });
  it("14: marketing, service above the free tier, and utility inside a window, to Brazil in October", () => {
    const at = "2026-10-05T15:00:00Z";
    const costs = ["marketing", "service", "utility"].map((category) =>
      costOf(delivered(at, brazil, regular(category))),
    );
    expect(costs).toEqual([62_500n, 6_800n, 6_800n]);
  });
  it("15: two million utility messages to Brazil in October: the tiers are marginal", () => {
    const one = delivered("2026-10-05T15:00:00Z", brazil, regular("utility"));
    const next = costOf(one, { tiers: [reached("Brazil", "utility", 250_001)] });
    expect([costOf(one), next]).toEqual([6_800n, 6_500n]);
    expect(250_000n * costOf(one) + 1_750_000n * next).toBe(13_075_000_000n);
  });
});
