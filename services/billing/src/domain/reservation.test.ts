import { type EntryId, money, type UtcDay } from "@greentick/kernel";
import { around, at, delivered, factOf, tenantId } from "../fixtures/deciding.js";
import { decide } from "./decide.js";
import { platformFeeEntry } from "./ledger-entry.js";
import {
  closeReservation,
  type EndedMessage,
  endMessage,
  expiryOf,
  type Reservation,
  spentEntryOf,
} from "./reservation.js";

const owner = { tenantId, ancestorIds: [], livemode: false };
const open: Reservation = {
  ...{ ...owner, id: "rsv_1", revision: 1, status: "open", wabaId: "1", categories: ["marketing"], currency: "USD" },
  ...{ openedAt: new Date(at), expiresAt: new Date(at), unitMicros: 5n, messages: 2, holds: [], overSoftLimit: [] },
  ...{ ended: [], once: { scope: "s", key: "k", inputHash: "" } },
};
const message = (factId: string, as: EndedMessage["as"] = "settled"): EndedMessage => ({ factId, as });
const after = (reservation: Reservation, ...ended: readonly EndedMessage[]): Reservation =>
  ended.reduce((before, one) => endMessage(before, one).reservation, reservation);

describe("the end of one message", () => {
  it("gives its money back, and is a newer version of the reservation", () => {
    expect(endMessage(open, message("f1", "failed"))).toEqual({
      freed: 1,
      reservation: { ...open, revision: 2, ended: [message("f1", "failed")] },
    });
  });
  it("is noted anew, and gives nothing back, when it was delivered after it had failed", () => {
    const failed = after(open, message("f1", "failed"), message("f2"));
    expect(endMessage(failed, message("f1"))).toEqual({
      freed: 0,
      reservation: { ...failed, revision: 4, ended: [message("f2"), message("f1")] },
    });
  });
  it("is nothing new when it is told again, nor when it fails after it was delivered", () => {
    const one = after(open, message("f1"));
    expect([endMessage(one, message("f1")), endMessage(one, message("f1", "failed"))].every(({ reservation, freed }) => reservation === one && freed === 0)).toBe(true); // prettier-ignore
  });
  it("closes the reservation as used when it was the last, and none is taken in beyond", () => {
    const full = after(open, message("f1"), message("f2", "failed"));
    expect(full).toMatchObject({ status: "closed", closedAs: "used" });
    expect(after(full, message("f3"))).toBe(full);
  });
  it("frees nothing, and does not close it again, after it was closed by hand", () => {
    const { reservation: released } = closeReservation(after(open, message("f1")), "released");
    const { reservation, freed } = endMessage(released, message("f2"));
    expect([freed, reservation.closedAs, reservation.ended]).toEqual([0, "released", [message("f1"), message("f2")]]);
  });
});

describe("closing a reservation", () => {
  it("gives back what is left, once", () => {
    const closed = closeReservation(after(open, message("f1")), "expired");
    expect(closed).toMatchObject({ freed: 1, reservation: { status: "closed", closedAs: "expired", revision: 3 } });
    expect(closeReservation(closed.reservation, "released")).toEqual({ reservation: closed.reservation, freed: 0 });
  });
  it("is due after thirty days", () => {
    expect(expiryOf(new Date("2026-11-01T10:00:00Z"))).toEqual(new Date("2026-12-01T10:00:00Z"));
  });
});

describe("an entry of the ledger, as budgets and balance count it", () => {
  const [entry] = decide(factOf(delivered("marketing", { reservationId: "rsv_1" })), around()).entries;
  const spent = { ...owner, currency: "USD", day: "2026-10-02", month: "2026-10" };
  it("names its message, category and reservation", () => {
    expect(entry && spentEntryOf(entry)).toStrictEqual({
      ...{ ...spent, id: entry?.id, units: 1, chargeMicros: 62_500n },
      ...{ factId: entry?.key, category: "marketing", reservationId: "rsv_1" },
    });
    const [alone] = decide(factOf(delivered()), around()).entries;
    expect(alone && "reservationId" in spentEntryOf(alone)).toBe(false);
  });
  it("names none where it is a fee", () => {
    const booking = { id: "led_1" as EntryId, key: "fee", seq: 0, day: "2026-10-02" as UtcDay, bookedAt: new Date(at) };
    const fee = platformFeeEntry(owner, booking, { amount: money("USD", 9n), reasons: [] });
    expect(spentEntryOf(fee)).toStrictEqual({ ...spent, id: "led_1", units: 0, chargeMicros: 9n });
  });
});
