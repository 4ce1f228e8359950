import { join } from "node:path";
import { type EntryId, type LocalDate, type TenantId, type UtcDay } from "@greentick/kernel";
import fc from "fast-check";
import { readPublishedPrices } from "../adapters/csv/rate-card-files.js";
import {
  compareFact,
  type Comparison,
  corrected,
  type FoundCorrection,
  type Pair,
  withEvidence,
} from "./correction.js";
import { effectsOf } from "./correction-proposal.js";
import { decide, type Surroundings } from "./decide.js";
import { type Fact, observe, type Sighting, standingEntry } from "./fact.js";
import { isBalanced, type LedgerEntry } from "./ledger-entry.js";
import { marketIndex } from "./markets.js";
import { type PlanTerms, type PricePlan } from "./price-plan.js";
import { rateIndex } from "./rate-card.js";

const published = readPublishedPrices(join(__dirname, "..", "..", "rate-cards"));
const tariffs = { rates: rateIndex(published.cards), markets: marketIndex(published.markets) };
const tenantId = "ten_1" as TenantId;

const sighting = (status: string, more: Partial<Sighting> = {}): Sighting => ({
  ...{ tenantId, ancestorIds: [], livemode: false, messageKey: "m1", wabaId: "1", status },
  at: new Date("2026-10-02T10:00:00Z"),
  receivedAt: new Date("2026-10-02T10:00:01Z"),
  keptAt: new Date("2026-10-02T10:00:01Z"),
  recipient: { dialPrefix: "551195" },
  group: false,
  pricing: { model: "PMP", type: "regular", category: "marketing" },
  webhook: { sha256: "body", index: 0 },
  ...more,
});
const factOf = (...all: readonly [Sighting, ...Sighting[]]): Fact => {
  const [first, ...rest] = all;
  return rest.reduce((fact, one) => observe(fact, one), observe(undefined, first));
};
const plan = (terms: PlanTerms, id = "pln_1"): PricePlan => ({
  ...{ id, tenantId, ancestorIds: [], livemode: false, version: 1, number: 1, terms },
  ...{ effectiveFrom: "2024-01-01" as LocalDate, currency: "USD", platformFeeMicros: 0n },
});
const around = (more: Partial<Surroundings> & { readonly plans?: readonly PricePlan[] } = {}): Surroundings => ({
  tariffs,
  now: new Date("2026-10-20T00:00:00Z"),
  entryId: (key, seq) => `led_${key}_${seq}` as EntryId,
  account: { currency: "USD", localDate: "2026-10-02" as LocalDate },
  client: {
    currency: "USD",
    namedMarkets: [],
    billedFrom: "2026-08-01" as UtcDay,
    plans: more.plans ?? [plan({ kind: "pass_through" })],
  },
  ...more,
});
/** As the ledger has it, under what was known then. */
const inLedger = (fact: Fact, then: Surroundings = around()): Fact => ({ ...decide(fact, then), version: 1 });
const withStanding = (fact: Fact, change: (entry: LedgerEntry) => LedgerEntry): Fact => ({
  ...fact,
  entries: fact.entries.map(change),
});
const compare = (pair: Partial<Pair>, today: Surroundings = around()): Comparison =>
  compareFact({ within: true, whole: true, ...pair }, today);
const found = (comparison: Comparison): FoundCorrection => {
  if (comparison.verdict !== "differing") throw new Error(`it is ${comparison.verdict}`);
  return comparison.correction;
};

describe("what differs between a fact of the ledger and its replay", () => {
  const delivered = factOf(sighting("delivered"));
  const fact = inLedger(delivered);
  const service = (change: Partial<NonNullable<LedgerEntry["service"]>>) => (entry: LedgerEntry) =>
    entry.service === undefined ? entry : { ...entry, service: { ...entry.service, ...change } };

  it("is nothing where both come to the same, though the rate stands in another row of another card", () => {
    const rate = { cardId: "crd_other", cardName: "other", line: 99, rateMicros: 62_500n };
    expect(compare({ fact, shadow: delivered }).verdict).toBe("same");
    expect(compare({ fact: withStanding(fact, service({ rate })), shadow: delivered }).verdict).toBe("same");
  });

  it.each<[string, FoundCorrection["cause"], () => Comparison]>([
    ["a fact that the ledger lacks", "never_heard", () => compare({ shadow: delivered })],
    [
      "a status that the ledger lacks",
      "unheard_status",
      () => {
        const earlier = sighting("read", {
          at: new Date("2026-10-01T00:00:00Z"),
          webhook: { sha256: "two", index: 0 },
        });
        return compare({ fact, shadow: observe(delivered, earlier) });
      },
    ],
    ["no webhook at all", "no_webhook", () => compare({ fact })],
    ["a reading without proof", "no_proof", () => compare({ fact, shadow: factOf(sighting("sent")) })],
    [
      "no card any more",
      "not_priced",
      () => compare({ fact, shadow: delivered }, around({ tariffs: { ...tariffs, rates: rateIndex([]) } })),
    ],
    [
      "a plan where there was none",
      "priced_now",
      () => compare({ fact: inLedger(delivered, around({ plans: [] })), shadow: delivered }),
    ],
    [
      "another reading of the same bytes",
      "read_otherwise",
      () => compare({ fact, shadow: factOf(sighting("delivered", { recipient: { dialPrefix: "911234" } })) }),
    ],
    [
      "another zone",
      "day_changed",
      () =>
        compare(
          { fact, shadow: delivered },
          around({ account: { currency: "USD", localDate: "2026-10-01" as LocalDate } }),
        ),
    ],
    [
      "another market",
      "market_changed",
      () => compare({ fact: withStanding(fact, service({ market: "India" })), shadow: delivered }),
    ],
    [
      "another category",
      "category_changed",
      () => compare({ fact: withStanding(fact, service({ category: "utility" })), shadow: delivered }),
    ],
    [
      "another plan",
      "plan_changed",
      () =>
        compare(
          { fact, shadow: delivered },
          around({ plans: [plan({ kind: "percent", basisPoints: 1_000 }, "pln_2")] }),
        ),
    ],
    [
      "other arithmetic",
      "rated_otherwise",
      () =>
        compare({
          fact: withStanding(fact, (entry) => ({ ...entry, charge: { ...entry.charge, amountMicros: 1n } })),
          shadow: delivered,
        }),
    ],
  ])("is explained: %s", (_, cause, comparison) => {
    expect(found(comparison()).cause).toBe(cause);
  });

  it("is not asked where the replay has not read every webhook of the fact", () => {
    const two = inLedger(observe(delivered, sighting("read", { webhook: { sha256: "two", index: 0 } })));
    expect(compare({ fact: two, shadow: delivered, within: false }).verdict).toBe("partly_outside");
    expect(compare({ fact: two, shadow: delivered, whole: false }).verdict).toBe("unproven");
    expect(compare({ fact: two, whole: false }).verdict).toBe("unproven");
    expect(compare({ fact: factOf(sighting("sent")), whole: false }).verdict).toBe("same");
  });
});

