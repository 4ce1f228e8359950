import { money, type Month, type UtcDay } from "@greentick/kernel";
import fc from "fast-check";
import { aBudget, first, owner, prepaid, thePrepaid, withBudgets } from "../fixtures/budgets.js";
import { type Reservation, type SpentEntry } from "./reservation.js";
import { availableIn, balanceOf, type Budget, type Prepaid, spentIn, type Spending, usedIn } from "./spending.js";
import { withAlerts } from "./spending-alerts.js";
import { type Answer, applyMoves, type KnownDocuments, type Move, type ReserveMove } from "./spending-moves.js";
import { without } from "./without.js";
import { type CardCategory } from "./words.js";

const november = "2026-11" as Month;
const price = { marketing: 62_500n, utility: 6_800n } as const;
type Priced = keyof typeof price;

const reserve = (id: string, categories: readonly Priced[] = ["marketing"], more: object = {}): ReserveMove => {
  const prices = categories.map((category) => ({ category, charge: money("USD", price[category]) }));
  const unitMicros = prices.reduce((most, { charge }) => (charge.amountMicros > most ? charge.amountMicros : most), 0n);
  const at = new Date("2026-11-05T00:00:00Z");
  return {
    kind: "reserve",
    month: november,
    prices,
    reservation: {
      ...owner,
      id,
      revision: 1,
      status: "open",
      openedAt: at,
      expiresAt: at,
      wabaId: "1",
      categories,
      currency: "USD",
      unitMicros,
      messages: 1,
      ended: [],
      once: { scope: "s", key: id, inputHash: "" },
      ...more,
    },
  };
};
const entry = (id: string, category: Priced, more: Partial<SpentEntry> = {}): Move => ({
  kind: "count",
  entry: {
    ...owner,
    id,
    factId: `fact of ${id}`,
    category,
    units: 1,
    currency: "USD",
    chargeMicros: price[category],
    day: "2026-11-06" as UtcDay,
    month: november,
    ...more,
  },
});
const failed = (reservationId: string, factId: string): Move => ({
  kind: "end",
  reservationId,
  message: { factId, as: "failed" },
  month: november,
});
const close = (reservationId: string, as: "released" | "expired" = "expired"): Move => ({
  kind: "close",
  reservationId,
  as,
  month: november,
});

/** Carries out each move in a write of its own, with the documents the writes before it left. */
class Books {
  private readonly reservations = new Map<string, Reservation>();
  private readonly counted = new Set<string>();
  constructor(public spending: Spending) {}

  readonly do = (...moves: readonly Move[]): readonly Answer[] => {
    const known: KnownDocuments = { reservations: this.reservations, counted: this.counted };
    const { spending, journal, answers } = applyMoves(this.spending, moves, known);
    this.spending = spending;
    for (const one of journal.reservations) this.reservations.set(one.id, one);
    for (const { id } of journal.counted) this.counted.add(id);
    return answers;
  };
  readonly budget = (id: string): string => {
    const found = this.spending.budgets.find((one) => one.id === id);
    return found === undefined ? "none" : `${spentIn(found, november)} spent, ${found.reservedMicros} reserved`;
  };
  readonly open = (): readonly Reservation[] => [...this.reservations.values()].filter((one) => one.status === "open");
}

