import { type LocalDate, money } from "@greentick/kernel";
import { plan } from "../fixtures/deciding.js";
import { publishedTariffs, regular } from "../fixtures/folding.js";
import { marketIndex } from "./markets.js";
import { type PricePlan } from "./price-plan.js";
import { type Charge, type NotRatable, type Pricing, rate, type RatingBasis } from "./rate.js";
import { rateIndex } from "./rate-card.js";

const basis = (date: string, pricing: Pricing, more: Partial<RatingBasis> = {}): RatingBasis => ({
  ...{ currency: "USD", localDate: date as LocalDate, recipient: { dialPrefix: "551195" }, group: false, pricing },
  ...more,
});
const rated = (given: RatingBasis, under: PricePlan = plan()): Charge | NotRatable =>
  rate(given, publishedTariffs, under);
const charged = (given: RatingBasis, under?: PricePlan): Charge => {
  const outcome = rated(given, under);
  if (outcome.kind !== "charge") throw new Error(outcome.reason);
  return outcome;
};
const reasonOf = (given: RatingBasis): string => {
  const outcome = rated(given);
  return outcome.kind === "charge" ? `${outcome.cost.amountMicros}` : outcome.reason;
};
const rules = ({ reasons }: Charge): readonly string[] => reasons.map(({ rule }) => rule);
const conversation = (category: string): Pricing => ({ model: "CBP", category });
const october = "2026-10-05";

describe("why nothing is charged", () => {
  it.each<[string, string, string, Pricing]>([
    ["category.free", "referral_conversion is never charged.", october, { model: "PMP", type: "free_entry_point", category: "referral_conversion" }],
    ["subtype.exempt", "The organisation is exempt from service charges.", october, { ...regular("service"), subtype: "PAID_EXEMPT" }],
    ["type.free", "Meta decided free_customer_service: not charged.", october, { model: "PMP", type: "free_customer_service", category: "service" }],
    ["cbp.tail", "Part of a conversation paid before 2025-07-01.", "2025-07-01", conversation("utility")],
  ])("is told by the rule %s", (rule, says, date, pricing) => {
    const outcome = charged(basis(date, pricing));
    expect([outcome.free, outcome.cost, outcome.list]).toEqual([true, money("USD", 0n), money("USD", 0n)]);
    expect(rules(outcome)).toEqual([expect.stringMatching(/^regime\./), "market.number", rule, "plan"]);
    expect(outcome.reasons[2]?.says).toBe(says);
    expect(outcome.costReasons).toEqual([]);
  }); // prettier-ignore
  it("stays true where the recipient's market is not known: it is shown as Other", () => {
    const free: Pricing = { model: "PMP", type: "free_customer_service", category: "utility" };
    const outcome = charged(basis(october, free, { recipient: {} }));
    expect([outcome.market, outcome.category, rules(outcome)]).toEqual(["Other", "utility", ["regime.pmp_charged_window", "type.free", "plan"]]); // prettier-ignore
  });
  it("is shown under service where Meta's word names no category of the card", () => {
    const entry = basis(october, { model: "PMP", type: "free_entry_point", category: "referral_conversion" });
    expect(charged(entry).category).toBe("service");
  });
  it("is not that Meta said exempt of something else", () => {
    expect(charged(basis(october, { ...regular("service"), subtype: "paid" })).free).toBe(false);
  });
});

