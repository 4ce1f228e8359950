import fc from "fast-check";
import { giveUpAfterMs, mostTries, nextTryAt, retryAfterMs } from "./schedule.js";

const first = new Date("2026-10-01T08:00:00Z");
const at = (ms: number): Date => new Date(first.getTime() + ms);

/** Every time at which a delivery is tried that never succeeds. */
function tries(random: () => number, askedMs?: number): Date[] {
  const all = [first];
  for (;;) {
    const now = all[all.length - 1] ?? first;
    const next = nextTryAt({
      tries: all.length,
      firstTriedAt: first,
      now,
      random: random(),
      ...(askedMs !== undefined && { askedMs }),
    });
    if (next === undefined) return all;
    all.push(next);
  }
}

describe("the schedule of tries", () => {
  it("grows from seconds to most of a day and ends after three days", () => {
    const all = tries(() => 0.5);
    expect(all).toHaveLength(mostTries);
    expect(all[1]).toEqual(at(5_000));
    expect(all.at(-1)).toEqual(at(giveUpAfterMs));
  });

  it("never passes three days, never steps back, and spreads, whatever the chance", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 12, maxLength: 12 }), (chances) => {
        let turn = 0;
        const all = tries(() => chances[turn++] ?? 0.5);
        const gaps = all.slice(1).map((one, index) => one.getTime() - (all[index]?.getTime() ?? 0));
        expect(gaps.every((gap) => gap > 0)).toBe(true);
        expect(all.length).toBeGreaterThanOrEqual(mostTries - 1);
        expect(all.length).toBeLessThanOrEqual(mostTries);
        expect((all.at(-1) ?? first).getTime()).toBeLessThanOrEqual(at(giveUpAfterMs).getTime());
      }),
    );
  });

  it("gives a receiver the pause it asks for, a day at most", () => {
    const asked = { tries: 1, firstTriedAt: first, now: first, random: 0.5 };
    expect(nextTryAt({ ...asked, askedMs: 600_000 })).toEqual(at(600_000));
    expect(nextTryAt({ ...asked, askedMs: 9 * 86_400_000 })).toEqual(at(86_400_000));
    expect(nextTryAt({ ...asked, askedMs: 1 })).toEqual(at(5_000));
    const late = at(giveUpAfterMs - 60_000);
    expect(nextTryAt({ ...asked, tries: 8, now: late, askedMs: 600_000 })).toEqual(at(giveUpAfterMs));
  });

  it.each([
    ["120", 120_000],
    [" 0 ", 0],
    ["Thu, 01 Oct 2026 08:00:30 GMT", 30_000],
    ["Thu, 01 Oct 2026 07:00:00 GMT", undefined],
    ["soon", undefined],
    ["-5", undefined],
    ["1e9", undefined],
    ["99999999999", undefined],
    [undefined, undefined],
  ])("reads Retry-After %j", (header, expected) => {
    expect(retryAfterMs(header, first)).toBe(expected);
  });
});