describe("reserving in several places", () => {
  it("holds in all of them or in none, and names the one that has no room", () => {
    const books = new Books(
      withBudgets(aBudget("wide", { hardMicros: 1_000_000n }), aBudget("narrow", { hardMicros: 62_499n })),
    );
    const [answer] = books.do(reserve("r1"));
    expect(answer).toMatchObject({
      kind: "refused",
      error: {
        reason: "budget_reached",
        details: { budgetId: "narrow", limit: "0.062499", spent: "0", reserved: "0", needed: "0.0625" },
      },
    });
    expect(books.budget("wide")).toBe("0 spent, 0 reserved");
  });

  it("holds the worst category in a budget of all, and each category's own price in its budget", () => {
    const of = (category: CardCategory): Partial<Budget> => ({ scope: { kind: "category", category } });
    const books = new Books(
      withBudgets(
        aBudget("all"),
        aBudget("marketing", of("marketing")),
        aBudget("utility", of("utility")),
        aBudget("service", of("service")),
      ),
    );
    books.do(reserve("r1", ["marketing", "utility"]));
    expect(["all", "marketing", "utility", "service"].map(books.budget)).toEqual([
      "0 spent, 62500 reserved",
      "0 spent, 62500 reserved",
      "0 spent, 6800 reserved",
      "0 spent, 0 reserved",
    ]);
    books.do(entry("e1", "utility", { reservationId: "r1" }));
    expect(["all", "marketing", "utility"].map(books.budget)).toEqual([
      "6800 spent, 0 reserved",
      "0 spent, 0 reserved",
      "6800 spent, 0 reserved",
    ]);
  });

  it("counts in budgets of a template or a key only what was reserved for them", () => {
    const books = new Books(
      withBudgets(
        aBudget("spring", { scope: { kind: "template", templateId: "spring" } }),
        aBudget("till", { scope: { kind: "api_key", apiKeyId: "key_till" } }),
      ),
    );
    books.do(reserve("r1", ["marketing"], { templateId: "spring", apiKeyId: "key_other" }));
    books.do(entry("e1", "marketing", { reservationId: "r1" }), entry("e2", "marketing"));
    expect([books.budget("spring"), books.budget("till")]).toEqual(["62500 spent, 0 reserved", "0 spent, 0 reserved"]);
  });

  it("neither holds nor counts what is in another currency", () => {
    const books = new Books(withBudgets(aBudget("all", { hardMicros: 1_000_000n })));
    const [answer] = books.do(reserve("r1", ["marketing"], { currency: "EUR" }));
    expect(answer).toMatchObject({ kind: "refused", error: { reason: "currency_differs" } });
    books.do(entry("e1", "marketing", { currency: "EUR" }));
    expect(books.budget("all")).toBe("0 spent, 0 reserved");
    expect(books.spending.otherCurrency).toBe(1);
  });

  it("lets what is still under way count in the next month too, so that both months hold", () => {
    const books = new Books(withBudgets(aBudget("all", { hardMicros: 100_000n })));
    books.do(reserve("r1"));
    const [answer] = books.do({ ...reserve("r2"), month: "2026-12" as Month });
    expect(answer).toMatchObject({ kind: "refused", error: { reason: "budget_reached" } });
  });

  it("grants beyond a soft limit and says so", () => {
    const books = new Books(withBudgets(aBudget("soft", { softMicros: 62_500n })));
    expect(books.do(reserve("r1"))[0]).toMatchObject({ reservation: { overSoftLimit: [] } });
    expect(books.do(reserve("r2"))[0]).toMatchObject({ reservation: { overSoftLimit: ["soft"] } });
  });

  it("refuses beyond what was paid in and the overdraft", () => {
    const books = new Books(prepaid(62_500n, { overdraftMicros: 62_499n }));
    expect(books.do(reserve("r1"))[0]).toMatchObject({ kind: "reservation" });
    expect(books.do(reserve("r2"))[0]).toMatchObject({
      kind: "refused",
      error: { reason: "balance_too_low", details: { available: "0.062499", needed: "0.0625" } },
    });
  });
});