describe("the end of conversations", () => {
  it.each([
    ["utility", "2025-07-01", "0"],
    ["utility", "2025-07-02", "0"],
    ["utility", "2025-07-03", "model_mismatch"],
    ["referral_conversion", "2025-07-04", "0"],
    ["referral_conversion", "2025-07-05", "model_mismatch"],
  ])("lets those of %s be named on %s: %s", (category, date, expected) => {
    expect(reasonOf(basis(date, conversation(category)))).toBe(expected);
  });
  it("is the beginning of messages", () => {
    expect(reasonOf(basis("2025-06-30", regular("utility")))).toBe("model_mismatch");
    expect(rated(basis("2025-07-01", regular("utility")))).toMatchObject({ kind: "charge", free: false });
  });
  it("left types where there were none: a conversation needs none, and may have one; a message needs one", () => {
    const january = (type?: string): string =>
      reasonOf(basis("2025-01-20", { ...conversation("utility"), ...(type !== undefined && { type }) }));
    expect([january(), january("regular"), january("free_entry_point"), january("half_price")]).toEqual(["8000", "8000", "0", "unknown_type"]); // prettier-ignore
    expect(reasonOf(basis(october, { model: "PMP", category: "utility" }))).toBe("unknown_type");
  });
  it("is told by the rules of each delivery's day", () => {
    const regimes = [
      basis("2025-01-20", conversation("utility")),
      basis("2025-07-01", regular("utility")),
      basis("2026-09-30", regular("utility")),
      basis("2026-10-01", regular("utility")),
    ].map((one) => charged(one).reasons[0]);
    expect(regimes).toEqual([
      { rule: "regime.cbp", says: "Delivered on 2025-01-20 in the account's zone." },
      { rule: "regime.pmp_free_window", says: "Delivered on 2025-07-01 in the account's zone." },
      { rule: "regime.pmp_free_window", says: "Delivered on 2026-09-30 in the account's zone." },
      { rule: "regime.pmp_charged_window", says: "Delivered on 2026-10-01 in the account's zone." },
    ]);
  });
});

describe("a price that Meta states with the message", () => {
  const stated = (amount: string, more: Partial<Pricing> = {}): RatingBasis =>
    basis(october, { ...regular("marketing_lite"), cost: { amount, currency: "USD" }, ...more });

  it("is cost and list price in one, and is told instead of a card", () => {
    const outcome = charged(stated("0.0284"));
    expect(outcome).toMatchObject({
      free: false,
      cost: money("USD", 28_400n),
      list: money("USD", 28_400n),
      costReasons: [],
    });
    expect(outcome).toMatchObject({ market: "Brazil", category: "marketing", charge: money("USD", 28_400n) });
    expect(rules(outcome)).toEqual(["regime.pmp_charged_window", "market.number", "category", "cost.stated", "plan"]);
    expect(outcome.reasons[3]?.says).toBe("Meta stated 0.0284 USD for this message: 28400 micros.");
    expect(["rate" in outcome, "tier" in outcome]).toEqual([false, false]);
  });
  it("of zero is free", () => {
    expect(charged(stated("0.00")).free).toBe(true);
  });
  it("is read up to a thousand million units and thirty places, and never guessed beyond", () => {
    expect([reasonOf(stated("999999999")), reasonOf(stated(`1.${"0".repeat(30)}`))]).toEqual([
      "999999999000000",
      "1000000",
    ]);
    const unreadable = ["1000000000", `1.${"0".repeat(31)}`, "-1", "1.", "a1", "1a", ""];
    expect(unreadable.map((amount) => reasonOf(stated(amount)))).toEqual(unreadable.map(() => "cost_unreadable"));
  });
});

