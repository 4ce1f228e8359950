import {
  add,
  type LocalDate,
  microsPerMinor,
  type Month,
  money,
  type TenantId,
  toMinor,
  type UtcDay,
} from "@greentick/kernel";
import fc from "fast-check";
import { bucketLabel, bucketOf, bucketsOf, marketSlugs, platformFeeBucket } from "./bucket.js";
import { accountingDay } from "./calendar.js";
import { carryOf, isRounding } from "./carry.js";
import { isBalanced, messagePostings, platformFeeEntry } from "./ledger-entry.js";
import { agrees } from "./month.js";
import { feeOf, type FeeQuestion } from "./platform-fee.js";
import { planOn, type PricePlan } from "./price-plan.js";
import { cardCategories } from "./words.js";

const day = (text: string): UtcDay => text as UtcDay;

describe("the accounting day", () => {
  it.each([
    ["the day of service while its month is open", "2026-11-30", "2026-12-02T23:59:59Z", "2026-11-30"],
    ["the day of booking 48 hours after the end of the month", "2026-11-30", "2026-12-03T00:00:00Z", "2026-12-03"],
    ["the day of booking for a day Stripe no longer takes", "2026-10-01", "2026-11-05T00:00:00Z", "2026-11-05"],
    ["the day of booking for days before the client was billed", "2026-09-30", "2026-10-01T12:00:00Z", "2026-10-01"],
    ["the first billed day for what is booked before it", "2026-09-30", "2026-09-30T23:59:59Z", "2026-10-01"],
  ])("is %s", (_, service, now, expected) => {
    expect(accountingDay(day(service), new Date(now), day("2026-10-01"))).toBe(expected);
  });

  it("is never more than 34 days before the booking, and never in a closed month", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 500 }), (served, passed) => {
        const service = new Date(Date.UTC(2026, 0, 1 + served)).toISOString().slice(0, 10);
        const now = new Date(Date.UTC(2026, 0, 1 + served, passed * 7));
        const booked = accountingDay(day(service), now, day("2026-01-01"));
        const age = (Date.parse(now.toISOString().slice(0, 10)) - Date.parse(booked)) / 86_400_000;
        const monthEnd = Date.UTC(Number(booked.slice(0, 4)), Number(booked.slice(5, 7)), 1);
        expect(age <= 34 && now.getTime() < monthEnd + 48 * 3_600_000).toBe(true);
      }),
    );
  });
});

describe("buckets", () => {
  it("are at most seventeen for a client, whatever Meta's markets do", () => {
    fc.assert(
      fc.property(fc.subarray(Object.keys(marketSlugs), { maxLength: 3 }), (named) => {
        const used = Object.keys(marketSlugs).flatMap((market) =>
          cardCategories.map((category) => bucketOf(category, market, named)),
        );
        const all = bucketsOf(named);
        expect(new Set(all).size).toBe(4 * (named.length + 1) + 1);
        expect(all).toHaveLength(new Set(all).size);
        expect(used.every((bucket) => all.includes(bucket))).toBe(true);
      }),
    );
  });
  it("are named after Meta's market in lower case, except these: a name once used at Stripe never changes", () => {
    const plain = (market: string): string => market.toLowerCase().replaceAll(" ", "_");
    expect(Object.entries(marketSlugs).filter(([market, slug]) => slug !== plain(market))).toEqual([
      ["Rest of Africa", "rest_africa"],
      ["Rest of Asia Pacific", "rest_apac"],
      ["Rest of Central & Eastern Europe", "rest_cee"],
      ["Rest of Latin America", "rest_latam"],
      ["Rest of Middle East", "rest_me"],
      ["Rest of Western Europe", "rest_we"],
      ["United Arab Emirates", "uae"],
      ["United Kingdom", "uk"],
    ]);
  });
  it("have different names for different markets and lines a client can read", () => {
    expect(new Set(Object.values(marketSlugs)).size).toBe(Object.keys(marketSlugs).length);
    expect(bucketLabel(bucketOf("authentication_international", "India", ["India"]))).toBe(
      "WhatsApp authentication — India",
    );
    expect(bucketLabel(bucketOf("service", "Peru", []))).toBe("WhatsApp service — other markets");
    expect(bucketLabel(platformFeeBucket)).toBe("Platform fee");
  });
});

describe("the carry", () => {
  it("keeps ledger = invoiced + carry over any number of months, and never grows beyond half a minor unit", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("USD", "JPY", "KWD"),
        fc.array(fc.bigInt({ min: 0n, max: 10_000_000n }), { maxLength: 24 }),
        (currency, months) => {
          let carry = 0n;
          let billed = 0n;
          for (const usage of months) {
            const exact = usage + carry;
            const line = exact < 0n ? 0n : toMinor(money(currency, exact));
            carry = carryOf(currency, exact, line);
            billed += line * microsPerMinor(currency);
            expect(isRounding(currency, carry)).toBe(true);
          }
          expect(billed + carry).toBe(months.reduce((sum, usage) => sum + usage, 0n));
        },
      ),
    );
  });
  it("is mere rounding up to half a minor unit, and a micro for a month that was rounded twice", () => {
    const carries = [5_001n, 5_002n, -5_001n, -5_002n, 0n];
    expect(carries.map((micros) => isRounding("USD", micros))).toEqual([true, false, true, false, true]);
    expect([isRounding("JPY", 500_001n), isRounding("JPY", 500_002n)]).toEqual([true, false]);
  });
});