describe("a correction", () => {
  const terms = fc.oneof(
    fc.constant<PlanTerms>({ kind: "pass_through" }),
    fc.integer({ min: 0, max: 5_000 }).map((basisPoints): PlanTerms => ({ kind: "percent", basisPoints })),
  );
  const evidence = fc.record({
    status: fc.constantFrom("delivered", "read", "sent"),
    category: fc.constantFrom("marketing", "utility", "unheard_of"),
    type: fc.constantFrom("regular", "free_customer_service"),
    dialPrefix: fc.constantFrom("551195", "911234", "573001"),
    day: fc.integer({ min: 1, max: 10 }),
  });
  const toFact = ({
    status,
    category,
    type,
    dialPrefix,
    day,
  }: Record<"status" | "category" | "type" | "dialPrefix", string> & { day: number }): Fact =>
    factOf(
      sighting(status, {
        at: new Date(Date.UTC(2026, 9, day)),
        recipient: { dialPrefix },
        pricing: { model: "PMP", type, category },
      }),
    );

  it("leaves the ledger with what was proposed, balanced, changed by its effect, and nothing more to propose", () => {
    fc.assert(
      fc.property(evidence, evidence, terms, terms, (then, today, before, after) => {
        const fact = inLedger(toFact(then), around({ plans: [plan(before)] }));
        const shadow = toFact(today);
        const now = around({ plans: [plan(after, "pln_2")] });
        const comparison = compare({ fact, shadow }, now);
        fc.pre(comparison.verdict === "differing");
        const correction = found(comparison);
        const target = withEvidence(fact, shadow) ?? fact;
        const acceptance = { proposalId: "cor_1", replayId: "rpl_1" };
        const next = corrected(target, correction, { around: now, acceptance });
        expect(next).toBeDefined();
        const entries = next?.entries ?? [];
        const net = (some: readonly LedgerEntry[]): bigint =>
          some.reduce((sum, { charge }) => sum + charge.amountMicros, 0n);
        expect(net(entries)).toBe(correction.proposed?.charge.amountMicros ?? 0n);
        expect(net(entries) - net(fact.entries)).toBe(
          effectsOf(correction).reduce((sum, { chargeMicros }) => sum + chargeMicros, 0n),
        );
        expect(entries.every(isBalanced)).toBe(true);
        expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length);
        expect(next && compare({ fact: { ...next, version: 2 }, shadow }, now).verdict).toBe("same");
        expect(next && decide(next, now).entries).toEqual(entries);
      }),
      { numRuns: 300 },
    );
  });

  it("is not booked when today's rules come to something else than was proposed", () => {
    const delivered = factOf(sighting("delivered"));
    const correction = found(compare({ shadow: delivered }));
    const dearer = around({ plans: [plan({ kind: "percent", basisPoints: 1 })] });
    const acceptance = { proposalId: "cor_1", replayId: "rpl_1" };
    expect(corrected(delivered, correction, { around: dearer, acceptance })).toBeUndefined();
    expect(corrected(delivered, correction, { around: around(), acceptance })?.entries).toHaveLength(1);
  });

  it("of a closed month is booked under the day of booking", () => {
    const delivered = factOf(sighting("delivered"));
    const wrong = withStanding(inLedger(delivered), (entry) => ({ ...entry, charge: { ...entry.charge, amountMicros: 1n } })); // prettier-ignore
    const later = around({ now: new Date("2026-12-05T00:00:00Z") });
    const correction = found(compare({ fact: wrong, shadow: delivered }, later));
    const acceptance = { proposalId: "cor_1", replayId: "rpl_1" };
    const next = corrected({ ...delivered, entries: wrong.entries }, correction, { around: later, acceptance });
    expect(next?.entries.map(({ day }) => day)).toEqual(["2026-10-02", "2026-12-05", "2026-12-05"]);
    expect(next && standingEntry(next)?.service?.utcDay).toBe("2026-10-02");
  });
});
