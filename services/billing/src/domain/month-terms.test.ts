import { type LocalDate, money, type Month, type UtcDay } from "@greentick/kernel";
import fc from "fast-check";
import { type Bucket, bucketOf } from "./bucket.js";
import { shareOfMonth } from "./calendar.js";
import { type StatementRow } from "./invoice.js";
import { type Adjustment, adjustmentsOf, type MonthCell, type MonthTerms } from "./month-terms.js";
import { planOfMonth } from "./month-plan.js";
import { type PricePlan } from "./price-plan.js";
import { monthCellsOf } from "./what-if.js";
import { cardCategories, type CardCategory } from "./words.js";

const named = ["Brazil"];
const cell = (market: string, category: CardCategory, messages: number, chargeMicros: bigint): MonthCell => ({
  market,
  category,
  bucket: bucketOf(category, market, named),
  messages,
  chargeMicros,
});
const none: MonthTerms = { bundles: [], tiers: [], minimumMicros: 0n };
const all = { from: "2026-11-01" as UtcDay, to: "2026-11-30" as UtcDay };
const said = (found: readonly Adjustment[]): unknown[] =>
  found.map(({ clause, bucket, micros }) => [clause, bucket, micros]);

describe("a bundle", () => {
  const bundle = { messages: 100, categories: ["utility" as const] };
  it("takes back the average charge of as many messages as it includes, line by line", () => {
    const cells = [
      cell("Brazil", "utility", 150, 1_500_000n),
      cell("India", "utility", 50, 100_000n),
      cell("Brazil", "marketing", 9, 9n),
    ];
    expect(said(adjustmentsOf({ ...none, bundles: [bundle] }, cells, all))).toEqual([
      ["bundle:0", "utility.brazil", -750_000n],
      ["bundle:0", "utility.other", -50_000n],
    ]);
  });
  it("takes back no more than was charged when there are fewer", () => {
    const cells = [cell("Brazil", "utility", 3, 31n)];
    expect(said(adjustmentsOf({ ...none, bundles: [bundle, bundle] }, cells, all))).toEqual([
      ["bundle:0", "utility.brazil", -31n],
    ]);
  });
  it("counts nothing in a cell that was taken back on balance", () => {
    expect(adjustmentsOf({ ...none, bundles: [bundle] }, [cell("Brazil", "utility", -2, -20n)], all)).toEqual([]);
  });
});

describe("a client's own volume tiers", () => {
  const steps = [
    { above: 100, basisPoints: 1_000 },
    { above: 200, basisPoints: 2_000 },
  ];
  it("take each step for the messages between it and the next", () => {
    const month = (messages: number): unknown[] =>
      said(
        adjustmentsOf(
          { ...none, tiers: [{ steps }] },
          [cell("Brazil", "utility", messages, BigInt(messages) * 1_000n)],
          all,
        ),
      );
    expect([month(100), month(101), month(250)]).toEqual([
      [],
      [["tiers:0", "utility.brazil", -100n]],
      [["tiers:0", "utility.brazil", -20_000n]],
    ]);
  });
  it("take an amount per message, and never more than was charged", () => {
    const tiers = [{ steps: [{ above: 1, lessMicros: 400n }] }];
    const month = (chargeMicros: bigint): unknown[] =>
      said(adjustmentsOf({ ...none, tiers }, [cell("Brazil", "utility", 3, chargeMicros)], all));
    expect([month(3_000n), month(500n)]).toEqual([
      [["tiers:0", "utility.brazil", -800n]],
      [["tiers:0", "utility.brazil", -500n]],
    ]);
  });
  it("do not count what a bundle included", () => {
    const terms = { ...none, bundles: [{ messages: 100 }], tiers: [{ steps }] };
    expect(said(adjustmentsOf(terms, [cell("Brazil", "utility", 250, 250_000n)], all))).toEqual([
      ["bundle:0", "utility.brazil", -100_000n],
      ["tiers:0", "utility.brazil", -5_000n],
    ]);
  });
});

describe("a minimum", () => {
  const terms = { ...none, bundles: [{ messages: 1 }], minimumMicros: 30_000_000n };
  it("adds what the month's messages lack after bundles and tiers", () => {
    expect(said(adjustmentsOf(terms, [cell("Brazil", "utility", 2, 10_000_000n)], all))).toEqual([
      ["bundle:0", "utility.brazil", -5_000_000n],
      ["minimum", "platform_fee", 25_000_000n],
    ]);
    expect(said(adjustmentsOf({ ...terms, bundles: [] }, [cell("Brazil", "utility", 2, 30_000_000n)], all))).toEqual(
      [],
    );
  });
  it("is owed for the days of the month that are billed, and for none outside", () => {
    const part = { from: "2026-11-21" as UtcDay, to: "2026-11-30" as UtcDay };
    expect(said(adjustmentsOf(terms, [], part))).toEqual([["minimum", "platform_fee", 10_000_000n]]);
    expect(adjustmentsOf(terms, [], undefined)).toEqual([]);
  });
});

