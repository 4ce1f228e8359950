import { type LocalDate, type Month, type UtcDay } from "@greentick/kernel";
import { plan } from "../fixtures/deciding.js";
import { feeKey, feeOf, type FeeQuestion, type FeeSubject } from "./platform-fee.js";

const client: FeeSubject = { kind: "client", since: new Date("2026-10-14T10:00:00Z") };
const waba: FeeSubject = { ...client, kind: "waba", id: "102" };
const number: FeeSubject = { ...client, kind: "number", id: "155" };
const fees = { wabaMicros: 31_000_000n, numberMicros: 3_100_000n, byDays: false };
const november = "2026-11" as Month;
const october = "2026-10" as Month;

const asked = (more: Partial<FeeQuestion> = {}): FeeQuestion => ({
  ...{ month: november, subject: client, billedFrom: "2026-08-01" as UtcDay, now: new Date("2026-11-05T00:00:00Z") },
  plans: [plan({ number: 7, platformFeeMicros: 62_000_000n, fees })],
  ...more,
});
const byDays = [plan({ number: 7, platformFeeMicros: 62_000_000n, fees: { ...fees, byDays: true } })];
const says = (more: Partial<FeeQuestion>): string | undefined => feeOf(asked(more))?.reasons[0]?.says;

describe("the key of a fee", () => {
  it("is one for each month and subject, so that it is booked once", () => {
    expect(feeKey(november, client)).toBe("fee:2026-11");
    expect(feeKey(november, waba)).toBe("fee:2026-11:waba:102");
    expect(feeKey(november, number)).toBe("fee:2026-11:number:155");
  });
});

describe("a fee", () => {
  it("says which plan asks how much, for which month and what, and since when it is due", () => {
    expect(feeOf(asked())).toStrictEqual({
      dueDay: "2026-11-01",
      day: "2026-11-01",
      amount: { currency: "USD", amountMicros: 62_000_000n },
      reasons: [{ rule: "platform_fee", says: "Plan 7: 62000000 micros of USD for 2026-11, due on 2026-11-01." }],
    });
    expect(says({ subject: waba })).toBe("Plan 7: 31000000 micros of USD for 2026-11 for the account 102, due on 2026-11-01."); // prettier-ignore
    expect(says({ subject: number })).toBe("Plan 7: 3100000 micros of USD for 2026-11 for the number 155, due on 2026-11-01."); // prettier-ignore
  });

  it("says how it was shared out by days, and nothing of it for a whole month", () => {
    expect(says({ month: october, plans: byDays })).toBe("Plan 7: 36000000 micros of USD for 2026-10, due on 2026-10-14 (62000000 × 18 of 31 days, half up)."); // prettier-ignore
    expect(says({ plans: byDays })).toMatch(/due on 2026-11-01\.$/);
  });

  it("is owed whole in the month of going live unless the plan says by days", () => {
    expect(feeOf(asked({ month: october }))?.amount.amountMicros).toBe(62_000_000n);
  });

  it("of accounts and numbers is none in a plan without such fees", () => {
    const plans = [plan({ platformFeeMicros: 62_000_000n })];
    expect(feeOf(asked({ plans }))?.amount.amountMicros).toBe(62_000_000n);
    expect([feeOf(asked({ plans, subject: waba })), feeOf(asked({ plans, subject: number }))]).toEqual([undefined, undefined]); // prettier-ignore
  });

  it("is due from the first instant of its day, and not before", () => {
    expect(feeOf(asked({ now: new Date("2026-11-01T00:00:00Z") }))).toMatchObject({ dueDay: "2026-11-01" });
    expect(feeOf(asked({ now: new Date("2026-10-31T23:59:59.999Z") }))).toBeUndefined();
  });

  it("is none while no plan is in force on the day it falls due, though one is later in the month", () => {
    const plans = [plan({ effectiveFrom: "2026-11-02" as LocalDate, platformFeeMicros: 1n })];
    expect(feeOf(asked({ plans }))).toBeUndefined();
  });

  it("is none for what went live after the client was closed", () => {
    const since = new Date("2026-11-03T10:00:00Z");
    const endedAt = (text: string): Partial<FeeQuestion> => ({ subject: { ...waba, since }, endedAt: new Date(text) });
    expect(feeOf(asked(endedAt("2026-11-03T09:59:59.999Z")))).toBeUndefined();
    expect(feeOf(asked(endedAt("2026-11-03T10:00:00Z")))).toMatchObject({ dueDay: "2026-11-03" });
  });

  it("by days runs to the end of a month in which the client was not closed", () => {
    const micros = (endedAt: string): unknown => feeOf(asked({ plans: byDays, endedAt: new Date(endedAt) }))?.amount.amountMicros; // prettier-ignore
    expect([micros("2026-11-15T08:00:00Z"), micros("2026-12-15T08:00:00Z")]).toEqual([31_000_000n, 62_000_000n]);
  });
});