describe("the end of a reservation", () => {
  const held = (): Books => {
    const books = new Books(withBudgets(aBudget("all", { hardMicros: 1_000_000n })));
    books.do(reserve("r1", ["marketing"], { messages: 2 }));
    return books;
  };

  it("is each message's own: one is charged, one fails", () => {
    const books = held();
    books.do(entry("e1", "marketing", { reservationId: "r1" }));
    expect(books.budget("all")).toBe("62500 spent, 62500 reserved");
    books.do(failed("r1", "another"));
    expect(books.budget("all")).toBe("62500 spent, 0 reserved");
    expect(books.open()).toEqual([]);
  });

  it("gives nothing back twice when a message fails and is delivered after all", () => {
    const books = held();
    books.do(failed("r1", "fact of e1"), failed("r1", "fact of e1"));
    books.do(entry("e1", "marketing", { reservationId: "r1" }), failed("r1", "fact of e1"));
    expect(books.budget("all")).toBe("62500 spent, 62500 reserved");
  });

  it("counts a delivery that comes after thirty days, and gives nothing back twice", () => {
    const books = held();
    books.do(close("r1"), close("r1"));
    expect(books.budget("all")).toBe("0 spent, 0 reserved");
    books.do(entry("e1", "marketing", { reservationId: "r1" }));
    expect(books.budget("all")).toBe("62500 spent, 0 reserved");
  });

  it("counts more messages than were reserved for, without giving back more than was held", () => {
    const books = held();
    books.do(...["e1", "e2", "e3"].map((id) => entry(id, "marketing", { reservationId: "r1" })));
    expect(books.budget("all")).toBe("187500 spent, 0 reserved");
  });

  it("follows a correction to the micro", () => {
    const books = held();
    const of = { reservationId: "r1", factId: "one fact" } as const;
    books.do(entry("e1", "marketing", of));
    books.do(
      entry("e2", "marketing", { ...of, units: -1, chargeMicros: -price.marketing }),
      entry("e3", "utility", of),
    );
    expect(books.budget("all")).toBe("6800 spent, 62500 reserved");
  });
});

describe("alerts", () => {
  const kinds = (spending: Spending, months = [november]): readonly unknown[] =>
    withAlerts(spending, months).alerts.map((one) =>
      one.kind === "budget" ? `${one.budget.id} ${one.period} ${one.of} ${one.percent}` : `below ${one.belowMicros}`,
    );

  it("are due once in each period, at each percentage that is reached", () => {
    const limits = { softMicros: 50_000n, hardMicros: 125_000n, alertPercents: [50, 80, 100] };
    const books = new Books(withBudgets(aBudget("b", limits)));
    books.do(reserve("r1"));
    expect(kinds(books.spending)).toEqual(["b 2026-11 soft 100", "b 2026-11 hard 50"]);
    books.spending = withAlerts(books.spending, [november]).spending;
    expect(kinds(books.spending)).toEqual([]);
    books.do(entry("e1", "marketing", { reservationId: "r1" }), entry("e2", "marketing"));
    expect(kinds(books.spending)).toEqual(["b 2026-11 hard 80", "b 2026-11 hard 100"]);
    books.do(entry("e3", "marketing", { month: "2026-12" as Month }));
    expect(kinds(books.spending, ["2026-12" as Month])).toEqual(["b 2026-12 soft 100", "b 2026-12 hard 50"]);
  });

  it("of a balance are due again after it was above the amount", () => {
    const books = new Books(prepaid(100_000n, { alertsBelow: [50_000n] }));
    books.do(reserve("r1"));
    expect(kinds(books.spending)).toEqual(["below 50000"]);
    books.spending = withAlerts(books.spending, []).spending;
    expect(kinds(books.spending)).toEqual([]);
    books.do(close("r1", "released"));
    books.spending = withAlerts(books.spending, []).spending;
    books.do(reserve("r2"));
    expect(kinds(books.spending)).toEqual(["below 50000"]);
  });
});