describe("a price by the card", () => {
  it("says everything that it is made of, and nothing of volume tiers where none was reached", () => {
    const outcome = charged(basis(october, regular("utility")));
    const ref = {
      cardId: outcome.rate?.cardId,
      cardName: "usd-2026-10-01",
      line: outcome.rate?.line,
      rateMicros: 6_800n,
    };
    const amount = money("USD", 6_800n);
    expect(outcome).toEqual({
      ...{ kind: "charge", free: false, market: "Brazil", category: "utility", rate: ref, costReasons: [] },
      ...{ cost: amount, list: amount, charge: amount, reasons: outcome.reasons },
    });
    expect(Object.keys(outcome)).not.toContain("tier");
    expect(outcome.reasons.slice(2)).toEqual([
      { rule: "category", says: "Meta priced it as utility, regular: the utility rate." },
      { rule: "card", says: `Card usd-2026-10-01, line ${ref.line}, list rate: 6800 micros of USD.` },
      { rule: "plan", says: "Plan 1, in force from 2024-01-01: pass-through; 6800 × 1 = 6800 micros." },
    ]);
  });
  it("names no type where Meta gave none", () => {
    expect(charged(basis("2025-01-20", conversation("utility"))).reasons[2]?.says).toBe("Meta priced it as utility: the utility rate."); // prettier-ignore
  });
  it("is free where the card says zero", () => {
    expect(charged(basis("2025-07-01", regular("service"))).free).toBe(true);
  });
  it("is none for messages to groups, however they are called", () => {
    expect([reasonOf(basis(october, regular("marketing"), { group: true })), reasonOf(basis(october, regular("group_marketing")))]).toEqual(["group_without_card", "group_without_card"]); // prettier-ignore
  });
  it("tells a recipient of whom nothing is known from a day of which no grouping is known", () => {
    const none = { rates: rateIndex([]), markets: marketIndex([]) };
    const reasonAt = (recipient: RatingBasis["recipient"]): unknown =>
      rate(basis(october, regular("utility"), { recipient }), none, plan());
    expect([reasonAt({}), reasonAt({ country: "BR" }), reasonAt({ dialPrefix: "55" })]).toMatchObject([
      { kind: "not_ratable", reason: "recipient_unknown" },
      { kind: "not_ratable", reason: "no_card_in_force" },
      { kind: "not_ratable", reason: "no_card_in_force" },
    ]);
  });
});

describe("a price in a volume tier", () => {
  const india = { recipient: { dialPrefix: "919876" }, position: 25_000_001 };
  const tiered = basis(october, regular("utility"), { ...india, positionSince: new Date("2026-10-04T00:00:00Z") });

  it("costs the tier's rate beside the list's, and says so where clients do not look", () => {
    const outcome = charged(tiered);
    expect(outcome).toMatchObject({
      cost: money("USD", 1_300n),
      list: money("USD", 1_400n),
      charge: money("USD", 1_400n),
    });
    expect(outcome).toMatchObject({
      rate: { cardName: "usd-2026-10-01" },
      tier: { cardName: "usd-2026-10-01-tiers", rateMicros: 1_300n },
    });
    expect(outcome.costReasons.map(({ rule }) => rule)).toEqual(["tier", "tier.card", "plan.volume_discount"]);
    expect(outcome.costReasons[0]?.says).toBe(
      "Meta told that the portfolio was at message 25000001 of the month or later from 2026-10-04T00:00:00.000Z on.",
    );
    expect(outcome.costReasons[1]?.says).toContain("Card usd-2026-10-01-tiers");
    expect(rules(outcome)).toEqual(["regime.pmp_charged_window", "market.number", "category", "card", "plan"]);
  });
  it("shows the tier to a client to whom the discount is passed on, between Meta's price and the plan's", () => {
    const outcome = charged(tiered, plan({ volumeDiscounts: "pass" }));
    expect(rules(outcome)).toEqual(["regime.pmp_charged_window", "market.number", "category", "card", "tier", "tier.card", "plan"]); // prettier-ignore
    expect(charged(tiered, plan({ volumeDiscounts: "keep" })).reasons).toHaveLength(5);
  });
  it("does not say since when the tier counts where Meta did not", () => {
    expect(charged(basis(october, regular("utility"), india)).costReasons[0]?.says).toBe("Meta told that the portfolio was at message 25000001 of the month or later."); // prettier-ignore
  });
  it("is the list price where the category has no tiers, or no card tells of that one", () => {
    const marketing = charged(basis(october, regular("marketing"), india));
    expect(["tier" in marketing, marketing.costReasons, marketing.cost]).toEqual([false, [], marketing.list]);
    const untold = charged(basis(october, regular("utility"), { ...india, position: -1 }));
    expect([untold.cost, untold.list, untold.tier]).toEqual([money("USD", 1_400n), money("USD", 1_400n), untold.rate]);
  });
});
