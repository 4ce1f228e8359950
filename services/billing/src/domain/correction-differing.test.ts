import { type LocalDate, money, type UtcDay } from "@greentick/kernel";
import { account, around, at, client, delivered, factOf, plan, withoutClient } from "../fixtures/deciding.js";
import { regular, sighting } from "../fixtures/folding.js";
import {
  compareFact,
  type Comparison,
  corrected,
  type CorrectionCause,
  type Differing,
  type FoundCorrection,
  isBooked,
  type Pair,
  withEvidence,
} from "./correction.js";
import { decide, type Surroundings } from "./decide.js";
import { type Fact, observe, standingEntry } from "./fact.js";
import { type LedgerEntry, type ServiceFacts } from "./ledger-entry.js";
import { rateIndex } from "./rate-card.js";
import { without } from "./without.js";

const shadow = factOf(sighting("sent", "2026-10-02T09:59:00Z"), delivered());
const fact: Fact = { ...decide(shadow, around()), version: 7 };
const standing = standingEntry(fact);
const compare = (pair: Partial<Pair>, today: Surroundings = around()): Comparison =>
  compareFact({ within: true, whole: true, ...pair }, today);
const found = (comparison: Comparison): FoundCorrection => {
  if (comparison.verdict !== "differing") throw new Error(`it is ${comparison.verdict}`);
  return comparison.correction;
};
type Change = (entry: LedgerEntry) => LedgerEntry;
const inService =
  (change: (service: ServiceFacts) => Partial<ServiceFacts>): Change =>
  (entry) =>
    entry.service === undefined ? entry : { ...entry, service: { ...entry.service, ...change(entry.service) } };
const inBasis = (change: Partial<ServiceFacts["basis"]>): Change =>
  inService(({ basis }) => ({ basis: { ...basis, ...change } }));
const against = (...changes: readonly Change[]): FoundCorrection =>
  found(compare({ fact: { ...fact, entries: fact.entries.map((one) => changes.reduce((entry, change) => change(entry), one)) }, shadow })); // prettier-ignore
const otherRate = inService(({ rate }) => (rate === undefined ? {} : { rate: { ...rate, rateMicros: 1n } }));
const otherPrice: Change = (entry) => ({ ...entry, charge: money("USD", 1n) });

describe("what a client or Meta would notice", () => {
  it.each<[Differing, string, Change]>([
    ["cost", "another amount", (entry) => ({ ...entry, cost: money("USD", 1n) })],
    ["cost", "another currency", (entry) => ({ ...entry, cost: money("EUR", entry.cost.amountMicros) })],
    ["charge", "another amount", otherPrice],
    ["charge", "another currency", (entry) => ({ ...entry, charge: money("EUR", entry.charge.amountMicros) })],
    ["free", "that it was free", (entry) => ({ ...entry, free: true })],
    ["rate", "another rate", otherRate],
    ["price_date", "another day of the account", inService(() => ({ localDate: "2026-10-01" as LocalDate }))],
    ["utc_day", "another day in UTC", inService(() => ({ utcDay: "2026-10-01" as UtcDay }))],
    ["market", "another market", inService(() => ({ market: "India" }))],
    ["category", "another category", inService(() => ({ category: "utility" }))],
  ])("is the %s: %s", (name, _, change) => {
    expect(against(change)).toMatchObject({ differs: [name], kind: "changed", factVersion: 7 });
  });
  it("is named completely", () => {
    const { differs } = against(otherPrice, inService(() => ({ market: "India", category: "utility" }))); // prettier-ignore
    expect(differs).toEqual(["charge", "market", "category"]);
  });
});

