import { type LocalDate } from "@greentick/kernel";
import {
  account,
  around,
  at,
  client,
  delivered,
  factOf,
  inPesos,
  plan,
  rateOf,
  readAs,
  withoutAccount,
  withoutClient,
} from "../fixtures/deciding.js";
import { publishedTariffs, sighting } from "../fixtures/folding.js";
import { decide, type Surroundings } from "./decide.js";
import { type Fact, type Sighting, standingEntry } from "./fact.js";
import { isBalanced } from "./ledger-entry.js";
import { marketIndex } from "./markets.js";
import { type PricePlan } from "./price-plan.js";
import { type Pricing, resolvedByArrival, resolvedByCards, type Tariffs, type UnratedReason } from "./rate.js";
import { type RateCard, type RateIndex, rateIndex } from "./rate-card.js";

const lines = (fact: Fact): unknown[] =>
  fact.entries.map(({ kind, units, charge }) => [kind, units, charge.amountMicros]);
const ownList = (category: "marketing" | "utility") =>
  ({ kind: "own_list", prices: [{ market: "*", category, micros: 9n }] }) as const;

const dearer = (card: RateCard): RateCard => ({
  ...card,
  rows: card.rows.map((row) => ({ ...row, rateMicros: row.rateMicros + 1n })),
});
const free = (category: string): Pricing => ({ model: "PMP", type: "free_customer_service", category });

describe("what waits for something", () => {
  const waits: readonly (readonly [UnratedReason, () => Surroundings, () => Surroundings])[] = [
    ["awaiting_account", withoutAccount, around],
    ["awaiting_billing", withoutClient, around],
    ["awaiting_plan", () => around({ client: client({ plans: [] }) }), around],
    ["currency_differs", () => around({ client: client({ currency: "COP", plans: [plan({ currency: "COP" })] }) }), () => inPesos([rateOf("2")])], // prettier-ignore
    ["no_exchange_rate", () => inPesos([]), () => inPesos([rateOf("2")])],
    ["no_price_in_plan", () => around({ client: client({ plans: [plan({ terms: ownList("utility") })] }) }), () => around({ client: client({ plans: [plan({ terms: ownList("marketing") })] }) })], // prettier-ignore
  ];
  it.each(waits)("shows %s and books nothing, and is booked once that has arrived", (reason, before, after) => {
    const waiting = decide(factOf(delivered()), before());
    expect([waiting.unrated, waiting.entries, waiting.booking]).toEqual([reason, [], false]);
    const booked = decide(waiting, after());
    expect(["unrated" in booked, booked.entries.length, booked.booking]).toEqual([false, 1, true]);
  });
  it("is looked at again with each such arrival", () => {
    expect(waits.map(([reason]) => reason).sort()).toEqual([...resolvedByArrival].sort());
  });
  it("is looked at again with each card or grouping that is released, where one was missing", () => {
    const { rates, markets } = publishedTariffs;
    const lacking = (category: string): RateIndex =>
      rateIndex(rates.cards.map((card) => ({ ...card, rows: card.rows.filter((row) => row.category !== category) })));
    const missing: readonly Tariffs[] = [
      { markets, rates: rateIndex([]) },
      { rates, markets: marketIndex([]) },
      { markets, rates: lacking("marketing") },
    ];
    const facts = missing.map((tariffs) => decide(factOf(delivered()), around({ tariffs })));
    const reasons = facts.map(({ unrated }) => unrated);
    expect(reasons).toEqual(["no_card_in_force", "no_card_in_force", "no_rate_in_card"]);
    expect(new Set(reasons)).toEqual(new Set(resolvedByCards));
    expect(facts.map((fact) => decide(fact, around()).unrated)).toEqual([undefined, undefined, undefined]);
  });
  it("never is what has no proof of delivery: nothing is owed for it", () => {
    const fact = decide({ ...factOf(sighting("sent", at)), unrated: "awaiting_pricing" }, around());
    expect(["unrated" in fact, fact.entries]).toEqual([false, []]);
  });
  it("waits for Meta's card where none is in force, and for its invoice where the plan's currency is not the client's", () => {
    const bare = around({ tariffs: { ...publishedTariffs, rates: rateIndex([]) } });
    expect(decide(factOf(delivered()), bare).unrated).toBe("no_card_in_force");
    const other = around({ client: client({ currency: "EUR" }) });
    expect(decide(factOf(delivered()), other).unrated).toBe("currency_differs");
  });
});

