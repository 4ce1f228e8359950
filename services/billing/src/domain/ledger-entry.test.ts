import { type EntryId, type LocalDate, money, type Month, type TenantId, type UtcDay } from "@greentick/kernel";
import { type Bucket } from "./bucket.js";
import {
  adjustmentEntry,
  type Booking,
  carryEntry,
  isBalanced,
  type LedgerEntry,
  platformFeeEntry,
  reversalOf,
  type ServiceFacts,
  usageEntry,
} from "./ledger-entry.js";
import { without } from "./without.js";

const owner = { tenantId: "ten_1" as TenantId, ancestorIds: ["ten_0" as TenantId], livemode: true };
const booking: Booking = {
  id: "led_1" as EntryId,
  key: "fact",
  seq: 4,
  day: "2026-11-30" as UtcDay,
  bookedAt: new Date("2026-12-01T10:00:00Z"),
};
const later: Booking = {
  ...booking,
  id: "led_2" as EntryId,
  seq: 5,
  day: "2026-12-01" as UtcDay,
  bookedAt: new Date(0),
};
const reasons = [{ rule: "plan", says: "as agreed" }];
const service: ServiceFacts = {
  wabaId: "1",
  deliveredAt: new Date("2026-11-30T09:00:00Z"),
  localDate: "2026-11-30" as LocalDate,
  utcDay: "2026-11-30" as UtcDay,
  market: "Brazil",
  category: "marketing",
  pricingCategory: "marketing",
  basis: {
    currency: "USD",
    localDate: "2026-11-30" as LocalDate,
    recipient: { dialPrefix: "551195" },
    group: false,
    pricing: { model: "PMP", type: "regular", category: "marketing" },
  },
  planId: "pln_1",
  planNumber: 1,
  receivedAt: new Date("2026-11-30T09:00:01Z"),
  late: false,
  webhook: { sha256: "body", index: 0 },
};
const bucket = "marketing.brazil" as Bucket;
const [cost, charge] = [money("USD", 62_500n), money("COP", 260_000_000n)];
const about = { bucket, free: false, cost, charge, reasons, service };
const owned = { ...owner, billToTenantId: owner.tenantId };
const placed = { ...booking, month: "2026-11" };
/** Both legs of something that the client owes and nobody pays Meta for. */
const owedFor = (account: string, micros: bigint): unknown[] => [
  { account: "client.receivable", amount: money("USD", micros) },
  { account, amount: money("USD", -micros) },
];

describe("an entry about a message", () => {
  it("counts one message, is invoiced to the client it belongs to, and falls into the month of its day", () => {
    expect(usageEntry(owner, booking, about)).toEqual({
      ...owned,
      ...placed,
      ...about,
      kind: "usage",
      units: 1,
      postings: [
        { account: "meta.fees", amount: cost },
        { account: "meta.payable", amount: money("USD", -62_500n) },
        { account: "client.receivable", amount: charge },
        { account: "revenue.messages", amount: money("COP", -260_000_000n) },
      ],
    });
  });
  it("is a correction as soon as it names what it corrects", () => {
    const corrects = "led_0" as EntryId;
    const entry = usageEntry(owner, booking, { ...about, corrects });
    expect(entry).toEqual({ ...usageEntry(owner, booking, about), kind: "correction", corrects });
  });
});

describe("taking an entry back", () => {
  const entry: LedgerEntry = { ...usageEntry(owner, booking, about), proposalId: "cor_1" };
  const why = { rule: "correction", says: "it was wrong" };

  it("books the same with every amount and unit turned round, under its own place, day and reason", () => {
    expect(reversalOf(entry, later, why)).toEqual({
      ...without(entry, "proposalId"),
      ...later,
      month: "2026-12",
      kind: "correction",
      corrects: entry.id,
      units: -1,
      cost: money("USD", -62_500n),
      charge: money("COP", -260_000_000n),
      postings: [
        { account: "meta.fees", amount: money("USD", -62_500n) },
        { account: "meta.payable", amount: cost },
        { account: "client.receivable", amount: money("COP", -260_000_000n) },
        { account: "revenue.messages", amount: charge },
      ],
      reasons: [why],
    });
  });
  it("does not carry the proposal of what it takes back: it was booked for another reason", () => {
    expect("proposalId" in reversalOf(entry, later, why)).toBe(false);
  });
  it("leaves nothing in any account", () => {
    const both = [...entry.postings, ...reversalOf(entry, later, why).postings];
    const left = new Map<string, bigint>();
    for (const { account, amount } of both) left.set(account, (left.get(account) ?? 0n) + amount.amountMicros);
    expect([...left.values()]).toEqual([0n, 0n, 0n, 0n]);
  });
});

describe("an entry that is about no message", () => {
  const amount = money("USD", 49_000_000n);
  const none = { units: 0, free: false, cost: money("USD", 0n), charge: amount, reasons };
  const fromMonth = "2026-10" as Month;

  it("is a fee for the platform", () => {
    expect(platformFeeEntry(owner, booking, { amount, reasons })).toEqual({
      ...owned,
      ...placed,
      ...none,
      kind: "platform_fee",
      bucket: "platform_fee",
      postings: owedFor("revenue.platform", 49_000_000n),
    });
  });
  it("is what the terms of a month come to, on the line of the messages it is about", () => {
    expect(adjustmentEntry(owner, booking, { amount, reasons, bucket, fromMonth })).toEqual({
      ...owned,
      ...placed,
      ...none,
      kind: "adjustment",
      bucket,
      postings: owedFor("revenue.adjustments", 49_000_000n),
      fromMonth,
    });
  });
  it("is what rounding left of the month before, on the line it was left of", () => {
    expect(carryEntry(owner, booking, { amount, reasons, bucket, fromMonth })).toEqual({
      ...owned,
      ...placed,
      ...none,
      kind: "carry",
      bucket,
      postings: owedFor("client.carried_forward", 49_000_000n),
      fromMonth,
    });
  });
  it("has no legs where it comes to nothing", () => {
    expect(platformFeeEntry(owner, booking, { amount: money("USD", 0n), reasons }).postings).toEqual([]);
  });
});

describe("the legs of an entry", () => {
  const legs = (...micros: readonly bigint[]): Pick<LedgerEntry, "postings"> => ({
    postings: micros.map((one, at) => ({ account: `a${at}`, amount: money(at < 2 ? "USD" : "COP", one) })),
  });
  it("add up to zero in each currency by itself, or they are not balanced", () => {
    expect([legs(5n, -5n, 7n, -7n), legs(5n, -4n, 7n, -7n), legs(5n, -5n, 7n, -6n), legs(5n, 5n)].map(isBalanced)).toEqual([true, false, false, false]); // prettier-ignore
  });
});