describe("a comparison", () => {
  it("shows both sides where they are the same, and none that is not there", () => {
    expect(compare({ fact, shadow })).toEqual({
      verdict: "same",
      standing,
      proposed: decide(shadow, around()).entries[0],
    });
    expect(compare({ shadow: factOf(sighting("sent", at)) })).toEqual({ verdict: "same" });
  });
  it("of what the ledger lacks proposes what today's rules make of it", () => {
    expect(found(compare({ shadow }))).toStrictEqual({
      ...{ factId: fact.id, wabaId: "1", factVersion: 0, kind: "only_in_shadow", cause: "never_heard" },
      ...{ differs: ["existence"], proposed: decide(shadow, around()).entries[0] },
    });
  });
  it("of what no webhook speaks for proposes to take it back", () => {
    expect(found(compare({ fact }))).toStrictEqual({
      ...{ factId: fact.id, wabaId: "1", factVersion: 7, kind: "only_in_ledger", cause: "no_webhook" },
      ...{ differs: ["existence"], standing },
    });
  });
  it("names the reason why there is no price today", () => {
    const bare = around({ tariffs: { ...around().tariffs, rates: rateIndex([]) } });
    expect(found(compare({ fact, shadow }, bare))).toMatchObject({
      ...{ kind: "only_in_ledger", cause: "not_priced", unrated: "no_card_in_force" },
    });
  });
  it("does not call unpriced what only says no price any more: that is no proof", () => {
    const [webhook] = [{ sha256: "one", index: 0 }];
    const told = factOf(delivered("marketing", { webhook }));
    const mute = factOf(sighting("delivered", at, { webhook }));
    expect(found(compare({ fact: decide(told, around()), shadow: mute }))).toMatchObject({
      ...{ cause: "no_proof", unrated: "awaiting_pricing" },
    });
  });
  it("says nothing of a fact some of whose webhooks were not read, unless the whole range was", () => {
    const two: Fact = { ...decide(observe(shadow, sighting("read", at)), around()), version: 1 };
    const verdict = (pair: Partial<Pair>): string => compare({ fact: two, shadow, ...pair }).verdict;
    expect([verdict({ within: false }), verdict({ whole: false }), verdict({})]).toEqual(["partly_outside", "unproven", "same"]); // prettier-ignore
    const unbooked: Fact = { ...two, entries: [] };
    expect(verdict({ fact: unbooked, whole: false })).toBe("unproven");
  });
  it("needs no whole range where every webhook of the fact was read, or the ledger has none", () => {
    const partly = { within: false, whole: false };
    expect([compare({ fact, shadow, ...partly }).verdict, compare({ shadow, ...partly }).verdict]).toEqual(["same", "differing"]); // prettier-ignore
  });
});

describe("why two charges differ", () => {
  const words = regular("marketing");
  it.each<[string, Change]>([
    ["time", inService(() => ({ deliveredAt: new Date("2026-10-02T10:00:01Z") }))],
    ["model", inBasis({ pricing: { ...words, model: "CBP" } })],
    ["type", inBasis({ pricing: { ...words, type: "free_customer_service" } })],
    ["category", inBasis({ pricing: { ...words, category: "utility" } })],
    ["subtype", inBasis({ pricing: { ...words, subtype: "paid_exempt" } })],
    ["stated price", inBasis({ pricing: { ...words, cost: { amount: "1", currency: "USD" } } })],
    ["number", inBasis({ recipient: { dialPrefix: "551196" } })],
    ["country", inBasis({ recipient: { dialPrefix: "551195", country: "BR" } })],
    ["kind of chat", inBasis({ group: true })],
  ])("is another reading of the same webhooks when the %s is another", (_, change) => {
    expect(against(otherPrice, change).cause).toBe("read_otherwise");
  });
  it("is no other reading when only the order of its fields is another", () => {
    const turned = inBasis({ pricing: { category: "marketing", type: "regular", model: "PMP" } });
    expect(against(otherPrice, turned).cause).toBe("rated_otherwise");
  });
  it("may be told of a price that Meta stated, which has no rate", () => {
    const stated = { ...words, cost: { amount: "0.05", currency: "USD" } };
    const told = factOf(delivered("marketing", { pricing: stated }));
    const booked = decide(told, around());
    const wrong: Fact = { ...booked, entries: booked.entries.map(otherPrice) };
    expect(found(compare({ fact: wrong, shadow: told })).cause).toBe("rated_otherwise");
  });
  const costly: Change = (entry) => ({ ...entry, cost: money("USD", 1n) });
  const anotherPlan = inService(() => ({ planId: "pln_0" }));
  it.each<[CorrectionCause, readonly Change[]]>([
    ["rate_changed", [costly]],
    ["rate_changed", [otherRate]],
    ["plan_changed", [otherPrice, anotherPlan]],
    ["rate_changed", [anotherPlan, costly]],
    ["category_changed", [costly, inService(() => ({ category: "utility" }))]],
    ["market_changed", [costly, inService(() => ({ category: "utility", market: "India" }))]],
    ["day_changed", [inService(() => ({ market: "India", localDate: "2026-10-01" as LocalDate }))]],
  ])("is %s, the first that fits", (cause, changes) => {
    expect(against(...changes).cause).toBe(cause);
  });
});

