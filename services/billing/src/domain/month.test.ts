import { type Month, type TenantId } from "@greentick/kernel";
import { platformFeeBucket } from "./bucket.js";
import { agrees, type BillingMonth, type BucketComparison, closed, finalized, finalizing, newMonth, waitingFor } from "./month.js"; // prettier-ignore

const owner = { tenantId: "ten_1" as TenantId, ancestorIds: ["ten_0" as TenantId], livemode: true };
const october = newMonth(owner, "2026-10" as Month);
const closing = new Date("2026-11-03T00:00:00Z");
const inClosed = closed(october, closing);
const sides = (ledgerMicros: bigint, windowMicros: bigint, meterMicros: bigint, lineMicros: bigint): BucketComparison =>
  ({ bucket: platformFeeBucket, ledgerMicros, windowMicros, meterMicros, lineMicros }); // prettier-ignore
const difference = sides(5n, 5n, 5n, 4n);

describe("a client's month", () => {
  it("begins open, is the client's and the month's own, and has nothing that differs", () => {
    const id = "ten_1:2026-10";
    expect(october).toStrictEqual({ ...owner, id, version: 0, month: "2026-10", status: "open", differences: [] });
  });

  it("keeps nothing else of whoever it is opened for", () => {
    expect(newMonth({ ...owner, ...{ status: "closed" } }, "2026-10" as Month)).toStrictEqual(october);
  });

  it("is closed at an instant, and waits for Stripe to confirm the usage", () => {
    const waitsFor = "usage to be confirmed by Stripe";
    expect(inClosed).toStrictEqual({ ...october, status: "closed", closedAt: closing, waitsFor });
  });

  it.each<BillingMonth>([inClosed, finalizing(inClosed, "in_1"), finalized(inClosed)])(
    "is closed once: one that is $status stays as it is",
    (month) => {
      expect(closed(month, new Date("2026-12-01T00:00:00Z"))).toBe(month);
    },
  );

  it("waits in the state that it is in, and says what for and what differs", () => {
    const waiting = waitingFor(inClosed, "the draft to agree", [difference]);
    expect(waiting).toStrictEqual({ ...inClosed, waitsFor: "the draft to agree", differences: [difference] });
    expect(waitingFor(waiting, "the draft")).toStrictEqual({ ...inClosed, waitsFor: "the draft", differences: [] });
    expect(waitingFor(october, "its end").status).toBe("open");
  });

  it("goes back to closed when it cannot go on while it is finalizing", () => {
    const waiting = waitingFor(finalizing(inClosed, "in_1"), "usage of a later fact");
    expect(waiting).toMatchObject({ status: "closed", waitsFor: "usage of a later fact", stripeInvoiceId: "in_1" });
  });

  it("waits for nothing once it is finalizing, and has no differences any more", () => {
    const intended = finalizing(waitingFor(inClosed, "the draft to agree", [difference]), "in_1");
    const common = { ...october, closedAt: closing, stripeInvoiceId: "in_1" };
    expect(intended).toStrictEqual({ ...common, status: "finalizing" });
    expect(finalized({ ...intended, waitsFor: "Stripe" })).toStrictEqual({ ...common, status: "finalized" });
  });
});

describe("the sides of a bucket", () => {
  it("do not agree when the ledger is the only one that differs", () => {
    expect(agrees(sides(4n, 5n, 5n, 4n))).toBe(false);
  });
});
