import { join } from "node:path";
import { type LocalDate } from "@greentick/kernel";
import fc from "fast-check";
import { readPublishedPrices } from "../adapters/csv/rate-card-files.js";
import { aRateCard } from "../fixtures/rate-cards.js";
import { tariffsOf, tariffsWith } from "./card-book.js";
import { rehearse, type TrafficCell } from "./card-rehearsal.js";
import { cardCategories } from "./words.js";

const published = readPublishedPrices(join(__dirname, "..", "..", "rate-cards"));
const october = "2026-10-01" as LocalDate;
const cell = (given: Partial<TrafficCell>): TrafficCell => ({
  currency: "USD",
  category: "marketing",
  recipient: { dialPrefix: "5511" },
  units: 1,
  costMicros: 0n,
  ...given,
});

describe("past traffic under a card that is not released", () => {
  it("is priced by the market of the card's first day", () => {
    const september = [cell({ recipient: { dialPrefix: "977" }, units: 10, costMicros: 732_000n })];
    expect(rehearse(september, tariffsOf(published, []), october)).toEqual([
      {
        currency: "USD",
        market: "Nepal",
        category: "marketing",
        units: 10,
        beforeMicros: 732_000n,
        afterMicros: 732_000n,
      },
    ]);
  });

  it("has no price where the card has none, with the reason and what it cost", () => {
    const card = aRateCard({ status: "draft", effectiveFrom: "2027-01-01" });
    const tariffs = tariffsWith(published, [], { card, supersedes: [] });
    const traffic = [
      cell({ units: 3 }),
      cell({ category: "utility", units: 2, costMicros: 13_600n }),
      cell({ currency: "EUR", units: 5 }),
      cell({ recipient: {}, units: 7 }),
    ];
    expect(rehearse(traffic, tariffs, card.effectiveFrom)).toEqual([
      {
        currency: "EUR",
        market: "Brazil",
        category: "marketing",
        units: 5,
        beforeMicros: 0n,
        unratable: "no_card_in_force",
      },
      {
        currency: "USD",
        market: "",
        category: "marketing",
        units: 7,
        beforeMicros: 0n,
        unratable: "recipient_unknown",
      },
      { currency: "USD", market: "Brazil", category: "marketing", units: 3, beforeMicros: 0n, afterMicros: 300_000n },
      {
        currency: "USD",
        market: "Brazil",
        category: "utility",
        units: 2,
        beforeMicros: 13_600n,
        unratable: "no_rate_in_card",
      },
    ]);
  });

  it("stays in the tier that it was rated by, and at the list rate where it was rated by none", () => {
    const utility = { category: "utility", recipient: { dialPrefix: "541" }, units: 100 } as const;
    const after = (position?: number): unknown =>
      rehearse(
        [cell({ ...utility, ...(position !== undefined && { position }) })],
        tariffsOf(published, []),
        october,
      )[0]?.afterMicros;
    expect([after(), after(1), after(100_001), after(30_000_001)]).toEqual([
      2_600_000n,
      2_600_000n,
      2_470_000n,
      1_950_000n,
    ]);
  });

  it("loses no message and no micro, however it is cut into cells", () => {
    const some = fc.record({
      currency: fc.constantFrom("USD", "COP", "EUR"),
      category: fc.constantFrom(...cardCategories),
      recipient: fc.constantFrom({ dialPrefix: "5511" }, { dialPrefix: "977" }, { country: "PE" }, {}),
      units: fc.integer({ min: -5, max: 1_000 }),
      costMicros: fc.bigInt({ min: -1_000_000n, max: 1_000_000_000n }),
    });
    const tariffs = tariffsOf(published, []);
    fc.assert(
      fc.property(fc.array(some, { maxLength: 30 }), (traffic) => {
        const whole = rehearse(traffic, tariffs, october);
        const halves = traffic.flatMap((one) => [
          { ...one, units: one.units - 3, costMicros: one.costMicros - 7n },
          { ...one, units: 3, costMicros: 7n },
        ]);
        expect(rehearse(halves, tariffs, october)).toEqual(whole);
        expect(whole.reduce((sum, { units }) => sum + units, 0)).toBe(
          traffic.reduce((sum, { units }) => sum + units, 0),
        );
        expect(whole.reduce((sum, { beforeMicros }) => sum + beforeMicros, 0n)).toBe(
          traffic.reduce((sum, { costMicros }) => sum + costMicros, 0n),
        );
        expect(
          whole.filter(({ afterMicros, unratable }) => (afterMicros === undefined) === (unratable === undefined)),
        ).toEqual([]);
      }),
    );
  });
});
