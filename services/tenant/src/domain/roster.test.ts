import { type PersonId, type Role, type TenantId } from "@greentick/kernel";
import fc from "fast-check";
import { changeRoles, changeStanding, heldIn, join, matchingEntries, type Roster } from "./roster.js";

const now = new Date("2026-11-30T12:00:00Z");
const tenantId = "ten_01CASA00000000000000000000" as TenantId;
const empty: Roster = {
  id: tenantId,
  tenantId,
  ancestorIds: [],
  livemode: true,
  version: 0,
  side: "member",
  entries: [],
};
const idOf = (at: number): PersonId => `per_0000000000000000000000000${at}` as PersonId;
const roleLists = fc.subarray<Role>(["owner", "developer", "billing_viewer"], { minLength: 1 });
const person = fc.nat(4);

type Step = (roster: Roster) => Roster;
const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(person, roleLists).map(
    ([at, roles]): Step =>
      (roster) =>
        join(roster, { personId: idOf(at), name: `P${at}`, email: `p${at}@casa.example`, roles }, now),
  ),
  fc.tuple(person, roleLists).map(
    ([at, roles]): Step =>
      (roster) =>
        changeRoles(roster, idOf(at), roles),
  ),
  fc.tuple(person, fc.constantFrom("active" as const, "deactivated" as const, "removed" as const)).map(
    ([at, standing]): Step =>
      (roster) =>
        changeStanding(roster, idOf(at), { standing, now }),
  ),
);
const tried = (roster: Roster, step: Step): Roster => {
  try {
    return step(roster);
  } catch {
    return roster;
  }
};
const owners = (roster: Roster): number => matchingEntries(roster, { role: "owner", standing: "active" }).length;

describe("a tenant's people", () => {
  it("keep an active owner from the first one on, whatever is done in whatever order", () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 40 }), (list) => {
        let roster = empty;
        for (const step of list) {
          const before = roster;
          roster = tried(roster, step);
          expect(owners(roster)).toBeGreaterThanOrEqual(Math.min(1, owners(before)));
        }
      }),
    );
  });

  it("stand once each, and hold roles only while active", () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 40 }), (list) => {
        const roster = list.reduce(tried, empty);
        const ids = roster.entries.map(({ personId }) => personId);
        expect(new Set(ids).size).toBe(ids.length);
        for (const { personId, standing } of roster.entries)
          expect(heldIn(roster, personId).length > 0).toBe(standing === "active");
      }),
    );
  });

  it("are found by any part of name or address", () => {
    const roster = join(
      empty,
      { personId: idOf(1), name: "Olga Owner", email: "olga@casa.example", roles: ["owner"] },
      now,
    );
    for (const text of ["OLGA", "own", "@casa", " olga "]) expect(matchingEntries(roster, { text })).toHaveLength(1);
    expect(matchingEntries(roster, { text: "^.*$" })).toHaveLength(0);
  });
});