describe("postings", () => {
  it("of a message are these, on which the stored rows rest", () => {
    const [cost, charge] = [money("USD", 5n), money("COP", 7n)];
    expect(messagePostings(cost, charge)).toEqual([
      { account: "meta.fees", amount: cost },
      { account: "meta.payable", amount: money("USD", -5n) },
      { account: "client.receivable", amount: charge },
      { account: "revenue.messages", amount: money("COP", -7n) },
    ]);
    expect(messagePostings(money("USD", 0n), money("USD", 0n))).toEqual([]);
  });

  it("balance for every cost and charge", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -1_000n, max: 1_000n }),
        fc.bigInt({ min: -1_000n, max: 1_000n }),
        (cost, charge) => {
          const postings = messagePostings(money("USD", cost), money("USD", charge));
          expect(isBalanced({ postings })).toBe(true);
          const receivable = postings
            .filter(({ account }) => account === "client.receivable")
            .map(({ amount }) => amount);
          expect(receivable.reduce(add, money("USD", 0n)).amountMicros).toBe(charge);
        },
      ),
    );
  });
});

const plan = (number: number, effectiveFrom: string, platformFeeMicros = 0n): PricePlan => ({
  id: `pln_${number}`,
  tenantId: "ten_1" as TenantId,
  ancestorIds: [],
  livemode: false,
  version: 1,
  number,
  effectiveFrom: effectiveFrom as LocalDate,
  currency: "USD",
  terms: { kind: "pass_through" },
  platformFeeMicros,
});

describe("price plans", () => {
  it("give way on the first day of a later one; of two of one day the later released counts", () => {
    const plans = [plan(1, "2026-10-01"), plan(2, "2026-11-01"), plan(3, "2026-11-01")];
    const on = (date: string): number | undefined => planOn(plans, date as LocalDate)?.number;
    expect([on("2026-09-30"), on("2026-10-31"), on("2026-11-01"), on("2027-01-01")]).toEqual([undefined, 1, 3, 3]);
  });
});

describe("the platform fee", () => {
  const plans = [plan(1, "2026-10-01", 49_000_000n)];
  const asked = {
    subject: { kind: "client" as const, since: new Date("2026-10-14T10:00:00Z") },
    billedFrom: day("2026-10-01"),
    plans,
    now: new Date("2026-11-02T00:00:00Z"),
  };
  it("falls due on the day the client went live, then on the first of each month", () => {
    expect(feeOf({ ...asked, month: "2026-10" as Month })).toMatchObject({
      day: "2026-10-14",
      amount: { amountMicros: 49_000_000n },
    });
    expect(feeOf({ ...asked, month: "2026-11" as Month })).toMatchObject({ day: "2026-11-01" });
  });
  it("is not due before the client is live, nor before its day, nor without a plan that has one", () => {
    expect(feeOf({ ...asked, month: "2026-09" as Month })).toBeUndefined();
    expect(feeOf({ ...asked, month: "2026-12" as Month })).toBeUndefined();
    expect(feeOf({ ...asked, month: "2026-11" as Month, plans: [plan(1, "2026-10-01")] })).toBeUndefined();
  });
  it("is owed by days, when the plan says so, in the month of going live and in that of the closing", () => {
    const byDays = { wabaMicros: 31_000_001n, numberMicros: 0n, byDays: true };
    const fees = (month: string, more: Partial<FeeQuestion> = {}): bigint | undefined =>
      feeOf({
        ...asked,
        plans: [{ ...plan(1, "2026-10-01", 62_000_000n), fees: byDays }],
        month: month as Month,
        ...more,
      })?.amount.amountMicros;
    const waba = { kind: "waba" as const, id: "1", since: new Date("2026-10-31T23:59:59Z") };
    const number = { ...waba, kind: "number" as const };
    expect([
      fees("2026-10"),
      fees("2026-11"),
      fees("2026-10", { subject: waba }),
      fees("2026-10", { subject: number }),
    ]).toEqual([36_000_000n, 62_000_000n, 1_000_000n, undefined]);
    expect(fees("2026-11", { endedAt: new Date("2026-11-15T08:00:00Z") })).toBe(31_000_000n);
    expect(fees("2026-10", { endedAt: new Date("2026-10-14T11:00:00Z") })).toBe(2_000_000n);
  });
  it("makes a balanced entry that counts no message", () => {
    const owner = { tenantId: "ten_1" as TenantId, ancestorIds: [], livemode: false };
    const booking = { id: "led_1" as never, key: "fee:2026-11", seq: 0, day: day("2026-11-01"), bookedAt: asked.now };
    const entry = platformFeeEntry(owner, booking, { amount: money("USD", 49_000_000n), reasons: [] });
    expect(entry).toMatchObject({ units: 0, bucket: "platform_fee", month: "2026-11" });
    expect(isBalanced(entry)).toBe(true);
  });
});

describe("comparing a draft", () => {
  const sides = (ledger: bigint, window: bigint, meter: bigint, line?: bigint): boolean =>
    agrees({
      bucket: platformFeeBucket,
      ledgerMicros: ledger,
      windowMicros: window,
      meterMicros: meter,
      ...(line !== undefined && { lineMicros: line }),
    });
  it("agrees only when all four sides are the same to the micro", () => {
    expect([
      sides(5n, 5n, 5n, 5n),
      sides(5n, 4n, 5n, 5n),
      sides(5n, 5n, 4n, 5n),
      sides(5n, 5n, 5n, 4n),
      sides(5n, 5n, 5n),
    ]).toEqual([true, false, false, false, false]);
  });
  it("accepts that Stripe bills a negative month as zero and leaves out an empty bucket", () => {
    expect([sides(-5n, -5n, -5n, 0n), sides(0n, 0n, 0n), sides(-5n, -5n, -5n, -5n)]).toEqual([true, true, false]);
  });
});
