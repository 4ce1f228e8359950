import { type LocalDate } from "@greentick/kernel";
import { findRate, placedIn, type RateCard, rateIndex, type RateRow, regimeOn } from "./rate-card.js";

const day = (text: string): LocalDate => text as LocalDate;
const row = (more: Partial<RateRow> = {}): RateRow => ({
  ...{ market: "Brazil", category: "utility", tierFrom: 0, rateMicros: 6_800n, line: 7 },
  ...more,
});
const card = (name: string, from: string, more: Partial<RateCard> = {}): RateCard => ({
  ...{ id: `crd_${name}`, sha256: "", name, kind: "list", currency: "USD", regime: "PMP_CHARGED_WINDOW" },
  ...{ effectiveFrom: day(from), rows: [row()] },
  ...more,
});
const until = (to: string): Partial<RateCard> => ({ effectiveTo: day(to) });

describe("the regime", () => {
  it("is conversations to the end of June 2025, then messages, then charged windows from October 2026", () => {
    const days = ["2025-06-30", "2025-07-01", "2026-09-30", "2026-10-01"];
    expect(days.map((one) => regimeOn(day(one)))).toEqual(["CBP", "PMP_FREE_WINDOW", "PMP_FREE_WINDOW", "PMP_CHARGED_WINDOW"]); // prettier-ignore
  });
});

describe("a rate that was found", () => {
  const says = (more: Partial<RateRow>): string => placedIn(card("a", "2026-10-01"), row(more)).found.reason.says;
  it("says card, line, tier, amount and currency", () => {
    const { found } = placedIn(card("a", "2026-10-01"), row());
    expect(found.reason).toEqual({ rule: "card", says: "Card a, line 7, list rate: 6800 micros of USD." });
    expect(found.ref).toEqual({ cardId: "crd_a", cardName: "a", line: 7, rateMicros: 6_800n });
    expect(found.price).toEqual({ currency: "USD", amountMicros: 6_800n });
  });
  it("is called the list rate from the first message on without an end, and else by its messages", () => {
    expect(
      [says({ tierFrom: 1 }), says({ tierFrom: 2 }), says({ tierTo: 5 })].map((one) => one.split(", ")[2]),
    ).toEqual([
      "list rate: 6800 micros of USD.",
      "messages 2 to open: 6800 micros of USD.",
      "messages 0 to 5: 6800 micros of USD.",
    ]);
  });
});

describe("cards together", () => {
  const refused = (...cards: readonly RateCard[]): boolean => {
    try {
      rateIndex(cards);
      return false;
    } catch {
      return true;
    }
  };
  it("are refused when two answer for one day, whichever comes first, and not when one ends before the other", () => {
    const october = card("o", "2026-10-01", until("2026-10-31"));
    const both = (other: RateCard): boolean[] => [refused(october, other), refused(other, october)];
    expect(both(card("n", "2026-10-31"))).toEqual([true, true]);
    expect(both(card("n", "2026-11-01"))).toEqual([false, false]);
    expect(both(card("s", "2026-09-01", until("2026-10-01")))).toEqual([true, true]);
    expect(both(card("s", "2026-09-01", until("2026-09-30")))).toEqual([false, false]);
  });
  it("may be of another kind, currency, market or category, or hold other tiers", () => {
    const a = card("a", "2026-10-01");
    const tiers = (tierFrom: number, tierTo?: number): RateCard =>
      card(`t${tierFrom}`, "2026-10-01", { kind: "tiers", rows: [row({ tierFrom, ...(tierTo !== undefined && { tierTo }) })] }); // prettier-ignore
    expect(refused(a, { ...a, kind: "tiers" })).toBe(false);
    expect(refused(a, { ...a, currency: "EUR" })).toBe(false);
    expect(refused(a, { ...a, rows: [row({ market: "India" }), row({ category: "marketing" })] })).toBe(false);
    expect([refused(tiers(1, 5), tiers(6)), refused(tiers(6), tiers(1, 5))]).toEqual([false, false]);
    expect([refused(tiers(1, 6), tiers(6)), refused(tiers(6), tiers(1, 6))]).toEqual([true, true]);
  });
  it("are refused with the names and lines of both", () => {
    const b = card("b", "2026-10-02", { rows: [row({ line: 9 })] });
    expect(() => rateIndex([card("a", "2026-10-01"), b])).toThrow(
      "The rate cards a and b both price USD|Brazil|utility from 2026-10-02: their rows 7 and 9 overlap.",
    );
  });
  it("are looked through from the latest on", () => {
    const cards = [card("b", "2026-08-01", until("2026-08-31")), card("c", "2026-09-01", until("2026-09-30"))];
    const all = [...cards, card("a", "2026-07-01", until("2026-07-31"))];
    const order = (some: readonly RateCard[]): unknown => [...rateIndex(some).rows.values()].map((found) => found.map((one) => one.card.name)); // prettier-ignore
    expect([order(all), order(all.toReversed())]).toEqual([[["c", "b", "a"]], [["c", "b", "a"]]]);
  });
});

describe("the rate of a cell", () => {
  const tiered = card("tiers", "2026-10-01", {
    kind: "tiers",
    rows: [
      row({ tierFrom: 6, tierTo: 9, rateMicros: 5_000n }),
      row({ tierTo: 5 }),
      row({ tierFrom: 10, rateMicros: 4_000n }),
    ],
  });
  const service = [row({ category: "service", tierTo: 9, rateMicros: 0n }), row({ category: "service", tierFrom: 10 })];
  const index = rateIndex([card("list", "2026-10-01", { ...until("2026-12-31"), rows: [row(), ...service] }), tiered]);
  const found = (more: object = {}): unknown => {
    const rate = findRate(index, { currency: "USD", date: day("2026-10-01"), market: "Brazil", category: "utility", ...more }); // prettier-ignore
    return typeof rate === "string" ? rate : `${rate.cardName} ${rate.rateMicros}`;
  };
  it("is that of the list without a position: of service the row above the free tier", () => {
    expect([found(), found({ category: "service" })]).toEqual(["list 6800", "list 6800"]);
  });
  it("is that of the tier which holds the position, and of the list where no tier card has the cell", () => {
    const tiers = [5, 6, 9, 10].map((position) => found({ position }));
    expect(tiers).toEqual(["tiers 6800", "tiers 5000", "tiers 5000", "tiers 4000"]);
    const free = [9, 10].map((position) => found({ category: "service", position }));
    expect(free).toEqual(["list 0", "list 6800"]);
  });
  it("is missing for a reason: no list card of that day and currency, or no row in it", () => {
    expect(found({ date: day("2026-09-30") })).toBe("no_card_in_force");
    expect(found({ date: day("2027-01-01") })).toBe("no_card_in_force");
    expect(found({ currency: "EUR" })).toBe("no_card_in_force");
    expect(found({ market: "India" })).toBe("no_rate_in_card");
  });
});