describe("deciding again", () => {
  it("changes nothing in the same surroundings", () => {
    const fact = decide(factOf(delivered()), around());
    expect(decide(fact, around())).toBe(fact);
  });
  it("changes nothing when the plan has changed since: what is booked keeps its price", () => {
    const fact = decide(factOf(delivered()), around());
    const other = around({ client: client({ plans: [plan({ terms: { kind: "percent", basisPoints: 1 } })] }) });
    expect(decide(fact, other)).toBe(fact);
    expect(decide(fact, withoutClient())).toBe(fact);
  });
  it("keeps what is booked in sight while account or client are not known", () => {
    const fact = decide(factOf(delivered()), around());
    expect(decide(fact, withoutAccount())).toEqual({ ...fact, unrated: "awaiting_account" });
    const moved = withoutClient({ account: account("2026-10-01") });
    expect(decide(fact, moved)).toEqual({ ...fact, unrated: "awaiting_billing" });
  });
  it("books nothing when another basis comes to the same price on the same days", () => {
    const fact = decide(factOf(delivered("marketing")), around());
    const reworded: Fact = readAs(fact, "marketing_lite");
    expect(decide(reworded, around()).entries).toEqual(fact.entries);
  });
  it.each<[string, Partial<Surroundings>, Partial<Sighting>]>([
    ["the price date", { account: account("2026-10-01") }, {}],
    ["the UTC day", {}, { at: new Date("2026-10-01T23:59:59Z") }],
    ["the category", {}, { pricing: free("authentication-international") }],
    ["the market", {}, { recipient: { dialPrefix: "573005" } }],
    ["the line of the invoice", { client: client() }, { recipient: { dialPrefix: "551196" } }],
  ])("takes an entry back and books it anew when only %s has changed, be it free", (_, more, evidence) => {
    const before = around({ client: client({ namedMarkets: [] }) });
    const fact = decide(factOf(delivered("authentication", { pricing: free("authentication") })), before);
    const anew = factOf(delivered("authentication", { pricing: free("authentication"), ...evidence }));
    const next = decide({ ...anew, entries: fact.entries }, { ...before, ...more });
    expect(lines(next)).toEqual([
      ["usage", 1, 0n],
      ["correction", -1, 0n],
      ["correction", 1, 0n],
    ]);
    expect(next.entries.map(({ seq }) => seq)).toEqual([0, 1, 2]);
    expect(next.entries.map(({ corrects }) => corrects)).toEqual([undefined, next.entries[0]?.id, next.entries[0]?.id]);
  });
  it("corrects when only Meta's price has changed, or only the client's", () => {
    const own = client({ plans: [plan({ terms: { kind: "own_price", micros: 5n } })] });
    const reworded = readAs(decide(factOf(delivered()), around({ client: own })), "marketing_lite");
    const costly = rateIndex(publishedTariffs.rates.cards.map(dearer));
    const changes = [
      { client: own, tariffs: { ...publishedTariffs, rates: costly } },
      { client: client({ plans: [plan({ terms: { kind: "own_price", micros: 6n } })] }) },
    ];
    const booked = changes.map((more) =>
      decide(reworded, around(more)).entries.map(({ cost, charge }) => [cost.amountMicros, charge.amountMicros]),
    );
    expect(booked).toEqual([
      [[62_500n, 5n], [-62_500n, -5n], [62_501n, 5n]],
      [[62_500n, 5n], [-62_500n, -5n], [62_500n, 6n]],
    ]); // prettier-ignore
  });
});

