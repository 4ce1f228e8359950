import fc from "fast-check";
import { after } from "@greentick/kernel";
import {
  type AttemptRule,
  attemptRules,
  codeRule,
  type Failures,
  isCrowded,
  nextAttemptAt,
  remembered,
} from "./attempts.js";

const start = new Date("2026-11-30T12:00:00Z");

/** What the store does with a failure. */
const fail = (failures: Failures | undefined, rule: AttemptRule, now: Date): Failures => ({
  forgottenAt: after(new Date(Math.max(failures?.forgottenAt.getTime() ?? 0, now.getTime())), rule.forgetEveryMs),
  last: now,
});

const failTimes = (count: number, rule: AttemptRule): Failures | undefined => {
  let failures: Failures | undefined;
  for (let at = 0; at < count; at++) failures = fail(failures, rule, start);
  return failures;
};

describe("failed attempts", () => {
  it("cost nothing while they are few, then a second, then twice as long each time, up to a quarter of an hour", () => {
    const waits = [4, 5, 6, 7, 12, 30].map((count) => {
      const at = nextAttemptAt(failTimes(count, attemptRules.pair), attemptRules.pair, start);
      return at === undefined ? 0 : (at.getTime() - start.getTime()) / 1000;
    });
    expect(waits).toEqual([0, 1, 2, 4, 128, 900]);
  });

  it("never shut anybody out for longer than the rule's longest wait", () => {
    const rule = fc.constantFrom(...Object.values(attemptRules));
    fc.assert(
      fc.property(rule, fc.nat(2_000), (one, count) => {
        const at = nextAttemptAt(failTimes(count, one), one, start);
        expect((at?.getTime() ?? start.getTime()) - start.getTime()).toBeLessThanOrEqual(one.longestMs);
      }),
    );
  });

  it("are forgotten with time, and time never makes the wait longer", () => {
    const { pair } = attemptRules;
    const many = failTimes(20, pair);
    if (many === undefined) throw new Error("nothing failed");
    expect(remembered(many, pair, after(start, 20 * pair.forgetEveryMs))).toBe(0);
    fc.assert(
      fc.property(fc.nat(40 * pair.forgetEveryMs), fc.nat(pair.forgetEveryMs), (early, more) => {
        const [one, two] = [early, early + more].map((ms) => nextAttemptAt(many, pair, after(start, ms)));
        expect(two?.getTime() ?? 0).toBeLessThanOrEqual(
          Math.max(one?.getTime() ?? 0, two === undefined ? 0 : start.getTime() + early),
        );
      }),
    );
  });

  it("of one source leave another source's count alone, and a crowd of sources slows one person to one attempt a minute", () => {
    const { person } = attemptRules;
    expect(nextAttemptAt(failTimes(99, person), person, start)).toBeUndefined();
    expect(nextAttemptAt(failTimes(100, person), person, start)).toEqual(after(start, 60_000));
    expect(nextAttemptAt(failTimes(5_000, person), person, start)).toEqual(after(start, 60_000));
  });

  it("that come at once are let through one at a time once the free ones are used up", () => {
    const { pair } = attemptRules;
    const before = failTimes(5, pair);
    const [sixth, seventh] = [failTimes(6, pair), failTimes(7, pair)];
    if (sixth === undefined || seventh === undefined) throw new Error("nothing failed");
    expect(isCrowded(before, sixth, { rule: pair, now: start })).toBe(false);
    expect(isCrowded(before, seventh, { rule: pair, now: start })).toBe(true);
    expect(isCrowded(undefined, failTimes(3, pair) ?? sixth, { rule: pair, now: start })).toBe(false);
  });
});

describe("wrong codes of a second factor", () => {
  it("make the next one wait from a minute to a day, and there are never more than a hundred in a row", () => {
    const waits = [9, 10, 11, 20, 60, 99].map((count) => {
      const at = nextAttemptAt(failTimes(count, codeRule), codeRule, start);
      return at === undefined ? 0 : (at.getTime() - start.getTime()) / 60_000;
    });
    expect(waits).toEqual([0, 1, 2, 1_024, 1_440, 1_440]);
    const hundred = failTimes(100, codeRule);
    const next = nextAttemptAt(hundred, codeRule, start);
    expect(next).toEqual(after(start, codeRule.forgetEveryMs));
    expect(nextAttemptAt(hundred, codeRule, after(start, codeRule.forgetEveryMs))).toBeUndefined();
  });
});