describe("what a clause counts", () => {
  const cells = ["Brazil", "India"].flatMap((market) =>
    (["utility", "marketing"] as const).map((category) => cell(market, category, 10, 10_000n)),
  );
  const taken = (selection: object): unknown[] =>
    said(adjustmentsOf({ ...none, bundles: [{ messages: 1_000, ...selection }] }, cells, all)).map((one) => (one as unknown[]).slice(1)); // prettier-ignore
  it("is what it names: categories, markets, both, or everything", () => {
    expect(taken({ markets: ["India"] })).toEqual([["marketing.other", -10_000n], ["utility.other", -10_000n]]); // prettier-ignore
    expect(taken({ categories: ["utility"] })).toEqual([["utility.brazil", -10_000n], ["utility.other", -10_000n]]); // prettier-ignore
    expect(taken({ categories: ["utility"], markets: ["India"] })).toEqual([["utility.other", -10_000n]]);
    expect(taken({})).toHaveLength(4);
  });
  it("is nothing in a line without charges, which a bundle does not include either", () => {
    const cells = [cell("Brazil", "utility", 5, 0n), cell("India", "utility", 5, 500n)];
    const bundles = [{ messages: 5 }];
    expect(said(adjustmentsOf({ ...none, bundles }, cells, all))).toEqual([["bundle:0", "utility.other", -500n]]);
    expect(adjustmentsOf({ ...none, bundles }, cells.slice(0, 1), all)).toEqual([]);
  });
  it("is one amount for each line of the invoice, whatever markets share it", () => {
    const shared = [cell("India", "utility", 1, 5n), cell("Peru", "utility", 1, 7n)];
    expect(said(adjustmentsOf({ ...none, bundles: [{ messages: 2 }] }, shared, all))).toEqual([["bundle:0", "utility.other", -12n]]); // prettier-ignore
  });
  it("is told to the client in words", () => {
    const terms = {
      bundles: [{ messages: 4 }],
      tiers: [{ steps: [{ above: 1, basisPoints: 1_000 }] }],
      minimumMicros: 30_000n,
    };
    const words = (owed: typeof all): string[] =>
      adjustmentsOf(terms, [cell("Brazil", "utility", 10, 10_000n)], owed).map(({ says }) => says);
    expect(words(all)).toEqual([
      "Included in a bundle of 4 messages, 4 of them used in all: 4000 micros of this line.",
      "Volume discount of the client's own tiers: 500 micros of this line.",
      "Minimum of 30000 micros, the month's messages come to 5500.",
    ]);
    expect(words({ ...all, from: "2026-11-16" as UtcDay }).at(-1)).toBe(
      "Minimum of 15000 micros (30000 × 15 of 30 days, half up), the month's messages come to 5500.",
    );
  });
});

