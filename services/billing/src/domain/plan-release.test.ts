import { type LocalDate, type TenantId } from "@greentick/kernel";
import fc from "fast-check";
import { checkAccountCurrency, checkRelease, type PlanOffer, samePlan } from "./plan-release.js";
import { planOn, type PlanTerms, type PricePlan } from "./price-plan.js";

const plan = (number: number, effectiveFrom: string, currency = "USD", terms?: PlanTerms): PricePlan => ({
  id: `pln_${number}`,
  tenantId: "ten_1" as TenantId,
  ancestorIds: [],
  livemode: false,
  version: 1,
  number,
  effectiveFrom: effectiveFrom as LocalDate,
  currency,
  terms: terms ?? { kind: "percent", basisPoints: number },
  platformFeeMicros: 0n,
});
const offer = (effectiveFrom: string, currency = "USD"): PlanOffer => plan(99, effectiveFrom, currency);

const refusalOf = (work: () => void): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
};

const account = { currency: "USD" };
const now = new Date("2026-11-15T12:00:00.000Z");

describe("releasing a price plan", () => {
  const plans = [plan(1, "2026-10-01")];
  const booked = { plans, account, lastBookedDay: "2026-11-14", now };

  it.each(["2026-11-01", "2026-11-14"])("is refused from %s when charges are booked up to the 14th", (from) => {
    expect(
      refusalOf(() => {
        checkRelease(offer(from), booked);
      }),
    ).toMatchObject({
      code: "BAD_USER_INPUT",
      reason: "price_plan_days_booked",
      details: { field: "effectiveFrom", lastBookedDay: "2026-11-14", earliest: "2026-11-15" },
      message: `effectiveFrom: a plan cannot begin on ${from}, because the client has booked charges up to 2026-11-14 and they are not priced again. Let it begin on 2026-11-15 or later.`,
    });
  });

  it.each(["2026-11-15", "2026-11-16", "2027-06-01"])("goes through from %s, after the last booked day", (from) => {
    expect(() => {
      checkRelease(offer(from), booked);
    }).not.toThrow();
  });

  it("may begin in the past where no plan was in force, because nothing can be booked under another one", () => {
    const fresh = { plans: [], account, now };
    for (const situation of [fresh, { ...fresh, plans: [plan(1, "2026-11-01")], lastBookedDay: "2026-11-14" }])
      expect(() => {
        checkRelease(offer("2024-01-01"), situation);
      }).not.toThrow();
  });

  it("does not begin in a closed month, and names the first day that is both open and not booked", () => {
    const refusal = (lastBookedDay?: string): unknown =>
      refusalOf(() => {
        checkRelease(offer("2026-10-05"), {
          plans,
          account,
          now,
          ...(lastBookedDay !== undefined && { lastBookedDay }),
        });
      });
    expect(refusal()).toMatchObject({
      reason: "price_plan_too_early",
      details: { field: "effectiveFrom", month: "2026-10", earliest: "2026-11-01" },
    });
    expect(refusal("2026-10-09")).toMatchObject({
      reason: "price_plan_days_booked",
      details: { lastBookedDay: "2026-10-09", earliest: "2026-11-01" },
    });
  });

  it("never changes the plan of a day that is booked, and the day it advises is always accepted", () => {
    const day = fc
      .integer({ min: 0, max: 60 })
      .map((at) => new Date(Date.UTC(2026, 9, 1 + at)).toISOString().slice(0, 10));
    fc.assert(
      fc.property(fc.array(day, { maxLength: 4 }), fc.array(day, { maxLength: 6 }), day, (starts, days, from) => {
        const before = starts.map((start, at) => plan(at + 1, start));
        const priced = days.filter((one) => planOn(before, one as LocalDate) !== undefined).sort();
        const last = priced.at(-1);
        const situation = { plans: before, account, now, ...(last !== undefined && { lastBookedDay: last }) };
        const release = (start: string): string | undefined => {
          const refused = refusalOf(() => {
            checkRelease(offer(start), situation);
          });
          if (refused !== undefined) return (refused as { details: { earliest: string } }).details.earliest;
          const after = [...before, { ...offer(start), ...plan(9, start) }];
          for (const one of priced) expect(planOn(after, one as LocalDate)).toEqual(planOn(before, one as LocalDate));
          return undefined;
        };
        const advised = release(from);
        expect(advised === undefined ? undefined : release(advised)).toBeUndefined();
      }),
    );
  });

  it("is refused in another currency than the account's", () => {
    expect(
      refusalOf(() => {
        checkRelease(offer("2027-01-01", "EUR"), booked);
      }),
    ).toMatchObject({
      code: "BAD_USER_INPUT",
      reason: "currency_differs",
      details: { field: "currency", currency: "EUR", accountCurrency: "USD" },
    });
  });
});

describe("releasing the same plan again", () => {
  const list: PlanTerms = {
    kind: "own_list",
    prices: [
      { market: "*", category: "utility", micros: 5n },
      { market: "India", category: "utility", micros: 4n },
    ],
  };
  const turned: PlanTerms = { ...list, prices: [...list.prices].reverse() };

  it("finds the one that is in force from that day with the same terms, in whatever order its prices are given", () => {
    const plans = [plan(1, "2026-10-01"), plan(2, "2026-11-01", "USD", list)];
    expect(samePlan(plans, plan(9, "2026-11-01", "USD", turned))?.number).toBe(2);
  });

  it.each([
    ["another day", plan(9, "2026-11-02", "USD", list)],
    ["another currency", plan(9, "2026-11-01", "EUR", list)],
    ["another price", plan(9, "2026-11-01", "USD", { ...list, prices: list.prices.slice(1) })],
    ["another fee", { ...plan(9, "2026-11-01", "USD", list), platformFeeMicros: 1n }],
    ["terms that another plan of that day replaced", plan(9, "2026-10-01", "USD", { kind: "percent", basisPoints: 1 })],
  ])("takes %s for a new plan", (_, asked) => {
    const plans = [plan(1, "2026-10-01"), plan(3, "2026-10-01"), plan(2, "2026-11-01", "USD", list)];
    expect(samePlan(plans, asked)).toBeUndefined();
  });
});

describe("the currency of an account that opens after its plans", () => {
  it("is theirs", () => {
    expect(
      refusalOf(() => {
        checkAccountCurrency([plan(1, "2026-10-01", "EUR")], "USD");
      }),
    ).toMatchObject({
      code: "BAD_USER_INPUT",
      reason: "currency_differs",
      details: { field: "currency", currency: "USD", planCurrency: "EUR", planNumber: 1 },
    });
  });
  it("is free of a plan that another one of the same day replaced", () => {
    expect(() => {
      checkAccountCurrency([plan(1, "2026-10-01", "EUR"), plan(2, "2026-10-01", "USD")], "USD");
    }).not.toThrow();
  });
});
