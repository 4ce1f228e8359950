import { after, type Id, type PersonId, type TenantId } from "@greentick/kernel";
import fc from "fast-check";
import { end, isOpen, refresh, type Session, startSession } from "./session.js";

const now = new Date("2026-11-30T12:00:00Z");
const place = { tenantId: "ten_01CASA00000000000000000000" as TenantId, ancestorIds: [], livemode: true };
const fresh = (): Session =>
  startSession(place, {
    id: "ses_00000000000000000000000001" as Id<"session">,
    personId: "per_00000000000000000000000001" as PersonId,
    device: "",
    ip: "",
    means: ["password"],
    refreshHash: "1",
    now,
    lifeMs: 3_600_000,
  });

describe("a session", () => {
  it("gives a next token for the newest one only; any earlier one ends it for good", () => {
    fc.assert(
      fc.property(fc.nat(8), fc.nat(8), (refreshes, shownAt) => {
        let session = fresh();
        for (let number = 1; number <= refreshes; number++) {
          const next = refresh(session, { number, hash: String(number) }, { hash: String(number + 1), now });
          expect(next.kind).toBe("next");
          session = next.session;
        }
        const number = Math.min(shownAt, refreshes) + 1;
        const result = refresh(session, { number, hash: String(number) }, { hash: "x", now });
        const isNewest = number === refreshes + 1;
        expect(result.kind).toBe(isNewest ? "next" : "reused");
        expect(isOpen(result.session, now)).toBe(isNewest);
        const last = { number: refreshes + 1, hash: String(refreshes + 1) };
        const afterwards = (): unknown => refresh(result.session, last, { hash: "y", now }).kind;
        expect(isNewest ? "has ended" : messageOf(afterwards)).toContain("has ended");
      }),
    );
  });

  it("ends at its time however often it is refreshed", () => {
    const session = fresh();
    const late = after(now, 3_600_000);
    expect(isOpen(session, after(late, -1))).toBe(true);
    expect(isOpen(session, late)).toBe(false);
    expect(() => refresh(session, { number: 1, hash: "1" }, { hash: "2", now: late })).toThrow("has ended");
  });

  it("keeps the first reason for its end", () => {
    const ended = end(end(fresh(), "revoked", now), "signed_out", after(now, 5));
    expect(ended).toMatchObject({ endedBecause: "revoked", endedAt: now });
  });
});

function messageOf(action: () => unknown): string {
  try {
    return String(action());
  } catch (error) {
    return String(error);
  }
}