describe("the terms of a month", () => {
  const market = fc.constantFrom("Brazil", "India", "Mexico");
  const category = fc.constantFrom(...cardCategories);
  const cells = fc
    .array(fc.tuple(market, category, fc.integer({ min: -3, max: 500 }), fc.bigInt({ min: 0n, max: 100_000n })), {
      maxLength: 12,
    })
    .map((rows) => [...new Map(rows.map((row) => [`${row[0]}${row[1]}`, row])).values()])
    .map((rows) => rows.map(([where, what, messages, each]) => cell(where, what, messages, BigInt(messages) * each)));
  const some = fc.record(
    { categories: fc.uniqueArray(category, { minLength: 1 }), markets: fc.uniqueArray(market, { minLength: 1 }) },
    { requiredKeys: [] },
  );
  const steps = fc
    .uniqueArray(fc.integer({ min: 0, max: 900 }), { minLength: 1, maxLength: 4 })
    .map((from) => from.sort((a, b) => a - b))
    .chain((from) => fc.tuple(...from.map((above) => fc.oneof(
      fc.integer({ min: 0, max: 10_000 }).map((basisPoints) => ({ above, basisPoints })),
      fc.bigInt({ min: 0n, max: 50_000n }).map((lessMicros) => ({ above, lessMicros })),
    )))); // prettier-ignore
  const terms: fc.Arbitrary<MonthTerms> = fc.record({
    bundles: fc.array(
      fc.tuple(some, fc.integer({ min: 1, max: 400 })).map(([which, messages]) => ({ ...which, messages })),
      { maxLength: 3 },
    ),
    tiers: fc.array(
      fc.tuple(some, steps).map(([which, list]) => ({ ...which, steps: list })),
      { maxLength: 3 },
    ),
    minimumMicros: fc.bigInt({ min: 0n, max: 50_000_000n }),
  });

  it("come to the same whatever order the messages were counted in", () => {
    const shuffled = cells.chain((given) =>
      fc.tuple(fc.constant(given), fc.shuffledSubarray(given, { minLength: given.length })),
    );
    fc.assert(
      fc.property(terms, shuffled, (given, [one, other]) => {
        expect(adjustmentsOf(given, one, all)).toEqual(adjustmentsOf(given, other, all));
      }),
    );
  });
  it("never take back more of a line than it was charged, and bring the month up to its minimum exactly", () => {
    fc.assert(
      fc.property(terms, cells, (given, month) => {
        const found = adjustmentsOf(given, month, all);
        const charged = (of: readonly MonthCell[]): bigint =>
          of.reduce((sum, { chargeMicros }) => sum + chargeMicros, 0n);
        for (const bucket of new Set(month.map((one) => one.bucket))) {
          const back = found.filter((one) => one.bucket === bucket).reduce((sum, { micros }) => sum - micros, 0n);
          const positive = month.filter((one) => one.bucket === bucket && one.chargeMicros > 0n);
          expect(back >= 0n && back <= charged(positive)).toBe(true);
        }
        const total = charged(month) + found.reduce((sum, { micros }) => sum + micros, 0n);
        expect(total >= given.minimumMicros).toBe(true);
        expect(found.some(({ clause }) => clause === "minimum") ? total : given.minimumMicros).toBe(
          given.minimumMicros,
        );
      }),
    );
  });
  it("are those of the plan in force on its first day, else of the first that begins in it", () => {
    const plan = (number: number, from: string): PricePlan =>
      ({ number, effectiveFrom: from as LocalDate }) as PricePlan;
    const on = (plans: readonly PricePlan[]): number | undefined => planOfMonth(plans, "2026-11" as Month)?.number;
    expect([
      on([plan(1, "2026-10-15"), plan(2, "2026-11-02")]),
      on([plan(1, "2026-11-20"), plan(2, "2026-11-10")]),
      on([plan(1, "2026-12-01")]),
    ]).toEqual([1, 2, undefined]);
  });
});

describe("a share of a month", () => {
  it("is the whole for all of its days, and the parts of a month cut in two add up to it within a micro", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 12n }),
        fc.integer({ min: 1, max: 27 }),
        fc.constantFrom("2026-02", "2028-02", "2026-11", "2026-12"),
        (whole, cut, month) => {
          const day = (at: number): UtcDay => `${month}-${String(at).padStart(2, "0")}` as UtcDay;
          const last = new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 0)).getUTCDate();
          expect(shareOfMonth(whole, day(1), day(last)).micros).toBe(whole);
          const off =
            shareOfMonth(whole, day(1), day(cut)).micros + shareOfMonth(whole, day(cut + 1), day(last)).micros - whole;
          expect([0n, 1n]).toContain(off);
        },
      ),
    );
  });
});

describe("the cells that a month is settled over", () => {
  const row = {
    market: "Brazil",
    category: "utility",
    bucket: "utility.brazil" as Bucket,
    pricingType: "regular",
    entries: 1,
    kind: "usage",
  };
  const usd = (micros: bigint): StatementRow["charge"] => money("USD", micros);
  it("take corrections together with what they correct, and free messages apart", () => {
    const rows: readonly StatementRow[] = [
      { ...row, units: 5, freeUnits: 0, rateMicros: 10n, cost: usd(50n), charge: usd(60n) },
      { ...row, kind: "correction", units: -2, freeUnits: 0, rateMicros: 10n, cost: usd(-20n), charge: usd(-24n) },
      { ...row, pricingType: "free_customer_service", units: 3, freeUnits: 3, cost: usd(0n), charge: usd(9n) },
      {
        ...row,
        market: "",
        category: "",
        kind: "platform_fee",
        units: 0,
        freeUnits: 0,
        cost: usd(0n),
        charge: usd(99n),
      },
    ];
    expect(monthCellsOf(rows)).toEqual([
      { market: "Brazil", category: "utility", bucket: "utility.brazil", messages: 3, chargeMicros: 36n },
      { market: "Brazil", category: "utility", bucket: "utility.brazil", messages: 0, chargeMicros: 9n },
    ]);
    const terms = { ...none, bundles: [{ messages: 9 }], minimumMicros: 10n };
    expect(said(adjustmentsOf(terms, monthCellsOf(rows), all))).toEqual([
      ["bundle:0", "utility.brazil", -36n],
      ["minimum", "platform_fee", 1n],
    ]);
  });
});