describe("what a write has to keep", () => {
  const none: KnownDocuments = { reservations: new Map(), counted: new Set() };
  const all = withBudgets(aBudget("all"));

  it("is each document once, as the moves leave it, and the months in which an alert may be due", () => {
    const named = { templateId: "spring", apiKeyId: "key_till" };
    const counted = entry("e1", "marketing", { reservationId: "r1", month: "2026-12" as Month });
    const { journal, months, changed } = applyMoves(all, [reserve("r1", ["marketing"], named), counted], none);
    expect(journal.reservations.map(({ id, status, closedAs }) => [id, status, closedAs])).toEqual([["r1", "closed", "used"]]); // prettier-ignore
    expect(journal.counted).toEqual([{ id: "e1", ...named }]);
    expect([journal.topUps, months, changed]).toEqual([[], ["2026-11", "2026-12"], true]);
  });
  it("is nothing when all of it was carried out before, or is about a reservation that is not known", () => {
    const { spending, journal } = applyMoves(all, [reserve("r1"), entry("e1", "marketing", { reservationId: "r1" })], none); // prettier-ignore
    const known = { reservations: new Map(journal.reservations.map((one) => [one.id, one])), counted: new Set(["e1"]) };
    const repeats = [entry("e1", "marketing", { reservationId: "r1" }), failed("r1", "fact of e1"), close("r1"), failed("r9", "f")]; // prettier-ignore
    const again = applyMoves(spending, repeats, known);
    expect(again.spending).toBe(spending);
    expect([again.changed, again.journal]).toEqual([false, { reservations: [], counted: [], topUps: [] }]);
    expect(again.answers.map(({ kind }) => kind)).toEqual(["done", "reservation", "reservation", "done"]);
  });
  it("counts an entry once, be it twice in one write", () => {
    const { spending, journal } = applyMoves(all, [entry("e1", "marketing"), entry("e1", "marketing")], none);
    expect(spending.budgets.map((one) => spentIn(one, november))).toEqual([62_500n]);
    expect(journal.counted).toStrictEqual([{ id: "e1" }]);
  });
});

describe("the edges of what is granted and counted", () => {
  it("are the limits themselves: what just fits is granted, and not beyond a soft limit", () => {
    const limits = { hardMicros: 125_000n, softMicros: 125_000n };
    const books = new Books(withBudgets(aBudget("all", limits)));
    books.do(entry("e1", "marketing"));
    expect(books.do(reserve("r1"))[0]).toMatchObject({ reservation: { overSoftLimit: [] } });
    expect(books.do(reserve("r2"))[0]).toMatchObject({ kind: "refused", error: { details: { needed: "0.0625" } } });
    expect(new Books(prepaid(62_500n)).do(reserve("r1"))[0]).toMatchObject({ kind: "reservation" });
  });
  it("name no soft limit of a budget in which nothing is held", () => {
    const scope = { kind: "category", category: "utility" } as const;
    const books = new Books(withBudgets(aBudget("all"), aBudget("utility", { scope, softMicros: 1n })));
    books.do(entry("e1", "utility"));
    expect(books.do(reserve("r1"))[0]).toMatchObject({ reservation: { overSoftLimit: [], holds: [{ in: "all", unitMicros: 62_500n }] } }); // prettier-ignore
  });
  it("name a soft limit that is passed, though other budgets hold as well", () => {
    const books = new Books(withBudgets(aBudget("wide"), aBudget("soft", { softMicros: 1n })));
    expect(books.do(reserve("r1"))[0]).toMatchObject({ reservation: { overSoftLimit: ["soft"] } });
  });
  it("hold for each of several messages, in the balance too, and give all of it back", () => {
    const books = new Books(prepaid(1_000_000n));
    books.do(reserve("r1", ["marketing"], { messages: 3 }));
    expect(books.spending.prepaid?.reservedMicros).toBe(187_500n);
    expect(books.do(reserve("r2", ["marketing"], { messages: 14 }))[0]).toMatchObject({
      error: { reason: "balance_too_low", details: { needed: "0.875" } },
    });
    books.do(close("r1", "released"));
    expect(books.spending.prepaid?.reservedMicros).toBe(0n);
  });
  it("free nothing for an entry that only takes back, or counts no message", () => {
    const books = new Books(withBudgets(aBudget("all")));
    books.do(reserve("r1", ["marketing"], { messages: 2 }));
    books.do(entry("e1", "marketing", { reservationId: "r1", units: -1 }), entry("e2", "marketing", { reservationId: "r1", units: 0 })); // prettier-ignore
    expect(books.budget("all")).toBe("125000 spent, 125000 reserved");
  });
  it("pay from the balance what falls on its first day or later, fees too, which no budget counts", () => {
    const books = new Books({ ...prepaid(1_000_000n), budgets: [aBudget("all")] });
    books.do(entry("e1", "marketing", { day: "2026-10-31" as UtcDay }));
    expect(books.spending.prepaid?.chargedMicros).toBe(0n);
    books.do(entry("e2", "marketing", { day: first }));
    const fee = entry("e3", "marketing");
    if (fee.kind !== "count") throw new Error("no entry");
    books.do({ kind: "count", entry: { ...without(fee.entry, "factId", "category"), units: 0 } });
    expect([books.spending.prepaid?.chargedMicros, books.budget("all")]).toEqual([
      125_000n,
      "125000 spent, 0 reserved",
    ]);
  });
  it("close a reservation as it was asked, once all of its messages ended as used", () => {
    const closedAs = (move: Move): unknown => {
      const books = new Books(withBudgets(aBudget("all")));
      books.do(reserve("r1"));
      const [answer] = books.do(move);
      return answer?.kind === "reservation" && answer.reservation.closedAs;
    };
    expect([closedAs(close("r1", "released")), closedAs(close("r1")), closedAs(failed("r1", "f"))]).toEqual(["released", "expired", "used"]); // prettier-ignore
  });
});

