import { type TenantId } from "@greentick/kernel";
import fc from "fast-check";
import { type Fact, observe, type Sighting } from "./fact.js";
import {
  addSums,
  afterPage,
  comparedAll,
  isWhole,
  type LedgerReplay,
  liesWithin,
  replaying,
  requestReplayOf,
  toldAll,
} from "./ledger-replay.js";

const tenantId = "ten_1" as TenantId;
const range = { from: new Date("2026-11-01T00:00:00Z"), until: new Date("2026-11-08T00:00:00Z") };
const now = new Date("2026-11-09T00:00:00Z");
const told = { bodies: 1, statuses: 3, blanked: 0, held: 0, erased: 0 };
const asked = (): LedgerReplay =>
  requestReplayOf(
    { id: "rpl_1", tenantId, ancestorIds: [], livemode: false, requestedBy: "per_1", requestedAt: now },
    range,
    now,
  );
const sighting = (keptAt: string | undefined, sha256: string): Sighting => ({
  ...{ tenantId, ancestorIds: [], livemode: false, messageKey: "m1", wabaId: "1", status: "delivered", group: false },
  ...{ at: now, receivedAt: now, recipient: {}, webhook: { sha256, index: 0 } },
  ...(keptAt !== undefined && { keptAt: new Date(keptAt) }),
});
const seen = (...keptAt: readonly (string | undefined)[]): Fact | undefined =>
  keptAt.reduce<Fact | undefined>((fact, at, place) => observe(fact, sighting(at, `body${String(place)}`)), undefined);
const within = (fact: Fact | undefined): boolean => fact !== undefined && liesWithin(fact, range);

describe("the range of a replay", () => {
  it("holds facts whose first and last webhook were received in it, in whatever order they came", () => {
    const [early, late] = ["2026-11-01T00:00:00Z", "2026-11-07T23:59:59.999Z"];
    expect(within(seen(early, late))).toBe(true);
    expect(within(seen(late, early))).toBe(true);
    expect(within(seen(early, "2026-11-08T00:00:00Z"))).toBe(false);
    expect(within(seen("2026-10-31T23:59:59.999Z", late))).toBe(false);
  });

  it("claims no fact of which some webhook is undated", () => {
    expect(within(seen(undefined))).toBe(false);
    expect(within(seen(undefined, "2026-11-02T00:00:00Z"))).toBe(false);
  });

  it("is whole when nothing of it was erased, blanked or held", () => {
    expect(isWhole(told)).toBe(true);
    for (const gone of ["erased", "blanked", "held"]) expect(isWhole({ ...told, [gone]: 1 })).toBe(false);
  });
});

describe("a replay", () => {
  it("is compared when all that was said has arrived, and fails when something is missing or too much", () => {
    expect(toldAll(replaying(asked()), told, { arrived: 3, now })).toMatchObject({ status: "comparing" });
    for (const arrived of [2, 4])
      expect(toldAll(replaying(asked()), told, { arrived, now })).toMatchObject({ status: "failed", finishedAt: now });
  });

  it("is done at once when nothing differs, and else waits for a decision", () => {
    const replay = asked();
    expect(comparedAll(replay, now).status).toBe("done");
    expect(comparedAll({ ...replay, counts: { ...replay.counts, differing: 1 } }, now).status).toBe("compared");
  });

  it("adds its pages to the same figures in any grouping, one sum for each pair of currencies", () => {
    const sum = fc.record({
      costCurrency: fc.constantFrom("USD", "EUR"),
      chargeCurrency: fc.constantFrom("USD", "COP"),
      ledgerCostMicros: fc.bigInt({ min: -9n, max: 9n }),
      shadowCostMicros: fc.bigInt({ min: -9n, max: 9n }),
      ledgerChargeMicros: fc.bigInt({ min: -9n, max: 9n }),
      shadowChargeMicros: fc.bigInt({ min: -9n, max: 9n }),
    });
    fc.assert(
      fc.property(fc.array(sum, { maxLength: 12 }), fc.integer({ min: 0, max: 12 }), (sums, cut) => {
        const counts = (of: number): LedgerReplay["counts"] => ({
          same: of,
          differing: 0,
          partlyOutside: 0,
          unproven: 0,
        });
        const page = (some: typeof sums) => ({ counts: counts(some.length), sums: some, notCompared: [] });
        const cursor = { of: "shadow" as const };
        const twice = afterPage(afterPage(asked(), page(sums.slice(0, cut)), cursor), page(sums.slice(cut)), cursor);
        const once = afterPage(asked(), page(sums), cursor);
        expect(twice.counts).toEqual(once.counts);
        expect(twice.sums).toEqual(once.sums);
        expect(addSums(once.sums)).toEqual(once.sums);
      }),
    );
  });

  it("names at most a hundred facts that were not compared", () => {
    const notCompared = Array.from({ length: 150 }, (_, at) => ({ factId: String(at), because: "unproven" as const }));
    const page = { counts: asked().counts, sums: [], notCompared };
    expect(afterPage(asked(), page, { of: "ledger" }).notCompared).toHaveLength(100);
  });
});