describe("an entry whose basis has no price any more", () => {
  const fact = decide(factOf(delivered()), around());
  const gone: Fact = readAs(fact, "general_purpose_ai");

  it("is taken back, and the reason shown", () => {
    const next = decide(gone, around());
    expect([next.unrated, next.booking, lines(next)]).toEqual([
      "unknown_category",
      true,
      [
        ["usage", 1, 62_500n],
        ["correction", -1, -62_500n],
      ],
    ]);
    expect(next.entries[1]).toMatchObject({
      id: `led_${fact.id}_1_${new Date(at).toISOString()}`,
      corrects: fact.entries[0]?.id,
      reasons: [
        {
          rule: "correction",
          says: `What was learnt later proves delivery at ${new Date(at).toISOString()} as general_purpose_ai, by other terms than before: this takes back ${fact.entries[0]?.id}.`,
        },
      ],
    });
    expect([standingEntry(next), next.entries.every(isBalanced)]).toEqual([undefined, true]);
  });
  it("is booked again, in its next place, when there is a price after all", () => {
    const again = decide(readAs(decide(gone, around()), "marketing"), around());
    expect(lines(again).at(-1)).toEqual(["usage", 1, 62_500n]);
    expect([again.entries.map(({ seq }) => seq), "unrated" in again]).toEqual([[0, 1, 2], false]);
  });
  it("is taken back too where no plan is in force on the new day", () => {
    const none = around({ account: account("2023-12-31") });
    expect(decide(fact, none)).toMatchObject({ unrated: "awaiting_plan", entries: [{ units: 1 }, { units: -1 }] });
  });
  it("does not wait for a later plan: that is for what was never booked", () => {
    const plans = [
      plan({ terms: ownList("utility") }),
      plan({ id: "pln_2", number: 2, effectiveFrom: "2026-11-01" as LocalDate }),
    ];
    const moved = around({ account: account("2026-10-01"), client: client({ plans }) });
    expect(decide(fact, moved)).toMatchObject({ unrated: "no_price_in_plan", entries: [{ units: 1 }, { units: -1 }] });
  });
});

describe("the plan of a message that its own day's plan has no price for", () => {
  it("is the first later one that has a price, whatever order they are kept in", () => {
    const from = (number: number, effectiveFrom: string, micros?: bigint): PricePlan =>
      plan({
        ...{ id: `pln_${number}`, number, effectiveFrom: effectiveFrom as LocalDate },
        terms: micros === undefined ? ownList("utility") : { kind: "own_price", micros },
      });
    const plans = [from(1, "2024-01-01"), from(2, "2026-11-01"), from(3, "2026-12-01", 3n), from(4, "2026-12-01", 4n)];
    for (const order of [plans, plans.toReversed()])
      expect(lines(decide(factOf(delivered()), around({ client: client({ plans: order }) })))).toEqual([["usage", 1, 3n]]); // prettier-ignore
  });
});

describe("a message that turns out to be part of a conversation", () => {
  const fact = decide(factOf(delivered()), around());
  const joined: Fact = { ...fact, joined: "ten_1/conversation/c1/-", unrated: "awaiting_plan" };

  it("is taken back, once, and says why", () => {
    const next = decide(joined, around());
    expect([lines(next), next.booking]).toEqual([
      [
        ["usage", 1, 62_500n],
        ["correction", -1, -62_500n],
      ],
      true,
    ]);
    expect(next.entries[1]?.reasons).toEqual([
      {
        rule: "correction",
        says: `The message is part of a conversation, which is charged once: this takes back ${fact.entries[0]?.id}.`,
      },
    ]);
    expect("unrated" in next).toBe(false);
    expect(decide(next, around())).toBe(next);
  });
  it("is left as it is while account or client are not known", () => {
    expect([decide(joined, withoutAccount()).entries, decide(joined, withoutClient()).entries]).toEqual([fact.entries, fact.entries]); // prettier-ignore
  });
});