describe("what was spent", () => {
  const in2026 = (month: string): Partial<SpentEntry> => ({ month: `2026-${month}` as Month, day: `2026-${month}-01` as UtcDay }); // prettier-ignore
  it("is kept for the newest three months, whatever order they are counted in", () => {
    const books = new Books(withBudgets(aBudget("all")));
    for (const month of ["10", "12", "09", "11"]) books.do(entry(month, "marketing", in2026(month)));
    expect(books.spending.budgets[0]?.spent.map(({ period }) => period)).toEqual(["2026-10", "2026-11", "2026-12"]);
  });
  it("is one sum from its first day on where a budget has no period", () => {
    const books = new Books(withBudgets(aBudget("all", { period: "total" })));
    for (const month of ["10", "11", "12"]) books.do(entry(month, "marketing", in2026(month)));
    expect(books.spending.budgets[0]?.spent).toEqual([{ period: "total", micros: 125_000n, told: [] }]);
  });
  it("under a key counts in that key's budget, and in no template's", () => {
    const books = new Books(
      withBudgets(
        aBudget("spring", { scope: { kind: "template", templateId: "spring" } }),
        aBudget("till", { scope: { kind: "api_key", apiKeyId: "key_till" } }),
      ),
    );
    books.do(reserve("r1", ["marketing"], { templateId: "autumn", apiKeyId: "key_till" }));
    books.do(entry("e1", "marketing", { reservationId: "r1" }));
    expect([books.budget("spring"), books.budget("till")]).toEqual(["0 spent, 0 reserved", "62500 spent, 0 reserved"]);
  });
  it("leaves of a balance what was paid in: reserved money is still in it, and not available", () => {
    const paid = { ...thePrepaid, toppedUpMicros: 100n, chargedMicros: 30n, reservedMicros: 20n, overdraftMicros: 5n };
    const balance: Prepaid = { ...paid, alertsBelow: [], told: [] };
    expect([balanceOf(balance), availableIn(balance)]).toEqual([70n, 55n]);
  });
});