describe("the evidence that is decided again", () => {
  it("is the replay's, with the ledger's history", () => {
    const heard = factOf(delivered("utility"));
    expect(withEvidence({ ...fact, booking: true }, heard)).toEqual({ ...heard, version: 7, entries: fact.entries, booking: true }); // prettier-ignore
    expect(withEvidence(undefined, { ...fact, booking: true })).toEqual({ ...shadow, version: 0 });
    expect(withEvidence(undefined, undefined)).toBeUndefined();
  });
  it("is none where no webhook speaks: neither proof nor pricing", () => {
    const rest = without(fact, "proof", "pricing", "provedReceivedAt", "pricedReceivedAt");
    expect(withEvidence(fact, undefined)).toStrictEqual(rest);
  });
});

describe("an accepted correction", () => {
  const acceptance = { proposalId: "cor_1", replayId: "rpl_1" };
  const instant = new Date(at).toISOString();
  const says = (what: string): unknown => ({
    rule: "replay.accepted",
    says: `The replay rpl_1 of the kept webhooks: ${what} (proposal cor_1).`,
  });
  const dearer = around({
    now: new Date("2026-11-20T00:00:00Z"),
    client: client({ plans: [plan({ id: "pln_2", terms: { kind: "percent", basisPoints: 1_000 } })] }),
  });
  const book = (pair: Partial<Pair>, today = dearer): Fact => {
    const target = withEvidence(pair.fact, pair.shadow);
    const next = target && corrected(target, found(compare(pair, today)), { around: today, acceptance });
    if (next === undefined) throw new Error("not booked");
    return next;
  };

  it("takes back what stands and books what is rated today, each in its place, under its reason and the proposal", () => {
    const next = book({ fact, shadow });
    expect([next.version, next.booking, next.entries.length]).toEqual([7, true, 3]);
    const [first, back, anew] = next.entries;
    const both = { key: fact.id, kind: "correction", corrects: first?.id, proposalId: "cor_1", bookedAt: dearer.now, day: "2026-11-20" }; // prettier-ignore
    expect(first).toBe(standing);
    expect(back).toMatchObject({
      ...{ ...both, id: `led_${fact.id}_1_${instant}`, seq: 1, units: -1, charge: money("USD", -62_500n) },
      reasons: [says(`this takes back ${first?.id}`)],
    });
    expect(anew).toMatchObject({
      ...{ ...both, id: `led_${fact.id}_2_${instant}`, seq: 2, units: 1, charge: money("USD", 68_750n) },
    });
    expect(anew?.reasons.at(-1)).toEqual(says("booked as it is rated today"));
    expect(anew?.reasons.map(({ rule }) => rule)).toContain("plan");
  });
  it("of what the ledger lacks is a first entry, which corrects none", () => {
    const [entry, ...others] = book({ shadow }).entries;
    expect([others, entry?.kind, entry?.seq, entry?.proposalId, entry && "corrects" in entry]).toEqual([[], "usage", 0, "cor_1", false]); // prettier-ignore
  });
  it("of what has no webhook only takes back", () => {
    expect(book({ fact }).entries.map(({ units }) => units)).toEqual([1, -1]);
  });
  it("is not booked before the first day that is billed", () => {
    const young = { ...dearer, client: { ...client(), billedFrom: "2026-12-01" as UtcDay, plans: dearer.client?.plans ?? [] } }; // prettier-ignore
    expect(book({ fact, shadow }, young).entries.map(({ day }) => day)).toEqual([
      "2026-10-02",
      "2026-12-01",
      "2026-12-01",
    ]);
  });
  it("is not booked while the client is not known, nor when it would come to something else", () => {
    const correction = found(compare({ fact, shadow }, dearer));
    const target = withEvidence(fact, shadow) ?? fact;
    const later = (today: Surroundings): unknown => corrected(target, correction, { around: today, acceptance });
    const gone = found(compare({ fact }, dearer));
    const unproven = withEvidence(fact, undefined) ?? fact;
    expect(corrected(unproven, gone, { around: withoutClient(), acceptance })).toBeUndefined();
    expect([later(withoutClient()), later(around()), later({ ...dearer, account: account("2026-10-01") })]).toEqual([undefined, undefined, undefined]); // prettier-ignore
  });
  it("is known by its proposal", () => {
    const next = book({ fact, shadow });
    expect([isBooked(next, acceptance), isBooked(next, { proposalId: "cor_2" }), isBooked(fact, acceptance)]).toEqual([true, false, false]); // prettier-ignore
  });
});