describe("any order of sends, deliveries, failures, expiries and repeats", () => {
  const names = ["r1", "r2", "r3", "r4"];
  const facts = ["f1", "f2", "f3", "f4", "f5"];
  const anyMove = fc.oneof(
    fc
      .tuple(
        fc.constantFrom(...names),
        fc.subarray<Priced>(["marketing", "utility"], { minLength: 1 }),
        fc.integer({ min: 1, max: 3 }),
      )
      .map(([id, categories, messages]): Move => reserve(id, categories, { messages })),
    fc
      .tuple(
        fc.constantFrom(...facts),
        fc.constantFrom<Priced>("marketing", "utility"),
        fc.option(fc.constantFrom(...names)),
      )
      .map(([factId, category, reservationId]): Move => {
        const named = reservationId === null ? {} : { reservationId };
        return entry(`${factId} ${category}`, category, { factId, ...named });
      }),
    fc.tuple(fc.constantFrom(...names), fc.constantFrom(...facts)).map(([id, factId]) => failed(id, factId)),
    fc.constantFrom(...names).map((id) => close(id)),
  );

  const limited = (): Spending => {
    const category = { kind: "category", category: "utility" } as const;
    const budgets = [
      aBudget("all", { hardMicros: 250_000n }),
      aBudget("utility", { scope: category, hardMicros: 20_000n }),
    ];
    const paid = { ...thePrepaid, toppedUpMicros: 400_000n, alertsBelow: [], told: [] };
    return { ...withBudgets(...budgets), prepaid: paid };
  };
  /** Places in which a reservation that was just granted holds money beyond the limit. */
  const overshot = ({ budgets, prepaid: paid }: Spending, answer: Answer | undefined): readonly string[] => {
    if (answer?.kind !== "reservation") return [];
    const holding = answer.reservation.holds.filter(({ unitMicros }) => unitMicros > 0n).map((hold) => hold.in);
    const over = budgets.filter((one) => usedIn(one, november) > (one.hardMicros ?? 0n)).map(({ id }) => id);
    const below = paid !== undefined && availableIn(paid) < 0n ? ["prepaid"] : [];
    return [...over, ...below].filter((place) => holding.includes(place));
  };
  const sumOf = (entries: readonly SpentEntry[]): bigint => entries.reduce((sum, one) => sum + one.chargeMicros, 0n);

  it("keeps what is held equal to what open reservations hold, and what is spent equal to what was counted", () => {
    fc.assert(
      fc.property(fc.array(anyMove, { maxLength: 60 }), fc.array(fc.nat(59)), (moves, again) => {
        const books = new Books(limited());
        const made = new Set<string>();
        const counted = new Map<string, SpentEntry>();
        const beyond: string[] = [];
        for (const move of [...moves, ...again.flatMap((at) => moves[at] ?? [])]) {
          if (move.kind === "reserve" && made.has(move.reservation.id)) continue;
          const [answer] = books.do(move);
          if (move.kind === "count") counted.set(move.entry.id, move.entry);
          if (move.kind !== "reserve" || answer?.kind !== "reservation") continue;
          made.add(move.reservation.id);
          beyond.push(...overshot(books.spending, answer));
        }
        expect(beyond).toEqual([]);
        const entries = [...counted.values()];
        for (const budget of books.spending.budgets) {
          const mine = entries.filter((one) => budget.id === "all" || one.category === "utility");
          expect(spentIn(budget, november)).toBe(sumOf(mine));
          expect(budget.reservedMicros).toBe(heldIn(books.open(), budget.id));
        }
        expect(books.spending.prepaid?.reservedMicros).toBe(heldIn(books.open(), "prepaid"));
        expect(books.spending.prepaid?.chargedMicros).toBe(sumOf(entries));
      }),
      { numRuns: 300 },
    );
  });
});

const heldIn = (open: readonly Reservation[], place: string): bigint =>
  open
    .flatMap(({ holds, messages, ended }) =>
      holds.filter((hold) => hold.in === place).map(({ unitMicros }) => unitMicros * BigInt(messages - ended.length)),
    )
    .reduce((sum, one) => sum + one, 0n);
